"""The embedded models, loaded once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from voice_local.config import STAGES, Settings, load
from voice_local.engine.engine import LocalEngine
from voice_local.models.folder import ModelFolder, home, tiny_folder

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = home()
"""The real models of this machine, for tests that name them."""


@pytest.fixture(scope="session", autouse=True)
def embedded_by_default(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What names no profile runs on the embedded models, whatever is installed here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load("tiny")


@pytest.fixture(scope="session")
def engine(settings: Settings) -> LocalEngine:
    return LocalEngine(settings, STAGES)


@pytest.fixture(scope="session")
def models() -> ModelFolder:
    return ModelFolder(tiny_folder())
