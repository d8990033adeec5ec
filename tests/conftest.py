"""What holds for every test."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from voice_local.models.folder import home

MODELS = home()
"""The models of whoever runs the tests, looked up before the tests get homes of their own."""

SHARED = ("XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR")
"""What libraries compile and remember is made once for all tests."""


def pytest_configure() -> None:
    """Ctrl-C works in the programs that are tested, also when the tests run in a shell's background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what libraries cache, for all tests of this run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for each test: nobody's own models, profiles and settings play a part."""
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("VOICE_LOCAL__", "XDG_DATA", "XDG_CONFIG", "XDG_STATE"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    for name in SHARED:
        monkeypatch.setenv(name, str(shared_cache))
    return folder
