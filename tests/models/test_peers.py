"""The comparison with other frameworks: that its parts work. Its figures are for a quiet machine,
none is asserted here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from voice_local.audio.files import read_audio
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench import (
    overhead,
    peer_figures,
    peers,
    scripted_session,
    systems,
)
from voice_local.bench.context import Context
from voice_local.bench.real_time import (
    Playback,
    converse,
)
from voice_local.bench.schema import Section
from voice_local.bench.scripted import ScriptedEngine
from voice_local.bench.systems import (
    Driver,
    Run,
    parse,
)
from voice_local.config import (
    Settings,
    load,
)
from voice_local.engine.local_engine import LocalEngine
from voice_local.errors import BenchmarkError
from voice_local.local.demo import bundled

pytestmark = pytest.mark.models
ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".cache" / "peers"


async def test_the_straight_line_and_ours_answer_the_same_words(
    engine: LocalEngine, settings: Settings
) -> None:
    said, silero = [read_audio(bundled()[1])], SileroModel()
    rate = await systems.warm(engine, said[0])
    straight = await systems.straight_line(engine, settings, silero, rate, said)
    mine = await systems.ours(engine, settings, silero, said)
    assert straight.heard == mine.heard and straight.heard[0]
    assert straight.answers == mine.answers and straight.answers[0]
    assert [run.unanswered + run.cut_in for run in (straight, mine)] == [0, 0]
    print("straight line", straight.voice_to_voice_ms, "ours", mine.voice_to_voice_ms)


async def test_what_is_measured() -> None:
    """From the last audible sample, wherever in its block; an early answer and no answer are no
    times."""
    playback, blocks = Playback(SAMPLE_RATE), 0

    async def feed(block: Audio) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 45:  # 300 ms before the utterance, 100 ms of it, 500 ms after
            playback.write(np.concatenate([np.zeros(160, np.float32), np.ones(160, np.float32)]))

    utterance = np.concatenate([np.ones(1600, np.float32), np.zeros(800, np.float32)])
    found = await converse([utterance], feed, playback, 20)
    assert found.voice_to_voice_ms[0] is not None
    assert found.voice_to_voice_ms[0] == pytest.approx(
        510, abs=100
    )  # the 500 and 10 ms of silence before the sound
    blocks = 45 - 17  # in the first blocks of the utterance
    early = await converse([np.ones(8000, np.float32)], feed, Playback(SAMPLE_RATE), 20)
    assert early.voice_to_voice_ms == [None]


def test_a_drivers_answer() -> None:
    told = {
        "peer": "pipecat",
        "version": "1.14.0",
        "mode": "scripted",
        "variant": "",
        "heard": ["hello"],
        "answers": ["Okay."],
        "notes": "so",
        "turns": {"voice_to_voice_ms": [440.5, None], "unanswered": 1, "cut_in": 0},
    }
    assert parse(json.dumps(told)) == Run([440.5, None], ["hello"], ["Okay."], 1, 0, "1.14.0: so")
    for broken in ("", "{}", "[]", "hello", json.dumps({**told, "turns": 7})):
        with pytest.raises(BenchmarkError, match="cannot be parsed"):
            parse(broken)


def test_the_ratio_is_of_what_both_answered() -> None:
    found = peer_figures.ratio(
        "ratio", Run([100.0, None, 300.0, 200.0]), Run([200.0, 50.0, 600.0, None])
    )
    assert found.value == 0.5 and found.interval == (0.5, 0.5)
    assert peer_figures.ratio("ratio", Run([None]), Run([100.0])).value is None


@pytest.mark.parametrize(
    ("systems_there", "wanted"),
    [
        (("pipecat", "livekit"), {"better_peer": 0.5}),
        (("pipecat", "livekit", "livekit_early"), {"better_peer": 0.5, "better_tuned_peer": 0.8}),
        (("pipecat", "livekit_early"), {}),
    ],
)
def test_the_better_peer(systems_there: tuple[str, ...], wanted: dict[str, float]) -> None:
    times = {"pipecat": 400.0, "livekit": 500.0, "livekit_early": 250.0, "ours": 200.0}
    section = Section("peers", detail={"sentences": ["hello"]})
    peer_figures.add_figures(
        section,
        "tiny",
        {name: Run([times[name]] * 2, ["hello"]) for name in ("ours", *systems_there)},
    )
    found = {
        row.name.removeprefix("ratio.tiny."): row.value
        for row in section.metrics
        if "better" in row.name
    }
    assert found == wanted


@pytest.mark.parametrize("profile", ["tiny", "small"])
async def test_without_environments_the_rest_is_measured(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(context: Context, section: Section, *_: object) -> dict[str, Run]:
        section.detail["sentences"] = ["hello"]
        return {
            "ours": Run([100.0, 110.0], ["hello"]),
            "straight_line": Run([200.0, 230.0], ["hello"]),
        }

    monkeypatch.setattr(peers, "_models", nothing)
    monkeypatch.setattr(peers, "_scripted", nothing)
    notes: list[str] = []
    context = Context(
        load(profile), tmp_path, True, note=notes.append, options={"peers": str(tmp_path)}
    )
    section = await peers.measure(context)
    assert section.status == "measured"
    assert set(section.detail["missing"]) == {"pipecat", "livekit"}
    assert sum("run scripts/peers first" in finding for finding in section.findings) == 2
    assert section.find(f"ratio.{profile}.straight_line").value == pytest.approx(
        105 / 215, abs=1e-3
    )
    with pytest.raises(KeyError):
        section.find(f"ratio.{profile}.better_peer")


async def test_the_asked_profile_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--profile small` measured the embedded models."""
    asked: list[Settings] = []

    class Asked(Exception):
        pass

    def worker(settings: Settings, *_: object) -> None:
        asked.append(settings)
        raise Asked

    monkeypatch.setattr(peers, "WorkerEngine", worker)
    with pytest.raises(Asked):
        await peers._models(Context(load("small"), tmp_path, True), Section("peers"), {}, tmp_path)
    assert [settings.llm.model for settings in asked] == [load("small").llm.model]


async def test_the_user_of_a_real_profile_has_its_own_voice() -> None:
    engine = ScriptedEngine()
    chunks = [chunk async for chunk in engine.synthesize("hello there")]
    seconds = sum(len(chunk.samples) / chunk.sample_rate for chunk in chunks)
    (sound,) = await peers._in_own_voice(engine, ["hello there"])
    assert sound.dtype == np.float32 and len(sound) / SAMPLE_RATE == pytest.approx(
        seconds, abs=0.01
    )


async def test_outside_a_checkout_it_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "repository", lambda: None)
    section = await peers.measure(Context(load("tiny"), tmp_path, True))
    assert section.status == "skipped" and "scripts/peers" in section.reason


@pytest.mark.parametrize("name", systems.VARIANTS)
async def test_one_scripted_turn_with(name: str, tmp_path: Path) -> None:
    peer, variant = systems.VARIANTS[name]
    driver = Driver(peer, ROOT, ENVIRONMENTS)
    try:
        if not driver.ready:
            pytest.skip(f"no environment for {peer}: run scripts/peers")
        speech = tmp_path / "said.npz"
        np.savez(speech, **{"0": overhead.noises(1)[0]})  # type: ignore[arg-type]
        run = await driver.ask(
            {
                "mode": "scripted",
                "window_ms": scripted_session.WINDOW_MS,
                "variant": variant,
                "speech": str(speech),
            }
        )
        assert (
            run.voice_to_voice_ms[0] is not None
            and run.voice_to_voice_ms[0] > scripted_session.WINDOW_MS
        )
        assert run.heard == ["hello"] and run.answers == ["Okay."] and run.notes
    finally:
        await driver.aclose()


async def test_a_driver_that_ends_says_why(tmp_path: Path) -> None:
    python = tmp_path / "pipecat" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho it is broken >&2\nexit 3\n")
    python.chmod(0o755)
    driver = Driver("pipecat", ROOT, tmp_path)
    with pytest.raises(BenchmarkError, match="ended") as raised:
        await driver.ask({})
    assert raised.value.remedy == "it is broken"
    await driver.aclose()
