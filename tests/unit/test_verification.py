"""A verifier: who is asked, whose words it gets, and what is done once it is content."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.unit.skills_of import skills_of
from tests.unit.talker import Talker
from tests.unit.typed import ask, ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.phrases import NOT_VERIFIED
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.api import Understanding
from voice_local.skills.handlers import (
    EMERGENCY,
    default_router,
)
from voice_local.skills.request import Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
DONE, ASK = Reply("It is cancelled.", "cancel"), Reply("What is your code?")
ORDER, CODE, LAMP = "cancel order AB1234", "four seven", "what is a lamp"


def meaning(text: str) -> Understanding:
    """Orders, emergencies, and the rest."""
    if text.startswith("cancel"):
        return Understanding("cancel_order", 0.9)
    return (
        Understanding("emergency", 0.99) if "fire" in text else Understanding("out_of_scope", 0.9)
    )


class Host:
    """A host program whose customers have a code.

    Attributes:
        cancelled: requests of the handler. asked: requests of the verifier.
    """

    def __init__(self, **how: Any) -> None:
        self.cancelled: list[Request] = []
        self.asked: list[Request] = []
        self.router = default_router(0.6, 3.0)
        self.router.register("cancel_order", self.cancel, **how)

    def cancel(self, request: Request) -> Reply:
        """The handler."""
        self.cancelled.append(request)
        return DONE

    def verify(self, request: Request) -> bool | Reply | None:
        """The verifier: asks, then takes the code, then nothing else."""
        self.asked.append(request)
        if request.text == LAMP:
            return None
        return ASK if len(self.asked) == 1 else request.text == CODE


async def say(
    router: IntentRouter, *texts: str, authenticated: bool = False
) -> list[tuple[str, str | None, str | None]]:
    """(answer, action, who answered) of each turn of one conversation."""
    engine = ScriptedEngine(meant=[meaning(text) for text in texts], answers=["From the model."])
    context = new_conversation(engine, load("tiny"), router, authenticated=authenticated)
    turns = await ask_all(context, *texts)
    return [(turn.assistant_text, turn.action, turn.handled_by) for turn in turns]


async def test_the_next_turn_is_the_verifier_s_and_then_the_order_is_done() -> None:
    host = Host()
    host.router.register_verifier(host.verify)
    assert await say(host.router, ORDER, CODE) == [
        (ASK.text, "request_auth", "cancel_order"),
        (DONE.text, "cancel", "cancel_order"),
    ]
    assert [(request.text, request.verifying) for request in host.asked] == [
        (ORDER, False),
        (CODE, True),
    ]
    (done,) = host.cancelled
    assert done.text == ORDER and done.authenticated and done.entities == {"order_number": "AB1234"}
    assert host.asked[0].conversation_id == host.asked[1].conversation_id == done.conversation_id


@pytest.mark.parametrize("words", ["4711", "four seven one one", "it is 4 7 1 1", "it's 4711."])
async def test_a_reply_to_the_verifier_is_searched_for_a_code(words: str) -> None:
    host = Host()
    host.router.register_verifier(host.verify)
    await say(host.router, ORDER, words)
    assert host.asked[1].entities["order_number"] == "4711"


async def test_once_known_nobody_is_asked_again() -> None:
    host = Host()
    host.router.register_verifier(host.verify)
    assert [answer for answer, _, _ in await say(host.router, ORDER, CODE, ORDER)] == [
        ASK.text,
        DONE.text,
        DONE.text,
    ]
    assert len(host.asked) == 2
    host = Host()
    host.router.register_verifier(host.verify)
    assert (
        await say(host.router, ORDER, authenticated=True) == [(DONE.text, "cancel", "cancel_order")]
        and not host.asked
    )


async def test_a_wrong_code_is_refused_and_nothing_is_done() -> None:
    host = Host()
    host.router.register_verifier(host.verify)
    assert (await say(host.router, ORDER, "nine nine"))[1] == (
        NOT_VERIFIED,
        "auth_failed",
        "cancel_order",
    )
    assert host.cancelled == []


@pytest.mark.parametrize(
    ("text", "answer"), [(LAMP, "From the model."), ("there is a fire", EMERGENCY)]
)
async def test_words_about_something_else_are_answered_as_ever(text: str, answer: str) -> None:
    host = Host()
    host.router.register_verifier(host.verify)
    said = await say(host.router, ORDER, text, CODE)
    assert said[1][0] == answer and said[2][0] == "From the model.", "the question was given up"
    assert host.cancelled == []


async def test_without_a_verifier_nobody_is_asked() -> None:
    host = Host()
    assert await say(host.router, ORDER) == [(DONE.text, "cancel", "cancel_order")]
    host = Host(requires_auth=True)
    assert (
        await say(host.router, ORDER) == [(NOT_VERIFIED, "request_auth", "cancel_order")]
        and host.cancelled == []
    )
    skills = skills_of(new_conversation(ScriptedEngine(), load("tiny"), host.router))
    assert not skills.router.has_verifier
    host.router.register_verifier(host.verify)
    assert skills.router.has_verifier


@pytest.mark.parametrize("needed", [False, None])
async def test_what_needs_nobody_known_asks_nobody(needed: bool | None) -> None:
    host = Host(requires_auth=needed)
    host.router.register_verifier(host.verify)
    host.router.register("booking", host.cancel)  # nothing personal
    engine = ScriptedEngine(meant=[Understanding("booking", 0.9)])
    record = await ask(new_conversation(engine, load("tiny"), host.router), "book a table")
    assert record.assistant_text == DONE.text and not host.asked
    assert ((await say(host.router, ORDER))[0][0] == ASK.text) is (needed is None)


async def test_a_verifier_that_fails_or_hangs_has_verified_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(request: Request) -> bool:
        raise KeyError("accounts")

    async def hangs(request: Request) -> bool:
        await asyncio.sleep(60)
        return True

    for verifier in (broken, hangs):
        host = Host()
        host.router.register_verifier(verifier)
        assert (await say(host.router, ORDER))[0][:2] == (
            NOT_VERIFIED,
            "auth_failed",
        ) and host.cancelled == []
    assert "the verifier failed" in caplog.text and "the verifier took more than" in caplog.text


async def test_a_verifier_is_not_asked_before_the_user_has_surely_finished() -> None:
    """It counts attempts: speech that goes on must not be one."""
    host = Host()
    host.router.register_verifier(host.verify)
    engine = ScriptedEngine(
        transcripts=[ORDER, ORDER, CODE],
        meant=[meaning(ORDER), meaning(ORDER), meaning(CODE)],
        stt_s=0.05,
    )
    talker = Talker(
        engine, host.router, conversation={"interim_interval_ms": 100_000, "dips": False}
    )
    # The pause within the first utterance begins a thought that is thrown away.
    await talker.run(
        (0.5, False),
        (0.5, True),
        (0.2, False),
        (0.5, True),
        (3.0, False),
        (0.5, True),
        (3.0, False),
    )
    assert [request.text for request in host.asked] == [ORDER, CODE] and len(host.cancelled) == 1
    assert [event.action for event in talker.of(events.Action)] == ["request_auth", "cancel"]
    assert talker.turns[1].heard_text == DONE.text
