"""Sources of audio: a file, a pipe, standard input. They are opened as seekable binary streams."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from voice_local.errors import AudioInputError

STANDARD_INPUT = "-"
MAX_PIPE_BYTES = 2**30
"""Most bytes that are read from a pipe, since they are kept in memory: an hour of two channels of
24 bits at 48 kHz."""


@dataclass(frozen=True)
class Source:
    """An opened source whose content may be audio.

    Attributes:
        name: for messages; bytes of the path that are not UTF-8 are replaced.
        stream: seekable, at its beginning.
        path: the path of a regular file; None for a pipe.
    """

    name: str
    stream: BinaryIO
    path: bytes | None


def shown(path: str | Path) -> str:
    """`path` for messages and documents; bytes that are not UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


@contextmanager
def opened(path: str | Path) -> Iterator[Source]:
    """Opens `path`; "-" is standard input. A pipe is read to its end.

    Raises:
        AudioInputError: missing, not readable, empty, a directory, a device, a socket, or a pipe
            with too much data.
    """
    name = shown(path)
    try:
        standard = os.fspath(path) == STANDARD_INPUT
        # Checked before it is opened, since opening a device or a socket may have effects.
        _check_kind((os.fstat(0) if standard else os.stat(path)).st_mode, name)
        with open(0 if standard else os.fspath(path), "rb", closefd=not standard) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if stat.S_ISREG(mode) and not standard:
                yield Source(name, begun(stream, name), os.fsencode(path))
            else:
                yield Source(name, begun(io.BytesIO(_all_of(stream, name)), name), None)
    except FileNotFoundError:
        raise AudioInputError(f"{name} does not exist", "check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AudioInputError(
            f"{name} cannot be opened ({reason})", "check the path and its permissions"
        ) from None


def _check_kind(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise AudioInputError(f"{name} is a directory", "give an audio file")
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise AudioInputError(
            f"{name} is a device or a socket, not a file or a pipe", "give an audio file"
        )


def _all_of(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(MAX_PIPE_BYTES + 1)
    if len(content) > MAX_PIPE_BYTES:
        raise AudioInputError(
            f"{name} gives more than {MAX_PIPE_BYTES >> 20} MiB",
            "write it to a file first, or cut it",
        )
    return content


def begun(stream: BinaryIO, name: str) -> BinaryIO:
    """`stream` at its beginning.

    Raises:
        AudioInputError: it is empty.
    """
    if not stream.read(1):
        raise AudioInputError(f"{name} is empty", "record something first")
    stream.seek(0)
    return stream
