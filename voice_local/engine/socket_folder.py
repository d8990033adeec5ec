"""Where the worker's socket lies: the path of a Unix socket may be no longer than 107 bytes, a
temporary folder's may."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from voice_local.errors import OutputError

LONGEST_PATH = 107
"""Bytes of a Unix socket's path, as Linux bounds it."""

PREFIX = "voice-local-"
LONGEST_NAME = len(f"{PREFIX}01234567/999999.sock")
"""Bytes below the temporary folder."""


def socket_folder() -> Path:
    """Makes a folder for sockets, only this user's: in the temporary folder, or where that will not
    do in another one.

    Raises:
        OutputError: none can be written.
    """
    reasons = []
    for place in dict.fromkeys(_places()):
        if len(os.fsencode(place)) + 1 + LONGEST_NAME > LONGEST_PATH:
            reasons.append(f"{place[:40]}… is too long")
            continue
        try:
            place.encode()
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        except UnicodeEncodeError:
            reasons.append("a path is not UTF-8")
        except OSError as error:
            reasons.append(f"{place}: {error.strerror}")
    raise OutputError(
        f"no temporary folder can be used ({'; '.join(reasons)})",
        "set TMPDIR to a folder with a short name and some room",
    )


def _places() -> Iterator[str]:
    with suppress(OSError):  # it finds none that can be written
        yield tempfile.gettempdir()
    yield os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    yield from ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - `mkdtemp` makes one of our own in it
