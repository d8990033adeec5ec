"""Timers that are asked for, asked about, cancelled, and that ring: in a written conversation and
out of a loudspeaker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.unit.skills_of import abilities_of, timers_of
from tests.unit.talker import Loudness, Talker
from voice_local.audio.chime import chime
from voice_local.audio.types import SAMPLE_RATE
from voice_local.bench.listening import ask_aloud
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.context import conversation_context
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.engine.api import Understanding
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.cards import WavCard
from voice_local.local.demo import card_for, converse
from voice_local.skills.abilities import timer_sayings
from voice_local.skills.abilities.timer_acts import Act
from voice_local.skills.abilities.timer_desk import TimerDesk
from voice_local.skills.abilities.timer_requests import timer_request
from voice_local.skills.abilities.timers import (
    MOST,
    Kind,
    Timer,
    Timers,
)
from voice_local.skills.handlers import default_router
from voice_local.skills.responder import (
    new_conversation,
)

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 27, 22, 5, tzinfo=timezone(timedelta(hours=1)))


def clock() -> Callable[[], datetime]:
    """A wall clock that goes by the event loop's."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    return lambda: NOW + timedelta(seconds=loop.time() - began)


@pytest.mark.parametrize(
    ("text", "act", "kind", "seconds", "at", "label"),
    [
        ("set a timer for five minutes", Act.SET, Kind.TIMER, 300, None, ""),
        ("start a 10 minute timer", Act.SET, Kind.TIMER, 600, None, ""),
        (
            "Could you please set a timer for an hour and a half?",
            Act.SET,
            Kind.TIMER,
            5400,
            None,
            "",
        ),
        ("five minute timer", Act.SET, Kind.TIMER, 300, None, ""),
        ("set a pasta timer for nine minutes", Act.SET, Kind.TIMER, 540, None, "pasta"),
        ("I need a timer set for 15 minutes", Act.SET, Kind.TIMER, 900, None, ""),
        ("tell me when five minutes are up", Act.SET, Kind.TIMER, 300, None, ""),
        ("set an alarm for 7 am", Act.SET, Kind.ALARM, None, "28 07:00", ""),
        ("wake me up at six", Act.SET, Kind.ALARM, None, "28 06:00", ""),
        ("wake me in twenty minutes", Act.SET, Kind.ALARM, 1200, None, ""),
        ("remind me at 11am to call mum", Act.SET, Kind.REMINDER, None, "28 11:00", "to call mum"),
        (
            "remind me to call my mum at 11 a.m.",
            Act.SET,
            Kind.REMINDER,
            None,
            "28 11:00",
            "to call your mum",
        ),
        (
            "remind me in ten minutes to check the oven",
            Act.SET,
            Kind.REMINDER,
            600,
            None,
            "to check the oven",
        ),
        (
            "at four tomorrow afternoon, remind me to start the oven",
            Act.SET,
            Kind.REMINDER,
            None,
            "28 16:00",
            "to start the oven",
        ),
        (
            "don't let me forget to water the plants at nine",
            Act.SET,
            Kind.REMINDER,
            None,
            "28 09:00",
            "to water the plants",
        ),
        ("set a timer", Act.SET, Kind.TIMER, None, None, ""),
        ("remind me to buy milk", Act.SET, Kind.REMINDER, None, None, "to buy milk"),
        ("cancel the timer", Act.CANCEL, Kind.TIMER, None, None, ""),
        ("turn the alarm off", Act.CANCEL, Kind.ALARM, None, None, ""),
        ("cancel my ten minute timer", Act.CANCEL, Kind.TIMER, 600, None, ""),
        ("how long is left", Act.ASK, None, None, None, ""),
        ("when will the alarm go off", Act.ASK, Kind.ALARM, None, None, ""),
        ("what timers do I have", Act.ASK, Kind.TIMER, None, None, ""),
        ("add two minutes to the timer", Act.ADD, Kind.TIMER, 120, None, ""),
    ],
)
def test_a_request(
    text: str, act: Act, kind: Kind | None, seconds: int | None, at: str | None, label: str
) -> None:
    found = timer_request(text, NOW)
    assert found is not None
    assert (found.act, found.kind, found.length and found.length.total_seconds(), found.label) == (
        act,
        kind,
        seconds,
        label,
    )
    assert (found.at and found.at.strftime("%d %H:%M")) == at


@pytest.mark.parametrize(
    "text",
    [
        "how long does a timer last",
        "what is a timer",
        "time flies",
        "what time did the war end",
        "how do I set a timer on my oven",
        "my alarm did not ring this morning",
        "you remind me of my brother",
        "set the table for five",
        "I have five minutes",
        "wake me up before you go go",
        "cancel my order",
        "add two eggs",
        "how long do fire alarms last",
        "when is the best time to set an alarm",
        "give me five minutes",
        "what happens in five minutes",
        "remind me how that works",
        "I needed this reminder today",
    ],
)
def test_no_request(text: str) -> None:
    assert timer_request(text, NOW) is None


def talk(desk: TimerDesk, *texts: str) -> list[str]:
    """What is said to each of `texts`; "-" where it is no matter of timers."""
    said = []
    for text in texts:
        request = desk.request(text)
        said.append(desk.answer(request).text if request else "-")
    return said


async def test_setting_asking_and_cancelling() -> None:
    desk = TimerDesk(Timers(clock()))
    assert talk(desk, "set a timer for ten minutes") == ["Your timer will ring in 10 minutes."]
    await asyncio.sleep(60)
    assert talk(
        desk, "how long is left", "cancel the timer", "how long is left", "cancel the timer"
    ) == [
        "Your 10 minute timer has 9 minutes left.",
        "I have cancelled your 10 minute timer.",
        timer_sayings.NO_TIMER,
        timer_sayings.NO_TIMER,
    ]


async def test_several_are_told_apart() -> None:
    desk = TimerDesk(Timers(clock()))
    talk(
        desk,
        "set a pasta timer for nine minutes",
        "set a timer for one hour",
        "set an alarm for 7 am",
        "remind me at noon to call mum",
    )
    assert talk(
        desk,
        "cancel the timer",
        "cancel the pasta timer",
        "how long is left on the timer",
        "when does my alarm ring",
        "cancel the reminder to call mum",
        "cancel all alarms",
        "cancel the 5 minute timer",
    ) == [
        "Which one? There is your pasta timer and your 1 hour timer.",
        "I have cancelled your pasta timer.",
        "Your 1 hour timer has 1 hour left.",
        "Your alarm rings at 7 AM tomorrow.",
        "I have cancelled your reminder to call mum.",
        "I have cancelled your alarm for 7 AM.",
        "I don't find that one. There is your 1 hour timer.",
    ]


async def test_what_is_missing_is_asked_for() -> None:
    desk = TimerDesk(Timers(clock()))
    assert talk(
        desk,
        "set a timer",
        "ten minutes please",
        "remind me to buy milk",
        "at six",
        "set an alarm",
        "half past seven",
    ) == [
        timer_sayings.ASK_LENGTH,
        "Your timer will ring in 10 minutes.",
        timer_sayings.ASK_REMINDER,
        "I will remind you to buy milk at 6 AM tomorrow.",
        timer_sayings.ASK_ALARM,
        "Your alarm will ring at 7:30 AM tomorrow.",
    ]
    assert talk(desk, "ten minutes") == ["-"], "nothing was asked"
    talk(desk, "set a timer")
    desk.forget_question()
    assert talk(desk, "ten minutes") == ["-"]


async def test_a_second_thought() -> None:
    desk = TimerDesk(Timers(clock()))
    assert talk(
        desk,
        "make it ten minutes",
        "set a timer for five minutes",
        "no, make it ten minutes",
        "add two minutes to the timer",
    ) == [
        "-",
        "Your timer will ring in 5 minutes.",
        "Your timer will ring in 10 minutes.",
        "12 minutes from now, then.",
    ]
    assert len(desk.timers.waiting) == 1


async def test_there_is_a_most() -> None:
    desk = TimerDesk(Timers(clock()))
    talk(desk, *["set a timer for five minutes"] * MOST)
    assert talk(desk, "set a timer for five minutes", "set a timer for 90 days") == [
        timer_sayings.TOO_MANY,
        timer_sayings.TOO_LONG,
    ]


async def test_they_ring_by_the_loop_at_their_time_and_in_order() -> None:
    rung: list[tuple[float, str]] = []
    now = clock()
    timers = Timers(now)
    timers.listen(lambda timer: rung.append(((now() - NOW).total_seconds(), timer.label)))
    for seconds in (90, 30.5, 3600):
        timers.add(
            Timer(
                Kind.TIMER,
                NOW + timedelta(seconds=seconds),
                timedelta(seconds=seconds),
                str(seconds),
            )
        )
    timers.cancel(timers.waiting[2:])
    await asyncio.sleep(100)
    assert [label for _, label in rung] == ["30.5", "90"] and not timers.waiting
    assert [at for at, _ in rung] == [pytest.approx(30.5, abs=0.1), pytest.approx(90, abs=0.1)]


async def test_a_clock_that_is_set_forward_rings_at_once() -> None:
    jump = timedelta()
    now = clock()
    timers = Timers(lambda: now() + jump)
    timers.add(Timer(Kind.ALARM, NOW + timedelta(hours=2)))
    jump = timedelta(hours=2)
    await asyncio.sleep(1.5)
    assert len(timers.rung) == 1, "nobody listened: it waits"


# In conversations.


def conversation(*texts: str) -> ScriptedEngine:
    return ScriptedEngine(transcripts=list(texts), meant=[Understanding("out_of_scope", 0.9)])


async def live(*script: tuple[float, bool] | str, heard: str = "") -> Talker:
    """A conversation with the default handlers: what is typed, and (seconds, whether the user
    speaks, who says `heard`).

    The checks of `Talker` tell tones of segments apart, and know no chime.
    """
    talker = Talker(conversation(heard), default_router(0.6, 3.0))
    talker.session.context.now = clock()
    talker.check_sound = lambda: None  # type: ignore[method-assign]
    for part in script:
        if isinstance(part, str):
            talker.session.push_text(part)
        else:
            await talker.step(*part)
    return await talker.run()


async def test_a_timer_rings_out_of_the_loudspeaker_while_nobody_speaks() -> None:
    talker = await live(
        (0.5, False), (0.5, True), (16.0, False), heard="set a timer for ten seconds"
    )
    set_it, rang = talker.turns
    assert set_it.handled_by == "timers" and set_it.action == "set_timer"
    assert (rang.user_text, rang.handled_by, rang.assistant_text) == (
        "",
        "timer",
        "Time is up. Your 10 second timer is done.",
    )
    at = next(
        at
        for at, event in talker.told
        if isinstance(event, events.TurnEnded) and event.record is rang
    )
    assert 11.0 < at < 16.0
    assert talker.sounding(11.0, 12.5) and not talker.sounding(5.0, 11.0)
    began = int(
        next(i for i in range(int(10 * SAMPLE_RATE), len(talker.out)) if abs(talker.out[i]) > 0.01)
    )
    sound = chime()
    part = talker.out[began : began + len(sound) // 2]
    assert (
        np.corrcoef(part, sound[np.flatnonzero(np.abs(sound) > 0.01)[0] :][: len(part)])[0, 1]
        > 0.95
    )


async def test_it_waits_for_whoever_speaks_but_not_for_ever() -> None:
    talker = await live(
        (0.5, False),
        "set a timer for four seconds",
        (3.0, False),
        (2.5, True),
        (6.0, False),
        heard="tell me a story",
    )
    assert [turn.handled_by for turn in talker.turns] == ["timers", "llm", "timer"] and not any(
        t.interrupted for t in talker.turns
    )
    talker = await live(
        (0.5, False),
        "set a timer for four seconds",
        (3.0, False),
        (16.0, True),
        (6.0, False),
        heard="so much to tell",
    )
    assert talker.sounding(12.3, 13.5), "8 s after its time"


async def test_nothing_is_set_before_the_turn_is_over() -> None:
    """Thinking ahead must not set a timer twice, or one that the user took back."""
    talker = await live(
        (0.5, False),
        (0.4, True),
        (0.2, False),
        (0.4, True),
        (4.0, False),
        heard="set a timer for five minutes",
    )
    assert len(timers_of(talker.session.context).waiting) == 1
    assert [turn.params.get("kind") for turn in talker.turns] == ["timer"]


async def test_what_is_louder_sounds_louder_and_what_is_slower_takes_longer() -> None:
    async def sound(*typed: str) -> tuple[float, int]:
        script: list[tuple[float, bool] | str] = [
            part for text in typed for part in (text, (4.0, False))
        ]
        talker = await live((0.5, False), *script)
        last = talker.out[-int(4 * SAMPLE_RATE) :]
        return float(np.abs(last).max()), int((np.abs(last) > 0.01).sum())

    asked = "who owns you"
    plain, quieter, slower = (
        await sound(asked),
        await sound("quieter", asked),
        await sound("speak slower", asked),
    )
    assert quieter[0] == pytest.approx(plain[0] / 1.5, rel=0.05) and quieter[1] == pytest.approx(
        plain[1], rel=0.1
    )
    assert slower[0] == pytest.approx(plain[0], rel=0.1) and slower[1] == pytest.approx(
        1.2 * plain[1], rel=0.1
    )


async def test_a_typed_conversation_rings_too() -> None:
    session = VoiceSession(new_conversation(conversation(), load("tiny")))
    session.context.now = clock()
    timers = timers_of(session.context)
    async with aclosing(session):
        await session.ask("set a timer for ten seconds")
        rings = asyncio.create_task(session.next_due())
        await asyncio.sleep(9)
        assert not rings.done() and timers.names() == ["10 second timer"]
        await asyncio.sleep(2)
        assert rings.done() and not timers.names()
        assert (await rings).assistant_text == "Time is up. Your 10 second timer is done."


async def test_one_that_rings_during_the_last_typed_turn_is_not_lost() -> None:
    """As `chat --once` does it: all turns, then what is due."""
    engine = conversation()
    engine.answers, engine.token_s = ["word " * 8], 0.5
    session = VoiceSession(new_conversation(engine, load("tiny")))
    session.context.now = clock()
    async with aclosing(session):
        await session.ask("set a timer for two seconds")
        assert not (await session.ask("tell me a story")).interrupted
        assert session.due_within(60.0)
        rang = await session.next_due()
        assert rang.assistant_text == "Time is up. Your 2 second timer is done."
        assert not session.due_within(60.0)


async def test_one_that_is_being_said_is_still_due() -> None:
    session = VoiceSession(
        new_conversation(conversation(), load("tiny")), None, SpeechQueue(16_000)
    )
    session.context.now = clock()
    async with aclosing(session):
        await ask_aloud(session, "set a timer for two seconds")
        await asyncio.sleep(3.0)  # it rings, and nobody pulls its sound
        assert session.busy and session.due_within(0.0)
        rings = asyncio.create_task(session.next_due())
        await asyncio.sleep(0)
        session.queue.pull(20 * SAMPLE_RATE)
        assert (await rings).handled_by == "timer" and not session.due_within(60.0)


async def test_one_that_rings_cuts_off_no_written_answer() -> None:
    engine = conversation()
    engine.answers, engine.token_s = ["word " * 40], 0.5
    session = VoiceSession(new_conversation(engine, load("tiny")))
    session.context.now = clock()
    async with aclosing(session):
        await session.ask("set a timer for two seconds")
        told = await session.ask("tell me a story")
        assert not told.interrupted and told.assistant_text == ("word " * 40).strip()
        assert (await session.next_due()).handled_by == "timer"


async def test_whoever_no_longer_waits_for_a_ring_is_forgotten() -> None:
    session = VoiceSession(new_conversation(conversation(), load("tiny")))
    session.context.now = clock()
    async with aclosing(session):
        await session.ask("set a timer for ten seconds")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.next_due(), 5)
        assert (await session.next_due()).handled_by == "timer"
        await session.ask("tell me a story")


async def test_one_that_ends_by_itself_promises_no_more_than_it_keeps() -> None:
    session = VoiceSession(new_conversation(conversation(), load("tiny")))
    session.context.responder.end_after(60.0)
    session.context.now = clock()
    async with aclosing(session):
        soon, late = [
            await session.ask(f"set a timer for {length}")
            for length in ("ten seconds", "five minutes")
        ]
        rings = []
        while session.due_within(60.0):
            rings.append((await session.next_due()).assistant_text)
    assert soon.assistant_text == "Your timer will ring in 10 seconds."
    assert (
        late.assistant_text
        == "Your timer will ring in 5 minutes, if this conversation is still open then."
    )
    assert rings == ["Time is up. Your 10 second timer is done."]
    assert timers_of(session.context).names() == ["5 minute timer"]


async def test_a_demo_waits_for_a_timer_and_keeps_its_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = np.concatenate(
        [0.3 * np.random.default_rng(1).uniform(-1, 1, SAMPLE_RATE), np.zeros(SAMPLE_RATE)]
    ).astype(np.float32)

    class Silero:
        def stream(self) -> Silero:
            return self

        def probability(self, frame: np.ndarray) -> float:
            return 0.95 if np.abs(frame).max() > 0.01 else 0.0

    monkeypatch.setattr("voice_local.local.demo.SileroModel", Silero)
    monkeypatch.setattr(conversation_context, "local_now", clock())
    engine = conversation("set a timer for ten seconds")
    settings = load("tiny")
    card = card_for([loud], settings)
    turns = [turn async for turn in converse(engine, settings, card, tmp_path)]
    assert [turn.handled_by for turn in turns] == ["timers", "timer"]
    assert all(turn.audio_path and Path(turn.audio_path).stat().st_size > 5000 for turn in turns)


async def test_a_replays_clock_goes_by_its_sound() -> None:
    talker = Talker(conversation("x"), default_router(0.6, 3.0))
    session = talker.session
    session.context.go_by(NOW, lambda: session.heard_s)
    await talker.step(2.0, False)
    assert session.context.now() == NOW + timedelta(seconds=session.heard_s)
    assert 1.9 < session.heard_s < 2.1
    await talker.run()


async def test_a_recordings_end_is_the_conversations(tmp_path: Path) -> None:
    sf.write(tmp_path / "user.wav", np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE)
    settings = load("tiny")
    context = new_conversation(conversation(), settings)
    LocalAudioSession(context, Loudness(), WavCard(tmp_path / "user.wav", settings.audio))
    context.now = clock()
    found = abilities_of(context).find("set a timer for five minutes", "", sounds=True)
    assert (
        found
        and found.reply().text
        == "Your timer will ring in 5 minutes, if this conversation is still open then."
    )
    timers_of(context).close()


async def test_a_ring_that_was_cut_off_unheard_rings_again() -> None:
    talker = Talker(conversation(), default_router(0.6, 3.0))
    talker.check_sound = lambda: None  # type: ignore[method-assign]
    talker.session.context.now = clock()
    talker.session.push_text("set a timer for three seconds")
    await talker.step(2.95, False)
    for _ in range(4):
        await talker.step(0.032, False)
        if talker.session.busy:
            break
    talker.session.push_text("tell me a story")
    await talker.step(6.0, False)
    await talker.run()
    assert [turn.heard_text for turn in talker.turns if turn.handled_by == "timer"][
        -1
    ] == "Time is up. Your 3 second timer is done."
    assert any(
        turn.user_text == "tell me a story" and not turn.interrupted for turn in talker.turns
    )
