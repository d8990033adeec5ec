"""The default handlers: what each says and asks the host program to do, and that it makes nothing
up."""

from __future__ import annotations

import re
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.talker import Talker
from tests.unit.typed import ask, ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import (
    events,
    phrases,
)
from voice_local.conversation.context import prompts
from voice_local.conversation.phrases import NO_ANSWER
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.api import (
    Message,
    Understanding,
)
from voice_local.skills import handlers
from voice_local.skills.handlers import default_router
from voice_local.skills.request import Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit

# Written out here, so that a changed or missing one is seen: intent, the user's words, what is
# said, action, params.
CASES: list[tuple[str, str, str, str | None, dict[str, str]]] = [
    (
        "check_order_status",
        "where is AB-1234",
        "I heard order A B 1 2 3 4. Nothing here can look it up.",
        "check_order_status",
        {"order_number": "AB1234"},
    ),
    (
        "check_order_status",
        "where is k nine zero seven x",
        "I heard order K 9 0 7 X. Nothing here can look it up.",
        "check_order_status",
        {"order_number": "K907X"},
    ),
    (
        "check_order_status",
        "where is my order",
        "I can take down the number, but nothing here can look it up. What is your order number?",
        "ask_order_number",
        {"for": "check_order_status"},
    ),
    (
        "cancel_order",
        "please cancel #1234",
        "I heard order 1 2 3 4. Nothing here can cancel it.",
        "cancel_order",
        {"order_number": "1234"},
    ),
    (
        "cancel_order",
        "please cancel it",
        "I can take down the number, but nothing here can cancel it. Which order number is it?",
        "ask_order_number",
        {"for": "cancel_order"},
    ),
    (
        "technical_support",
        "My Printer does not print",
        "I am sorry about the trouble. Please turn it off, wait ten "
        "seconds, and turn it on again. Did that help?",
        "technical_support",
        {"device": "printer"},
    ),
    (
        "technical_support",
        "it does not work",
        "I am sorry about the trouble. Please turn it off, wait ten seconds, and "
        "turn it on again. Did that help?",
        "technical_support",
        {},
    ),
    (
        "billing",
        "why was I charged $25.50 twice",
        "I can't look into bills, payments or accounts from here.",
        "billing",
        {"amount": "$25.50"},
    ),
    (
        "billing",
        "my bill is wrong",
        "I can't look into bills, payments or accounts from here.",
        "billing",
        {},
    ),
    (
        "product_question",
        "is the lamp red",
        "I can't look up products, prices or stock here.",
        "product_question",
        {"question": "is the lamp red"},
    ),
    ("greeting", "hello", "Hello! How can I help you?", None, {}),
    ("farewell", "bye", "Goodbye, and have a nice day!", "end_conversation", {}),
    ("repeat", "say that again", "I have not said anything yet.", None, {}),
    ("stop", "stop", "", "stop", {}),
    (
        "human_agent",
        "let me talk to a person",
        "I can't connect you with a person from here. I can only talk with you myself.",
        "transfer_to_human",
        {},
    ),
    (
        "emergency",
        "the house is on fire",
        "If someone is in danger, call the emergency number now. Say where you are and "
        "what happened, and stay on the line.",
        "emergency",
        {"text": "the house is on fire"},
    ),
    (
        "emergency",
        "I want to kill myself",
        "I am so sorry that it hurts this much. You do not have to go through it alone. "
        "Please call the emergency number or a crisis line now, and tell someone near you how you "
        "feel.",
        "emergency",
        {"text": "I want to kill myself"},
    ),
    (
        "emergency",
        "my brother wants to kill himself",
        "Please stay with them if you can, and call the emergency number or "
        "a crisis line now. Listen to them, and do not leave them alone.",
        "emergency",
        {"text": "my brother wants to kill himself"},
    ),
]


def contexts(engine: ScriptedEngine) -> list[str]:
    """System messages of the last call of the LLM."""
    sent = [argument for stage, argument in engine.calls if stage == "llm"][-1]
    return [
        message["content"] for message in cast("list[Message]", sent) if message["role"] == "system"
    ]


def meaning(intent: str) -> ScriptedEngine:
    """An engine that understands one intent in everything."""
    return ScriptedEngine(
        meant=[Understanding(intent, 0.9, "neutral", 0.9)], answers=["From the model."]
    )


def test_every_default_handler_is_in_the_cases() -> None:
    assert {intent for intent, *_ in CASES} == set(handlers.DEFAULT) - {"affirm", "deny"}, (
        "they only answer a question"
    )
    assert len(handlers.DEFAULT) == 13


@pytest.mark.parametrize(("intent", "text", "said", "action", "params"), CASES)
def test_a_default_handler(
    intent: str, text: str, said: str, action: str | None, params: dict[str, str]
) -> None:
    reply = handlers.DEFAULT[intent](Request(text, intent, 0.9))
    assert reply == Reply(said, action, params)


@pytest.mark.parametrize(("intent", "text", "said", "action", "params"), CASES)
async def test_a_default_intent_is_answered_without_the_llm(
    intent: str, text: str, said: str, action: str | None, params: dict[str, str]
) -> None:
    engine = meaning(intent)
    record = await ask(new_conversation(engine, load("tiny")), text)
    assert [stage for stage, _ in engine.calls] == ["intent"]
    assert (record.handled_by, record.assistant_text) == (intent, said)
    assert (record.action, record.params) == (action, params)


def test_repeat_says_the_last_answer_again() -> None:
    request = Request("say that again", "repeat", 0.9, last_answer="It costs ten dollars.")
    assert handlers.repeat(request).text == "It costs ten dollars."


async def test_repeat_knows_what_was_said_in_the_conversation() -> None:
    engine = ScriptedEngine(
        meant=[Understanding(None), Understanding("repeat", 0.9)], answers=["It is red."]
    )
    turns = await ask_all(new_conversation(engine, load("tiny")), "is the lamp red", "what")
    assert turns[1].assistant_text == "It is red."


@settings(deadline=None)
@given(
    st.sampled_from(sorted(handlers.DEFAULT)), st.text(alphabet="abXY 0123456789-#$.", max_size=40)
)
def test_nothing_is_made_up(intent: str, text: str) -> None:
    reply = handlers.DEFAULT[intent](Request(text, intent, 0.9))
    if reply is None:
        return  # left to the LLM
    assert isinstance(reply, Reply)
    code = reply.params.get("order_number", "")
    assert re.findall(r"\d", reply.text) == re.findall(r"\d", code), (
        "the only digits said are the order number's"
    )
    assert set(code) <= set(text.upper())
    for name, value in reply.params.items():
        if name in ("question", "text"):
            assert value == text
        elif name in ("amount", "device"):
            assert value in text
        else:
            assert name == "order_number" or (name, value) == ("for", intent)


@pytest.mark.parametrize(
    "device",
    [
        "printer",
        "router",
        "printer, it is broken",
    ],
)
def test_the_device_is_found(device: str) -> None:
    reply = handlers.technical_support(Request(f"it is my {device}", "technical_support", 0.9))
    assert reply.params == {"device": device.split(",")[0]}


@pytest.mark.parametrize(
    "amount",
    [
        "25",
        "$25",
        "$25.50",
        "€9.99",
        "$1,250.00",
    ],
)
def test_the_amount_is_found(amount: str) -> None:
    reply = handlers.billing(Request(f"I was charged {amount} twice", "billing", 0.9))
    assert reply.params == {"amount": amount}


def _fails(request: Request) -> Reply:
    raise RuntimeError("no line")


@pytest.mark.parametrize("intent", sorted(handlers.DEFAULT))
async def test_only_an_emergency_never_falls_back_to_the_llm(
    intent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(handlers.DEFAULT, intent, _fails)
    engine = meaning(intent)
    record = await ask(
        new_conversation(engine, load("tiny")), "fire" if intent == "emergency" else "so it is"
    )
    assert record.fallbacks == [f"handler_failed: {intent}"]
    asked = "llm" in [stage for stage, _ in engine.calls]
    assert asked is (intent != "emergency"), intent
    assert record.assistant_text == ("From the model." if asked else NO_ANSWER)


@pytest.mark.parametrize("intent", sorted(handlers.DEFAULT))
def test_default_handlers_may_run_ahead_of_the_commit(intent: str) -> None:
    assert not default_router(0.6, 3.0).waits_for_commit(intent, 0.9)


async def test_stop_is_silent_and_told() -> None:
    engine = meaning("stop")
    engine.transcripts = ["please be silent for a while"]
    talker = Talker(engine, default_router(0.6, 3.0))
    await talker.run((0.5, False), (0.5, True), (2.0, False), prepare=True)
    assert [e.action for e in talker.of(events.Action)] == ["stop"]
    assert talker.kinds() == ["UserSaid", "Action", "TurnEnded"]
    assert not talker.sounding(0, 3.0)
    assert [stage for stage, _ in talker.engine.calls if stage == "llm"] == []


async def test_a_default_answer_is_heard_from_prepared_sound() -> None:
    talker = Talker(meaning("human_agent"), default_router(0.6, 3.0))
    await talker.context.prepare()
    prepared = len([stage for stage, _ in talker.engine.calls if stage == "tts"])
    await talker.run((0.5, False), (0.5, True), (4.0, False))
    assert talker.turns[0].heard_text == handlers.HUMAN, "in one piece"
    assert talker.sounding(1.0, 3.0)
    assert len([stage for stage, _ in talker.engine.calls if stage == "tts"]) == prepared


def test_every_fixed_answer_is_prepared() -> None:
    said = {said for intent, _, said, _, params in CASES if said and "order_number" not in params}
    assert said | {handlers.STILL_BROKEN, handlers.NO_MORE_ADVICE, handlers.WORKS_AGAIN} == set(
        handlers.FIXED
    )


LLM_INTENTS = {
    "complaint": "Be empathetic and solution-oriented.",
    "booking": "Help with scheduling.",
    "appointment": "Help with scheduling.",
    "technical_support": "Be precise and go step by step.",
    "billing": "Be accurate and offer a hand-over to a person.",
    "symptom": "Give no diagnosis, offer to call the clinic.",
    "medication": "Give no doses, offer to ask the pharmacy.",
}


def test_every_intent_prompt_is_in_the_cases() -> None:
    assert set(LLM_INTENTS) == set(prompts.INTENT_PROMPTS)


@pytest.mark.parametrize("intent", LLM_INTENTS)
async def test_an_intent_reaches_the_llm_with_its_own_prompt(intent: str) -> None:
    router = IntentRouter(0.6, 3.0)
    for name, handler in handlers.DEFAULT.items():
        if name != intent:
            router.register(name, handler)
    engine = meaning(intent)
    record = await ask(new_conversation(engine, load("tiny"), router), "help me")
    assert record.handled_by == "llm" and record.assistant_text == "From the model."
    told = f"The user's intent is {intent.replace('_', ' ')}. {LLM_INTENTS[intent]} {prompts.EMOTION_PROMPTS['neutral']}"
    assert contexts(engine)[-1] == told


@pytest.mark.parametrize("intent", sorted(set(LLM_INTENTS) - set(handlers.DEFAULT)))
async def test_the_default_router_leaves_it_to_the_llm(intent: str) -> None:
    engine = meaning(intent)
    record = await ask(new_conversation(engine, load("tiny")), "so it is")
    assert record.handled_by == "llm" and LLM_INTENTS[intent] in contexts(engine)[-1]


async def test_out_of_scope_is_no_intent_to_the_llm() -> None:
    engine = meaning("out_of_scope")
    await ask(new_conversation(engine, load("tiny")), "blah")
    assert contexts(engine) == [prompts.SYSTEM_PROMPT, prompts.EMOTION_PROMPTS["neutral"]]


@pytest.mark.parametrize("intent", sorted(handlers.DEFAULT))
def test_no_default_answer_claims_or_offers_a_deed(intent: str) -> None:
    """Without a host program nothing is looked up, connected or asked for."""
    for case in (case for case in CASES if case[0] == intent and "order" not in intent):
        said = handlers.DEFAULT[intent](Request(case[1], intent, 0.9))
        assert isinstance(said, Reply)
        assert not re.search(
            r"\b(?:let me|I will|I am (?!so|sorry)|one moment)\b|connect you with a person\. One",
            said.text,
            re.IGNORECASE,
        )


async def test_a_repair_goes_on_and_ends() -> None:
    """loop-1: the same three sentences every time, after "it did" too."""

    async def said(*words: str) -> list[str]:
        context = new_conversation(meaning("technical_support"), load("tiny"))
        return [turn.assistant_text for turn in await ask_all(context, *words)]

    broken = "my printer does not work"
    assert await said(broken, "that did not help", "it still does nothing", "no") == [
        handlers.SUPPORT,
        handlers.STILL_BROKEN,
        handlers.NO_MORE_ADVICE,
        handlers.NO_MORE_ADVICE,
    ]
    assert await said(broken, "it did") == [handlers.SUPPORT, handlers.WORKS_AGAIN]


@pytest.mark.parametrize(
    ("asked", "intent", "said"),
    [
        (handlers.SUPPORT, "affirm", handlers.WORKS_AGAIN),
        (handlers.SUPPORT, "deny", handlers.STILL_BROKEN),
        (handlers.SUPPORT.removesuffix(" help?"), "affirm", handlers.WORKS_AGAIN),
        ("I am sorry about the trouble.", "affirm", None),
        ("Do you like tea?", "affirm", None),
        ("Do you like tea?", "deny", None),
        ("", "deny", None),
    ],
)
def test_a_yes_or_no_answers_whether_it_helped(asked: str, intent: str, said: str | None) -> None:
    """yes-1: said over the question's end, it was answered with "I do not know that"."""
    reply = handlers.DEFAULT[intent](Request("yes", intent, 0.9, last_answer=asked))
    assert (reply.text if isinstance(reply, Reply) else reply) == said


@pytest.mark.parametrize("laughter", ["Ha ha ha ha.", "hahaha", "He he he"])
async def test_laughter_is_no_command(laughter: str) -> None:
    """ha-1: a model took it for "stop"."""
    record = await ask(new_conversation(meaning("stop"), load("tiny")), laughter)
    assert record.action is None and record.handled_by == "llm" and record.assistant_text


async def test_stop_needs_a_word_for_it() -> None:
    record = await ask(new_conversation(meaning("stop"), load("tiny")), "what a lovely day")
    assert record.handled_by == "llm" and record.action is None


@pytest.mark.parametrize("text", ["🔥🔥🔥", "…", "?!"])
async def test_what_holds_no_word_is_asked_about(text: str) -> None:
    engine = meaning("affirm")
    record = await ask(new_conversation(engine, load("tiny")), text)
    assert record.assistant_text == phrases.NO_WORDS and not engine.calls


async def test_a_question_about_people_is_no_wish_for_one() -> None:
    record = await ask(
        new_conversation(meaning("human_agent"), load("tiny")), "what does a manager do all day"
    )
    assert record.handled_by == "llm"
