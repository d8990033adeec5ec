"""What a host program calls, with a scripted engine in place of the worker, in virtual time."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from voice_local.assistant import (
    Assistant,
)
from voice_local.bench.scripted import ScriptedEngine
from voice_local.card_conversation import Conversation
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.context.history import Exchange
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.api import Understanding
from voice_local.errors import (
    ConfigError,
    OutputError,
    TextInputError,
)
from voice_local.local.in_memory import InMemoryCard
from voice_local.local.recorder import Recorder
from voice_local.models.folder import (
    tiny_folder,
    write_manifest,
)
from voice_local.models.properties import intents_of
from voice_local.skills.handlers import default_router
from voice_local.skills.intents import Intent
from voice_local.skills.request import Request
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit


def assistant(
    router: IntentRouter | None = None, script: dict[str, Any] | None = None, **settings: Any
) -> Assistant:
    """One whose models follow a script."""
    made = Assistant(load("tiny", **settings), router)
    made.engine = ScriptedEngine(**(script or {"meant": [Understanding(None)]}))  # type: ignore[assignment]
    return made


def scripted(made: Assistant) -> ScriptedEngine:
    """Its engine."""
    assert isinstance(made.engine, ScriptedEngine)
    return made.engine


class Reader:
    """Reads a conversation's events beside the test."""

    def __init__(self, conversation: Conversation) -> None:
        self.told: list[events.Event] = []
        self.task = asyncio.create_task(self._read(conversation))

    async def _read(self, conversation: AsyncIterator[events.Event] | Conversation) -> None:
        async for event in conversation:
            self.told.append(event)

    def of(self, kind: type) -> list[Any]:
        """Events of one kind."""
        return [event for event in self.told if isinstance(event, kind)]


async def test_typed_turns_history_and_the_end() -> None:
    made = assistant()
    conversation = made.converse(InMemoryCard(made.settings.audio))
    reader = Reader(conversation)
    conversation.send_text("hi")
    await asyncio.sleep(5)
    conversation.say("Dinner is ready.")
    conversation.end()
    await asyncio.wait_for(reader.task, 10)
    said = [event.text for event in reader.of(events.AssistantSays)]
    assert said == ["Hello!", "How can I help you?", "Dinner is ready."]
    assert [(e.user, e.assistant) for e in conversation.history] == [
        ("hi", "Hello! How can I help you?")
    ]
    for text in ("", " ", "x" * 3000, "\udcff"):
        with pytest.raises(TextInputError):
            conversation.say(text)
        with pytest.raises(TextInputError):
            conversation.send_text(text)


async def test_an_answer_is_interrupted_by_the_host() -> None:
    made = assistant()
    async with made.converse(InMemoryCard(made.settings.audio)) as conversation:
        reader = Reader(conversation)
        conversation.send_text("hi")
        await asyncio.sleep(0.15)
        conversation.interrupt()
        await asyncio.sleep(0.1)
        assert (
            len(reader.of(events.Interrupted)) == 1
            and reader.of(events.TurnEnded)[0].record.interrupted
        )
        conversation.interrupt()  # nothing is left to be stopped
        await asyncio.sleep(0.1)
        assert len(reader.of(events.Interrupted)) == 1
    await asyncio.wait_for(reader.task, 1)


async def test_it_can_be_closed_while_it_is_read_and_twice_and_unread() -> None:
    made = assistant()
    conversation = made.converse(InMemoryCard(made.settings.audio), conversation_id="a")
    reader = Reader(conversation)
    await asyncio.sleep(0.1)
    await conversation.aclose()
    await conversation.aclose()
    await asyncio.wait_for(reader.task, 1)
    with pytest.raises(RuntimeError, match="read once"):
        aiter(conversation)
    await made.converse(InMemoryCard(made.settings.audio), conversation_id="a").aclose()
    async with made.converse(InMemoryCard(made.settings.audio), conversation_id="a") as stopped:
        stopped.send_text("hi")
        await asyncio.sleep(0.05)
        async for _ in stopped:
            break
    made.converse(InMemoryCard(made.settings.audio), conversation_id="a")


async def test_two_conversations_are_two(tmp_path: Path) -> None:
    made = assistant(memory={"store": tmp_path / "talks.db"})
    first, second = (made.converse(InMemoryCard(made.settings.audio)) for _ in range(2))
    assert first.id != second.id
    for conversation in (first, second):
        reader = Reader(conversation)
        conversation.send_text(f"I am {conversation.id}")
        conversation.end()
        await asyncio.wait_for(reader.task, 10)
    made.converse(InMemoryCard(made.settings.audio), conversation_id="shop 7")
    with pytest.raises(ConfigError, match="'shop 7' is running already"):
        made.converse(InMemoryCard(made.settings.audio), conversation_id="shop 7")
    again = made.converse(InMemoryCard(made.settings.audio), conversation_id=first.id)
    reader = Reader(again)
    await asyncio.sleep(0.1)
    assert [e.user for e in again.history] == [f"I am {first.id}"]
    await again.aclose()
    await asyncio.wait_for(reader.task, 10)


async def test_a_conversation_that_cannot_be_kept_any_more_goes_on(tmp_path: Path) -> None:
    made = assistant(memory={"store": tmp_path / "talks.db"})
    conversation = made.converse(InMemoryCard(made.settings.audio))
    reader = Reader(conversation)
    await asyncio.sleep(0.1)
    (tmp_path / "talks.db").write_text(
        "a disk that went bad, with so many bytes that they can be no database at all"
    )
    for _ in range(2):
        conversation.send_text("hi")
        await asyncio.sleep(5)
    conversation.end()
    await asyncio.wait_for(reader.task, 10)
    assert len(reader.of(events.TurnEnded)) == 2
    (stopped,) = reader.of(events.RecordingStopped)
    assert "talks.db" in stopped.why


async def test_a_full_disk_ends_the_recording_and_not_the_conversation() -> None:
    class FullRecorder(Recorder):
        """Writes no file; its disk is full from the third block on."""

        def __init__(self) -> None:
            self.count = 0

        def block(self, recorded: Any, played: Any) -> None:
            """See `Recorder`."""
            self.count += 1
            if self.count > 2:
                raise OutputError(
                    "recording into x has ended (No space left on device)", "free disk space"
                )

        def turn(self, record: Any) -> None:
            """See `Recorder`."""
            raise AssertionError("it is over")

        control = turn  # type: ignore[assignment]

    made = assistant()
    recorder = FullRecorder()
    conversation = made.converse(InMemoryCard(made.settings.audio), recorder)
    reader = Reader(conversation)
    await asyncio.sleep(0.5)
    conversation.send_text("hi")
    conversation.end()
    await asyncio.wait_for(reader.task, 10)
    assert [event.why for event in reader.of(events.RecordingStopped)] == [
        "recording into x has ended (No space left on device)"
    ]
    assert recorder.count == 3 and len(reader.of(events.TurnEnded)) == 1


async def test_who_is_authenticated() -> None:
    seen: list[Request] = []

    def handler(request: Request) -> Reply:
        seen.append(request)
        return Reply("Done.")

    router = default_router(0.6, 3.0)
    router.register("booking", handler, requires_auth=True)
    made = assistant(router, {"meant": [Understanding("booking", 0.9)]})
    conversation = made.converse(
        InMemoryCard(made.settings.audio), authenticated=True, conversation_id="call 7"
    )
    assert conversation.authenticated
    reader = Reader(conversation)
    for known in (True, False, True):
        conversation.authenticate(known)
        conversation.send_text("book a table")
        await asyncio.sleep(6)
    conversation.end()
    await asyncio.wait_for(reader.task, 10)
    assert [(request.authenticated, request.conversation_id) for request in seen] == [
        (True, "call 7")
    ] * 2
    assert [len(request.history) for request in seen] == [0, 2] and isinstance(
        seen[1].history[0], Exchange
    )
    assert not made.converse(InMemoryCard(made.settings.audio)).authenticated


async def test_instructions_reach_an_llm_that_can_follow_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = assistant(llm={"prompting": "instruct"})
    conversation = made.converse(
        InMemoryCard(made.settings.audio), instructions=" You work for the Hotel Astoria. "
    )
    reader = Reader(conversation)
    conversation.send_text("hi")
    conversation.end()
    await asyncio.wait_for(reader.task, 10)
    told: Any = next(argument for stage, argument in scripted(made).calls if stage == "llm")
    assert told[0]["content"].endswith("sentences. You work for the Hotel Astoria.")
    with pytest.raises(TextInputError, match="limit"):
        made.converse(InMemoryCard(made.settings.audio), instructions="x" * 2001)
    assert "cannot follow" not in caplog.text
    assistant().converse(
        InMemoryCard(made.settings.audio), instructions="You work for the Hotel Astoria."
    )
    assert "profile tiny cannot follow instructions" in caplog.text


async def test_an_unknown_voice_is_refused_with_the_list() -> None:
    made = assistant()
    with pytest.raises(TextInputError, match="unknown voice 'nobody'") as told:
        made.converse(InMemoryCard(made.settings.audio), voice="nobody")
    assert "coqui/slt-tiny" in told.value.remedy
    conversation = made.converse(InMemoryCard(made.settings.audio))
    with pytest.raises(TextInputError, match="unknown voice 'kokoro/no'"):
        conversation.set_voice("kokoro/no")
    with pytest.raises(TextInputError, match="unknown voice 'none'") as told:
        Assistant(load("tiny", tts={"voice": "none"}))
    assert "coqui/slt-tiny" in told.value.remedy


async def test_another_voice_from_the_next_sentence_on() -> None:
    made = assistant()
    conversation = made.converse(InMemoryCard(made.settings.audio), voice="coqui/slt-tiny")
    reader = Reader(conversation)
    conversation.send_text("hi")
    await asyncio.sleep(5)
    assert set(scripted(made).asked_voices) == {"slt-tiny"}
    conversation.set_voice("hibari/heart")
    conversation.send_text("hi")
    conversation.end()
    await asyncio.wait_for(reader.task, 10)
    assert scripted(made).asked_voices[-1] == "hibari/heart"


async def test_a_model_of_one_s_own_has_intents_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(
        tiny_folder(),
        folder,
        ignore=shutil.ignore_patterns("*.onnx", "*.bin", "*.gguf", "*.safetensors"),
    )
    about = json.loads((folder / "tiny-classifier" / "intent.json").read_text(encoding="utf-8"))
    (folder / "tiny-classifier" / "intent.json").write_text(
        json.dumps({**about, "labels": ["lesson", "homework"]})
    )
    write_manifest(folder)
    made = Assistant(load("tiny", models_dir=folder))
    made.router.register("homework", lambda request: None)
    with pytest.raises(ConfigError, match="unknown intent 'homwork'") as told:
        made.router.register("homwork", lambda request: None)
    assert "did you mean homework?" in told.value.remedy
    assert intents_of(load("tiny")) == intents_of(
        load("tiny", intent={"model": "tiny:tiny-classifier"})
    )
    assert set(intents_of(load("tiny"))) == set(Intent)
