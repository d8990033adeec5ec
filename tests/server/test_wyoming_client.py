"""The unchanged `wyoming` package speaks to `voice-local serve --wyoming-port`."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
import soundfile as sf

from tests.models import floors
from tests.models.test_tiny import SAID
from tests.server.client_environments import interpreter
from tests.server.serving import Served, serve
from voice_local.audio.files import read_audio
from voice_local.audio.level import audible_span
from voice_local.local.demo import bundled
from voice_local.text.spoken import to_spoken

pytestmark = pytest.mark.server
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def python() -> Path:
    return interpreter("wyoming")


@pytest.fixture(scope="module")
def served(python: Path) -> Iterator[Served]:
    with serve("--wyoming-port", "0") as running:
        yield running
        assert running.end() == 0 and not any("Traceback" in line for line in running.log)


def program(python: Path, port: int) -> Run:
    """Runs `wyoming_program.py` against a service on this machine; gives what it prints."""

    def run(*arguments: object) -> Any:
        done = subprocess.run(
            [
                python,
                Path(__file__).with_name("wyoming_program.py"),
                f"tcp://127.0.0.1:{port}",
                *map(str, arguments),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def client(python: Path, served: Served) -> Run:
    """See `program`."""
    return program(python, served.ports["wyoming"])


def test_it_reads_what_the_server_can_do(client: Run) -> None:
    assert client("ping", "x") == "x"
    info = client("describe")
    (tts,) = info["tts"]
    installed = [voice for voice in tts["voices"] if voice["installed"]]
    assert installed and all("licence" in voice["description"] for voice in tts["voices"])
    assert info["asr"][0]["models"][0]["languages"] == ["en"]
    assert info["handle"][0]["models"] and info["intent"][0]["models"]


def test_speech_in_the_right_words_out(client: Run, tmp_path: Path) -> None:
    heard = []
    for path in bundled():
        sf.write(tmp_path / "said.wav", read_audio(path), 16_000, subtype="PCM_16")
        told = client("transcribe", tmp_path / "said.wav")
        heard.append(told["text"])
        assert told["order"][0] == "transcript-start" and told["language"] == "en"
        assert told["order"][-2:] == ["transcript", "transcript-stop"]
        assert told["chunks"].split() == told["text"].split()
    assert jiwer.wer([SAID[path.stem] for path in bundled()], heard) <= floors.EARS_WER, heard


def test_silence_and_noise_have_no_words(client: Run, tmp_path: Path) -> None:
    hiss = 0.02 * np.random.default_rng(5).standard_normal(48_000)
    for number, sound in enumerate((np.zeros(48_000), hiss)):
        path = tmp_path / f"{number}.wav"
        sf.write(path, sound, 16_000, subtype="PCM_16")
        assert client("transcribe", path)["text"] == ""


@pytest.mark.parametrize("streams", ["", "streams"])
def test_text_in_the_right_words_out(client: Run, tmp_path: Path, streams: str) -> None:
    text, path = "Your order will arrive on Monday. Thank you and goodbye.", tmp_path / "said.wav"
    order = client("say", text, path, "", streams)["order"]
    assert order[:3] == ["audio-start", "audio-chunk", "audio-stop"]
    sound, rate = sf.read(path, dtype="float32")
    first, end = audible_span(sound, rate)
    assert 2 < (end - first) / rate < 8
    sf.write(tmp_path / "again.wav", sound, rate, subtype="PCM_16")
    heard = client("transcribe", tmp_path / "again.wav")["text"]
    assert jiwer.wer(to_spoken(text), to_spoken(heard)) <= 0.2, heard


def test_an_unknown_voice_is_an_error(client: Run, tmp_path: Path) -> None:
    assert "unknown voice" in client("say", "Hello.", tmp_path / "a.wav", "nobody")["error"]


def test_it_answers_and_remembers_what_was_said(client: Run) -> None:
    told = client("handle", "hello there", "kitchen")
    assert told["type"] == "handled" and told["context"]["conversation_id"] == "kitchen"
    again = client("handle", "could you repeat that", "kitchen")
    assert again["text"] == told["text"], "the second connection goes on with the first"
    other = client("handle", "could you repeat that", "bedroom")
    assert other["text"] != told["text"]


def test_it_recognizes_intents(client: Run) -> None:
    assert client("recognize", "where is my order") == {
        "type": "intent",
        "name": "check_order_status",
    }
    assert client("recognize", "colorless green ideas")["type"] == "not-recognized"


def test_broken_clients_harm_nobody(client: Run, served: Served) -> None:
    """Each of these makes the reference reader raise, or wait for a gigabyte."""
    for data in (
        b"[]\n",
        b"{}\n",
        b'{"type": "audio-chunk", "payload_length": "12"}\n',
        b'{"type": "audio-chunk", "payload_length": 1073741824}\n' + bytes(1 << 20),
        b'{"type": "audio-chunk", "payload_length": 10}\ncut',
    ):
        with socket.create_connection(("127.0.0.1", served.ports["wyoming"]), 5) as one:
            one.sendall(data)
            one.shutdown(socket.SHUT_WR)
            told = b""
            try:
                while piece := one.recv(4096):
                    told += piece
            except ConnectionResetError:
                pass
            assert told == b"" or b'"type": "error"' in told
        assert client("recognize", "where is my order")["type"] == "intent"
