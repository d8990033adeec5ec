"""sha256 of files, remembered as long as a file's size, times and inode stay as they are."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from voice_local.base_folders import base_folder

LARGE = 8 << 20
"""Smaller files are read again each time: that takes milliseconds."""


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_file() -> Path:
    """Where digests are remembered."""
    return base_folder("XDG_CACHE_HOME", ".cache") / "voice_local" / "digests.json"


def remembered(path: Path) -> str:
    """`digest`, from memory where nothing about the file has changed.

    The change time is part of the key: it is the kernel's, no program sets it back.
    """
    state = path.stat()
    if state.st_size < LARGE:
        return digest(path)
    key = str(path.resolve())
    stamp = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_dev]
    known = _read()
    if known.get(key, [None])[0] == stamp:
        return str(known[key][1])
    found = digest(path)
    _write({**_read(), key: [stamp, found]})
    return found


def _read() -> dict[str, list[object]]:
    try:
        known = json.loads(cache_file().read_text(encoding="utf-8"))
        return (
            {k: v for k, v in known.items() if isinstance(v, list) and len(v) == 2}
            if isinstance(known, dict)
            else {}
        )
    except (OSError, ValueError, RecursionError):
        return {}


def _write(known: dict[str, list[object]]) -> None:
    """Whole or not at all; where it cannot be written nothing is remembered."""
    path = cache_file()
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(json.dumps(known), encoding="utf-8")
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
