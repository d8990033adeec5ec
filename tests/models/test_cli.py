"""The command line as a person uses it: documents, exit codes, refusals in three lines at most."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest
import soundfile as sf

from voice_local.audio.level import (
    audible_span,
    dbfs,
)
from voice_local.local.demo import bundled
from voice_local.models.folder import tiny_folder

pytestmark = pytest.mark.models
TURN_KEYS = {
    "user_audio_duration",
    "user_text",
    "intent",
    "intent_confidence",
    "emotion",
    "emotion_confidence",
    "assistant_text",
    "stt_latency_ms",
    "intent_latency_ms",
    "llm_latency_ms",
    "llm_first_token_ms",
    "tts_latency_ms",
    "compute_first_audio_ms",
    "commit_window_ms",
    "first_audio_ms",
    "total_latency_ms",
    "fallbacks",
    "audio_path",
}


def run(*arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`voice-local` in a process of its own."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "voice_local", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
    )


def document(*arguments: object, prefix: tuple[str, ...] = ()) -> Any:
    """The JSON document of a run that has to succeed."""
    done = run(*arguments, "--json", prefix=prefix)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refused(*arguments: object) -> str:
    """What a refused run says."""
    done = run(*arguments)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert 1 <= len(lines) <= 3 and any(line.startswith("error: ") for line in lines)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    (folder / "text.wav").write_text("this is not sound")
    sf.write(folder / "empty.wav", np.zeros(0), 16_000)
    sf.write(folder / "nan.wav", np.full(1600, np.nan), 16_000, subtype="FLOAT")
    sf.write(folder / "short.wav", np.full(800, 0.1), 16_000)
    sf.write(folder / "silence.wav", np.zeros(32_000), 16_000)
    speech, rate = sf.read(bundled()[0])
    import soxr

    sf.write(folder / "turned.wav", np.stack([speech, -speech], axis=1), rate)
    wide = soxr.resample(speech, rate, 96_000)
    sf.write(folder / "eight.wav", np.stack([wide] * 8, axis=1), 96_000)
    return folder


def test_demo_offline(tmp_path: Path) -> None:
    probe = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    prefix = ("unshare", "-rn") if probe.returncode == 0 else ()
    found = document("demo", "--profile", "tiny", "--out", tmp_path, prefix=prefix)
    assert found["profile"] == "tiny"
    assert len(found["turns"]) >= 3
    sides, rate = sf.read(tmp_path / "conversation.flac", dtype="float32")
    assert found["conversation"] == str(tmp_path / "conversation.flac")
    assert sides.shape[1] == 2 and len(sides) / rate > sum(
        sf.info(turn["audio_path"]).duration for turn in found["turns"]
    )
    assert min(np.abs(sides).max(axis=0)) > 0.1, "both sides are heard"
    for turn in found["turns"]:
        assert set(turn) >= TURN_KEYS
        assert turn["user_text"] and turn["assistant_text"] and turn["fallbacks"] == []
        assert turn["first_audio_ms"] > turn["compute_first_audio_ms"] > 0
        assert 160 <= turn["commit_window_ms"] <= 1300
        with sf.SoundFile(turn["audio_path"]) as file:
            assert file.subtype == "PCM_16"
            samples = file.read(dtype="float32")
            first, end = audible_span(samples, file.samplerate)
            assert (end - first) / file.samplerate > 0.5
            assert -12 <= dbfs(float(np.abs(samples).max())) <= -1
    assert [turn["intent"] for turn in found["turns"]] == [
        "check_order_status",
        "complaint",
        "farewell",
    ]


def test_demo_with_a_recording(tmp_path: Path) -> None:
    found = document("demo", "--wav", bundled()[2], "--out", tmp_path / "new" / "folder")
    assert len(found["turns"]) == 1
    assert Path(found["turns"][0]["audio_path"]).parent == tmp_path / "new" / "folder"


def test_demo_with_silence_has_no_turns(sounds: Path, tmp_path: Path) -> None:
    assert document("demo", "--wav", sounds / "silence.wav", "--out", tmp_path)["turns"] == []


def test_transcribe(sounds: Path) -> None:
    rows = document(
        "transcribe",
        bundled()[0],
        sounds / "eight.wav",
        sounds / "short.wav",
        sounds / "silence.wav",
    )
    assert [set(row) for row in rows] == [
        {"file", "text", "language", "duration_s", "no_speech_prob", "latency_ms"}
    ] * 4
    assert jiwer.wer(rows[0]["text"], rows[1]["text"]) <= 0.5, (
        "eight channels at 96 kHz are the same speech"
    )
    assert rows[2]["text"] == rows[3]["text"] == ""
    assert rows[2]["duration_s"] == 0.05


def test_transcribe_from_pipes_and_past_a_bad_file(sounds: Path) -> None:
    speech = bundled()[0].read_bytes()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "voice_local",
            "transcribe",
            "--profile",
            "tiny",
            "--json",
            "-",
            str(sounds / "text.wav"),
            str(sounds / "turned.wav"),
        ],
        input=speech,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 2
    piped, bad, turned = json.loads(done.stdout)
    assert piped["text"]
    assert set(bad) == {"file", "error", "remedy"}
    assert jiwer.wer(piped["text"], turned["text"]) <= 0.5, (
        "stereo in opposite phase is the same speech"
    )


def test_a_pipe_is_the_user_of_a_demo(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "voice_local",
            "demo",
            "--profile",
            "tiny",
            "--json",
            "--wav",
            "-",
            "--out",
            str(tmp_path),
        ],
        input=bundled()[2].read_bytes(),
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["turns"]) == 1


def test_classify() -> None:
    rows = document("classify", "Where is my order?", "x")
    assert set(rows[0]) == {
        "text",
        "intent",
        "intent_confidence",
        "emotion",
        "emotion_confidence",
        "complete_prob",
    }
    assert rows[0]["intent"] == "check_order_status"
    assert rows[0]["text"] == "Where is my order?"


def test_chat_is_one_conversation() -> None:
    turns = document(
        "chat", "--once", "set a timer for five minutes", "--once", "no make it six minutes"
    )["turns"]
    assert len(turns) == 2 and all(set(turn) >= TURN_KEYS for turn in turns)
    assert "5 minutes" in turns[0]["assistant_text"] and "6 minutes" in turns[1]["assistant_text"]
    assert turns[0]["stt_latency_ms"] is None and turns[0]["tts_latency_ms"] is None


def test_chat_by_keyboard() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voice_local", "chat"],
        input="hello\n\n",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0
    assert "assistant" in done.stdout


def test_chat_obeys_what_stands_behind_a_slash() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voice_local", "chat", "--profile", "tiny"],
        capture_output=True,
        input="/help\n/dance\n\nhello\n/bye\nhello\n",
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert "/voice NAME" in done.stdout and done.stdout.count("\nassistant") == 1, (
        "an empty line is no turn, /bye ends"
    )
    assert "there is no /dance" in done.stderr


def test_chat_by_keyboard_in_another_encoding() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voice_local", "chat"],
        input=b"caf\xe9 au lait\nhello\n",
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().count("assistant") == 2


def test_say(tmp_path: Path) -> None:
    out = tmp_path / "said.wav"
    document("say", "Hello. Your order AB-1234 will arrive on Monday at 6:30.", "--out", out)
    samples, rate = sf.read(out, dtype="float32")
    first, _ = audible_span(samples, rate)
    assert first / rate < 0.05
    assert -12 <= dbfs(float(np.abs(samples).max())) <= -1
    assert 3 < len(samples) / rate < 12


def test_say_into_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voice_local", "say", "--profile", "tiny", "Hello.", "--out", "-"],
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "piped.wav").write_bytes(done.stdout)
    assert sf.info(tmp_path / "piped.wav").duration > 0.2


def test_doctor_of_a_profile_that_cannot_run_exits_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = run("doctor", "--profile", "gpu")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stdout.startswith("gpu cannot run here: lacks 3 models (")


def test_doctor() -> None:
    found = document("doctor")
    assert found["can_run"] and "can run here" in found["verdict"]
    assert {stage["stage"] for stage in found["stages"]} == {
        "stt",
        "intent",
        "emotion",
        "llm",
        "tts",
    }
    assert all(stage["device"] == "cpu" for stage in found["stages"])
    assert found["worker_rss_mb"] + found["front_rss_mb"] < 2560


@pytest.mark.parametrize(
    "arguments",
    [
        ("transcribe", "nowhere.wav"),
        ("transcribe", "."),
        ("transcribe", "{sounds}/text.wav"),
        ("transcribe", "{sounds}/empty.wav"),
        ("transcribe", "{sounds}/nan.wav"),
        ("transcribe",),
        ("demo", "--wav", "nowhere.wav"),
        ("demo", "--wav", "{sounds}/nan.wav"),
        ("demo", "--out", "{sounds}/text.wav"),
        ("demo", "--out", "/proc/none"),
        ("classify", "  "),
        ("classify", "x" * 2001),
        ("chat", "--once", ""),
        ("chat", "--json"),
        ("say", "", "--out", "{sounds}/o.wav"),
        ("say", "...", "--out", "{sounds}/o.wav"),
        ("say", "hi", "--out", "/nowhere/o.wav"),
        ("say", "hi", "--out", "{sounds}"),
        ("say", "hi", "--out", "{sounds}/o.wav", "--voice", "nobody"),
        ("say", "hi", "--out", "{sounds}/o.wav", "--engine", "harp"),
        ("say", "hi", "--out", "{sounds}/o.wav", "--engine", "bark"),
        ("say", "x" * 20_001, "--out", "{sounds}/o.wav"),
        ("classify", "hi", "--profile", "huge"),
        ("classify", "hi", "--profile", "gpu"),
        ("classify", "hi", "--models-dir", "/nowhere"),
        ("classify", "hi", "--models-dir", "{sounds}"),
        ("sing",),
        ("classify", "hi", "--volume", "11"),
        ("classify", "hello \udcff"),
        ("chat", "--once", "hello \udcff"),
        ("say", "hello \udcff", "--out", "{sounds}/o.wav"),
        ("transcribe", "/dev/zero"),
        ("transcribe", "nowhere\udcff.wav"),
    ],
)
def test_refusals(arguments: tuple[str, ...], sounds: Path) -> None:
    refused(*(argument.replace("{sounds}", str(sounds)) for argument in arguments))


@pytest.mark.parametrize("name", ["tiny-classifier/intent.onnx", "tiny-classifier/tokenizer.json"])
def test_an_altered_model_is_refused(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "tiny"
    shutil.copytree(tiny_folder(), copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    assert "sha256" in refused("classify", "hi", "--models-dir", copy)
    (copy / name).unlink()
    assert "missing" in refused("classify", "hi", "--models-dir", copy)
