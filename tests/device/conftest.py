"""Real sound devices without hardware: a PulseAudio server of the tests' own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from voice_local.bench.sound_server import (
    INSTALL,
    NEEDED,
    SoundServer,
)


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """A running one."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here ({INSTALL})")
    made = SoundServer(tmp_path_factory.mktemp("pulse"))
    made.start()
    try:
        yield made
    finally:
        made.stop()
