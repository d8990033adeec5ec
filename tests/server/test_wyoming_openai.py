"""The unchanged `wyoming-openai` makes a Wyoming service out of the server's OpenAI API: Home Assistant
would speak to it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jiwer
import pytest
import soundfile as sf

from tests.models import floors
from tests.models.test_tiny import SAID
from tests.server.client_environments import interpreter
from tests.server.serving import Served, serve
from tests.server.test_wyoming_client import Run, program
from voice_local.audio.files import read_audio
from voice_local.local.demo import bundled
from voice_local.text.spoken import to_spoken

pytestmark = pytest.mark.server
TOKEN = "a-token-of-this-test"
WHOLE, STREAMED, LIVE = "whole", "streamed", "live"
"""Names of models: any name is accepted, and tells the proxy how to ask."""


@pytest.fixture(scope="module")
def python() -> Path:
    return interpreter("wyoming-openai", newest=True)


@pytest.fixture(scope="module")
def served(python: Path) -> Iterator[Served]:
    with serve(SERVER__TOKEN=TOKEN) as running:
        yield running


@pytest.fixture(scope="module")
def client(python: Path, served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """What the proxy answers to the reference client."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("proxy") / "log.txt"
    options: dict[str, list[str]] = {
        "uri": [f"tcp://127.0.0.1:{port}"],
        "stt-openai-url": [f"http://{served.host}/v1"],
        "stt-openai-key": [TOKEN],
        "stt-models": [WHOLE],
        "stt-streaming-models": [STREAMED],
        "stt-realtime-models": [LIVE],
        "stt-prompt": ["flat white, cortado"],
        "stt-extra-body": ['{"languages": ["en"], "keywords": ["oat milk"]}'],
        "stt-realtime-extra-body": ['{"languages": ["en"], "keywords": ["oat milk"]}'],
        "tts-openai-url": [f"http://{served.host}/v1"],
        "tts-openai-key": [TOKEN],
        "tts-models": [WHOLE],
        "tts-streaming-models": [STREAMED],
        "tts-voices": ["alloy", "nova"],
    }
    given = [word for name, values in options.items() for word in (f"--{name}", *values)]
    with log.open("w") as written:
        process = subprocess.Popen(
            [python, "-m", "wyoming_openai", *given], stdout=written, stderr=subprocess.STDOUT
        )
    try:
        for _ in range(300):
            if process.poll() is not None or _answers(port):
                break
            time.sleep(0.1)
        assert process.poll() is None, log.read_text()
        yield program(python, port)
        assert process.poll() is None and "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.kill()
        process.wait()
        print(log.read_text())


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_it_offers_the_servers_speech(client: Run) -> None:
    info = client("describe")
    models = {model["name"] for program in info["asr"] for model in program["models"]}
    assert models == {WHOLE, STREAMED, LIVE}
    assert any("alloy" in voice["name"] for program in info["tts"] for voice in program["voices"])


@pytest.mark.parametrize("model", [WHOLE, STREAMED, LIVE])
def test_speech_in_the_right_words_out(client: Run, tmp_path: Path, model: str) -> None:
    heard = []
    for path in bundled():
        sf.write(tmp_path / "said.wav", read_audio(path), 16_000, subtype="PCM_16")
        told = client("transcribe", tmp_path / "said.wav", model)
        assert "error" not in told["order"], told
        heard.append(told["text"])
        if model != WHOLE:
            assert told["chunks"].split() == told["text"].split()
    assert jiwer.wer([SAID[path.stem] for path in bundled()], heard) <= floors.EARS_WER, heard


@pytest.mark.parametrize("streams", ["", "streams"])
def test_text_in_the_right_words_out(client: Run, tmp_path: Path, streams: str) -> None:
    text, path = "Your order will arrive on Monday. Thank you and goodbye.", tmp_path / "said.wav"
    voice = f"alloy ({STREAMED if streams else WHOLE})"
    told = client("say", text, path, voice, streams)
    assert told["order"][:3] == ["audio-start", "audio-chunk", "audio-stop"], told
    sound, rate = sf.read(path, dtype="float32")
    sf.write(tmp_path / "again.wav", sound, rate, subtype="PCM_16")
    heard = client("transcribe", tmp_path / "again.wav", WHOLE)["text"]
    assert jiwer.wer(to_spoken(text), to_spoken(heard)) <= 0.2, heard
