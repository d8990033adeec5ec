"""Texts of the licences that models come under, as far as they are the same for everyone."""

from __future__ import annotations

from importlib import resources


def text(spdx: str) -> str | None:
    """The text of licence `spdx` (in any case), None where it is not here."""
    for path in (resources.files("voice_local.supply") / "texts").iterdir():
        if path.name.lower() == f"{spdx.lower()}.txt":
            return path.read_text(encoding="utf-8")
    return None
