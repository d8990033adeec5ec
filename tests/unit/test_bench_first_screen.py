"""What a report's reader sees first: it adds up, says what was not measured, and stays whole
whatever is missing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from voice_local.audio.types import Audio
from voice_local.bench import (
    barge_in,
    breakdown,
    conversations,
    envelopes,
    waveform,
)
from voice_local.bench.breakdown import Kind
from voice_local.bench.conversations import RecordedConversation
from voice_local.bench.first_screen import first_screen
from voice_local.bench.schema import (
    Metric,
    Report,
    Section,
    given,
    metric,
    read,
)
from voice_local.conversation import events

pytestmark = pytest.mark.unit
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
RATE = 16_000
TURN: dict[str, Any] = {
    "voice_to_voice_ms": 335.0,
    "stt_latency_ms": 47.1,
    "intent_latency_ms": 6.0,
    "llm_first_token_ms": 51.0,
    "tts_latency_ms": 55.1,
    "compute_first_audio_ms": 177.5,
    "commit_window_ms": 192.0,
    "speculation_hit": True,
    "handled_by": "llm",
    "user_text": "my left knee hurts",
}


def _lengths(turn: dict[str, Any], pause_ms: float = 64.0) -> dict[str, float]:
    """Name and length of each step; they follow each other and add up."""
    found = breakdown.steps(turn, pause_ms)
    assert found[0].from_ms == 0 and found[-1].to_ms == turn["voice_to_voice_ms"]
    assert all(a.to_ms == b.from_ms for a, b in pairwise(found))
    return {step.name: round(step.length_ms, 1) for step in found}


def test_work_that_outlasts_the_silence() -> None:
    told = _lengths(TURN)
    assert list(told.values()) == [64.0, 47.1, 6.0, 51.0, 18.3, 55.1, 93.5]
    assert "not measured apart" in list(told)[-1]


def test_an_answer_that_waits_for_the_end_of_the_turn() -> None:
    told = _lengths({**TURN, "commit_window_ms": 300.0})
    assert told["Answer ready; still listening in case the user goes on"] == 58.5
    assert sum(told.values()) == pytest.approx(335)


def test_nothing_thought_ahead() -> None:
    told = _lengths({**TURN, "speculation_hit": False, "voice_to_voice_ms": 450.0})
    assert told["Silence before the thinking starts"] == 192.0
    assert not [name for name in told if name.startswith("Answer ready")]


def test_the_detector_is_told_apart_where_it_was_measured() -> None:
    told = _lengths({**TURN, "words_known_ms": 262.0})
    assert told["Noticing that the voice has stopped"] == 70.0  # 262 - 192
    assert told["Passing sound on in blocks, silence before the first word"] == 23.5
    late = _lengths({**TURN, "words_known_ms": 262.0, "stt_latency_ms": 150.0})
    assert (
        late["Noticing that the voice has stopped"] == 48.0
    )  # the words came later than the window's end: 262 - 64 - 150


def test_sound_devices_have_their_own_steps() -> None:
    told = _lengths({**TURN, "input_age_ms": 20.0, "output_latency_ms": 30.0})
    assert list(told.values()) == [20.0, 64.0, 47.1, 6.0, 51.0, 18.3, 55.1, 43.5, 30.0]
    assert [name for name in told if name.startswith("Sound device")] == [
        next(iter(told)),
        list(told)[-1],
    ]
    section = Section("latency", metrics=[metric("device_voice_to_voice_ms.p50", [700, 710], "ms")])
    figure = first_screen(Report({}, [section])).numbers[0]
    assert (
        figure.value == "705"
        and "Through sound devices, as a stopwatch beside them shows." in figure.sentences
    )


def test_a_handlers_answer_has_no_llm() -> None:
    told = _lengths({**TURN, "llm_first_token_ms": None})
    assert (
        not [name for name in told if "LLM" in name]
        and "Choosing the answer, handing it over" in told
    )


@pytest.mark.parametrize(
    "turn",
    [
        {**TURN, "voice_to_voice_ms": 200.0},
        {"voice_to_voice_ms": 300.0},
        {**TURN, "compute_first_audio_ms": 10.0},
        {**TURN, "commit_window_ms": None, "words_known_ms": 1.0},
    ],
)
def test_it_adds_up_whatever_is_missing_or_overlaps(turn: dict[str, Any]) -> None:
    told = _lengths(turn)
    assert sum(told.values()) == pytest.approx(turn["voice_to_voice_ms"], abs=0.5)
    assert ("Less: steps that overlapped" in told) == (turn["voice_to_voice_ms"] == 200.0)


def test_the_median_turn_is_a_real_one() -> None:
    turns = [
        {"voice_to_voice_ms": ms, "handled_by": by}
        for ms, by in ((300, "llm"), (330, "billing"), (340, "llm"), (900, "llm"), (None, "llm"))
    ]
    assert breakdown.middle_turn(turns) == {
        "voice_to_voice_ms": 340,
        "handled_by": "llm",
    }  # 335: as near as the other
    assert (
        breakdown.middle_turn([{}, {"voice_to_voice_ms": None}, {"voice_to_voice_ms": 0}]) is None
    )


def test_when_the_words_were_known() -> None:
    user = np.zeros(3 * RATE, np.float32)
    user[RATE // 2 : RATE] = 0.5
    user[2 * RATE : 2 * RATE + RATE // 2] = 0.5
    ends = [RATE + RATE // 4, 2 * RATE + 3 * RATE // 4, 0]
    assert conversations.words_known_ms(user, RATE, ends) == [
        pytest.approx(250, abs=6),
        pytest.approx(250, abs=6),
        None,
    ]


def _sides(reactions_s: tuple[float, ...], every_s: float = 4.0) -> tuple[Audio, Audio]:
    """The assistant speaks from 1 s of every stretch on, the user from 2 s on, and the assistant
    stops a moment later."""
    length = int(every_s * len(reactions_s) * RATE)
    user, assistant = np.zeros(length, np.float32), np.zeros(length, np.float32)
    for number, reaction in enumerate(reactions_s):
        at = number * every_s
        for side, begin, end in ((assistant, at + 1, at + 2 + reaction), (user, at + 2, at + 2.8)):
            part = slice(round(begin * RATE), round(end * RATE))
            side[part] = np.random.default_rng(1).uniform(-0.5, 0.5, part.stop - part.start)
    return user, assistant


def test_reactions_on_both_sides_of_the_sound() -> None:
    user, assistant = _sides((0.1, 0.3, 0.2))
    spoken = RecordedConversation(
        card=SimpleNamespace(said=np.split(user, 1200), played=np.split(assistant, 1200))
    )
    for number, reaction in enumerate((0.1, 0.3, 0.2)):
        spoken.event_log += [events.UserSaid(""), events.Interrupted("")]
        spoken.places += [number * 4 * RATE, int((number * 4 + 2 + reaction) * RATE)]
    assert barge_in.reactions(spoken, RATE) == [(200, 210), (600, 630), (1000, 1020)]


def test_an_interruption_is_kept_small() -> None:
    user, assistant = _sides((0.1, 0.3, 0.2))
    kept = envelopes.interruption(user, assistant, RATE, [(200, 210), (600, 630), (1000, 1020)])
    assert kept and (kept["user_speaks_over_s"], kept["assistant_silent_s"]) == (
        4.0,
        4.2,
    )  # the middle reaction
    sides = [kept[side][bound] for side in ("user", "assistant") for bound in ("low", "high")]
    assert {len(side) for side in sides} == {600}  # what there is of the ten seconds
    assert all(isinstance(value, int) and -100 <= value <= 100 for side in sides for value in side)
    assert min(sides[0][400:480]) < -40 and not any(sides[0][100:400])
    early = envelopes.interruption(user, assistant, RATE, [(200, 210)])
    assert early and early["user_speaks_over_s"] == 2.0 and len(early["user"]["low"]) == 1000
    assert envelopes.interruption(user, assistant, RATE, []) is None


def _told_over(**kept: Any) -> Report:
    whole = {
        "points_a_second": 100,
        "full_scale": 100,
        "user_speaks_over_s": 0.01,
        "assistant_silent_s": 0.02,
        "said": "stop",
        "user": {"low": [-10, 0, -5], "high": [10, 0, 5]},
        "assistant": {"low": [0, 0, 0], "high": [0, 0, 0]},
    }
    return Report({}, [Section("barge_in", detail={"interruption": {**whole, **kept}})])


def test_two_lanes_drawn_to_fit() -> None:
    found = waveform.waves(_told_over())
    assert (
        [lane.points for lane in found.lanes] == [3, 3]
        and found.reaction_ms == 10
        and not found.why
    )
    assert found.lanes[0].path == "M0 2.4 L1 49.4 L2 25.9 L2 74.1 L1 50.6 L0 97.6Z"


@pytest.mark.parametrize(
    "kept",
    [
        {"user": {"low": [1], "high": []}},
        {"user": None},
        {"points_a_second": 0},
        {"assistant_silent_s": 99},
        {"assistant": {"low": "abc", "high": "abc"}},
        {"user": {"low": [], "high": []}},
        {"full_scale": "x"},
    ],
)
def test_what_cannot_be_drawn_is_said(kept: dict[str, Any]) -> None:
    found = waveform.waves(_told_over(**kept))
    assert not found.lanes and "cannot be drawn" in found.why


def _measured() -> Report:
    turns = [TURN, {**TURN, "voice_to_voice_ms": 300.0}, {**TURN, "voice_to_voice_ms": 900.0}]
    peers = [
        Metric(f"voice_to_voice_ms.{name}", value, "ms", interval=interval)
        for name, value, interval in (
            ("tiny.straight_line", 550.0, None),
            ("tiny.pipecat", 430.0, (401.0, 438.0)),
            ("tiny.ours", 303.0, (270.0, 353.0)),
            ("scripted.ours", 301.0, None),
            ("scripted.pipecat", 439.0, None),
            ("scripted.pipecat_eager", 298.3, None),
            ("tiny.somebody_new", 500.0, None),
            ("tiny.livekit", None, None),
        )
    ]
    return Report(
        {
            "profile": "tiny",
            "cores": 2,
            "machine": "EPYC",
            "date": "2026-11-25T22:58:23",
            "quick": True,
            "settings": {"vad": {"eager_end_of_turn_ms": 64}},
        },
        [
            Section(
                "latency",
                detail={"turns": turns},
                metrics=[
                    metric("voice_to_voice_ms.p50", [300, 335, 900], "ms"),
                    given("voice_to_voice_ms.p95", 633.2, "ms"),
                    given("unanswered_turns", 2, "count"),
                ],
            ),
            Section(
                "wer",
                metrics=[
                    metric("wer", [1, 0], "ratio", "ratio", weights=[10, 10]),
                    given("real.other_set.wer", 0.91, "ratio"),
                ],
            ),
            Section(
                "intent",
                metrics=[
                    metric("accuracy", [1, 1, 0, 1], "share", "mean"),
                    given("out_of_scope.recall", 0.867, "share"),
                ],
            ),
            Section(
                "barge_in",
                metrics=[
                    metric("silent_after_ms.talked_over.p50", [140, 150], "ms"),
                    given("answers.talked_over", 3, "count"),
                    given("not_interrupted.talked_over", 1, "count"),
                    given("answers.backchannel", 10, "count"),
                    given("false_interruptions.backchannel", 2, "count"),
                ],
            ),
            Section(
                "load",
                metrics=[
                    given("sessions_under_2_s", 16, "count"),
                    given("front_mb_a_session", 4.45, "MB"),
                ],
                detail={"levels": [{"sessions": 16, "dropped": 4, "turns": 114}]},
            ),
            Section("memory", metrics=[given("worker_mb", 988.04, "MB")]),
            Section("gpu", status="skipped", reason="no card"),
            Section(
                "peers",
                metrics=[
                    *peers,
                    Metric("ratio.tiny.better_peer", 0.715, "ratio", interval=(0.63, 0.83)),
                ],
            ),
        ],
    )


def test_five_numbers_in_words() -> None:
    screen = first_screen(_measured())
    assert (
        screen.where
        == "profile tiny, EPYC, 2 cores, 2026-11-25, quick run: few items, wide intervals"
    )
    assert "synthetic voices" in screen.caution
    told = {
        number.section: f"{number.value} {number.unit}. {' '.join(number.sentences)}"
        for number in screen.numbers
    }
    assert told == {
        "latency": "335 ms. From the user's last sound to the answer's first. Half of 3 turns were "
        "quicker. 95 % of turns: "
        "within 633 ms. With a simulated sound card: a real one adds its own delay. 2 turns got no "
        "answer.",
        "wer": "5.0 %. In 2 sentences by synthetic voices. In recordings of people: 91 % (other "
        "set). These models cannot "
        "be used with people's voices.",
        "intent": "75.0 %. 4 typed sentences; right is the one intended meaning. Of sentences "
        "about something else, 86.7 % "
        "were recognised as such.",
        "barge_in": "145 ms. After the user begins to speak over an answer. 1 of 3 answers went "
        "on. “mhm”, “okay” and the "
        "like wrongly ended 2 of 10 answers.",
        "load": "16 conversations. The most with 95 % of replies within 2 s and at most 5 % "
        "unanswered, on 2 cores. At "
        "that load 4 of 114 utterances got no answer. Memory: 988 MB for the models, 4.5 MB for "
        "each conversation.",
    }
    assert (screen.turn.number, screen.turn.of, screen.turn.said, screen.turn.total_ms) == (
        1,
        3,
        "my left knee hurts",
        335,
    )
    assert screen.not_measured == (("gpu", "no card"),)
    assert screen.not_run == (
        "overhead",
        "wire",
        "voice_to_voice",
        "steady",
        "emotion",
        "endpointing",
        "tts",
    )


def test_beside_others_also_where_they_are_quicker() -> None:
    found = first_screen(_measured()).peers
    assert [(bar.name, bar.ours, bar.value, bar.low, bar.high) for bar in found.models] == [
        ("voice_local", True, 303, 270, 353),
        ("pipecat", False, 430, 401, 438),
        ("One stage after the other", False, 550, 550, 550),
        ("somebody_new", False, 500, 500, 500),
    ]
    assert found.longest(found.models) == 550 and found.explained and not found.missing
    assert found.verdict == (
        "voice_local takes 72 % of the time of the quicker of pipecat and livekit-agents with "
        "default settings "
        "(95 % interval 63 to 83 %).",
        "With fixed delays instead of models, so that only the framework's own cost differs: "
        "voice_local 301 ms, the best "
        "of the others (pipecat, eager turns) 298 ms.",
    )


@pytest.mark.parametrize("name", ["bench_tiny", "bench_tiny_quick"])
def test_kept_reports_have_a_whole_screen(name: str) -> None:
    screen = first_screen(read(RESULTS / f"{name}.json"))
    assert len(screen.numbers) == 5 and all(
        number.value and not number.why for number in screen.numbers
    )
    assert (
        screen.turn.steps
        and screen.peers.models[0].ours
        and len(screen.peers.models) > 3
        and screen.peers.scripted
    )


def test_nothing_measured() -> None:
    screen = first_screen(Report({}, []))
    assert len(screen.numbers) == 5 and {number.why for number in screen.numbers} == {
        "it was not part of this run"
    }
    assert (
        screen.turn.why
        and screen.waves.why
        and screen.peers.missing == ("Not measured: it was not part of this run.",)
    )


def test_reasons_stand_where_the_figure_would() -> None:
    missing = {"pipecat": "not measured, run scripts/peers first", "tiny.livekit": "broke"}
    absent = Section(
        "peers",
        detail={"missing": missing},
        metrics=[metric("voice_to_voice_ms.tiny.ours", [300.0, 310.0], "ms")],
    )
    screen = first_screen(
        Report(
            {"profile": 7, "settings": [], "cores": None},
            [
                Section("latency", status="failed", reason="no voice on this machine"),
                Section("load", status="skipped"),
                Section("wer"),
                Section("barge_in", metrics=[given("silent_after_ms.talked_over.p50", None, "ms")]),
                absent,
            ],
        )
    )
    whys = {number.section: number.why for number in screen.numbers}
    assert whys == {
        "latency": "it failed: no voice on this machine",
        "load": "it was skipped",
        "wer": "this run has no such figure",
        "barge_in": "this run has no such figure",
        "intent": "it was not part of this run",
    }
    assert screen.turn.why == "it failed: no voice on this machine"
    assert [bar.name for bar in screen.peers.models] == ["voice_local"]
    assert screen.peers.missing == (
        "pipecat: not measured, run scripts/peers first.",
        "livekit-agents: broke.",
    )


def test_overlapping_steps_stay_in_the_picture() -> None:
    turn = {**TURN, "voice_to_voice_ms": 200.0}
    latency = Section("latency", detail={"turns": [turn]})
    found = first_screen(
        Report({"settings": {"vad": {"eager_end_of_turn_ms": 64}}}, [latency])
    ).turn
    assert found.total_ms == 200 and found.scale_ms == 241.5 == max(
        step.to_ms for step in found.steps
    )


def test_waiting_and_work_are_told_apart_in_words() -> None:
    assert {kind.value for kind in Kind} == {"waiting", "work", "passing on"}
