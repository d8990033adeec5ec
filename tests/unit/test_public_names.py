"""The names other programs use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import voice_local

pytestmark = pytest.mark.unit


def test_the_list_is_whole_and_sorted() -> None:
    assert list(voice_local.__all__) == sorted(voice_local.__all__)
    assert set(voice_local._HOMES) | {"events"} == set(voice_local.__all__)
    for name in voice_local.__all__:
        assert getattr(voice_local, name).__name__.endswith(name)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="nothing_like_it"):
        voice_local.nothing_like_it  # noqa: B018


def test_importing_the_package_imports_nothing_but_the_switches() -> None:
    code = (
        "import sys, voice_local; "
        "print([m for m in sys.modules if m.startswith(('voice_local.', 'numpy', 'zmq', 'torch'))])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    ).stdout.strip()
    assert told == "['voice_local.offline', 'voice_local.offline.switches']"


def test_tools_see_what_there_is() -> None:
    assert set(voice_local.__all__) <= set(dir(voice_local))
    assert voice_local.__version__[0].isdigit()
    assert (Path(voice_local.__file__).parent / "py.typed").is_file()
