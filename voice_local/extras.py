"""Which extra of this package brings what is missing, and the command that installs it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""Where `scripts/setup` is, if this is a checkout."""

CONVERSIONS = {
    "coqui_to_safetensors": ("coqui", ("torch", "safetensors")),
    "piper_to_coqui": ("coqui", ("TTS", "torch", "safetensors", "onnx")),
    "whisper_to_ctranslate2": ("coqui", ("transformers", "torch", "ctranslate2")),
    "classifier_to_onnx": ("coqui", ("transformers", "torch")),
    "bark_to_safetensors": ("bark", ("torch", "safetensors")),
}
"""Extra and modules, by conversion of a model (`voice_local.supply.convert`)."""


def remedy(extra: str) -> str:
    """The command that brings `extra`: `scripts/setup` in a checkout, pip elsewhere."""
    pip = f"pip install 'voice-local[{extra}]'"
    if not (CHECKOUT / "scripts" / "setup").is_file():
        return pip
    return f"scripts/setup{' --small' if extra == 'small' else ''}, or {pip}"


def missing_for(conversion: str) -> tuple[str, list[str]]:
    """As `missing`, of what a conversion loads; nothing for one that loads nothing."""
    extra, modules = CONVERSIONS.get(conversion, ("", ()))
    found = absent(modules)
    return (extra if found else ""), found


def absent(modules: Iterable[str]) -> list[str]:
    """Those of `modules` that are not installed; imports none of them."""
    return [module for module in modules if importlib.util.find_spec(module) is None]
