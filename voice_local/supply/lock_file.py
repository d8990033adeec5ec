"""Writes the lock of models."""

from __future__ import annotations

import json
import os
from pathlib import Path

from voice_local.errors import OutputError
from voice_local.models.lock import Lock


def write_lock(path: Path, lock: Lock) -> None:
    """Writes it whole or not at all; what is as it would be anyway is left out.

    Raises:
        OutputError: the place cannot be written.
    """
    content = {"format": lock.format, **lock.model_dump(mode="json", exclude_defaults=True)}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror})", "give another place with --lock"
        ) from None
