"""The package `openai-agents`, unchanged, in an environment of its own: ten turns with an
interruption and a tool, and nothing that it cannot validate."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr

from tests.conftest import MODELS
from tests.server.client_environments import interpreter
from tests.server.serving import serve

pytestmark = pytest.mark.server
HERE = Path(__file__).resolve().parent


def spoken(folder: Path, number: int, text: str) -> str:
    """A recording of `text`: 24 kHz, 16 bits."""
    path, made = folder / f"{number}.wav", folder / "made.wav"
    subprocess.run(["espeak-ng", "-w", made, text], check=True)
    samples, rate = sf.read(made, dtype="float32")
    sound = np.asarray(soxr.resample(samples, rate, 24_000))
    sf.write(path, sound, 24_000, subtype="PCM_16")
    return str(path)


def test_ten_turns_of_openai_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (MODELS / "whisper-base").is_dir():
        pytest.skip("the models of the profile small are not here: scripts/setup")
    python = interpreter("agents")
    files = [spoken(tmp_path, 0, "where is my order"), spoken(tmp_path, 1, "tell me a joke")]
    monkeypatch.setenv("XDG_DATA_HOME", str(MODELS.parents[1]))
    with serve("--profile", "small") as server:
        url = f"ws://{server.host}/v1/realtime?model=gpt-realtime"
        done = subprocess.run(
            [python, HERE / "agents_client.py", url, *files],
            capture_output=True,
            text=True,
            timeout=420,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == [] and found["complaints"] == []
    assert found["turns"] >= 10 and all(found["said"]) and len(found["said"]) >= 9
    assert found["interrupted"] >= 1
    assert found["called"] and found["tools"] >= 1
