"""Conversations kept in a file: never mixed, changed as the history is, listed, deleted, taken up
again."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voice_local.assistant import Assistant
from voice_local.bench.scripted import ScriptedEngine
from voice_local.card_conversation import Conversation
from voice_local.config import MemorySettings, load
from voice_local.conversation import events
from voice_local.conversation.context import store as store_module
from voice_local.conversation.context.history import Exchange, Memory
from voice_local.conversation.context.store import ConversationStore, Kept
from voice_local.conversation.options import SessionUpdate
from voice_local.engine.api import Understanding
from voice_local.local.in_memory import InMemoryCard

pytestmark = pytest.mark.unit

FORMER_SCHEMA = """
create table exchanges (
    conversation text not null, number integer not null, at real not null, context text not null,
    user text not null, assistant text not null, primary key (conversation, number));
create table summaries (
    conversation text primary key, summary text not null, told integer not null);
insert into exchanges values ('anna', 0, 100.5, 'calm', 'hello', 'Hello to you.');
insert into exchanges values ('anna', 1, 101.5, '', 'and then?', 'Nothing.');
insert into exchanges values ('ben', 0, 99.0, '', 'hi', 'Hi Ben.');
insert into summaries values ('anna', 'They greeted.', 1);
"""


def memory(*said: tuple[str, str]) -> Memory:
    """The history of (the user's words, the answer)."""
    made = Memory(MemorySettings(strategy="full"), "System.")
    for number, (user, assistant) in enumerate(said):
        made.add("", user, assistant, f"turn/{number}")
    return made


def kept(made: Memory) -> Kept:
    """As an assistant keeps it."""
    return Kept(tuple(made.exchanges), *made.summary_state)


def restored(store: ConversationStore, conversation_id: str) -> list[tuple[str, str]]:
    """The turns that the file holds of it."""
    made = memory()
    count = store.restore(conversation_id, made)
    assert count == len(made.exchanges)
    return [(one.user, one.assistant) for one in made.exchanges]


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    """A file that is not there yet."""
    return ConversationStore(tmp_path / "talks.db")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The store's clock: set `now`."""
    hand = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(store_module, "time", SimpleNamespace(time=lambda: hand.now))
    return hand


def test_two_conversations_never_mix(store: ConversationStore) -> None:
    anna, ben = memory(), memory()
    for number in range(4):
        for made, name in ((anna, "anna"), (ben, "ben")):
            made.add("", f"{name} asks {number}", f"for {name} {number}")
            store.save(name, kept(made))
    anna.summary_state = ("Anna asked.", 2)
    store.save("anna", kept(anna))
    for name in ("anna", "ben"):
        expected = [(f"{name} asks {number}", f"for {name} {number}") for number in range(4)]
        assert restored(store, name) == expected
    found = memory()
    store.restore("ben", found)
    assert found.summary_state == ("", 0)
    store.restore("anna", found)
    assert found.summary_state == ("Anna asked.", 2)


def test_an_answer_that_was_truncated_is_kept_so(store: ConversationStore) -> None:
    made = memory(("tell me", "A long story. And its end."), ("thanks", "Any time."))
    store.save("anna", kept(made))
    assert made.truncate("turn/0", "A long")
    store.save("anna", kept(made))
    assert restored(store, "anna") == [("tell me", "A long"), ("thanks", "Any time.")]


def test_what_was_forgotten_is_gone_from_the_file_too(store: ConversationStore) -> None:
    made = memory(("my name is Anna", "Hello Anna."), ("and I am ill", "I am sorry."))
    made.summary_state = ("She is ill.", 2)
    store.save("anna", kept(made))
    store.save("ben", kept(memory(("hi", "Hi."))))
    made.forget_all()
    store.save("anna", kept(made))
    found = memory()
    assert store.restore("anna", found) == 0 and found.summary_state == ("", 0)
    made.add("", "hello", "Hello.")
    store.save("anna", kept(made))
    assert restored(store, "anna") == [("hello", "Hello.")]
    assert restored(store, "ben") == [("hi", "Hi.")]


def test_the_latest_comes_first(store: ConversationStore, clock: SimpleNamespace) -> None:
    talks = {name: memory((f"I am {name}", "Hello.")) for name in ("anna", "ben", "carl")}
    for name, made in talks.items():
        clock.now += 10
        store.save(name, kept(made))
    assert store.ids() == ["carl", "ben", "anna"]
    clock.now += 10
    store.save("ben", kept(talks["ben"]))
    assert store.ids() == ["carl", "ben", "anna"], "nothing was said in it since"
    talks["anna"].add("", "again", "Yes?")
    store.save("anna", kept(talks["anna"]))
    assert store.ids() == ["anna", "carl", "ben"]


def test_deleting(store: ConversationStore) -> None:
    assert store.ids() == [] and not store.delete("anna")
    made = memory(("hi", "Hi."))
    made.summary_state = ("They greeted.", 1)
    store.save("anna", kept(made))
    store.save("ben", kept(memory(("hi", "Hi Ben."))))
    assert store.delete("anna") and store.ids() == ["ben"]
    found = memory()
    assert store.restore("anna", found) == 0 and found.summary_state == ("", 0)
    assert not store.delete("anna") and restored(store, "ben") == [("hi", "Hi Ben.")]


def test_a_file_of_the_former_schema(tmp_path: Path) -> None:
    path = tmp_path / "talks.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORMER_SCHEMA)
    store, found = ConversationStore(path), memory()
    assert store.ids() == ["anna", "ben"]
    assert store.restore("anna", found) == 2 and found.summary_state == ("They greeted.", 1)
    assert found.exchanges == [
        Exchange("calm", "hello", "Hello to you."),
        Exchange("", "and then?", "Nothing."),
    ]
    found.add("", "go on", "I do.", "turn/2")
    store.save("anna", kept(found))
    assert [user for user, _ in restored(store, "anna")] == ["hello", "and then?", "go on"]
    with closing(sqlite3.connect(path)) as connection:
        times = connection.execute(
            "select at from exchanges where conversation = 'anna' order by number"
        ).fetchall()
    assert times[:2] == [(100.5,), (101.5,)], "what was there keeps its time"
    assert store.delete("ben") and store.ids() == ["anna"]


# As an assistant does it.


def assistant(path: Path) -> tuple[Assistant, ScriptedEngine]:
    """One that keeps its conversations in `path`, and its engine."""
    settings = load("tiny", memory={"store": path}, llm={"prompting": "instruct"})
    made, engine = Assistant(settings), ScriptedEngine(meant=[Understanding(None)])
    made.engine = engine  # type: ignore[assignment]
    return made, engine


def begun(made: Assistant, conversation_id: str) -> Conversation:
    """A conversation that nobody reads yet."""
    return made.converse(InMemoryCard(made.settings.audio), conversation_id=conversation_id)


async def read(conversation: Conversation) -> list[events.Event]:
    """All that it tells."""
    return [event async for event in conversation]


def prompts(engine: ScriptedEngine) -> list[list[str]]:
    """What the LLM was told by users and assistant, prompt by prompt."""
    told: list[Any] = [argument for stage, argument in engine.calls if stage == "llm"]
    return [[one["content"] for one in prompt[1:]] for prompt in told]


async def test_conversations_side_by_side_are_kept_apart(tmp_path: Path) -> None:
    made, _ = assistant(tmp_path / "talks.db")
    names = ("anna", "ben", "carl")
    talks = [begun(made, name) for name in names]
    reading = [asyncio.create_task(read(talk)) for talk in talks]
    await asyncio.sleep(0.1)
    for _ in range(2):
        for talk in talks:
            talk.send_text(f"I am {talk.id}")
        await asyncio.sleep(5)
    for talk in talks:
        talk.end()
    await asyncio.gather(*reading)
    assert sorted(await made.kept_conversations()) == list(names)
    store = ConversationStore(tmp_path / "talks.db")
    for name in names:
        assert restored(store, name) == [(f"I am {name}", "Hello! How can I help you?")] * 2
    assert await made.forget_conversation("ben") and not await made.forget_conversation("ben")
    assert sorted(await made.kept_conversations()) == ["anna", "carl"]


async def test_what_is_sent_at_once_is_answered_with_what_was_kept(tmp_path: Path) -> None:
    """It is sent before the events are read, so before the file has been."""
    ConversationStore(tmp_path / "talks.db").save("anna", kept(memory(("I am Anna", "Hi Anna."))))
    made, engine = assistant(tmp_path / "talks.db")
    talk = begun(made, "anna")
    talk.send_text("who am I")
    talk.end()
    await asyncio.wait_for(read(talk), 30)
    assert [told[:3] for told in prompts(engine)] == [["I am Anna", "Hi Anna.", "who am I"]]
    assert [one.user for one in talk.history] == ["I am Anna", "who am I"]
    found = restored(ConversationStore(tmp_path / "talks.db"), "anna")
    assert [user for user, _ in found] == ["I am Anna", "who am I"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_conversation_that_forgets_is_kept_without_it(
    tmp_path: Path, at_once: bool
) -> None:
    ConversationStore(tmp_path / "talks.db").save("anna", kept(memory(("I am ill", "Oh."))))
    made, engine = assistant(tmp_path / "talks.db")
    talk = begun(made, "anna")
    if at_once:
        talk.update(SessionUpdate(remember=False))
    reading = asyncio.create_task(read(talk))
    await asyncio.sleep(0.1)
    if not at_once:
        assert [one.user for one in talk.history] == ["I am ill"]
        talk.update(SessionUpdate(remember=False))
    assert talk.history == ()
    talk.send_text("hi")
    talk.end()
    await reading
    assert prompts(engine)[-1] == ["hi"]
    assert [user for user, _ in restored(ConversationStore(tmp_path / "talks.db"), "anna")] == [
        "hi"
    ]
