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


AUTOMATION = (
    "CI",
    "TF_BUILD",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "TRAVIS",
    "CIRCLECI",
    "APPVEYOR",
    "TEAMCITY_VERSION",
    "BUILD_ID",
    "BUILD_URL",
    "JENKINS_URL",
    "CODEBUILD_BUILD_ID",
)
"""By these a library knows that no person runs it. ONNX Runtime is silent then: a test of its
switch would show nothing."""


def pytest_configure() -> None:
    """Programs that are tested run as a person would run them, not as in automation.

    Ctrl-C works in them, also when the tests run in a shell's background, which ignores it.
    """
    for name in AUTOMATION:
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what libraries cache, for all tests of this run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def own_home(
    tmp_path_factory: pytest.TempPathFactory, shared_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A home for each test: nobody's own models, profiles and settings play a part."""
    folder = tmp_path_factory.mktemp("home")
    for name in [
        name
        for name in os.environ
        if name.startswith(("VOICE_LOCAL__", "XDG_DATA", "XDG_CONFIG", "XDG_STATE"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    for name in SHARED:
        monkeypatch.setenv(name, str(shared_cache))
    return folder
