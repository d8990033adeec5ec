"""What the conversation is about goes to the understanding with every turn."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from tests.unit.typed import ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation.context.intent_context import (
    PASSING,
    IntentContext,
)
from voice_local.engine.api import Classified, Classify, Understanding
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter


class Told(ScriptedEngine):
    """Keeps the topic that came with each turn."""

    topics: list[str | None]

    def _classify(self, request: Classify) -> AsyncGenerator[Classified, None]:
        self.topics += [topic for _, topic in request.pairs]
        return super()._classify(request)


async def test_each_turn_is_understood_with_the_topic_before_it() -> None:
    intents = ("greeting", "booking", "affirm", "out_of_scope", "music", "music")
    meant: list[Understanding | Exception] = [
        Understanding(intent, 0.9, "neutral", 0.9) for intent in intents
    ]
    engine = Told(meant=meant, answers=["Fine."] * len(meant))
    engine.topics = []
    context = new_conversation(engine, load("tiny"), IntentRouter(2.0, 1.0))
    await ask_all(context, *["and that too"] * len(meant))
    assert engine.topics == [None, None, "booking", "booking", "booking", "music"]


def test_passing_words_leave_the_topic() -> None:
    topic = IntentContext()
    topic.update("billing")
    for intent in (*sorted(PASSING), None):
        topic.update(intent)
        assert topic.intent == "billing"
    topic.update("booking")
    assert topic.intent == "booking"
