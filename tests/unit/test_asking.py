"""Asked for an order number: it is taken, read back and confirmed, corrected or given up; no
circles."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.unit.talker import Talker
from tests.unit.typed import ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.api import (
    Classified,
    Classify,
    Transcript,
    Understanding,
)
from voice_local.skills import (
    asking,
    order_handlers,
)
from voice_local.skills.handlers import default_router
from voice_local.skills.request import Handler, Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
WHOLE_ONLY = {"interim_interval_ms": 10_000, "dips": False, "speculate": False}
"""Settings with which each utterance is transcribed once."""
LOST = ("out_of_scope", 0.3)
"""What a model makes of digits, as often as not."""


class Host:
    """A program that carries orders out; `done` says what it did."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def router(self, **how: bool) -> IntentRouter:
        """Its handlers, in place of the default ones."""
        router = default_router(0.6, 3.0)
        for intent, handler in order_handlers.WITH_HOST.items():
            router.register(intent, self._acting(handler), **how)
        return router

    def _acting(self, handler: Handler) -> Handler:
        def act(request: Request) -> Reply:
            reply = handler(request)
            assert isinstance(reply, Reply)
            if "order_number" in reply.params:
                self.done.append(f"{reply.action} {reply.params['order_number']}")
            return reply

        return act


async def converse(
    turns: list[tuple[str, tuple[str, float]]], router: IntentRouter | None = None
) -> list[ConversationTurn]:
    """The records of a typed conversation: (the user's words, (intent, confidence))."""
    meant: list[Understanding | Exception] = [
        Understanding(*meaning, "neutral", 0.9) for _, meaning in turns
    ]
    engine = ScriptedEngine(meant=meant, answers=["From the model."])
    context = new_conversation(Alike(engine), load("tiny"), router)
    return await ask_all(context, *(text for text, _ in turns))


class ByWords(ScriptedEngine):
    """Understands each text as `meaning` tells."""

    def meaning(self, text: str, topic: str | None) -> Understanding:
        """What `text` means, said while the talk is of `topic`."""
        raise NotImplementedError

    async def _classify(self, request: Classify) -> AsyncGenerator[Classified, None]:
        yield Classified(tuple(self.meaning(*pair) for pair in request.pairs))


class Alike(ByWords):
    """Understands the same words the same way, with a topic and without."""

    def __init__(self, script: ScriptedEngine) -> None:
        super().__init__(meant=script.meant, answers=script.answers)
        self._known: dict[str, Understanding] = {}

    def meaning(self, text: str, topic: str | None) -> Understanding:
        """As it was first told."""
        if topic is not None or text not in self._known:
            told = self._next("intent", text, self.meant)
            assert isinstance(told, Understanding)
            self._known[text] = told
        return self._known[text]


STATUS, CANCEL = ("check_order_status", 0.9), ("cancel_order", 0.95)


async def test_a_number_is_asked_for_taken_read_back_and_confirmed() -> None:
    host = Host()
    asked, heard, done = await converse(
        [
            ("cancel my order please", CANCEL),
            ("a b one two three four", LOST),
            ("yes", ("affirm", 0.9)),
        ],
        host.router(),
    )
    assert (
        asked.assistant_text == order_handlers.HOST_ASK_CANCEL
        and asked.action == order_handlers.ASK
    )
    assert heard.assistant_text == "I heard A B 1 2 3 4. Is that right?" and host.done == [
        "cancel_order AB1234"
    ]
    assert heard.params == {"for": "cancel_order", "order_number": "AB1234"}
    assert (done.action, done.params) == ("cancel_order", {"order_number": "AB1234"})
    assert done.assistant_text == "I am asking for order A B 1 2 3 4 to be cancelled."


@pytest.mark.parametrize(
    "meaning",
    [LOST, ("booking", 0.97), ("stop", 0.9), ("check_order_status", 0.9), ("music", 0.99)],
)
async def test_digits_are_the_number_whatever_the_model_says(meaning: tuple[str, float]) -> None:
    _, heard = await converse([("where is my order", STATUS), ("seven seven nine zero", meaning)])
    assert heard.params["order_number"] == "7790" and heard.handled_by == "check_order_status"


@pytest.mark.parametrize(("text", "number"), [("5", "5"), ("a b c d", "ABCD"), ("twelve", "12")])
async def test_a_short_or_odd_number_is_acted_on_once_it_is_confirmed(
    text: str, number: str
) -> None:
    host = Host()
    await converse([("cancel my order", CANCEL), (text, LOST), ("yes", LOST)], host.router())
    assert host.done == [f"cancel_order {number}"]


async def test_a_wrong_number_is_corrected() -> None:
    host = Host()
    records = await converse(
        [
            ("where is my order", STATUS),
            ("a b one two", LOST),
            ("no, it is a b 1 3", ("deny", 0.8)),
            ("that's right", LOST),
        ],
        host.router(),
    )
    assert [record.assistant_text for record in records[1:3]] == [
        "I heard A B 1 2. Is that right?",
        "I heard A B 1 3. Is that right?",
    ]
    assert host.done == ["check_order_status AB13"]


async def test_after_a_bare_no_the_whole_number_is_asked_for_again() -> None:
    host = Host()
    records = await converse(
        [
            ("where is my order", STATUS),
            ("AB12", LOST),
            ("no", ("deny", 0.9)),
            ("AB13", LOST),
            ("yes please", ("affirm", 0.8)),
        ],
        host.router(),
    )
    assert records[2].assistant_text == asking.WHOLE and host.done == ["check_order_status AB13"]


async def test_after_two_failures_something_else_is_offered() -> None:
    host = Host()
    records = await converse(
        [
            ("cancel my order", CANCEL),
            ("the blue one", LOST),
            ("you know, the lamp", LOST),
            ("tell me about lamps", LOST),
        ],
        host.router(),
    )
    assert [record.assistant_text for record in records] == [
        order_handlers.HOST_ASK_CANCEL,
        asking.AGAIN,
        asking.GIVE_UP,
        "From the model.",
    ]
    assert records[2].action == "order_number_failed" and host.done == []


async def test_without_a_host_the_number_is_read_back_and_nothing_is_claimed() -> None:
    _, _, done = await converse(
        [("cancel my order", CANCEL), ("A-B-1-2-3-4.", LOST), ("yes", ("affirm", 0.9))]
    )
    assert (done.action, done.params) == ("cancel_order", {"order_number": "AB1234"})
    assert done.assistant_text == "I heard order A B 1 2 3 4. Nothing here can cancel it."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("never mind", asking.LEAVE),
        ("I don't have it", asking.WITHOUT),
        ("no", asking.LEAVE),
        ("wait a moment", asking.WAIT),
        ("please don't cancel it", asking.LEAVE),
        ("where do I find it", asking.WHERE),
        ("what number?", asking.WHERE),
        ("I lost it", asking.WITHOUT),
    ],
)
async def test_who_has_no_number_is_not_pressed(text: str, said: str) -> None:
    host = Host()
    records = await converse(
        [("cancel my order", CANCEL), (text, CANCEL if "cancel" in text else LOST)], host.router()
    )
    assert records[1].assistant_text == said and host.done == []


async def test_time_to_look_is_no_failure() -> None:
    records = await converse(
        [
            ("cancel my order", CANCEL),
            ("hold on", LOST),
            ("one moment", LOST),
            ("hang on", LOST),
            ("it is AB 12 34", LOST),
        ]
    )
    assert [record.assistant_text for record in records[1:4]] == [asking.WAIT] * 3
    assert records[4].params["order_number"] == "AB1234"


async def test_another_matter_is_answered_and_the_number_still_taken() -> None:
    records = await converse(
        [
            ("cancel my order", CANCEL),
            ("how much is the lamp", ("product_question", 0.9)),
            ("AB 12 34", LOST),
        ]
    )
    assert (
        records[1].handled_by == "product_question"
        and records[2].params["order_number"] == "AB1234"
    )


async def test_a_question_is_no_failed_number() -> None:
    records = await converse(
        [("cancel my order", CANCEL), ("what is the time", LOST), ("AB 12 34", LOST)]
    )
    assert records[1].handled_by == "clock" and records[2].params == {
        "for": "cancel_order",
        "order_number": "AB1234",
    }


@pytest.mark.parametrize(
    ("text", "meaning", "by"),
    [
        ("please cancel the order I made, I live at 22 Baker Street", LOST, "cancel_order"),
        ("where's my last order", ("out_of_scope", 0.9), "check_order_status"),
        ("please do not cancel my order", LOST, "deny"),
        ("how do people cancel an order", LOST, "llm"),
        ("where is my order of books about goodbyes", ("farewell", 0.9), "farewell"),
    ],
)
async def test_a_request_in_so_many_words_needs_no_model(
    text: str, meaning: tuple[str, float], by: str
) -> None:
    (record,) = await converse([(text, meaning)])
    assert record.handled_by == by


async def test_the_question_is_forgotten_in_time() -> None:
    other = ("how much is the lamp", ("music", 0.9))
    records = await converse([("cancel my order", CANCEL), other, other, ("twelve", LOST)])
    assert records[3].handled_by == "llm"


async def test_an_emergency_comes_first() -> None:
    records = await converse(
        [("cancel my order", CANCEL), ("my kitchen is on fire", LOST), ("1234", LOST)]
    )
    assert records[1].handled_by == "emergency" and records[2].handled_by == "llm"


async def test_the_number_spoken_of_before_is_meant_by_it() -> None:
    host = Host()
    records = await converse(
        [
            ("where is order AB1234", STATUS),
            ("and can you cancel it please", CANCEL),
            ("yes", ("affirm", 0.9)),
        ],
        host.router(),
    )
    assert records[1].assistant_text == "Is order A B 1 2 3 4 the one that you want to cancel?"
    assert host.done == ["check_order_status AB1234", "cancel_order AB1234"]


async def test_what_is_said_of_it_needs_no_topic_to_carry_it() -> None:
    class Lifted(ByWords):
        def meaning(self, text: str, topic: str | None) -> Understanding:
            if text == "and cancel it please":
                return Understanding("cancel_order", 0.95 if topic else 0.3, "neutral", 0.9)
            return Understanding("check_order_status", 0.9, "neutral", 0.9)

    host = Host()
    context = new_conversation(Lifted(), load("tiny"), host.router())
    records = await ask_all(context, "where is order AB12", "and cancel it please", "yes")
    assert records[1].assistant_text == "Is order A B 1 2 the one that you want to cancel?"
    assert host.done == ["check_order_status AB12", "cancel_order AB12"]
    (first,) = await converse([("cancel it please", LOST)])
    assert first.handled_by == "llm", "nothing was spoken of"


async def test_a_bare_number_after_an_order_is_about_the_same() -> None:
    host = Host()
    await converse([("where is order AB1234", STATUS), ("and a b 5 5 1?", LOST)], host.router())
    assert host.done == ["check_order_status AB1234", "check_order_status AB551"]


@pytest.mark.parametrize(
    ("text", "number"), [("A B1234.", "AB1234"), ("order number 4711", "4711"), ("4711", None)]
)
async def test_a_code_by_itself_is_about_an_order(text: str, number: str | None) -> None:
    (record,) = await converse([(text, LOST)])
    assert record.params.get("order_number") == number
    assert record.handled_by == ("check_order_status" if number else "llm")


async def test_whoever_hears_no_answer_of_yes_or_no_is_asked_once_more() -> None:
    records = await converse(
        [("where is my order", STATUS), ("AB12", LOST), ("hm the lamp", LOST), ("blue lamp", LOST)]
    )
    assert records[2].assistant_text == "Is A B 1 2 the right number, yes or no?"
    assert records[3].assistant_text == asking.GIVE_UP


async def test_nothing_is_done_before_the_turn_is_over() -> None:
    host = Host()
    engine = ScriptedEngine(
        transcripts=["cancel my order", "AB 12", "yes"],
        meant=[Understanding("cancel_order", 0.9, "neutral", 0.9)],
    )
    talker = Talker(engine, host.router(), conversation=WHOLE_ONLY)
    await talker.run(
        (0.5, False),
        (0.5, True),
        (5.0, False),
        (0.5, True),
        (5.0, False),
        (0.5, True),
        (5.0, False),
    )
    assert host.done == ["cancel_order AB12"]
    assert [event.action for event in talker.of(events.Action)] == [
        order_handlers.ASK,
        order_handlers.CONFIRM,
        "cancel_order",
    ]


async def test_a_number_is_one_turn_with_a_pause_between_its_groups() -> None:
    engine = ScriptedEngine(
        transcripts=["cancel my order", "a b", "a b one two three four"],
        meant=[Understanding("cancel_order", 0.9, "neutral", 0.9, complete_prob=0.99)],
    )
    talker = Talker(
        engine,
        default_router(0.6, 3.0),
        conversation={"interim_interval_ms": 10_000, "dips": False},
    )
    await talker.run(
        (0.5, False),
        (0.5, True),
        (6.0, False),
        (0.5, True),
        (0.8, False),
        (0.8, True),
        (6.0, False),
    )
    assert [turn.user_text for turn in talker.turns] == [
        "cancel my order",
        "a b one two three four",
    ]
    assert talker.turns[1].params["order_number"] == "AB1234"


async def test_an_unsure_transcript_is_taken_for_a_number_that_is_read_back() -> None:
    unsure = Transcript("AB 12", "en", 0.0, avg_logprob=-5.0)
    engine = ScriptedEngine(
        transcripts=["where is my order", unsure, unsure],
        meant=[Understanding("check_order_status", 0.9, "neutral", 0.9)],
    )
    talker = Talker(engine, default_router(0.6, 3.0), conversation=WHOLE_ONLY)
    await talker.run((0.5, False), (0.5, True), (6.0, False), (0.5, True), (6.0, False))
    assert talker.turns[1].assistant_text == "I heard A B 1 2. Is that right?"


async def test_a_topic_lifts_no_intent_over_a_handlers_threshold() -> None:
    class Lifted(ByWords):
        def meaning(self, text: str, topic: str | None) -> Understanding:
            if text == "where is order AB12":
                return Understanding("check_order_status", 0.9, "neutral", 0.9)
            if text == "and cancel AB13":
                return Understanding("cancel_order", 0.9 if topic else 0.8, "neutral", 0.9)
            return Understanding("check_order_status", 0.8 if topic else 0.4, "neutral", 0.9)

    host = Host()
    engine = Lifted(answers=["From the model."])
    context = new_conversation(engine, load("tiny"), host.router())
    texts = ("where is order AB12", "the lamp is nice", "and cancel AB13")
    records = await ask_all(context, *texts)
    assert [record.handled_by for record in records] == [
        "check_order_status",
        "llm",
        "cancel_order",
    ]
    assert (records[1].intent, records[1].intent_confidence) == ("check_order_status", 0.8), (
        "told to the LLM"
    )
    assert host.done == ["check_order_status AB12", "cancel_order AB13"]


async def test_a_weak_intent_may_answer_what_its_handler_has_asked() -> None:
    class Lifted(ByWords):
        def meaning(self, text: str, topic: str | None) -> Understanding:
            return Understanding(
                "technical_support", 0.9 if topic or "printer" in text else 0.3, "neutral", 0.9
            )

    context = new_conversation(Lifted(answers=["From the model."]), load("tiny"))
    records = await ask_all(context, "my printer is broken", "that did not help")
    assert [record.handled_by for record in records] == ["technical_support"] * 2


async def test_who_is_asked_for_a_code_word_answers_the_verifier() -> None:
    def verifier(request: Request) -> bool | Reply:
        return "4711" in request.text or Reply("What is your code word?")

    host = Host()
    router = host.router(requires_auth=True)
    router.register_verifier(verifier)
    records = await converse(
        [
            ("cancel my order", CANCEL),
            ("order number 4711", LOST),
            ("AB 12 34", LOST),
            ("yes", LOST),
        ],
        router,
    )
    assert records[0].assistant_text == "What is your code word?"
    assert records[1].assistant_text == order_handlers.HOST_ASK_CANCEL, (
        "the verifier's, not an order's number"
    )
    assert host.done == ["cancel_order AB1234"]
