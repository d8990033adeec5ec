"""A failed worker's log, kept where only this user reads it."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from voice_local.base_folders import base_folder

KEPT_LOGS = 5
"""How many logs of workers that failed stay."""


def keep_log(log: Path) -> Path:
    """Copies a worker's log among this user's own, under a name that no other has; the copy's path.

    The last `KEPT_LOGS` stay. Where none can be written, `log` itself is returned.
    """
    state = base_folder("XDG_STATE_HOME", ".local/state")
    folder = state / "voice_local" / "logs"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(
            prefix=time.strftime("worker-%Y%m%d-%H%M%S-"), suffix=".log", dir=folder
        )
        with os.fdopen(descriptor, "wb") as kept:
            kept.write(log.read_bytes())
        for old in sorted(folder.glob("worker-*.log"))[:-KEPT_LOGS]:
            old.unlink(missing_ok=True)
        return Path(name)
    except OSError:
        return log
