"""Loads stage adapters by their names in the catalogue. Their modules are imported here, when they
are first asked for."""

from __future__ import annotations

import importlib
from typing import Any

from voice_local import extras
from voice_local.config import Settings
from voice_local.engine.catalog import ADAPTERS
from voice_local.errors import ConfigError
from voice_local.models.folder import ModelFolder


def build(adapter: str, settings: Settings, models: ModelFolder, threads: int) -> Any:
    """Loads the adapter called `adapter` with its model.

    Raises:
        ConfigError: no such adapter, or its library is not installed.
        ModelError: its model cannot be loaded.
    """
    found = ADAPTERS.get(adapter)
    if found is None:
        raise ConfigError(f"unknown stage adapter {adapter!r}", f"one of: {', '.join(ADAPTERS)}")
    module, name = found.place.split(":")
    try:
        return getattr(importlib.import_module(module), name)(settings, models, threads)
    except ImportError as error:
        missing = error.name or str(error)
        raise ConfigError(
            f"{adapter} needs the package {missing!r}", extras.remedy(found.extra)
        ) from error
