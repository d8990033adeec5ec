"""The embedded models, loaded once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_local.config import (
    STAGES,
    Settings,
    load,
)
from voice_local.engine.local_engine import LocalEngine
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load("tiny")


@pytest.fixture(scope="session")
def engine(settings: Settings) -> LocalEngine:
    return LocalEngine(settings, STAGES)


@pytest.fixture(scope="session")
def models() -> ModelFolder:
    return ModelFolder(tiny_folder())
