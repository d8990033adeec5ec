"""Which of the files that a command wrote are left lying outside our own folders."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

SYSTEM = ("/dev/", "/proc/", "/sys/")
OURS = "voice_local"
"""The name of all our folders, under whichever of the user's."""
TEMPORARY = "voice-local-"
"""What the names of our temporary files and folders begin with."""
SOUND = "/.config/pulse/"
"""Where libpulse, the system's sound library, keeps the cookie of its own server."""
CLOCK_S = 1.0
"""By how much a file system's clock may be behind."""


def left_outside(written: Iterable[str], since: float, given: Sequence[Path] = ()) -> list[str]:
    """Those of `written` (real paths) that lie neither in folders of ours nor below `given`, which
    the user named.

    `since`: when the command began, seconds since the epoch; a file that was only opened, and not
    changed after it, is left out. So are devices, Python's compiled modules, libpulse's cookie, and
    temporary files that are gone again.
    """
    places = (tempfile.gettempdir(), "/tmp", "/var/tmp")  # noqa: S108
    temporary = tuple(os.path.realpath(place) + os.sep for place in places)
    passed = (
        *SYSTEM,
        *(os.path.realpath(place) + os.sep for place in given),
        *(place + TEMPORARY for place in temporary),
    )
    return [
        path
        for path in written
        if not (
            path.startswith(passed)
            or OURS in Path(path).parts[:-1]
            or SOUND in path
            or ("/__pycache__/" in path and ".pyc" in path)
        )
        and _changed(path, since, path.startswith(temporary))
    ]


def _changed(path: str, since: float, temporary: bool) -> bool:
    try:
        return os.lstat(path).st_ctime >= since - CLOCK_S
    except OSError:
        return not temporary  # it was made and is gone: odd anywhere else
