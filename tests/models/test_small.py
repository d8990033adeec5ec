"""The profile `small`: real models through the real libraries. Skipped where they are not
installed."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
import soxr

from tests.conftest import MODELS
from tests.models import stage_calls
from voice_local.audio.level import (
    audible_span,
    dbfs,
)
from voice_local.audio.stretches import probabilities, stretches
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench.normalize import (
    count,
    whisper_english,
)
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation.input.recordings import SURE_LOGPROB, SURE_PROB
from voice_local.engine.api import (
    TranscribeOptions,
)
from voice_local.errors import (
    ConfigError,
    TextInputError,
)
from voice_local.local.demo import bundled
from voice_local.models.folder import (
    ModelFolder,
    read_manifest,
)
from voice_local.profile_choice import MEMORY_GB
from voice_local.stages.stt.whisper import WhisperStt
from voice_local.stages.tts.hibari import HibariTts

pytestmark = pytest.mark.models
LONG = (
    "The meeting about the new library was moved from Tuesday to Thursday, because three of the "
    "people who wanted "
    "to come had to take the early train to the coast, and would not be back before late in the "
    "evening. So we "
    "agreed that Anna would bring the printed pages, that Tom would ask the landlord for a second "
    "key, and that I "
    "would call the kitchen to say that we need lunch for fourteen people instead of eleven. Two "
    "of them do not eat "
    "meat, and one of them cannot have any nuts at all, which I told them last week already, but "
    "nobody wrote it "
    "down."
)


@pytest.fixture(scope="module")
def small() -> Settings:
    try:
        known = read_manifest(MODELS).models
    except Exception:
        known = {}
    settings = load("small", models_dir=MODELS)
    absent = [name for name in (settings.stt.model, settings.llm.model) if name not in known]
    if absent:
        pytest.skip(
            f"{', '.join(absent)} not in {MODELS}: voice-local models download --profile small"
        )
    return settings


@pytest.fixture(scope="module")
def recognizer(small: Settings) -> WhisperStt:
    return WhisperStt(small, ModelFolder(MODELS), len(os.sched_getaffinity(0)))


@pytest.fixture(scope="module")
def voice(small: Settings) -> HibariTts:
    return HibariTts(small, ModelFolder(MODELS), 1)


def spoken(voice: HibariTts, text: str) -> Audio:
    """`text` in the voice of `small`, at 16 kHz."""
    sound = np.concatenate([chunk.samples for chunk in stage_calls.chunks(voice, text)])
    return np.asarray(soxr.resample(sound, 24_000, SAMPLE_RATE), dtype=np.float32)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voice_local", *map(str, arguments), "--models-dir", str(MODELS)],
        capture_output=True,
        text=True,
        timeout=300,
    )


def document(*arguments: object) -> Any:
    done = run(*arguments, "--profile", "small", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def errors(truth: str, heard: str) -> int:
    normal = whisper_english()
    return count(normal(truth), normal(heard)).all


def test_a_spoken_conversation(small: Settings, tmp_path: Path) -> None:
    found = document("demo", "--out", tmp_path)
    assert found["profile"] == "small" and len(found["turns"]) == 3
    assert [turn["intent"] for turn in found["turns"]] == [
        "check_order_status",
        "complaint",
        "farewell",
    ]
    for turn in found["turns"]:
        assert turn["language"] == "en" and turn["assistant_text"]
        samples, rate = sf.read(turn["audio_path"], dtype="float32")
        first, end = audible_span(samples, rate)
        assert rate == 24_000 and first / rate <= 0.06 and (end - first) / rate > 0.5
        assert -12 <= dbfs(float(np.abs(samples).max())) <= -1


def test_say_speaks_with_the_voice_of_the_profile(
    small: Settings, tmp_path: Path, recognizer: WhisperStt
) -> None:
    text = "Your table is booked for eight people on Friday evening."
    assert document("say", text, "--out", tmp_path / "said.wav")["sample_rate"] == 24_000
    samples, rate = sf.read(tmp_path / "said.wav", dtype="float32")
    heard = stage_calls.transcribed(recognizer, soxr.resample(samples, rate, SAMPLE_RATE))
    assert errors(text, heard.text) == 0


def test_a_turn_of_half_a_minute_loses_no_word(recognizer: WhisperStt, voice: HibariTts) -> None:
    sound = spoken(voice, LONG)
    assert 24 < len(sound) / SAMPLE_RATE < 30
    heard = stage_calls.transcribed(recognizer, sound)
    assert errors(LONG, heard.text) <= 4
    assert heard.text.rstrip(".").endswith("wrote it down")
    faster = soxr.resample(sound, 5, 4).astype(np.float32)  # a quarter faster, and higher
    assert errors(LONG, stage_calls.transcribed(recognizer, faster).text) <= 12


def test_words_have_their_times(recognizer: WhisperStt, voice: HibariTts) -> None:
    pause = np.zeros(SAMPLE_RATE, dtype=np.float32)
    sound = np.concatenate(
        [pause, spoken(voice, "Open the window."), pause, spoken(voice, "Close the door.")]
    )
    words = stage_calls.transcribed(recognizer, sound, TranscribeOptions(word_times=True)).words
    assert [word.text.strip(".,").lower() for word in words] == [
        "open",
        "the",
        "window",
        "close",
        "the",
        "door",
    ]
    assert abs(words[0].start_s - 1.0) < 0.4 and all(
        a.start_s <= b.start_s for a, b in itertools.pairwise(words)
    )
    closed = 2.0 + len(spoken(voice, "Open the window.")) / SAMPLE_RATE
    assert abs(words[3].start_s - closed) < 0.4
    assert all(0 <= word.probability <= 1 for word in words)


def test_a_loop_ends_with_the_sound(recognizer: WhisperStt, voice: HibariTts) -> None:
    heard = stage_calls.transcribed(
        recognizer, spoken(voice, "na na na na na na na na na na na na")
    ).text
    assert 4 <= len(heard.replace("-", " ").split()) <= 24


def test_a_vocabulary_brings_rare_words(recognizer: WhisperStt, voice: HibariTts) -> None:
    sound = spoken(voice, "Please call Siobhan Kaczmarek about the invoice.")
    names = ("Siobhan", "Kaczmarek")
    plain, told = (
        stage_calls.transcribed(recognizer, sound, TranscribeOptions(vocabulary=terms)).text
        for terms in ((), names)
    )
    assert not all(name in plain for name in names)
    assert "Siobhan" in told or "Kaczmarek" in told


@pytest.mark.parametrize(
    "text", ["The biblical narratives disagree about the length of the stay.", LONG[:180]]
)
def test_a_vocabulary_brings_no_words_that_were_not_said(
    recognizer: WhisperStt, voice: HibariTts, text: str
) -> None:
    menu = ("flat white", "cortado", "oat milk", "a little bit of", "extra shot", "large", "small")
    sound = spoken(voice, text)
    plain, told = (
        stage_calls.transcribed(recognizer, sound, TranscribeOptions(vocabulary=terms)).text
        for terms in ((), menu)
    )
    assert told == plain


@pytest.mark.parametrize("vocabulary", [(), ("latte", "milk", "sugar")])
@pytest.mark.parametrize("kind", ["silence", "hiss", "hum", "clicks"])
def test_no_words_where_nobody_speaks(
    recognizer: WhisperStt, kind: str, vocabulary: tuple[str, ...]
) -> None:
    rng, time = np.random.default_rng(4), np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    sound = {
        "silence": np.zeros(len(time)),
        "hiss": 0.02 * rng.standard_normal(len(time)),
        "hum": 0.2 * np.sin(2 * np.pi * 100 * time),
        "clicks": (rng.random(len(time)) > 0.9997) * 0.8,
    }[kind].astype(np.float32)
    assert not list(stretches(sound, probabilities(sound, SileroModel())))
    heard = stage_calls.transcribed(recognizer, sound, TranscribeOptions(vocabulary=vocabulary))
    unsure = heard.no_speech_prob >= SURE_PROB or heard.avg_logprob < SURE_LOGPROB
    assert heard.text == "" or unsure, "a recording without a voice needs surer words"


def test_the_language_of_short_sound_is_the_conversation_s(
    recognizer: WhisperStt, voice: HibariTts
) -> None:
    short = spoken(voice, "No.")[: SAMPLE_RATE * 9 // 10]
    assert (
        stage_calls.transcribed(
            recognizer, short, TranscribeOptions(conversation_language="de")
        ).language
        == "de"
    )
    assert stage_calls.transcribed(recognizer, short).language == "en"
    clear = spoken(voice, "What time does the library open on Saturday morning?")
    assert (
        stage_calls.transcribed(
            recognizer, clear, TranscribeOptions(conversation_language="de")
        ).language
        == "en"
    )
    assert (
        stage_calls.transcribed(recognizer, clear, TranscribeOptions(language="fr")).language
        == "fr"
    )


def test_a_cancelled_call_ends_early(recognizer: WhisperStt) -> None:
    assert (
        stage_calls.transcribed(
            recognizer, np.full(SAMPLE_RATE, 0.1, dtype=np.float32), cancelled=lambda: True
        ).text
        == ""
    )


def test_what_cannot_be_is_refused(
    small: Settings, recognizer: WhisperStt, voice: HibariTts
) -> None:
    with pytest.raises(ConfigError, match="does not know the language 'xx'"):
        stage_calls.transcribed(
            recognizer, np.full(32_000, 0.1, dtype=np.float32), TranscribeOptions(language="xx")
        )
    with pytest.raises(TextInputError, match="unknown voice 'adam'"):
        list(stage_calls.chunks(voice, "hello", "adam"))
    for arguments, cause in (
        (("--language", "klingon"), "does not know the language 'klingon'"),
        (("--vocabulary", "word, " * 2000), "the limit is 1000"),
        (("--vocabulary", "<b>milk</b>"), "markup"),
        (("--vocabulary", ", ".join(f"Xqz{n:03}wk" for n in range(100))), "terms do not fit"),
    ):
        done = run("transcribe", bundled()[0], "--profile", "small", *arguments)
        lines = done.stderr.strip().splitlines()
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stdout == ""
        assert (
            cause in done.stderr
            and sum(line.startswith(("error: ", "try: ")) for line in lines) == 2
        ), done.stderr


def test_the_memory_floor_is_above_what_it_takes(small: Settings) -> None:
    found = document("doctor")
    assert {stage["stage"]: stage["adapter"] for stage in found["stages"]}["tts"] == "tts_hibari"
    assert (found["worker_rss_mb"] + found["front_rss_mb"]) / 1024 < MEMORY_GB["small"]
