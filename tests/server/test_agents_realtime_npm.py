"""The npm package `@openai/agents-realtime`, unchanged, over WebSocket: turns, an interruption and a
tool, without an error."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import MODELS
from tests.server.serving import serve
from tests.server.test_openai_agents import spoken

pytestmark = pytest.mark.server
HERE = Path(__file__).resolve().parent
PLACE = HERE.parents[1] / ".cache" / "clients" / "npm"


@pytest.fixture(scope="module")
def client() -> Path:
    """The program beside its packages; made once."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("no node and npm here: apt-get install -y nodejs npm")
    wanted = (HERE / "package.json").read_text()
    PLACE.mkdir(parents=True, exist_ok=True)
    if not (PLACE / "whole").exists() or (PLACE / "package.json").read_text() != wanted:
        (PLACE / "package.json").write_text(wanted)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        made = subprocess.run(command, cwd=PLACE, capture_output=True, text=True)
        if made.returncode:
            last = (made.stderr.strip().splitlines() or ["no reason given"])[-1]
            pytest.skip(f"the package cannot be installed here: {last}")
        (PLACE / "whole").touch()
    program = PLACE / "agents_realtime_client.mjs"
    shutil.copyfile(HERE / program.name, program)
    return program


def test_a_session_of_the_npm_package(
    client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (MODELS / "whisper-base").is_dir():
        pytest.skip("the models of the profile small are not here: scripts/setup")
    files = [spoken(tmp_path, 0, "where is my order"), spoken(tmp_path, 1, "tell me a joke")]
    monkeypatch.setenv("XDG_DATA_HOME", str(MODELS.parents[1]))
    with serve("--profile", "small") as server:
        done = subprocess.run(
            ["node", client, f"ws://{server.host}/v1/realtime?model=gpt-realtime", *files],
            capture_output=True,
            text=True,
            timeout=420,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == []
    assert found["turns"] >= 8 and found["interrupted"] >= 1
    assert found["called"] and all(found["said"])
