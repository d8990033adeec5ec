"""`voice-local serve --tls` as a service: its certificate, and what systemd is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.server.serving import serve

pytestmark = pytest.mark.server


def told(service: socket.socket) -> str:
    """The next message to systemd."""
    service.settimeout(30)
    return service.recv(100).decode()


def test_https_and_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready once clients are answered; the watchdog is fed while the worker lives; it says when it
    stops."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as service:
        service.bind(str(tmp_path / "notify"))
        with serve("--tls") as server:
            assert told(service) == "READY=1"
            certificate = tmp_path / "voice_local" / "tls" / "certificate.pem"
            assert os.stat(certificate.with_name("key.pem")).st_mode & 0o77 == 0
            trusting = ssl.create_default_context(cafile=str(certificate))
            url = f"https://localhost:{server.ports['http']}"
            for path in ("/readyz", "/v1/models"):
                with urllib.request.urlopen(url + path, context=trusting) as answer:
                    assert answer.status == 200
            with pytest.raises(OSError, match="certificate"):
                urllib.request.urlopen(url, context=ssl.create_default_context())
            assert [told(service) for _ in range(3)] == ["WATCHDOG=1"] * 3
            server.process.send_signal(signal.SIGTERM)
            while (message := told(service)) == "WATCHDOG=1":
                pass
            assert message == "STOPPING=1"
            assert server.process.wait(30) == 0


def test_the_unit_and_the_compose_file_name_options_that_there_are() -> None:
    root = Path(__file__).resolve().parents[2]
    unit = (root / "docker" / "voice-local.service").read_text()
    (command,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    compose = (root / "docker" / "compose.yaml").read_text()
    (list_,) = [line for line in compose.splitlines() if '"serve"' in line]
    used = [part for part in command.split() if part.startswith("--")]
    used += [part for part in json.loads(list_.split(":", 1)[1]) if part.startswith("--")]
    program = [sys.executable, "-m", "voice_local", "serve", "--help"]
    environment = {**os.environ, "COLUMNS": "200"}
    shown = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
    assert used and all(option in shown.stdout for option in used)


def test_a_program_of_ones_own_serves_with_its_handlers() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [
        sys.executable,
        str(root / "examples" / "own_server.py"),
        "--profile",
        "tiny",
        "--port",
        "0",
    ]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        try:
            assert program.stdout
            url = program.stdout.readline().removeprefix("serving at http://").strip()
            with connect(f"ws://{url}ws") as socket:
                socket.send(json.dumps({"type": "text", "text": "turn the light on"}))
                told = [json.loads(message) for message in until_sound(socket)]
            assert {"type": "response_text", "text": "The light is on."} in told
        finally:
            program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0


def until_sound(socket: ClientConnection) -> Iterator[str]:
    """What is told before the first sound."""
    while isinstance(message := socket.recv(timeout=30), str):
        yield message
