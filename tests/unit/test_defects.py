"""Defects of the first house that no other file holds; each test fails on its commit c554121."""

from __future__ import annotations

import pytest

from tests.unit.talker import Talker
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import phrases
from voice_local.conversation.input.interruption import (
    Verdict,
    classify_interruption,
)
from voice_local.engine.api import Understanding
from voice_local.engine.supervisor import RecentDeaths
from voice_local.errors import (
    EngineBusyError,
    StageError,
    TextInputError,
    VoiceLocalError,
    WorkerDiedError,
)

pytestmark = pytest.mark.unit

GREETING = Understanding("small_talk", 0.2, "joy", 0.8)
ONE_TURN = ((0.5, False), (0.8, True), (3.0, False))


@pytest.mark.parametrize(
    "errors",
    [
        [EngineBusyError("the queue is full", "")],
        [WorkerDiedError("gone"), WorkerDiedError("gone")],
        [StageError("no")],
    ],
)
async def test_a_meaning_that_cannot_be_told_does_not_end_the_turn_in_silence(
    errors: list[VoiceLocalError],
) -> None:
    """D2: only StageError was caught."""
    talker = await Talker(ScriptedEngine(meant=[*errors, GREETING])).run(*ONE_TURN)
    (turn,) = talker.turns
    assert turn.assistant_text == "Hello! How can I help you?" and turn.handled_by == "llm"
    assert any(entry.startswith("intent_failed") for entry in turn.fallbacks)
    assert talker.sounding(1.3, 4.3)


@pytest.mark.parametrize(
    "error", [EngineBusyError("the queue is full", ""), TextInputError("too long", "")]
)
async def test_an_answer_that_cannot_be_thought_of_is_said_to_be_none(
    error: VoiceLocalError,
) -> None:
    """D2 and D12: a full queue or a prompt that does not fit ended the turn in silence."""
    talker = await Talker(ScriptedEngine(answers=[error, "Fine."])).run(
        *ONE_TURN, (0.8, True), (3.0, False)
    )
    first, second = talker.turns
    assert first.assistant_text == phrases.NO_ANSWER and talker.sounding(1.3, 4.3)
    assert second.assistant_text == "Fine.", "and the conversation goes on"


def test_what_died_long_ago_ends_no_server() -> None:
    """D14: the sixth crash in a year was the last."""
    now = 0.0
    deaths = RecentDeaths(600, lambda: now)
    for hour in range(20):
        now = hour * 3600.0
        assert deaths.lately() == 1
    for second in range(1, 7):
        now = 19 * 3600.0 + second
        assert deaths.lately() == second + 1


def test_common_words_in_another_order_are_no_echo() -> None:
    """D6: compared as a bag, "can you do that" was in two ordinary answers, and was dropped."""
    own = ["I can tell you about that.", "What do you want to do, and when?"]
    settings = load("tiny").conversation
    assert (
        classify_interruption("can you do that", own, settings, final=True) is Verdict.INTERRUPTION
    )
    assert (
        classify_interruption("what do you want to do", own, settings, final=True)
        is Verdict.OWN_VOICE
    )
    assert (
        classify_interruption("tell you bout that what do you", own, settings, final=True)
        is Verdict.OWN_VOICE
    ), "misheard, too"


async def test_a_failed_recognizer_is_no_silence() -> None:
    """D4: short speech that failed was dropped as noise, without a record."""
    talker = await Talker(ScriptedEngine(transcripts=[StageError("out of memory"), "hello"])).run(
        (0.5, False), (0.3, True), (3.0, False), (0.8, True), (3.0, False)
    )
    first, second = talker.turns
    assert first.assistant_text == phrases.NO_ANSWER and first.fallbacks[0].startswith("stt_failed")
    assert second.user_text == "hello"


async def test_a_failed_recognizer_during_an_interruption_is_no_false_alarm() -> None:
    """D4: the answer went on over the user's words."""
    long = " ".join(["This is a long answer."] * 12)
    talker = await Talker(
        ScriptedEngine(transcripts=["tell me more", StageError("gone")], answers=[long]),
        conversation={"interim_interval_ms": 5000, "dips": False},
    ).run((0.5, False), (0.8, True), (2.0, False), (1.0, True), (4.0, False))
    assert talker.turns[0].interrupted
    assert talker.turns[1].assistant_text == phrases.NO_ANSWER
