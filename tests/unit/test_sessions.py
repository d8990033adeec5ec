"""Sessions without a sound card: typed turns, manual commits, slow readers, many side by side."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from tests.unit.talker import PROGRESS, Loudness
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.event_queue import CAPACITY, EventQueue
from voice_local.conversation.options import SessionUpdate, TurnDetection
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import VoiceSession
from voice_local.engine.api import Transcript
from voice_local.errors import AudioInputError, EngineBusyError, StageError, WorkerDiedError
from voice_local.skills.responder import new_conversation
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
RATE = 16_000


class Client:
    """Reads a session's events, and plays what it says in real time."""

    def __init__(
        self, engine: ScriptedEngine, profile: str = "tiny", *, speaks: bool = True, **settings: Any
    ) -> None:
        context = new_conversation(engine, load(profile, **settings), IntentRouter(2.0, 1.0))
        queue = SpeechQueue(RATE) if speaks else None
        self.session = VoiceSession(context, Loudness(), queue)
        self.told: list[events.Event] = []
        self._noise = np.random.default_rng(3)
        self._tasks = [asyncio.create_task(self._read())]
        if speaks:
            self._tasks.append(asyncio.create_task(self._play()))

    async def _read(self) -> None:
        async for event in self.session.events():
            self.told.append(event)

    async def _play(self) -> None:
        while True:
            self.session.queue.pull(RATE // 50)
            await asyncio.sleep(0.02)

    async def speak(self, seconds: float, rate: int = RATE) -> None:
        """Sends so much sound, as it is recorded."""
        piece = rate // 25
        for _ in range(round(seconds * 25)):
            sound = 0.3 * self._noise.uniform(-1, 1, piece)
            self.session.push_audio(sound.astype(np.float32), rate)
            await asyncio.sleep(0.04)

    async def ended(self, count: int, limit_s: float = 30.0) -> list[ConversationTurn]:
        """The first `count` turns."""
        async with asyncio.timeout(limit_s):
            while len(turns := self.turns) < count:
                await asyncio.sleep(0.02)
        return turns

    @property
    def turns(self) -> list[ConversationTurn]:
        """Those that have ended."""
        return [event.record for event in self.told if isinstance(event, events.TurnEnded)]

    def kinds(self) -> list[str]:
        """Names of the events but `PROGRESS`."""
        return [type(event).__name__ for event in self.told if not isinstance(event, PROGRESS)]

    async def close(self) -> None:
        """Ends it."""
        await self.session.aclose()
        for task in self._tasks[1:]:
            task.cancel()
        await self._tasks[0]


async def test_typed_turns_end_without_a_frame_of_sound() -> None:
    """D9: the end of a turn was looked for on microphone frames only."""
    client = Client(ScriptedEngine(answers=["One.", "Two."]))
    client.session.push_text("first")
    await client.ended(1)
    client.session.push_text("second")
    first, second = await client.ended(2)
    assert (first.assistant_text, second.heard_text) == ("One.", "Two.")
    assert client.kinds() == ["UserSaid", "AssistantSays", "TurnEnded"] * 2
    await client.close()


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
async def test_a_manual_commit_ends_a_turn(rate: int) -> None:
    client = Client(ScriptedEngine(transcripts=["turn the page"]))
    client.session.update(SessionUpdate(turn_detection=TurnDetection.MANUAL))
    await client.speak(1.0, rate)
    await asyncio.sleep(5.0)
    assert client.turns == [], "silence ends nothing"
    assert client.session.commit_input()
    (turn,) = await client.ended(1)
    assert turn.user_text == "turn the page" and turn.heard_text
    assert not client.session.commit_input(), "nothing more was said"
    await client.close()


async def test_a_client_that_stops_sending_in_the_middle_of_a_turn_is_answered() -> None:
    client = Client(ScriptedEngine(transcripts=["hello"]))
    await client.speak(0.8)
    (turn,) = await client.ended(1)
    assert turn.user_text == "hello"
    await client.close()


async def test_input_may_wait_for_a_response_and_be_taken_back() -> None:
    client = Client(ScriptedEngine(transcripts=["one thing"], answers=["Here.", "A greeting."]))
    session = client.session
    session.update(SessionUpdate(auto_response=False, turn_detection=TurnDetection.MANUAL))
    await client.speak(0.8)
    assert session.commit_input()
    await asyncio.sleep(3.0)
    assert client.turns == []
    session.clear_input()
    assert not session.create_response(), "it was taken back, and nothing else is asked for"
    await client.speak(0.8)
    session.commit_input()
    assert session.create_response()
    (turn,) = await client.ended(1)
    assert turn.user_text == "one thing" and turn.assistant_text == "Here."
    assert session.create_response("Greet the visitor.")
    _, said = await client.ended(2)
    assert (said.user_text, said.assistant_text) == ("", "A greeting.")
    await client.close()


async def test_a_response_is_cancelled_and_what_was_played_truncated() -> None:
    long = "The first part is here and has some words. The second one is longer than that."
    client = Client(ScriptedEngine(answers=[long, "Fine."]))
    client.session.push_text("tell me")
    await asyncio.sleep(0.4)
    client.session.cancel_response()
    (turn,) = await client.ended(1)
    assert turn.interrupted and turn.heard_text and long.startswith(turn.heard_text)
    memory = client.session.context.memory
    assert memory.exchanges[-1].assistant == turn.heard_text
    assert client.session.truncate(turn.turn_id, 0.12)
    assert memory.exchanges[-1].assistant == "The first"[: len(memory.exchanges[-1].assistant)]
    assert len(memory.exchanges[-1].assistant) < len(turn.heard_text)
    assert not client.session.truncate("no such turn", 1.0)
    await client.close()


async def test_an_update_counts_from_the_next_turn_on() -> None:
    engine = ScriptedEngine()
    client = Client(engine, "small")
    session = client.session
    await session.ask("hi")
    session.update(SessionUpdate(instructions="Speak of ships.", vocabulary=("Bligh",)))
    await session.ask("again")
    (before, after) = (call[1][0]["content"] for call in engine.calls if call[0] == "llm")  # type: ignore[index]
    assert "ships" not in before and "Speak of ships." in after
    session.update(SessionUpdate(remember=False))
    assert session.context.memory.exchanges == []
    await client.speak(0.6)
    await client.ended(3)
    assert engine.asked[-1].vocabulary == ("Bligh",)
    await client.close()


async def test_a_rate_that_no_sound_has_is_refused() -> None:
    client = Client(ScriptedEngine())
    with pytest.raises(AudioInputError, match="sample rate 10 Hz"):
        client.session.push_audio(np.zeros(100, np.float32), 10)
    with pytest.raises(AudioInputError, match="not mono"):
        client.session.push_audio(np.zeros((100, 2), np.float32), 16_000)
    await client.close()


async def test_every_event_says_where_it_belongs() -> None:
    client = Client(ScriptedEngine(answers=["One. Two."]))
    await client.speak(0.8)
    (turn,) = await client.ended(1)
    session_id = client.session.context.id
    assert all(event.place.session_id == session_id for event in client.told)
    own = [event for event in client.told if event.place.turn_id]
    assert {event.place.turn_id for event in own} == {turn.turn_id}
    says = [event.place.item for event in own if isinstance(event, events.AssistantSays)]
    assert says == [0, 1]
    samples = [event.place.sample for event in client.told]
    assert samples == sorted(samples) and samples[-1] > RATE
    await client.close()


async def test_a_reader_that_stops_reading_is_bounded_and_told_what_it_missed() -> None:
    engine = ScriptedEngine(answers=["Yes."])
    context = new_conversation(engine, load("tiny"), IntentRouter(2.0, 1.0))
    session = VoiceSession(context)
    count = CAPACITY  # turns of several events each
    for number in range(count):
        await session.ask(f"turn {number}")
        assert len(session._events) <= CAPACITY
    stream = session.events()
    first = await anext(stream)
    assert isinstance(first, events.EventsDropped) and first.count > CAPACITY
    await session.aclose()
    rest = [event async for event in stream]
    kept = [event.record.user_text for event in rest if isinstance(event, events.TurnEnded)]
    assert kept == [f"turn {number}" for number in range(count - len(kept), count)]
    assert len(kept) > CAPACITY * 0.9, "turns' ends are the last to go"


async def test_room_is_made_by_what_later_events_replace() -> None:
    queue = EventQueue(4)
    ends = [events.TurnEnded(ConversationTurn(user_text=str(n))) for n in range(3)]
    queue.put(ends[0])
    queue.put(events.Partial("a", ""))
    queue.put(events.UserSaid("b"))
    queue.put(ends[1])
    queue.put(ends[2])
    queue.put(events.UserSaid("c"))
    queue.close()
    told = []
    while (event := await queue.get()) is not None:
        told.append(event)
    assert told == [events.EventsDropped(2), ends[0], ends[1], ends[2], events.UserSaid("c")]


class Echoing(ScriptedEngine):
    """Every stage answers with the words that it was given, after a moment."""

    async def _generate(self, request: Any) -> Any:
        self.answers = [f"I heard {request.messages[-1]['content']}."]
        async for item in super()._generate(request):
            yield item


async def test_two_sessions_on_one_engine_never_see_each_others_words() -> None:
    """D7 and more: 1,000 interleaved turns."""
    engine = Echoing(token_s=0.001, intent_s=0.001)
    sessions = [
        VoiceSession(new_conversation(engine, load("small"), IntentRouter(2.0, 1.0)))
        for _ in range(2)
    ]
    rng = np.random.default_rng(5)

    async def talk(name: str, session: VoiceSession) -> None:
        for number in range(500):
            record = await session.ask(f"{name}{number}")
            assert f"{name}{number}" in record.assistant_text
            await asyncio.sleep(float(rng.uniform(0, 0.01)))

    await asyncio.gather(talk("apple", sessions[0]), talk("pear", sessions[1]))
    for name, other, session in (("apple", "pear", sessions[0]), ("pear", "apple", sessions[1])):
        told = session.context.memory.exchanges
        assert [one.user for one in told] == [f"{name}{number}" for number in range(500)]
        assert not any(other in one.assistant for one in told)
        prompt = session.context.messages("", "now")
        assert not any(other in message["content"] for message in prompt)
    assert {context.session_id for context in engine.contexts} == {
        one.context.id for one in sessions
    }
    for session in sessions:
        await session.aclose()


@pytest.mark.parametrize("fault", [EngineBusyError("full"), StageError("broken")])
@pytest.mark.parametrize("stage", ["transcripts", "meant", "answers"])
async def test_a_failing_stage_is_spoken_of_and_the_next_turn_is_good(
    stage: str, fault: Exception
) -> None:
    """D2, D4, D12: such a turn ended in silence."""
    good: dict[str, Any] = {
        "transcripts": Transcript("hello", "en", 0.0),
        "meant": ScriptedEngine().meant[0],
        "answers": "Hello to you.",
    }
    script: dict[str, Any] = {stage: [fault, good[stage]]}
    engine = ScriptedEngine(**script)
    client = Client(engine, conversation={"interim_interval_ms": 10_000, "dips": False})
    for count in (1, 2):
        await client.speak(0.8)
        await asyncio.sleep(0.1)
        turns = await client.ended(count)
        assert turns[-1].heard_text, turns[-1]
    assert turns[0].fallbacks and not turns[1].fallbacks
    await client.close()


async def test_a_worker_lost_twice_is_spoken_of() -> None:
    engine = ScriptedEngine(meant=[WorkerDiedError("gone"), WorkerDiedError("gone again")])
    client = Client(engine)
    client.session.push_text("hello")
    (turn,) = await client.ended(1)
    assert turn.heard_text and any("intent_failed" in one for one in turn.fallbacks)
    await client.close()
