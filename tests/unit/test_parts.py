"""Settings, errors, levels, files, manifests, emotion labels, wire."""

from __future__ import annotations

import inspect
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from voice_local import (
    config,
    config_files,
    cpu_threads,
    errors,
)
from voice_local.audio import (
    files,
    level,
)
from voice_local.engine import (
    catalog,
    loader,
    wire,
)
from voice_local.engine.api import (
    StageKind,
    Transcribe,
)
from voice_local.engine.local_engine import LocalEngine
from voice_local.engine.stage_api import (
    StageSpec,
)
from voice_local.errors import (
    AudioInputError,
    ConfigError,
    ModelDigestError,
    ModelFormatError,
    ModelMissingError,
)
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
    write_manifest,
)
from voice_local.profile_choice import settings_for
from voice_local.stages.classify.emotion import map_labels
from voice_local.stages.stt.whisper_pieces import split_at_quiet

pytestmark = pytest.mark.unit


def test_every_error_stands_in_the_tree() -> None:
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.VoiceLocalError):
            assert name in (errors.__doc__ or "")
    assert isinstance(errors.by_name("ModelDigestError", "c", "r"), ModelDigestError)
    assert isinstance(errors.by_name("Nonsense", "c", "r"), errors.StageError)


@pytest.mark.parametrize("profile", config.PROFILES)
def test_profiles_load(profile: str) -> None:
    assert config.load(profile).profile == profile


def test_environment_and_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_LOCAL__VAD__ENDPOINTING_DELAY_MS", "320")
    assert config.load("tiny").vad.endpointing_delay_ms == 320
    assert config.load("tiny", vad={"endpointing_delay_ms": 480}).vad.endpointing_delay_ms == 480
    monkeypatch.setenv("VOICE_LOCAL__VAD__ENDPOINTING_DELAY_MS", "soon")
    with pytest.raises(ConfigError, match="endpointing_delay_ms"):
        config.load("tiny")
    with pytest.raises(ConfigError, match="unknown profile"):
        config.load("huge")


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("stt.vocabulary", "Kaczmarek, flat white,", ("Kaczmarek", "flat white")),
        ("stt.vocabulary", "", ()),
        ("intent.languages", "en,de", ("en", "de")),
        ("conversation.backchannels", "mhm", ("mhm",)),
        ("server.hosts", "voice.lan", ("voice.lan",)),
    ],
)
def test_a_list_in_the_environment_is_parted_by_commas(
    name: str, given: str, found: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    section, key = name.split(".")
    monkeypatch.setenv(f"VOICE_LOCAL__{section.upper()}__{key.upper()}", given)
    assert getattr(getattr(config.load("small"), section), key) == found


@pytest.mark.parametrize("old", config_files.RENAMED)
def test_an_old_name_of_a_setting_is_told_its_new_one(
    old: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    section, key = old
    new = config_files.RENAMED[old]
    assert new in getattr(config.Settings(), section).model_dump()
    told = rf"{section}\.{key} is called {section}\.{new} now"
    with pytest.raises(ConfigError, match=told):
        config.load("tiny", **{section: {key: 500}})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = config_files.own_profile("mine")
    path.parent.mkdir(parents=True)
    path.write_text(f'base = "tiny"\n[{section}]\n{key} = 500\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        config.load("mine")
    monkeypatch.setenv(f"VOICE_LOCAL__{section.upper()}__{key.upper()}", "500")
    with pytest.raises(ConfigError, match=told):
        config.load("tiny")


@pytest.mark.parametrize("names", [("VAD", "VAD__THRESHOLD"), ("VAD__THRESHOLD", "VAD")])
def test_a_setting_that_is_a_value_and_a_section(
    names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names:
        monkeypatch.setenv(f"VOICE_LOCAL__{name}", "0.4")
    with pytest.raises(ConfigError, match="is set, and"):
        config.load("tiny")


def test_threads_are_divided() -> None:
    assert cpu_threads.thread_shares(8) == {"stt": 8, "intent": 1, "emotion": 1, "llm": 4, "tts": 4}
    assert min(cpu_threads.thread_shares(1).values()) == 1


def test_default_profile_is_one_that_can_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert settings_for(None, None).profile == "tiny"


def test_unknown_adapter() -> None:
    with pytest.raises(ConfigError, match="unknown stage adapter"):
        loader.build("nothing", config.load("tiny"), ModelFolder(tiny_folder()), 1)


def test_level_and_silence() -> None:
    rate = 16_000
    tone = (0.02 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)).astype(np.float32)
    sound = np.concatenate([np.zeros(rate, np.float32), tone, np.zeros(rate, np.float32)])
    segment = level.finish_segment(sound, rate)
    first, _ = level.audible_span(segment, rate)
    assert first / rate < 0.05
    assert len(segment) / rate == pytest.approx(1.07, abs=0.03)
    assert -12 <= level.dbfs(float(np.abs(segment).max())) <= -1
    assert len(level.finish_segment(np.zeros(rate, np.float32), rate)) == 0


def test_a_clause_in_pieces_is_finished_as_a_whole_one() -> None:
    rate = 16_000
    quiet = np.zeros(rate // 2, np.float32)
    tone = (0.2 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)).astype(np.float32)
    sound = np.concatenate([quiet, tone, quiet])
    whole = level.SegmentFinisher(rate, 1.5).finish(sound, last=True)
    finisher = level.SegmentFinisher(rate, 1.5)
    cuts = np.split(sound, [rate // 4, rate, rate + 160])
    pieces = [
        finisher.finish(piece, last=number == len(cuts) - 1) for number, piece in enumerate(cuts)
    ]
    assert len(pieces[0]) == 0, "nothing audible yet"
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert len(level.SegmentFinisher(rate, 1.5).finish(quiet, last=True)) == 0


def test_what_would_be_too_loud_is_rounded_off() -> None:
    high = 10 ** (level.PEAK_DBFS[1] / 20)
    loud = np.linspace(-2, 2, 1001, dtype=np.float32)
    bent = level.rounded_off(loud)
    assert (
        np.abs(bent).max() <= high + 1e-6
        and (np.diff(bent) >= 0).all()
        and np.abs(np.diff(bent)).max() < 0.005
    )
    np.testing.assert_array_equal(level.rounded_off(loud * np.float32(0.25)), loud / 4)


def test_stages_are_loaded_on_the_thread_they_run_on(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    class Nothing:
        """A stage that says where it was loaded."""

        def __init__(self, kind: StageKind) -> None:
            self.spec = StageSpec(kind)

        def voices(self) -> list[str]:
            """See `TtsStage`."""
            return []

        def describe(self) -> dict[str, str]:
            """See `SttStage`."""
            return {"runtime": "", "device": "", "model": ""}

    def build(adapter: str, *arguments: object) -> Nothing:
        threads.append(threading.current_thread().name)
        return Nothing(catalog.ADAPTERS[adapter].kind)

    monkeypatch.setattr(loader, "build", build)
    LocalEngine(config.load("tiny"), ("stt", "tts"))
    assert [name.split("_")[0] for name in threads] == ["stt", "tts"]


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (96_000, 8)])
def test_any_rate_and_channels(tmp_path: Path, rate: int, channels: int) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    path = tmp_path / "a.wav"
    sf.write(path, np.stack([tone] * channels, axis=1) * 0.5, rate)
    audio = files.read_audio(path)
    assert audio.dtype == np.float32
    assert len(audio) == pytest.approx(16_000, abs=2)
    assert np.abs(audio).max() == pytest.approx(0.5, abs=0.02)


def test_refused_recordings(tmp_path: Path) -> None:
    text, empty, nan = tmp_path / "text.wav", tmp_path / "empty.wav", tmp_path / "nan.wav"
    text.write_text("not sound")
    sf.write(empty, np.zeros(0), 16_000)
    sf.write(nan, np.array([0.0, np.nan]), 16_000, subtype="FLOAT")
    for path, word in (
        (text, "not readable"),
        (empty, "no samples"),
        (nan, "not numbers"),
        (tmp_path, "directory"),
        (tmp_path / "none.wav", "does not exist"),
    ):
        with pytest.raises(AudioInputError, match=word):
            files.read_audio(path)


def test_manifest_guards_every_file(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.txt").write_bytes(b"weights")
    with pytest.raises(ModelMissingError, match="manifest"):
        ModelFolder(tmp_path)
    write_manifest(tmp_path)
    assert ModelFolder(tmp_path).folder("m") == tmp_path / "m"
    with pytest.raises(ModelMissingError, match="not in the manifest"):
        ModelFolder(tmp_path).file("m/b.txt")
    (tmp_path / "m" / "a.txt").write_bytes(b"Weights")
    with pytest.raises(ModelDigestError):
        ModelFolder(tmp_path).folder("m")
    (tmp_path / "m" / "a.txt").unlink()
    with pytest.raises(ModelMissingError):
        ModelFolder(tmp_path).folder("m")
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(ModelFormatError):
        ModelFolder(tmp_path)


def test_emotion_labels_of_other_models() -> None:
    indices, untold = map_labels(["sadness", "joy", "love", "anger", "fear", "surprise"])
    assert indices[1] == indices[2]
    assert untold == ["disgust", "neutral"]
    with pytest.raises(ModelFormatError):
        map_labels(["LABEL_0"])


def test_wire_carries_samples_and_refuses_floods() -> None:
    samples = np.linspace(-1, 1, 1000, dtype=np.float32)
    back = wire.unpack(wire.pack({"id": 1, "op": "call", "request": Transcribe(samples)}))
    request = back.pop("request")
    assert back == {"id": 1, "op": "call"}
    assert isinstance(request, Transcribe) and np.array_equal(request.audio, samples)
    with pytest.raises(errors.StageError, match="64 MiB"):
        wire.pack({"request": Transcribe(np.zeros(17 * 2**20, dtype=np.float32))})


def test_long_sound_is_cut_where_it_is_quiet() -> None:
    audio = np.full(16_000 * 12, 0.5, dtype=np.float32)
    audio[16_000 * 8 : 16_000 * 8 + 1600] = 0
    pieces = split_at_quiet(audio, 16_000 * 9)
    assert [round(len(p) / 16_000) for p in pieces] == [8, 4]
    assert sum(map(len, pieces)) == len(audio)
