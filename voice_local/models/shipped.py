"""Where the models that come with this package lie."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped(name: str) -> Path:
    """`name` among them: package data when installed, `models/NAME` in a checkout."""
    package = Path(str(resources.files("voice_local")))
    packed = package / "_models" / name
    return packed if packed.exists() else package.parent / "models" / name
