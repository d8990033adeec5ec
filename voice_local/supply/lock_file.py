"""Writes the lock of models."""

from __future__ import annotations

import json
from pathlib import Path

from voice_local.errors import OutputError
from voice_local.models.lock import Lock
from voice_local.models.paths import write_whole


def write_lock(path: Path, lock: Lock) -> None:
    """Writes it whole or not at all; what is as it would be anyway is left out. Who changes what
    another process may change too holds `placing.held` of its folder.

    Raises:
        OutputError: the place cannot be written.
    """
    content = {"format": lock.format, **lock.model_dump(mode="json", exclude_defaults=True)}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    try:
        write_whole(path, text)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror})", "give another place with --lock"
        ) from None
