"""What lies at a path that a person named, and files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from voice_local.errors import InputError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
"""A disk that takes no more."""

PARTIAL = ".partial-"
"""What the name of a file begins with as long as it is not whole."""


def found(path: Path) -> os.stat_result | None:
    """What lies at `path`, links followed; None where nothing does.

    Raises:
        InputError: that cannot be known: a name that is too long, a folder that may not be read.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(
            f"{shortened(path)} cannot be looked at ({error.strerror})",
            "check the name, and who may read the folders above it",
        ) from None


def shortened(path: Path, most: int = 200) -> str:
    """`path` for a message; of a very long one its beginning."""
    text = str(path)
    return text if len(text) <= most else f"{text[:most]}…"


def write_whole(path: Path, text: str) -> None:
    """Writes `text` to `path` whole or not at all, whoever else does the same at that time.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    partial = path.with_name(f"{PARTIAL}{secrets.token_hex(8)}")
    try:
        with partial.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
