"""When a session tells that the user speaks, has ended, and that an answer begins."""

from __future__ import annotations

import pytest

from tests.unit.talker import Talker
from voice_local.bench.scripted import ScriptedEngine
from voice_local.conversation import events
from voice_local.conversation.options import SessionUpdate

pytestmark = pytest.mark.unit
KINDS = (
    events.SpeechStarted,
    events.SpeechStopped,
    events.ResponseStarted,
    events.UserSaid,
    events.Interrupted,
    events.TurnMerged,
    events.FalseInterruption,
    events.TurnEnded,
)
WHOLE_ONLY = {"interim_interval_ms": 10_000, "dips": False}
LONG = 4 * "This answer has so many words that somebody may well want to say something. "


def told(talker: Talker) -> list[str]:
    return [type(event).__name__ for _, event in talker.told if isinstance(event, KINDS)]


async def test_a_turn_begins_ends_and_is_answered() -> None:
    talker = await Talker(ScriptedEngine()).run((0.512, False), (0.96, True), (4.0, False))
    assert told(talker) == [
        "SpeechStarted",
        "SpeechStopped",
        "UserSaid",
        "ResponseStarted",
        "TurnEnded",
    ]
    (started,), (stopped,) = talker.of(events.SpeechStarted), talker.of(events.SpeechStopped)
    assert started.start_s == pytest.approx(0.512, abs=0.04)
    assert stopped.end_s == pytest.approx(1.472, abs=0.04)
    (response,) = talker.of(events.ResponseStarted)
    assert response.spoken and response.user_initiated
    assert response.end_s == pytest.approx(stopped.end_s, abs=0.04)
    assert response.place.turn_id == talker.turns[0].turn_id


async def test_speech_over_an_answer_is_told_once_it_interrupts() -> None:
    engine = ScriptedEngine(
        answers=[LONG, "Fine."], transcripts=["tell me", "please stop that now"]
    )
    talker = await Talker(engine, conversation=WHOLE_ONLY).run(
        (0.5, False), (0.6, True), (2.0, False), (1.2, True), (4.0, False)
    )
    names = told(talker)
    second = names.index("SpeechStarted", 1)
    assert names[second - 2 : second + 2] == [
        "Interrupted",
        "TurnEnded",
        "SpeechStarted",
        "SpeechStopped",
    ]


async def test_a_noise_over_an_answer_is_not_told_as_speech() -> None:
    engine = ScriptedEngine(answers=[LONG], transcripts=["tell me", ""])
    talker = await Talker(engine, conversation=WHOLE_ONLY).run(
        (0.5, False), (0.6, True), (2.0, False), (0.3, True), (6.0, False)
    )
    names = told(talker)
    assert names.count("SpeechStarted") == 1 and "FalseInterruption" in names


async def test_utterances_that_wait_are_transcribed_and_answered_together() -> None:
    engine = ScriptedEngine(transcripts=["one thing", "another thing"], answers=["Both."])
    talker = Talker(engine, conversation=WHOLE_ONLY)
    talker.session.update(SessionUpdate(auto_response=False))
    for _ in range(2):
        await talker.step(0.5, False)
        await talker.step(0.8, True)
    await talker.step(2.0, False)
    assert [event.text for event in talker.of(events.UserSaid)] == ["one thing", "another thing"]
    assert talker.turns == []
    assert talker.session.create_response()
    await talker.step(3.0, False)
    await talker.session.aclose()
    (turn,) = talker.turns
    assert (turn.user_text, turn.assistant_text) == ("one thing another thing", "Both.")
    assert len(talker.of(events.UserSaid)) == 2, "they are not told again"
