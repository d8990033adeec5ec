"""Handlers that take longer than their deadline: what has side effects runs to its end, exactly
once, and its reply is told later; what only looks is given up (D3). None holds up the event loop
(D22)."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import aclosing

import pytest

from tests.unit.talker import Talker
from tests.unit.typed import ask
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.context.history import Exchange
from voice_local.conversation.phrases import STILL_WORKING, WORK_FAILED
from voice_local.conversation.responder import Reply
from voice_local.conversation.session import VoiceSession
from voice_local.engine.api import Understanding
from voice_local.skills.request import Handler, Request
from voice_local.skills.responder import new_conversation
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
DEADLINE_S, TAKES_S = 3.0, 10.0
BOOKED = Reply("It is booked.", "book", {"day": "monday"})
ASKED = "book a table"


class Slow:
    """A handler that takes `takes_s`, and then gives `reply` or raises it.

    Attributes:
        began, ended, cancelled: how often.
    """

    def __init__(self, takes_s: float = TAKES_S, reply: Reply | Exception | None = BOOKED) -> None:
        self._takes_s, self._reply = takes_s, reply
        self.began = self.ended = self.cancelled = 0

    async def __call__(self, request: Request) -> Reply | None:
        """The handler."""
        self.began += 1
        try:
            await asyncio.sleep(self._takes_s)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.ended += 1
        if isinstance(self._reply, Exception):
            raise self._reply
        return self._reply


def router(handler: Handler, *, side_effects: bool = True) -> IntentRouter:
    """With one handler, of "booking"."""
    made = IntentRouter(0.6, DEADLINE_S)
    made.register("booking", handler, side_effects=side_effects)
    return made


def engine(*heard: str) -> ScriptedEngine:
    """Understands the first words as a booking, all others as nothing."""
    meant: list[Understanding | Exception] = [Understanding("booking", 0.9), Understanding(None)]
    return ScriptedEngine(
        transcripts=list(heard) or [ASKED], meant=meant, answers=["From the model."]
    )


def talker(handler: Handler, *heard: str, side_effects: bool = True) -> Talker:
    """Somebody who asks aloud for a table."""
    settings = {"interim_interval_ms": 10_000, "dips": False, "speculate": False}
    made = Talker(engine(*heard), router(handler, side_effects=side_effects), conversation=settings)
    # An action that is told late belongs to a turn that has ended; and a reply that was announced
    # is another turn's.
    made.check_order = lambda: None  # type: ignore[method-assign]
    return made


def late_actions(made: Talker) -> list[events.Action]:
    """Those that were told, each late and of the first turn."""
    found: list[events.Action] = made.of(events.Action)
    assert all(event.late for event in found)
    assert {event.place.turn_id for event in found} <= {made.turns[0].turn_id}
    return found


async def test_the_user_is_put_off_and_told_later() -> None:
    slow = Slow()
    made = await talker(slow).run((0.5, False), (0.5, True), (16.0, False))
    first, later = made.turns
    assert first.heard_text == STILL_WORKING and first.handled_by == "booking"
    assert first.fallbacks == ["handler_late: booking"]
    assert (later.user_text, later.heard_text, later.handled_by) == ("", BOOKED.text, "booking")
    assert (slow.began, slow.ended, slow.cancelled) == (1, 1, 0)
    (action,) = late_actions(made)
    assert (action.action, action.params) == (BOOKED.action, BOOKED.params)
    assert first.action is None, "its record had been given out by then"
    assert made.session.context.memory.exchanges == [
        Exchange(
            made.session.context.context("booking", "neutral"),
            ASKED,
            STILL_WORKING,
            first.turn_id,
            late=BOOKED.text,
        )
    ]
    prompt = made.session.context.messages("", "Thank you.")
    assert f"{STILL_WORKING} {BOOKED.text}" in [message["content"] for message in prompt]
    committed, told = (
        next(at for at, event in made.told if isinstance(event, kind))
        for kind in (events.UserSaid, events.Action)
    )
    assert told - committed == pytest.approx(TAKES_S, abs=0.1)


@pytest.mark.parametrize("takes_s", [2.0, TAKES_S], ids=["in time", "late"])
@pytest.mark.parametrize("by_voice", [False, True], ids=["cancelled", "spoken over"])
async def test_it_runs_to_its_end_when_the_user_interrupts(by_voice: bool, takes_s: float) -> None:
    slow = Slow(takes_s)
    made = talker(slow, ASKED, "what a nice day it is")
    await made.step(0.5, False)
    await made.step(0.5, True)
    while not slow.began:
        await made.step(0.032, False)
    await made.step(0.5, False)
    if by_voice:
        await made.step(0.8, True)
    else:
        made.session.cancel_response()
    await made.step(0.5, False)
    await made.run((takes_s + 6.0, False))
    first, *others = made.turns
    assert first.interrupted and first.heard_text == "" and first.user_text == ASKED
    assert (slow.began, slow.ended, slow.cancelled) == (1, 1, 0)
    assert [action.action for action in late_actions(made)] == ["book"]
    said = [turn.heard_text for turn in others]
    assert said == (["From the model."] if by_voice else []) + [BOOKED.text]
    exchange = made.session.context.memory.exchanges[0]
    assert (exchange.user, exchange.assistant, exchange.late) == (ASKED, "", BOOKED.text)


async def test_it_is_told_in_writing_too() -> None:
    slow = Slow()
    context = new_conversation(engine(), load("tiny"), router(slow))
    async with aclosing(VoiceSession(context)) as session:
        first = await session.ask(ASKED)
        assert first.assistant_text == STILL_WORKING
        later = await session.next_due()
    assert later.assistant_text == BOOKED.text and later.user_text == ""
    assert slow.ended == 1


async def test_it_waits_until_whoever_speaks_has_been_answered() -> None:
    made = talker(Slow(), ASKED, "tell me a story")
    await made.run((0.5, False), (0.5, True), (9.0, False), (2.0, True), (6.0, False))
    assert [(turn.heard_text, turn.interrupted) for turn in made.turns] == [
        (STILL_WORKING, False),
        ("From the model.", False),
        (BOOKED.text, False),
    ]


async def test_the_end_of_a_session_waits_for_it_and_tells_its_action() -> None:
    slow, told = Slow(), []
    context = new_conversation(engine(), load("tiny"), router(slow))
    session = VoiceSession(context)

    async def read() -> None:
        async for event in session.events():
            told.append(event)

    reading = asyncio.create_task(read())
    await session.ask(ASKED)
    before = slow.ended
    await session.aclose()
    await reading
    assert (before, slow.ended) == (0, 1)
    assert [event.late for event in told if isinstance(event, events.Action)] == [True]
    assert context.memory.exchanges[0].late == BOOKED.text


async def test_a_late_reply_without_words_tells_its_action_alone() -> None:
    made = await talker(Slow(reply=Reply("", "book"))).run((0.5, False), (0.5, True), (16.0, False))
    assert [turn.heard_text for turn in made.turns] == [STILL_WORKING]
    assert [action.action for action in late_actions(made)] == ["book"]


async def test_one_that_fails_late_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    slow = Slow(reply=KeyError("calendar"))
    with caplog.at_level(logging.WARNING, "voice_local.skills.router"):
        made = await talker(slow).run((0.5, False), (0.5, True), (16.0, False))
    assert [turn.heard_text for turn in made.turns] == [STILL_WORKING, WORK_FAILED]
    assert made.of(events.Action) == []
    assert [entry.getMessage() for entry in caplog.records] == [
        "the handler of booking took more than 3.0 s",
        "the handler of booking failed",
    ]
    assert caplog.records[1].exc_info is not None, "the traceback is kept"


async def test_one_without_side_effects_is_given_up_and_the_llm_answers() -> None:
    slow = Slow()
    made = await talker(slow, side_effects=False).run((0.5, False), (0.5, True), (16.0, False))
    (turn,) = made.turns
    assert turn.heard_text == "From the model." and turn.handled_by == "llm"
    assert turn.fallbacks == ["handler_late: booking"]
    assert (slow.began, slow.ended, slow.cancelled) == (1, 0, 1)
    assert made.of(events.Action) == []
    assert [exchange.late for exchange in made.session.context.memory.exchanges] == [""]


async def test_one_that_blocks_does_not_hold_up_the_event_loop() -> None:
    threads: list[threading.Thread] = []

    def blocks(request: Request) -> Reply:
        threads.append(threading.current_thread())
        time.sleep(0.3)
        return BOOKED

    context = new_conversation(engine(), load("tiny"), router(blocks))
    answering = asyncio.create_task(ask(context, ASKED))
    longest_s, last = 0.0, time.monotonic()
    while not answering.done():
        await asyncio.sleep(0)
        longest_s, last = max(longest_s, time.monotonic() - last), time.monotonic()
    record = await answering
    assert record.assistant_text == BOOKED.text and record.fallbacks == []
    assert threads and threads[0] is not threading.main_thread()
    assert longest_s < 0.25
