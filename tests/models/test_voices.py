"""Voices of real models through their own libraries: Kokoro, Piper's joe as a Vits of Coqui.
Skipped where they are not."""

from __future__ import annotations

import json
import os
import shutil
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
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.normalize import (
    count,
    whisper_english,
)
from voice_local.config import load
from voice_local.engine.local_engine import LocalEngine
from voice_local.engine.voice_models import (
    JOE_MODEL,
    KOKORO_MODEL,
)
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
    TextInputError,
)
from voice_local.models.folder import (
    ModelFolder,
    read_manifest,
    tiny_folder,
    write_manifest,
)
from voice_local.models.formats import STYLE_SHAPE
from voice_local.models.lock import (
    read_lock,
    shipped_lock,
)
from voice_local.stages.stt.whisper import WhisperStt
from voice_local.stages.tts import kokoro_phones
from voice_local.stages.tts.coqui import CoquiTts
from voice_local.stages.tts.kokoro import KokoroTts
from voice_local.supply.convert import convert
from voice_local.text import espeak

pytestmark = pytest.mark.models
PIPER = "piper-en_US-joe-medium"
SENTENCE = "Your table is booked for eight people on Friday evening."


def need(*models: str) -> None:
    """Skips where a model, or espeak-ng, is not here."""
    try:
        known = read_manifest(MODELS).models
    except Exception:
        known = {}
    lock = {entry.name: entry.alias or entry.name for entry in read_lock(shipped_lock()).models}
    absent = [lock[name] for name in models if name not in known]
    if absent:
        pytest.skip(f"not in {MODELS}: voice-local models download {' '.join(absent)}")
    if shutil.which(espeak.PROGRAM) is None:
        pytest.skip(f"espeak-ng is not here: {espeak.INSTALL}")


@pytest.fixture(scope="module")
def kokoro() -> KokoroTts:
    need(KOKORO_MODEL)
    settings = load(
        "small",
        models_dir=MODELS,
        tts={"adapter": "tts_kokoro", "model": KOKORO_MODEL, "voice": "bf_emma"},
    )
    return KokoroTts(settings, ModelFolder(MODELS), 1)


@pytest.fixture(scope="module")
def joe() -> CoquiTts:
    need(JOE_MODEL)
    settings = load("small", models_dir=MODELS, tts={"adapter": "tts_coqui", "model": JOE_MODEL})
    return CoquiTts(settings, ModelFolder(MODELS), 1)


@pytest.fixture(scope="module")
def recognizer() -> WhisperStt:
    need("whisper-base")
    return WhisperStt(
        load("small", models_dir=MODELS), ModelFolder(MODELS), len(os.sched_getaffinity(0))
    )


def spoken(stage: KokoroTts | CoquiTts, text: str, voice: str | None = None) -> Audio:
    return np.concatenate([chunk.samples for chunk in stage_calls.chunks(stage, text, voice)])


def at_16_khz(sound: Audio, rate: int) -> Audio:
    return np.asarray(soxr.resample(sound, rate, SAMPLE_RATE), dtype=np.float32)


def errors(truth: str, heard: str) -> int:
    normal = whisper_english()
    return count(normal(truth), normal(heard)).all


# Kokoro.


def test_every_voice_of_kokoro_speaks_at_once_and_at_speech_level(kokoro: KokoroTts) -> None:
    voices = kokoro.voices()
    assert len([name for name in voices if name[0] in "ab"]) == 28 and len(voices) == 41
    assert kokoro.describe()["notes"].startswith("kokoro/bf_emma, 41 voices")
    for name in voices:
        (chunk,) = stage_calls.chunks(kokoro, "Okay.", name)
        first, end = audible_span(chunk.samples, chunk.sample_rate)
        assert chunk.sample_rate == 24_000 and chunk.is_final and chunk.remaining_s == 0
        assert first / 24_000 <= 0.03 and 0.15 < (end - first) / 24_000 < 1.5, name
        assert -12 <= dbfs(float(np.abs(chunk.samples).max())) <= -1, name


@pytest.mark.parametrize("voice", ["af_heart", "am_michael", "bf_emma", "bm_george"])
def test_kokoro_is_understood(kokoro: KokoroTts, recognizer: WhisperStt, voice: str) -> None:
    assert (
        errors(
            SENTENCE,
            stage_calls.transcribed(
                recognizer, at_16_khz(spoken(kokoro, SENTENCE, voice), 24_000)
            ).text,
        )
        == 0
    )


def test_a_clause_comes_in_pieces_the_first_one_short(kokoro: KokoroTts) -> None:
    text = f"{SENTENCE[:-1]} because the garden is closed and the kitchen is full of people who came early."
    chunks = list(stage_calls.chunks(kokoro, text))
    seconds = [len(chunk.samples) / chunk.sample_rate for chunk in chunks]
    assert len(chunks) >= 3 and seconds[0] < 2.0
    assert [chunk.remaining_s > 0 for chunk in chunks] == [True] * (len(chunks) - 1) + [False]
    assert [chunk.is_final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert 0.4 < chunks[0].remaining_s / sum(seconds[1:]) < 2.5
    asked = iter([False, True])
    assert len(list(stage_calls.chunks(kokoro, text, cancelled=lambda: next(asked)))) == 1, (
        "stopped after the first piece"
    )


def test_the_same_text_sounds_the_same(kokoro: KokoroTts) -> None:
    assert np.array_equal(spoken(kokoro, SENTENCE), spoken(kokoro, SENTENCE))
    assert not np.array_equal(
        spoken(kokoro, SENTENCE)[:9000], spoken(kokoro, SENTENCE, "bm_george")[:9000]
    )


def test_the_style_is_that_of_the_number_of_phones(
    kokoro: KokoroTts, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, Any]] = []

    class Session:
        def run(self, outputs: None, inputs: dict[str, Any]) -> list[Audio]:
            given.append(inputs)
            return [np.full(24_000, 0.1, dtype=np.float32)]

    monkeypatch.setattr(kokoro, "_session", Session())
    phones = kokoro_phones.Phones().of("Good morning.", "en-GB")
    assert spoken(kokoro, "Good morning.").size
    rows = np.fromfile(MODELS / KOKORO_MODEL / "voices" / "bf_emma.bin", dtype="<f4").reshape(
        STYLE_SHAPE
    )
    assert np.array_equal(given[0]["style"], rows[len(phones) - 1][None])
    assert (
        given[0]["tokens"].shape == (1, len(phones) + 2)
        and given[0]["tokens"][0, 0] == given[0]["tokens"][0, -1] == 0
    )


def test_what_kokoro_cannot_say(kokoro: KokoroTts, monkeypatch: pytest.MonkeyPatch) -> None:
    for nothing in ("", "...", "?!"):
        assert list(stage_calls.chunks(kokoro, nothing)) == []
    for name in ("nobody", "jf_alpha"):
        with pytest.raises(TextInputError, match=f"unknown voice '{name}'"):
            list(stage_calls.chunks(kokoro, "hello", name))
    monkeypatch.setenv("PATH", "/nowhere")
    assert all(name[0] in "ab" for name in kokoro.voices()), (
        "without espeak-ng only English is offered"
    )


def test_a_broken_kokoro_is_told_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "kokoro"
    (folder / "voices").mkdir(parents=True)
    np.zeros(STYLE_SHAPE, dtype="<f4").tofile(folder / "voices" / "af_heart.bin")
    (folder / "model.onnx").write_bytes(b"no model")
    write_manifest(tmp_path)
    with pytest.raises(ModelFormatError, match="is not a Kokoro that onnxruntime loads") as told:
        KokoroTts(load("small", tts={"model": "kokoro"}), ModelFolder(tmp_path), 1)
    assert (
        told.value.remedy == "voice-local models download kokoro" and "\n" not in told.value.cause
    )


@pytest.mark.parametrize(
    ("text", "voice", "language"),
    [
        ("Mañana voy a visitar a mi abuela en el hospital.", "ef_dora", "es"),
        ("Il fait très froid ce matin à Paris.", "ff_siwis", "fr"),
        ("Vorrei imparare a cucinare la pasta.", "if_sara", "it"),
        ("Meu irmão trabalha em um banco em São Paulo.", "pf_dora", "pt"),
    ],
)
def test_other_languages_are_heard_as_what_they_are(
    kokoro: KokoroTts, recognizer: WhisperStt, text: str, voice: str, language: str
) -> None:
    heard = stage_calls.transcribed(recognizer, at_16_khz(spoken(kokoro, text, voice), 24_000))
    assert heard.language == language and errors(text, heard.text) <= 2, heard.text


# joe.


def test_joe_sounds_as_the_onnx_he_was_made_from(joe: CoquiTts) -> None:
    """Noise off, the same phones: the waveforms differ by at most a thousandth of the peak."""
    need(PIPER)
    from voice_local.models.onnx_session import make_session
    from voice_local.supply.piper import (
        TOLERANCE,
        coqui_sound,
    )

    path = next((MODELS / PIPER).glob("*.onnx"))
    ids = json.loads(path.with_name(f"{path.name}.json").read_text())["phoneme_id_map"]
    session = make_session(path, 1)
    for text in (
        "Hello.",
        SENTENCE,
        "Is it half past seven, or a quarter to nine? I really do not know any more!",
    ):
        phones = "".join(
            char for char in espeak.phones(text, "en-us").replace(espeak.TIE, "") if char in ids
        )
        row = [1, 0, *(number for char in phones for number in (ids[char][0], 0)), 2]
        wanted = session.run(
            None,
            {
                "input": np.array([row]),
                "input_lengths": np.array([len(row)]),
                "scales": np.array([0, 1, 0], dtype=np.float32),
            },
        )[0].flatten()
        got = coqui_sound(MODELS / JOE_MODEL, phones)
        assert (
            got.shape == wanted.shape
            and np.abs(got - wanted).max() <= TOLERANCE * np.abs(wanted).max()
        )


def test_joe_is_understood_and_sounds_the_same_every_time(
    joe: CoquiTts, recognizer: WhisperStt
) -> None:
    sound = spoken(joe, SENTENCE)
    assert joe.voices() == ["joe"] and "vits, end to end, 22050 Hz" in joe.describe()["notes"]
    assert np.array_equal(sound, spoken(joe, SENTENCE))
    assert audible_span(sound, 22_050)[0] / 22_050 <= 0.03
    assert errors(SENTENCE, stage_calls.transcribed(recognizer, at_16_khz(sound, 22_050)).text) == 0
    assert list(stage_calls.chunks(joe, "...")) == []


def test_joe_without_espeak_names_the_package(
    joe: CoquiTts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigError, match="espeak-ng is not installed") as told:
        list(stage_calls.chunks(joe, "hello"))
    assert told.value.remedy == espeak.INSTALL


# Conversions of what is none.

IDS = {"_": [0], "^": [1], "$": [2]}
ABOUT = {
    "audio": {"sample_rate": 22050},
    "espeak": {"voice": "en-us"},
    "num_speakers": 1,
    "phoneme_type": "espeak",
    "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
    "phoneme_id_map": IDS,
}


def refused(source: Path, out: Path) -> str:
    with pytest.raises(ModelFormatError) as told:
        convert("piper_to_coqui", source, out)
    assert not out.exists() and "\n" not in told.value.cause
    return told.value.cause


def test_what_is_no_piper_voice_is_not_converted(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    assert "wanted one .onnx and its .onnx.json, found 0 and 0" in refused(source, out)
    (source / "voice.onnx.json").write_text(json.dumps(ABOUT))
    (source / "voice.onnx").write_bytes(b"no model at all")
    assert "no ONNX model" in refused(source, out)
    silero = next((tiny_folder() / "silero-vad").glob("*.onnx"))
    shutil.copyfile(silero, source / "voice.onnx")
    assert "it is no VITS of Piper's: it has no enc_p.emb.weight" in refused(source, out)
    (source / "voice.onnx.json").write_text("{")
    assert "cannot be converted" in refused(source, out)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"num_speakers": 4}, "only voices of one speaker"),
        ({"phoneme_type": "text"}, "only voices of one speaker"),
        ({"phoneme_id_map": {**IDS, "ab": [3]}}, "entries of several letters"),
        ({"phoneme_id_map": {**IDS, "a": [9999]}}, "entries of several letters"),
        ({"phoneme_id_map": {"a": [0], "^": [1], "$": [2]}}, "does not begin"),
        ({"phoneme_id_map": {}}, "does not begin"),
    ],
)
def test_a_piper_voice_that_coqui_cannot_be_is_not_converted(
    tmp_path: Path, change: dict[str, Any], cause: str
) -> None:
    need(PIPER)
    source = tmp_path / "source"
    source.mkdir()
    os.link(next((MODELS / PIPER).glob("*.onnx")), source / "voice.onnx")
    (source / "voice.onnx.json").write_text(json.dumps({**ABOUT, **change}))
    assert cause in refused(source, tmp_path / "out")


def test_weights_that_are_not_his_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    need(JOE_MODEL)
    shutil.copytree(MODELS / JOE_MODEL, tmp_path / "joe")
    weights = load_file(tmp_path / "joe" / "model.safetensors")
    for change in (
        {"waveform_decoder.conv_pre.bias": None},
        {"unknown.weight": np.zeros(2, dtype=np.float32)},
    ):
        changed = {
            name: values for name, values in {**weights, **change}.items() if values is not None
        }
        save_file(changed, tmp_path / "joe" / "model.safetensors")
        write_manifest(tmp_path)
        with pytest.raises(
            ModelFormatError, match=f"lacks, or does not know, {next(iter(change))}"
        ):
            CoquiTts(load("small", tts={"model": "joe"}), ModelFolder(tmp_path), 1)


# Together.


async def test_an_engine_loads_another_voice_when_it_is_first_asked_for() -> None:
    need(KOKORO_MODEL, "whisper-base")
    from voice_local.engine.voices import speaking

    engine = LocalEngine(speaking(load("small", models_dir=MODELS)), ("tts",))
    try:
        (report,) = engine.reports
        assert (
            report.adapter == "tts_hibari"
            and "loaded when heard: es kokoro/ef_dora" in report.notes
        )
        assert {"heart", "kokoro/ef_dora"} <= set(engine.voices)
        assert [chunk async for chunk in engine.synthesize("", "kokoro/ef_dora")] == []
        rates = [chunk.sample_rate async for chunk in engine.synthesize("Hola.", "kokoro/ef_dora")]
        assert rates == [24_000] and [chunk async for chunk in engine.synthesize("Hello.", None)]
        with pytest.raises(TextInputError, match="unknown voice 'kokoro/nobody'"):
            [chunk async for chunk in engine.synthesize("Hola.", "kokoro/nobody")]
    finally:
        await engine.aclose()


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_DATA_HOME": str(MODELS.parents[1])}
    return subprocess.run(
        [sys.executable, "-m", "voice_local", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment,
    )


def test_a_command_speaks_with_any_voice_in_any_profile(
    tmp_path: Path, recognizer: WhisperStt
) -> None:
    need(KOKORO_MODEL, JOE_MODEL)
    for number, arguments in enumerate(
        (
            ("say", SENTENCE, "--profile", "tiny", "--voice", "kokoro/bf_emma"),
            ("say", SENTENCE, "--profile", "small", "--voice", "coqui/joe"),
            ("voices", "kokoro/am_michael", "--text", SENTENCE),
        )
    ):
        out = tmp_path / f"{number}.wav"
        done = run(*arguments, "--out", out)
        assert done.returncode == 0, done.stderr
        samples, rate = sf.read(out, dtype="float32")
        assert (
            errors(SENTENCE, stage_calls.transcribed(recognizer, at_16_khz(samples, rate)).text)
            == 0
        )
    done = run("say", "hello", "--voice", "kokoro/nobody", "--out", tmp_path / "x.wav")
    assert (
        done.returncode == 2
        and not (tmp_path / "x.wav").exists()
        and "Traceback" not in done.stderr
    )
    assert (
        "unknown voice 'kokoro/nobody'" in done.stderr
        and "all of them: voice-local voices" in done.stderr
    )


def german(kokoro: KokoroTts) -> Audio:
    """A German sentence: no voice speaks German, but one can be given German phones."""
    phones = kokoro_phones.in_alphabet(
        espeak.phones("Morgen fahre ich mit dem Zug nach Hamburg.", "de")
    )
    return kokoro._sound(
        "".join(char for char in phones if char in kokoro_phones.Phones().table), "ef_dora"
    )


@pytest.mark.parametrize(
    ("voice", "text", "language"),
    [
        ("ef_dora", "¿Puedes contarme algo sobre los planetas?", "es"),
        ("ff_siwis", "Pourquoi le ciel est-il bleu ?", "fr"),
        ("", "", "de"),
    ],
)
def test_a_question_is_answered_in_its_language(
    kokoro: KokoroTts, recognizer: WhisperStt, tmp_path: Path, voice: str, text: str, language: str
) -> None:
    """Spoken, transcribed, answered by the LLM and said aloud in one language; where there is no
    voice for it, told so."""
    need("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")
    sf.write(
        tmp_path / "question.wav", spoken(kokoro, text, voice) if text else german(kokoro), 24_000
    )
    done = run(
        "demo",
        "--profile",
        "small",
        "--json",
        "--wav",
        tmp_path / "question.wav",
        "--out",
        tmp_path / "d",
    )
    assert done.returncode == 0, done.stderr
    (turn,) = json.loads(done.stdout)["turns"]
    assert turn["language"] == language
    samples, rate = sf.read(turn["audio_path"], dtype="float32")
    heard = stage_calls.transcribed(recognizer, at_16_khz(samples, rate))
    if text:
        assert turn["handled_by"] == "llm" and turn["fallbacks"] == []
        assert heard.language == language, f"{turn['assistant_text']!r} was heard as {heard.text!r}"
    else:
        assert (
            turn["assistant_text"].startswith("I heard German. I can speak English, ")
            and turn["action"] is None
        )
        assert (
            turn["fallbacks"] == ["language_not_spoken: de"]
            and errors(turn["assistant_text"], heard.text) <= 1
        )
