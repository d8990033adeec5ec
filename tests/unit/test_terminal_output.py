"""What commands print for a person: lists at 80 columns, a verdict first, what is missing in one
line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from tests.unit.talker import Loudness
from voice_local import profile_choice
from voice_local.audio.level import audible_span
from voice_local.audio.types import SAMPLE_RATE
from voice_local.bench.scripted import ScriptedEngine
from voice_local.cli import (
    app,
    chat,
    doctor,
    loading,
    models_list,
    runs,
    show,
    sound,
)
from voice_local.cli.aloud import Aloud
from voice_local.config import (
    AudioSettings,
    Settings,
    load,
)
from voice_local.errors import (
    AudioDeviceError,
    ModelMissingError,
    OutputError,
    TextInputError,
)
from voice_local.local import (
    demo,
    device,
)
from voice_local.models.lock import (
    read_lock,
    shipped_lock,
)
from voice_local.profile_choice import Obstacle

pytestmark = pytest.mark.unit
MICROPHONE = {"index": 0, "name": "a", "inputs": 1, "outputs": 0, "sample_rate": 48_000.0}
LOUDSPEAKER = {**MICROPHONE, "inputs": 0, "outputs": 2}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal of 80 columns is shown, whatever asks for one."""
    shown = io.StringIO()

    def console(**options: Any) -> Console:
        return Console(
            file=shown, force_terminal=True, width=80, color_system=None, highlight=False
        )

    for module in (show, models_list, doctor, loading, chat):
        monkeypatch.setattr(module, "Console", console)
    return shown


def test_version_and_help(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    app.app(["--version"], standalone_mode=False)
    assert capsys.readouterr().out.startswith("voice-local 0.")
    app.app(["--help"], standalone_mode=False)
    told = capsys.readouterr().out
    order = [
        told.index(f"│ {name} ")
        for name in ("talk", "chat", "demo", "say", "doctor", "models", "bench")
    ]
    assert order == sorted(order), "what people use first stands first"
    assert "voice-local models download --profile small  models for everyday use" in told


@pytest.mark.parametrize(
    ("devices", "missing"),
    [
        ([], "no microphone and no loudspeaker found"),
        ([LOUDSPEAKER], "no microphone found"),
        ([MICROPHONE], "no loudspeaker found"),
    ],
)
def test_a_missing_device_is_told_in_one_line(
    devices: list[Any], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "devices", lambda: devices)
    with pytest.raises(AudioDeviceError) as told:
        sound.require(AudioSettings())
    assert told.value.cause.startswith(missing) and told.value.remedy == ""


def test_devices_that_are_there_or_named_are_left_to_whoever_opens_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device, "devices", lambda: [MICROPHONE, LOUDSPEAKER])
    sound.require(AudioSettings())
    assert sound.has_loudspeaker()
    monkeypatch.setattr(device, "devices", lambda: [])
    sound.require(AudioSettings(input_device="pulse"))
    sound.require_loudspeaker("pulse")
    with pytest.raises(AudioDeviceError, match="no loudspeaker found"):
        sound.require_loudspeaker()


async def test_say_refuses_before_it_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(device, "devices", lambda: [])
    monkeypatch.setattr(runs, "_speech", None)
    with pytest.raises(AudioDeviceError):
        await runs.say(load("tiny"), "hello", None, None, False)
    with pytest.raises(OutputError):
        await runs.say(load("tiny"), "hello", tmp_path / "none" / "x.wav", None, False)
    with pytest.raises(TextInputError, match="both write to standard output"):
        await runs.say(load("tiny"), "hello", Path("-"), None, True)


async def test_say_writes_a_file_and_plays_nothing_or_plays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played: list[Any] = []

    async def speech(*_: Any) -> tuple[Any, int]:
        return np.full(1600, 0.1, np.float32), SAMPLE_RATE

    monkeypatch.setattr(runs, "_speech", speech)
    monkeypatch.setattr(device, "devices", lambda: [LOUDSPEAKER])
    monkeypatch.setattr(device, "play", lambda samples, *_: played.append(len(samples)))
    await runs.say(load("tiny"), "hello", tmp_path / "x.wav", None, True)
    assert not played and (tmp_path / "x.wav").stat().st_size > 3200
    assert set(json.loads(capsys.readouterr().out)) == {
        "file",
        "duration_s",
        "sample_rate",
        "latency_ms",
    }
    await runs.say(load("tiny"), "hello", None, None, False)
    assert played == [1600] and capsys.readouterr().out == ""


def test_a_profile_whose_models_are_missing_is_refused_before_loading(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with (
        pytest.raises(ModelMissingError) as told,
        loading.Loading(load("base"), ("stt", "llm"), quiet=True),
    ):
        pytest.fail("loaded")
    assert told.value.cause.startswith("profile base: lacks 2 models (whisper-base, qwen")
    assert told.value.remedy == "voice-local models download --profile base"
    assert profile_choice.lacking(load("base"), ("intent", "emotion")) is None, (
        "these come with the package"
    )


def test_what_is_not_locked_is_to_be_locked_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = profile_choice.lacking(load("cpu"), ("stt", "llm"))
    assert found and found.remedy == (
        "voice-local models lock faster-distil-whisper-small.en, then "
        "voice-local models download --profile cpu"
    )


@pytest.mark.parametrize(("profile", "remark"), [("tiny", True), ("small", False)])
def test_demonstration_models_are_called_so(
    profile: str, remark: bool, terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "require", lambda *_: None)
    with loading.Loading(load(profile), ("llm",)):
        pass
    told = " ".join(terminal.getvalue().split())
    assert (
        "demonstration models: they know about 600 words and were trained on synthetic voices only"
        in told
    ) is remark


def test_doctor_begins_with_a_verdict_and_cuts_nothing(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = Obstacle(
        "lacks 3 models",
        "voice-local models download --profile gpu",
        ("faster-whisper-large-v3-turbo", "Qwen_Qwen3-4B-Q4_K_M.gguf", "coqui-vctk-vits"),
    )
    monkeypatch.setattr(doctor, "own_profiles", lambda: ["own-lights"])
    machine = {
        "python": "3.12",
        "system": "Linux-6.1.0-with-a-long-name-of-a-distribution-x86_64-with-glibc2.36",
        "cores": 2,
        "threads": {"stt": 2, "llm": 1},
        "memory_gb": 24.0,
        "memory_free_gb": 20.0,
        "card_memory_gb": 0.0,
    }
    doctor._tell(
        {
            "verdict": doctor._verdict("gpu", why, False),
            "can_run": False,
            "profile": "gpu",
            "machine": machine,
            "models": "/models",
            "packages": {f"package-{i}": "1.0" for i in range(12)},
            "worker_rss_mb": 0.0,
            "front_rss_mb": 90.0,
            "missing": [{"what": why.in_full, "how": why.remedy}],
        },
        {"small": None, "gpu": why, "own-lights": None},
        [],
    )
    lines = terminal.getvalue().splitlines()
    assert lines[0].startswith("gpu cannot run here: lacks 3 models")
    assert all(len(line) <= 80 for line in lines) and "…" not in terminal.getvalue()
    told = "".join(terminal.getvalue().split())
    for part in (
        "voice-localmodelsdownload--profilegpu",
        "coqui-vctk-vits",
        "package-111.0",
        "own-lights (your own)",
    ):
        assert part.replace(" ", "") in told


async def test_doctor_fails_where_the_asked_profile_cannot_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def nothing(*_: Any) -> Any:
        raise ModelMissingError(
            "model directory /none does not exist", "voice-local models download --profile small"
        )

    monkeypatch.setattr(doctor, "_loaded", nothing)
    monkeypatch.setattr(doctor, "obstacle", lambda profile: None)
    assert not await doctor.run("small", None, True)
    told = json.loads(capsys.readouterr().out)
    assert told["can_run"] is False and told["verdict"].startswith(
        "small cannot run here: model directory"
    )
    assert set(told) >= {
        "profile",
        "models",
        "machine",
        "profiles",
        "packages",
        "stages",
        "worker_rss_mb",
        "front_rss_mb",
        "missing",
    }


def test_models_are_listed_installed_first_with_real_sizes(
    terminal: io.StringIO, tmp_path: Path
) -> None:
    files = {
        "whisper-base/model.bin": {"bytes": 145_000_000, "sha256": "0"},
        "mine.gguf": {"bytes": 70_000_000, "sha256": "1"},
    }
    (tmp_path / "manifest.json").write_text(
        json.dumps(
            {
                "files": files,
                "models": {
                    "whisper-base": {"stage": "stt"},
                    "mine.gguf": {"stage": "llm", "license": "MIT"},
                },
            }
        )
    )
    rows = models_list.rows(tmp_path, read_lock(shipped_lock()), shipped_lock(), None)
    states = [row.state for row in rows]
    assert states[0] == "installed" and states.index("own") < states.index("locked") < states.index(
        "unlocked"
    )
    models_list.tell(rows, tmp_path)
    told = terminal.getvalue()
    assert all(len(line) <= 80 for line in told.splitlines()) and "…" not in told
    assert "145 MB" in told and "70 MB" in told and "mine.gguf (own)" in told
    assert "What the words mean" in told and "0.00" not in told
    keys = {
        "name",
        "alias",
        "stage",
        "profiles",
        "license",
        "acceptance",
        "bytes",
        "memory_gb",
        "state",
        "sources",
        "digests",
        "listings",
    }
    assert all(set(row.as_json()) >= keys for row in rows)


def test_licences_are_a_table_and_texts_on_request(terminal: io.StringIO, tmp_path: Path) -> None:
    entries = read_lock(shipped_lock()).of(None)
    models_list.tell_licenses(entries)
    assert len(terminal.getvalue().splitlines()) < len(entries) * 2 + 8
    models_list.tell_texts(entries[:1], tmp_path)
    assert "Permission is hereby granted" in terminal.getvalue()


async def test_both_sides_of_a_demo_are_on_one_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SileroModel", lambda: SimpleNamespace(stream=Loudness))
    noise = 0.3 * np.random.default_rng(1).uniform(-1, 1, SAMPLE_RATE)
    spoken = np.concatenate([np.zeros(1600), noise, np.zeros(3200)]).astype(np.float32)
    settings = load("tiny")
    card = demo.card_for([spoken, spoken], settings)
    engine = ScriptedEngine(stt_s=0.1, segment_s=0.2)
    turns = [turn async for turn in demo.converse(engine, settings, card, tmp_path)]
    sides = card.sides()
    assert sides.shape[1] == 2 and len(turns) == 2
    _, user_ends = audible_span(sides[: 2 * demo.RATE, 0], demo.RATE)
    again = user_ends + audible_span(sides[user_ends:, 0], demo.RATE)[0]
    begins, ends = (user_ends + at for at in audible_span(sides[user_ends:again, 1], demo.RATE))
    assert turns[0].first_audio_ms is not None
    assert (begins - user_ends) * 1000 / demo.RATE == pytest.approx(turns[0].first_audio_ms, abs=20)
    assert again - ends > 0.7 * demo.RATE, "the second user turn comes after the first answer"


def test_an_answer_is_written_as_it_comes(
    terminal: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", terminal)
    answer = chat.Answer()
    answer.write("It is on its way.")
    assert terminal.getvalue() == "assistant  It is on its way."
    answer.write("word " * 30)
    answer.end()
    lines = terminal.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines) and all(
        line.startswith(" " * 11) for line in lines[1:] if line
    )


def test_a_voice_that_is_not_there_is_refused_and_the_chat_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(device, "devices", lambda: [])
    settings: Settings = load("tiny")
    with chat.Behind() as behind:
        aloud = Aloud(settings)
        for line in ("/voice nobody", "/voice voice", "/nonsense", "/help", "/voice off", "/voice"):
            chat._obey(line, aloud, behind)
    told = capsys.readouterr()
    assert (
        "unknown voice 'nobody'" in told.err
        and "there is no /nonsense" in told.err
        and "/bye" in told.out
    )
    assert aloud.voice == ""
