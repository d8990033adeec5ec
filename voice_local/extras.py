"""Which extra of this package brings what a stage loads, and the command that a person needs where
it is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import voice_local
from voice_local import config
from voice_local.engine.catalog import ADAPTERS

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
    if not (Path(voice_local.__file__).parents[1] / "scripts" / "setup").is_file():
        return pip
    return f"scripts/setup{' --small' if extra == 'small' else ''}, or {pip}"


def adapters(profile: str) -> list[str]:
    """The stage adapters of a profile that are known here, in the order of the stages."""
    settings = config.load(profile)
    return [
        name
        for name in (getattr(settings, stage).adapter for stage in config.STAGES)
        if name in ADAPTERS
    ]


def needed(names: Iterable[str]) -> tuple[str, ...]:
    """The extras that these stage adapters need, `small` first."""
    wanted = {ADAPTERS[name].extra for name in names}
    return tuple(sorted(wanted, key=[adapter.extra for adapter in ADAPTERS.values()].index))


def missing(names: Iterable[str]) -> tuple[str, list[str]]:
    """(the extra that brings them, modules) of what these stage adapters load and is not installed;
    imports none of it."""
    absent = {name: _absent(ADAPTERS[name].modules) for name in names}
    lacking = [name for name, modules in absent.items() if modules]
    return (needed(lacking)[-1] if lacking else ""), list(dict.fromkeys(chain(*absent.values())))


def missing_for(conversion: str) -> tuple[str, list[str]]:
    """As `missing`, of what a conversion loads; nothing for one that loads nothing."""
    extra, modules = CONVERSIONS.get(conversion, ("", ()))
    absent = _absent(modules)
    return (extra if absent else ""), absent


def _absent(modules: Iterable[str]) -> list[str]:
    return [module for module in modules if importlib.util.find_spec(module) is None]
