"""Standard input, output and error as a terminal, a pipe, a file or a careless caller gives
them."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from voice_local.errors import OutputError

BROKEN_PIPE = 141
"""Exit code of a program whose reader has gone, as a shell tells it."""


def prepare() -> None:
    """Whatever they are, they can be used: closed ones become empty ones, and no character ends the
    program.

    What a terminal cannot show, or what is typed in another encoding, costs a character and not the
    conversation.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:  # else the next file or socket that is opened would be taken for it
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, _nothing(descriptor))
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _nothing(descriptor: int) -> TextIO:
    return os.fdopen(descriptor, "w" if descriptor else "r", encoding="utf-8", closefd=False)


def temporary_folder(prefix: str) -> Path:
    """A new one.

    Raises:
        OutputError: there is no place for it.
    """
    try:
        return Path(tempfile.mkdtemp(prefix=prefix))
    except OSError as error:
        raise OutputError(
            f"no temporary folder can be made ({error.strerror})",
            "set TMPDIR, or name one with --out",
        ) from None


def flush() -> None:
    """Raises OSError where what was written to standard output cannot be given out."""
    sys.stdout.flush()


def give_up_output() -> None:
    """Nobody reads any more: nothing is said about it at the end either."""
    give_up(sys.stdout)


def give_up(stream: TextIO) -> None:
    """What is still to be written to `stream` goes nowhere."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
