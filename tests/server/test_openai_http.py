"""The package `openai`, unchanged, in an environment of its own, against `voice-local serve`."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest

from tests.server.client_environments import interpreter
from tests.server.serving import serve
from voice_local.audio.files import read_audio
from voice_local.audio.level import dbfs
from voice_local.audio.types import SAMPLE_RATE, Audio

pytestmark = pytest.mark.server
HERE = Path(__file__).resolve().parent
SAID = HERE.parents[1] / "voice_local" / "recordings" / "user_2.flac"
WORDS = "i am really upset nobody called me back"
TEXT = "Where is my order? I am really upset. Nobody called me back."
FORMATS = {
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "flac": "audio/flac",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
}
Client = Callable[..., Any]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One program with the package, and one server, for all tests here."""
    python = interpreter("openai")
    with (
        serve() as server,
        subprocess.Popen(
            [python, HERE / "openai_client.py", f"http://{server.host}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
        ) as program,
    ):
        assert program.stdin and program.stdout

        def ask(what: str, *arguments: object) -> Any:
            assert program.stdin and program.stdout
            program.stdin.write(json.dumps([what, *map(str, arguments)]) + "\n")
            program.stdin.flush()
            answer = json.loads(program.stdout.readline())
            assert "found" in answer, answer["failed"]
            return answer["found"]

        yield ask


def test_models(client: Client) -> None:
    found = client("models")
    assert found["first"] == "default" and "tiny-llm/model.gguf" in found["listed"]


def test_transcriptions(client: Client) -> None:
    found = client("transcribe", SAID, "json")
    assert found["type"] == "Transcription" and found["value"]["text"] == WORDS
    assert client("transcribe", SAID, "text") == {"type": "str", "value": f"{WORDS}\n"}
    srt = client("transcribe", SAID, "srt")["value"]
    assert srt.startswith("1\n00:00:0") and " --> " in srt and WORDS in srt
    vtt = client("transcribe", SAID, "vtt")["value"]
    assert vtt.startswith("WEBVTT\n\n00:00:0") and WORDS in vtt


def test_a_transcription_with_times(client: Client) -> None:
    found = client("transcribe", SAID, "verbose_json", "word", "segment")
    value = found["value"]
    assert found["type"] == "TranscriptionVerbose" and value["language"] == "english"
    assert value["duration"] == pytest.approx(len(read_audio(SAID)) / SAMPLE_RATE, abs=0.01)
    assert [word["word"] for word in value["words"]] == WORDS.split()
    starts = [word["start"] for word in value["words"]]
    assert starts == sorted(starts) and 0 < starts[0] < starts[-1] < value["duration"]
    assert " ".join(segment["text"] for segment in value["segments"]) == WORDS
    assert value["segments"][0]["avg_logprob"] < 0


def test_a_transcription_as_it_comes(client: Client) -> None:
    *deltas, (kind, done) = client("transcribe_stream", SAID)
    assert kind == "TranscriptionTextDoneEvent" and done["text"] == WORDS
    assert {kind for kind, _ in deltas} == {"TranscriptionTextDeltaEvent"}
    assert "".join(event["delta"] for _, event in deltas) == WORDS


@pytest.fixture(scope="module")
def reference(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Audio:
    """`TEXT` as samples."""
    path = tmp_path_factory.mktemp("speech") / "speech.pcm"
    client("speech", TEXT, "alloy", "pcm", path)
    return spoken(path)


def spoken(path: Path) -> Audio:
    """At 16 kHz."""
    if path.suffix != ".pcm":
        return read_audio(path)
    samples = np.fromfile(path, "<i2").astype(np.float32) / 32768
    at = np.arange(0, len(samples), 1.5)
    return np.asarray(np.interp(at, np.arange(len(samples)), samples), dtype=np.float32)


def loudness(samples: Audio) -> float:
    return dbfs(float(np.sqrt((samples**2).mean())))


@pytest.mark.parametrize("wanted", FORMATS)
def test_speech(client: Client, reference: Audio, tmp_path: Path, wanted: str) -> None:
    path = tmp_path / f"speech.{wanted}"
    found = client("speech", TEXT, "alloy", wanted, path)
    samples = spoken(path)
    assert found["type"] == FORMATS[wanted] and found["pieces"] > 1
    # An MP3's decoder adds up to three frames of 24 ms.
    assert len(samples) / SAMPLE_RATE == pytest.approx(len(reference) / SAMPLE_RATE, abs=0.13)
    assert 2.5 < len(samples) / SAMPLE_RATE < 8
    assert loudness(samples) == pytest.approx(loudness(reference), abs=1.0)
    assert loudness(samples) > -35
    if wanted != "pcm":
        understood = client("transcribe", path, "text")["value"].strip()
        assert jiwer.wer(TEXT.lower().replace("?", "").replace(".", ""), understood) <= 0.1


def test_a_long_speech_begins_before_it_is_made(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    found = client("speech", f"{TEXT} " * 8, "default", "wav", path)
    print(f"first sound after {found['first_s']:.2f} s of {found['whole_s']:.2f} s")
    assert found["first_s"] < found["whole_s"] / 3
    assert len(read_audio(path)) / SAMPLE_RATE > 20


def test_another_voice_by_its_name(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "named.wav"
    client("speech", "Nobody called me back.", "coqui/slt-tiny", "wav", path)
    assert client("transcribe", path, "text")["value"].strip() == "nobody called me back"


def test_chat(client: Client) -> None:
    found = client("chat", "hello")
    choice = found["choices"][0]
    assert choice["finish_reason"] == "stop" and choice["message"]["role"] == "assistant"
    assert len(choice["message"]["content"].split()) >= 2
    assert found["usage"]["estimated"] is True and found["model"] == "tiny-llm/model.gguf"
    streamed = client("chat_stream", "hello")
    assert streamed["text"].strip() == choice["message"]["content"]
    assert streamed["types"] == ["ChatCompletionChunk"]
    assert streamed["reasons"][-1] == "stop" and set(streamed["reasons"][:-1]) == {None}
    assert streamed["usage"]["total_tokens"] > 0


def test_a_chat_with_tools_that_the_model_does_not_know(client: Client) -> None:
    """The embedded LLM has never seen a tool: it answers in words."""
    found = client("chat_tools", "what is the weather in Paris", "auto")
    assert found["reason"] == "stop" and found["message"]["content"]


def test_realtime(client: Client) -> None:
    found = client("realtime", "what can you do")
    assert found["wrong"] == [] and found["status"] == "completed"
    assert found["sound"] > 24_000
    assert {"session.created", "session.updated", "response.output_audio.delta"} < {*found["kinds"]}


def test_a_client_that_hangs_up_ends_its_call(client: Client) -> None:
    """A minute's speech is not made for nobody."""
    address = client("where").removeprefix("http://")
    body = json.dumps({"input": f"{TEXT} " * 200, "response_format": "wav"})
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("POST", "/v1/audio/speech", body)
    assert connection.getresponse().read(4) == b"RIFF"
    assert pending(address) == 1
    connection.close()
    until = time.monotonic() + 10
    while pending(address):
        assert time.monotonic() < until, "it still speaks"
        time.sleep(0.1)


def pending(address: str) -> int:
    """The server's calls of the engine that are under way."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/metrics")
    told = connection.getresponse().read().decode()
    connection.close()
    found = re.search(r"^voice_local_engine_pending (\S+)$", told, re.MULTILINE)
    assert found
    return int(float(found.group(1)))


def test_refusals(client: Client) -> None:
    assert client("errors", SAID) == {
        "model": ["NotFoundError", 404, "model", "model_not_found"],
        "voice": ["BadRequestError", 400, "voice", "voice_not_found"],
        "speed": ["BadRequestError", 400, "speed", None],
        "file": ["BadRequestError", 400, "file", None],
        "language": ["BadRequestError", 400, "language", None],
        "translation": ["NotFoundError", 404, None, "not_offered"],
        "context": ["BadRequestError", 400, "messages", "context_length_exceeded"],
    }
