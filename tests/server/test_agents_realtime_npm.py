"""The npm package `@openai/agents-realtime`, unchanged, over WebSocket (Node) and WebRTC (Chromium):
turns, an interruption and a tool, without an error."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import soundfile as sf
import soxr

from tests.conftest import MODELS
from tests.server.chromium import Chromium
from tests.server.npm_packages import AGENTS_REALTIME, HERE, installed
from tests.server.served_page import MICROPHONE_RATE, needs_chromium
from tests.server.serving import serve
from tests.server.test_openai_agents import spoken

pytestmark = pytest.mark.server
SESSION_S = 240.0
SAID_AT_S = (4.0, 44.0)
"""When the microphone hears the question, and the second one, over an answer."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The models of the profile `small`."""
    if not (MODELS / "whisper-base").is_dir():
        pytest.skip("the models of the profile small are not here: scripts/setup")
    monkeypatch.setenv("XDG_DATA_HOME", str(MODELS.parents[1]))


def check(found: dict[str, Any]) -> None:
    """What a session came to."""
    print(json.dumps(found, indent=1))
    assert found["errors"] == []
    assert found["turns"] >= 10 and found["interrupted"] >= 1
    assert found["called"] and found["said"] and all(found["said"])


@pytest.mark.usefixtures("small")
def test_a_session_over_websocket(tmp_path: Path) -> None:
    client = installed() / "agents_realtime_client.mjs"
    shutil.copyfile(HERE / client.name, client)
    files = [spoken(tmp_path, 0, "where is my order"), spoken(tmp_path, 1, "tell me a joke")]
    with serve("--profile", "small") as server:
        done = subprocess.run(
            ["node", client, f"ws://{server.host}/v1/realtime?model=gpt-realtime", *files],
            capture_output=True,
            text=True,
            timeout=420,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    check(json.loads(done.stdout.splitlines()[-1]))


@needs_chromium
@pytest.mark.usefixtures("small")
def test_a_session_over_webrtc(tmp_path: Path) -> None:
    """The page of another server, as `server.origins` allows it."""
    installed()
    shutil.copyfile(HERE / "agents_realtime_page.html", tmp_path / "index.html")
    shutil.copyfile(AGENTS_REALTIME / "openai-realtime-agents.umd.js", tmp_path / "agents.js")
    microphone = said_twice(tmp_path, "where is my order")
    with (
        pages(tmp_path) as origin,
        serve("--profile", "small", SERVER__ORIGINS=origin) as server,
        Chromium(tmp_path / "profile", f"{microphone}%noloop") as browser,
    ):
        headers = {"Content-Type": "application/json"}
        status, body = server.ask("/v1/realtime/client_secrets", headers, {})
        assert status == 200, body
        about = {"key": json.loads(body)["value"], "url": f"http://{server.host}"}
        tab = browser.open(f"{origin}/index.html#{quote(json.dumps(about))}")
        tab.click("#start")
        tab.wait("window.found", SESSION_S)
        found = json.loads(tab.run("JSON.stringify(window.found)"))
        assert "failed" not in found, json.dumps(found)
        check(found)
        assert found["spoken"] >= 2, "both questions are heard from the microphone"
        assert found["loud"] > 3 * found["quiet"], "the answer comes over the media track"
        assert tab.problems == []
        tab.close()


def said_twice(folder: Path, text: str) -> Path:
    """A microphone's recording of `text` at `SAID_AT_S`."""
    said, rate = sf.read(spoken(folder, 0, text), dtype="float32")
    said = soxr.resample(said, rate, MICROPHONE_RATE)
    whole = np.zeros(int(SAID_AT_S[-1] + 20) * MICROPHONE_RATE, dtype=np.float32)
    for at in SAID_AT_S:
        start = int(at * MICROPHONE_RATE)
        whole[start : start + len(said)] = said
    path = folder / "microphone.wav"
    sf.write(path, whole, MICROPHONE_RATE, subtype="PCM_16")
    return path


@contextmanager
def pages(folder: Path) -> Iterator[str]:
    """The origin of a web server with the files of `folder`."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
