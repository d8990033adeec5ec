"""The router: which turns a handler answers, which the LLM, and what happens when a handler
fails."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from tests.unit.talker import Talker
from tests.unit.typed import ask
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.context.history import Exchange
from voice_local.conversation.phrases import (
    LEFT,
    NO_ANSWER,
    NOT_VERIFIED,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.api import (
    Transcript,
    Understanding,
)
from voice_local.errors import ConfigError
from voice_local.skills.handlers import default_router
from voice_local.skills.intents import (
    PERSONAL,
    Intent,
)
from voice_local.skills.request import Handler, Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter, Routed

pytestmark = pytest.mark.unit
DEADLINE_S = 3.0
BOOKED = Reply("It is booked.", "book", {"day": "monday"})


def booked(request: Request) -> Reply:
    """A handler that works."""
    return BOOKED


async def late(request: Request) -> Reply:
    """A handler that takes too long."""
    await asyncio.sleep(DEADLINE_S + 0.1)
    return BOOKED


async def just_in_time(request: Request) -> Reply:
    """A handler that takes nearly too long."""
    await asyncio.sleep(DEADLINE_S - 0.1)
    return BOOKED


def broken(request: Request) -> Reply:
    """A handler that fails at once."""
    raise KeyError("calendar")


async def broken_later(request: Request) -> Reply:
    """A handler that fails while it is awaited."""
    await asyncio.sleep(0.1)
    raise KeyError("calendar")


def passes(request: Request) -> None:
    """A handler that has nothing to say."""


def routes(handler: Handler, **how: bool) -> IntentRouter:
    """A router with one handler, of "booking"."""
    router = IntentRouter(0.6, DEADLINE_S)
    router.register("booking", handler, **how)
    return router


def request(
    intent: str = "booking", confidence: float = 0.9, authenticated: bool = False
) -> Request:
    """A turn to be routed."""
    return Request("book a table", intent, confidence, authenticated)


async def converse(
    router: IntentRouter, confidence: float = 0.9, authenticated: bool = False
) -> tuple[ConversationTurn, list[str]]:
    """The record of one whole turn, and the stages that were asked."""
    engine = ScriptedEngine(
        meant=[Understanding("booking", confidence, "neutral", 0.9)], answers=["From the model."]
    )
    context = new_conversation(engine, load("tiny"), router)
    context.responder.authenticated = authenticated
    return await ask(context, "book a table"), [stage for stage, _ in engine.calls]


@pytest.mark.parametrize(
    ("confidence", "handled"), [(0.0, False), (0.59, False), (0.6, True), (1.0, True)]
)
async def test_only_sure_intents_reach_their_handler(confidence: float, handled: bool) -> None:
    routed = await routes(booked).route(request(confidence=confidence))
    assert routed == (Routed(BOOKED, "handled") if handled else Routed(None, "unsure"))
    record, stages = await converse(routes(booked), confidence)
    assert record.handled_by == ("booking" if handled else "llm")
    assert ("llm" in stages) is not handled
    assert record.assistant_text == (BOOKED.text if handled else "From the model.")


async def test_the_threshold_is_a_setting_of_six_tenths() -> None:
    for confidence, handled in ((0.6, True), (0.59, False)):
        engine = ScriptedEngine(meant=[Understanding("greeting", confidence, "neutral", 0.9)])
        record = await ask(new_conversation(engine, load("tiny")), "hi")
        assert (record.handled_by == "greeting") is handled
    engine = ScriptedEngine(meant=[Understanding("greeting", 0.7, "neutral", 0.9)])
    stricter = load("tiny", conversation={"intent_threshold": 0.8})
    assert (await ask(new_conversation(engine, stricter), "hi")).handled_by == "llm"


async def test_an_intent_without_a_handler_goes_to_the_llm() -> None:
    assert await routes(booked).route(request("weather")) == Routed(None, "no_handler")


async def test_a_handler_is_told_what_the_turn_knows() -> None:
    seen: list[Request] = []

    def handler(told: Request) -> Reply:
        seen.append(told)
        return BOOKED

    engine = ScriptedEngine(meant=[Understanding("booking", 0.75, "neutral", 0.9)])
    context = new_conversation(engine, load("tiny"), routes(handler))
    context.responder.authenticated = True
    context.memory.add("", "hello", "Hello to you.")
    await ask(context, "book a table")
    history = (Exchange("", "hello", "Hello to you."),)
    assert seen == [
        Request("book a table", "booking", 0.75, True, "Hello to you.", history, {}, context.id)
    ]
    assert context.id and new_conversation(engine, load("tiny")).id != context.id
    assert new_conversation(engine, load("tiny"), conversation_id="call 7").id == "call 7"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("book it under order AB-1234", {"order_number": "AB1234"}),
        ("book it for $25.50 or 30 dollars", {"amount": "$25.50"}),
        ("book it for 30 dollars", {"amount": "30"}),
        ("book it for five people", {}),
        ("book it, my printer is broken", {"device": "printer"}),
    ],
)
async def test_a_handler_is_told_the_values_in_the_words(text: str, found: dict[str, str]) -> None:
    seen: list[Request] = []

    def handler(told: Request) -> Reply:
        seen.append(told)
        return BOOKED

    await routes(handler).route(Request(text, "booking", 0.9))
    assert seen[0].entities == found


def test_a_handler_for_an_unknown_intent_is_an_error_that_lists_the_known_ones() -> None:
    router = IntentRouter(0.6, DEADLINE_S)
    with pytest.raises(ConfigError, match="unknown intent 'cancel_oder'") as told:
        router.register("cancel_oder", booked)
    assert (
        "did you mean cancel_order?" in told.value.remedy and "timer_reminder" in told.value.remedy
    )
    router.register(Intent.CANCEL_ORDER, booked)
    IntentRouter(0.6, DEADLINE_S, ["teach"]).register("teach", booked)
    with pytest.raises(ConfigError):
        IntentRouter(0.6, DEADLINE_S, ["teach"]).register("booking", booked)


@pytest.mark.parametrize(
    "file", ["tiny/tiny-classifier/intent.json", "small/understanding/understanding.json"]
)
def test_the_list_of_intents_is_what_the_shipped_models_tell(file: str) -> None:
    labels = json.loads((Path("models") / file).read_text(encoding="utf-8"))["labels"]
    assert sorted(labels) == sorted(Intent) and set(Intent) >= PERSONAL


async def test_who_is_not_known_is_refused_and_asked_nothing_where_nothing_verifies() -> None:
    ran: list[Request] = []

    def handler(told: Request) -> Reply:
        ran.append(told)
        return BOOKED

    router = routes(handler, requires_auth=True)
    refusal = Reply(NOT_VERIFIED, "request_auth", {"intent": "booking"})
    assert await router.route(request()) == Routed(refusal, "request_auth")
    record, stages = await converse(router)
    assert (record.assistant_text, record.action, record.params) == (
        NOT_VERIFIED,
        "request_auth",
        {"intent": "booking"},
    )
    assert "llm" not in stages and ran == []


async def test_who_is_known_is_served() -> None:
    router = routes(booked, requires_auth=True)
    assert await router.route(request(authenticated=True)) == Routed(BOOKED, "handled")
    record, _ = await converse(router, authenticated=True)
    assert (record.assistant_text, record.action, record.params) == (
        BOOKED.text,
        "book",
        {"day": "monday"},
    )


async def test_without_requires_auth_nobody_is_asked() -> None:
    assert await routes(booked).route(request()) == Routed(BOOKED, "handled")


async def test_handlers_may_be_awaited() -> None:
    assert await routes(just_in_time).route(request()) == Routed(BOOKED, "handled")


@pytest.mark.parametrize(
    ("handler", "why", "taken_s", "logged"),
    [
        (late, "handler_late", DEADLINE_S, "the handler of booking took more than 3.0 s"),
        (broken, "handler_failed", 0.0, "the handler of booking failed"),
        (broken_later, "handler_failed", 0.1, "the handler of booking failed"),
    ],
)
async def test_a_failing_handler_is_logged_and_the_llm_answers(
    handler: Handler, why: str, taken_s: float, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    # One with side effects that is late goes on; see test_late_handlers.
    router = routes(handler, side_effects=why != "handler_late")
    with caplog.at_level(logging.WARNING, "voice_local.skills.router"):
        began = asyncio.get_running_loop().time()
        assert await router.route(request()) == Routed(None, why)
        assert asyncio.get_running_loop().time() - began == pytest.approx(taken_s, abs=1e-6)
    assert [entry.getMessage() for entry in caplog.records] == [logged]
    assert (caplog.records[0].exc_info is not None) is (why == "handler_failed"), (
        "the traceback is kept"
    )
    record, _ = await converse(router)
    assert record.handled_by == "llm" and record.assistant_text == "From the model."
    assert record.fallbacks == [f"{why}: booking"]


@pytest.mark.parametrize(
    ("handler", "why"),
    [(late, "handler_late"), (broken, "handler_failed"), (broken_later, "handler_failed")],
)
async def test_a_failing_handler_apologizes_where_the_llm_must_not_answer(
    handler: Handler, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    router = routes(handler, fallback_to_llm=False, side_effects=why != "handler_late")
    assert await router.route(request()) == Routed(Reply(NO_ANSWER), why)
    assert len(caplog.records) == 1
    record, stages = await converse(router)
    assert record.assistant_text == NO_ANSWER and record.action is None
    assert record.fallbacks == [f"{why}: booking"]
    assert "llm" not in stages


async def test_a_handler_that_passes_leaves_the_turn_to_the_llm() -> None:
    assert await routes(passes).route(request()) == Routed(None, "handler_passed")
    record, _ = await converse(routes(passes))
    assert record.handled_by == "llm" and record.fallbacks == [], "that is no failure"


async def test_a_handler_that_passes_where_the_llm_must_not_answer_says_nothing() -> None:
    router = routes(passes, fallback_to_llm=False)
    assert await router.route(request()) == Routed(Reply(""), "handled")
    record, stages = await converse(router)
    assert record.assistant_text == "" and "llm" not in stages


async def test_a_later_handler_replaces_an_earlier_one() -> None:
    router = routes(broken, requires_auth=True)
    router.register("booking", booked, side_effects=False)
    assert await router.route(request()) == Routed(BOOKED, "handled")
    assert not router.waits_for_commit("booking", 0.9)


@pytest.mark.parametrize(
    ("intent", "confidence", "waits"),
    [
        ("booking", 0.9, True),
        ("booking", 0.6, True),
        ("booking", 0.59, False),
        ("booking", None, False),
        ("weather", 0.9, False),
        (None, None, False),
    ],
)
def test_side_effects_wait_for_the_commit(
    intent: str | None, confidence: float | None, waits: bool
) -> None:
    assert routes(booked).waits_for_commit(intent, confidence) is waits
    assert not routes(booked, side_effects=False).waits_for_commit(intent, confidence)


@pytest.mark.parametrize("side_effects", [True, False])
async def test_a_handler_without_side_effects_runs_ahead_and_its_action_waits(
    side_effects: bool,
) -> None:
    ran: list[float] = []
    loop = asyncio.get_running_loop()

    def handler(told: Request) -> Reply:
        ran.append(loop.time())
        return BOOKED

    script: dict[str, Any] = {
        "meant": [Understanding("booking", 0.9, "neutral", 0.9)],
        "stt_s": 0.05,
    }
    talker = Talker(ScriptedEngine(**script), routes(handler, side_effects=side_effects))
    await talker.run((0.5, False), (0.5, True), (2.0, False))
    committed = next(at for at, event in talker.told if isinstance(event, events.UserSaid))
    acted = [at for at, event in talker.told if isinstance(event, events.Action)]
    assert len(ran) == 1 and len(acted) == 1
    assert (ran[0] >= committed) is side_effects
    assert acted[0] >= committed


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("don't book a table", True),
        ("Please do not book anything.", True),
        ("I don't want to book, what is the time", False),
    ],
)
async def test_a_denied_act_reaches_no_handler(text: str, answered: bool) -> None:
    ran: list[Request] = []

    def handler(told: Request) -> Reply:
        ran.append(told)
        return BOOKED

    router = routes(handler)
    assert await router.route(Request(text, "booking", 0.99)) == Routed(
        Reply(LEFT) if answered else None, "denied"
    )
    assert not router.waits_for_commit("booking", 0.99, text)
    engine = ScriptedEngine(
        meant=[Understanding("booking", 0.99, "neutral", 0.9)], answers=["From the model."]
    )
    record = await ask(new_conversation(engine, load("tiny"), router), text)
    assert ran == [] and record.action is None
    assert (record.handled_by, record.assistant_text) == (
        ("deny", LEFT) if answered else ("llm", "From the model.")
    )


async def test_an_intent_without_a_handler_is_not_claimed_to_be_done_when_it_is_denied() -> None:
    engine = ScriptedEngine(
        meant=[Understanding("home_control", 0.99, "neutral", 0.9)],
        answers=["Okay, turning it off."],
    )
    record = await ask(new_conversation(engine, load("tiny")), "Do not turn off the lamp.")
    assert record.assistant_text == LEFT and "llm" not in [stage for stage, _ in engine.calls]


async def test_a_handler_is_told_what_is_wanted_and_not_what_is_denied() -> None:
    engine = ScriptedEngine(meant=[Understanding("cancel_order", 0.99, "neutral", 0.9)])
    record = await ask(
        new_conversation(engine, load("tiny")), "Don't cancel order 4471, cancel order 4472."
    )
    assert record.action == "cancel_order" and record.params == {"order_number": "4472"}


@pytest.mark.parametrize(("language", "asked"), [("en", True), ("de", False), ("es", False)])
async def test_intents_of_an_english_model_act_on_no_other_language(
    language: str, asked: bool
) -> None:
    script = ScriptedEngine(
        transcripts=[Transcript("hallo", language, 0.0)],
        meant=[Understanding("greeting", 0.99, "neutral", 0.9)],
        answers=["From the model."],
    )
    talker = Talker(script, default_router(0.6, DEADLINE_S))
    await talker.run((0.5, False), (0.5, True), (3.0, False))
    assert ("intent" in [stage for stage, _ in script.calls]) is asked
    assert talker.turns[0].handled_by == ("greeting" if asked else None)
