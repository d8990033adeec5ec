"""What the LLM is told of the past: strategies, budget, summaries; and conversations kept in a
file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from tests.unit.talker import Talker
from tests.unit.typed import ask
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    MemorySettings,
    load,
)
from voice_local.conversation.context.history import (
    Exchange,
    Memory,
    estimate_tokens,
)
from voice_local.conversation.context.prompts import SUMMARY_PROMPT
from voice_local.conversation.context.store import ConversationStore, Kept
from voice_local.engine.api import (
    Generate,
    GenerateItem,
    GenerateOptions,
    Message,
    Priority,
)
from voice_local.errors import (
    OutputError,
    StageError,
    TextInputError,
    WorkerDiedError,
)
from voice_local.skills.responder import (
    new_conversation,
)

pytestmark = pytest.mark.unit
STRATEGIES = ("full", "sliding_window", "summary_recent")


def memory(
    strategy: str, exchanges: int = 0, turns: int = 3, token_budget: int = 100_000
) -> Memory:
    """A memory with so many short exchanges."""
    made = Memory(
        MemorySettings(strategy=strategy, turns=turns, token_budget=token_budget), "System."
    )
    for number in range(exchanges):
        made.add(f"context {number}", f"user {number}", f"answer {number}")
    return made


def kept(made: Memory) -> Kept:
    """`made` as a file keeps it."""
    return Kept(tuple(made.exchanges), *made.summary_state)


def sent(made: Memory) -> list[int]:
    """Numbers of the exchanges that are sent, checked to be whole and in order."""
    messages = made.messages("now", "hi")
    assert messages[0]["role"] == "system" and messages[-2:] == [
        Message(role="system", content="now"),
        Message(role="user", content="hi"),
    ]
    past = messages[1:-2]
    numbers = [int(message["content"].split()[1]) for message in past[::3]]
    assert past == [
        message
        for n in numbers
        for message in (
            Message(role="system", content=f"context {n}"),
            Message(role="user", content=f"user {n}"),
            Message(role="assistant", content=f"answer {n}"),
        )
    ]
    assert numbers == list(range(numbers[0], len(made.exchanges))) if numbers else True
    return numbers


def test_full_sends_all_that_fits() -> None:
    assert sent(memory("full", 50)) == list(range(50))
    few = sent(memory("full", 50, token_budget=300))
    assert 0 < len(few) < 50 and few[-1] == 49, "the newest stay"


@pytest.mark.parametrize("turns", [1, 3, 8])
def test_a_sliding_window_sends_the_last_turns(turns: int) -> None:
    made = memory("sliding_window", 2, turns)
    assert sent(made) == [0, 1][-turns:]
    for number in range(2, 30):
        made.add(f"context {number}", f"user {number}", f"answer {number}")
        assert sent(made) == list(range(30))[max(0, number + 1 - turns) : number + 1]


async def test_summary_recent_sends_a_summary_and_the_last_turns() -> None:
    made = memory("summary_recent", 5)
    assert not made.wants_summary and sent(made) == list(range(5))
    assert made.messages("", "hi")[0]["content"] == "System."
    made.add("context 5", "user 5", "answer 5")
    assert made.wants_summary, "twice the turns"
    engine = ScriptedEngine(answers=["They  spoke\nof zero to two."])
    await made.summarize(engine)
    assert not made.wants_summary and sent(made) == [3, 4, 5]
    assert made.messages("", "hi")[0]["content"] == "System. Earlier: They spoke of zero to two."
    ((_, request),) = engine.calls
    assert request == [
        Message(role="system", content=SUMMARY_PROMPT),
        Message(
            role="user",
            content=(
                "User: user 0\nAssistant: answer 0\nUser: user 1\nAssistant: answer 1\nUser: user "
                "2\nAssistant: answer 2"
            ),
        ),
    ]


async def test_a_later_summary_tells_the_earlier_one_too() -> None:
    made = memory("summary_recent", 6)
    await made.summarize(ScriptedEngine(answers=["First."]))
    for number in range(6, 9):
        assert not made.wants_summary
        made.add(f"context {number}", f"user {number}", f"answer {number}")
    assert made.wants_summary
    engine = ScriptedEngine(answers=["First and second."])
    await made.summarize(engine)
    told = cast("list[Message]", engine.calls[0][1])[1]["content"]
    assert told.startswith("Earlier: First.\nUser: user 3\n") and told.endswith("answer 5")
    assert made.summary_state == ("First and second.", 6) and sent(made) == [6, 7, 8]


@pytest.mark.parametrize("strategy", ["full", "sliding_window"])
def test_other_strategies_want_no_summary(strategy: str) -> None:
    assert not memory(strategy, 50).wants_summary


@pytest.mark.parametrize(
    "answer", [StageError("out of memory"), WorkerDiedError("gone"), TextInputError("too long"), ""]
)
async def test_a_failed_summary_changes_nothing(answer: str | Exception) -> None:
    made = memory("summary_recent", 6)
    before = made.messages("", "hi")
    await made.summarize(ScriptedEngine(answers=[answer]))
    assert made.messages("", "hi") == before and made.summary_state == ("", 0)
    assert not made.wants_summary, "not again at once"


async def test_a_summary_is_short() -> None:
    asked: list[GenerateOptions] = []

    class Engine(ScriptedEngine):
        def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
            asked.append(request.options)
            return super()._generate(request)

    engine = Engine()
    await memory("summary_recent", 6).summarize(engine)
    assert asked == [GenerateOptions(max_tokens=120)]
    assert [context.priority for context in engine.contexts] == [Priority.BACKGROUND]


async def test_a_failing_summary_is_not_asked_for_at_every_frame() -> None:
    engine = ScriptedEngine(answers=["Yes.", "Yes.", StageError("out of memory")])
    talker = Talker(engine, memory={"strategy": "summary_recent", "turns": 1})
    await talker.run((0.5, False), *[(0.5, True), (1.5, False)] * 2, (6.0, False))
    assert 3 <= len([stage for stage, _ in engine.calls if stage == "llm"]) <= 8


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("budget", [400, 1500])
async def test_the_budget_holds_over_a_long_conversation(strategy: str, budget: int) -> None:
    made = Memory(
        MemorySettings(strategy=strategy, turns=6, token_budget=budget),
        "You are a helpful voice assistant.",
    )
    engine = ScriptedEngine(answers=["They spoke of bread. " * 15])
    for number in range(200):
        messages = made.messages("The user sounds happy.", f"question {number}")
        assert estimate_tokens(messages) <= budget
        made.add(
            "context " * 5, f"user {number} " * (number % 20), f"answer {number} " * (number % 37)
        )
        if made.wants_summary:
            await made.summarize(engine)
    assert (made.summary != "") is (strategy == "summary_recent")


def test_an_exchange_longer_than_the_budget_is_left_out() -> None:
    made = memory("full", 3, token_budget=300)
    made.add("", "x" * 5000, "y" * 5000)
    assert [m["content"] for m in made.messages("", "hi")] == ["System.", "hi"]


@pytest.mark.parametrize("strategy", ["full", "summary_recent"])
def test_a_cut_frees_half_so_that_the_start_stays_for_a_while(strategy: str) -> None:
    made = Memory(
        MemorySettings(strategy=strategy, turns=6, token_budget=1500),
        "You are a helpful voice assistant.",
    )
    prompts = []
    for number in range(200):
        prompts.append(made.messages("", f"question {number}"))
        made.add("", f"question {number}", f"{number:03} " + "word " * 39)
    changes = [(a, b) for a, b in pairwise(prompts) if b[: len(a)] != a]
    assert 10 <= len(changes) <= 25, "one in ten or so, not every turn"
    for before, after in changes:
        assert estimate_tokens(before) > 1500 - 80, "only when it is full"
        assert 1500 // 2 - 80 <= estimate_tokens(after) <= 1500 // 2


def test_the_oldest_can_be_forgotten_one_by_one() -> None:
    made = memory("full", 2)
    assert made.forget_oldest() and sent(made) == [1]
    assert made.forget_oldest() and sent(made) == []
    assert not made.forget_oldest()


def test_words_that_got_no_answer_go_with_the_next_ones() -> None:
    """Cut off before a word of the answer was played: roles have to take turns all the same."""
    made = memory("full")
    for user, assistant in (("one", ""), ("two", ""), ("three", "Yes."), ("four", "")):
        made.add("calm", user, assistant)
    assert made.messages("now", "hi")[1:] == [
        Message(role="system", content="calm"),
        Message(role="user", content="one\ntwo\nthree"),
        Message(role="assistant", content="Yes."),
        Message(role="system", content="now"),
        Message(role="user", content="four\nhi"),
    ]
    assert made.last_answer == ""


async def test_history_keeps_what_was_heard() -> None:
    long = "The first part is here and has some words. The second part is longer than the one before it was."
    engine = ScriptedEngine(
        answers=[long, "Fine."], transcripts=["tell me", "stop that please"], stt_s=0.05
    )
    talker = await Talker(engine).run(
        (0.5, False), (0.35, True), (1.0, False), (1.0, True), (3.0, False)
    )
    heard = talker.turns[0].heard_text
    assert heard and long.startswith(heard) and heard != long
    second = cast(
        "list[Message]", [argument for stage, argument in engine.calls if stage == "llm"][-1]
    )
    assert [m["content"] for m in second if m["role"] == "assistant"] == [heard]


async def test_nothing_is_stored_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("tiny").memory.store is None
    await ask(new_conversation(ScriptedEngine(), load("tiny")), "hi")
    assert list(tmp_path.iterdir()) == []


async def test_a_conversation_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    made = memory("summary_recent", 6)
    await made.summarize(ScriptedEngine(answers=["They said \"hi\"; 'drop table'."]))
    ConversationStore(tmp_path / "talks.db").save("anna", kept(made))
    other = memory("summary_recent")
    assert ConversationStore(tmp_path / "talks.db").restore("anna", other) == 6
    assert other.exchanges == made.exchanges and other.summary_state == made.summary_state
    assert other.messages("now", "hi") == made.messages("now", "hi")
    assert other.last_answer == "answer 5"


def test_conversations_are_kept_apart_by_name(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path / "talks.db")
    store.save("anna", kept(memory("full", 2)))
    store.save("ben", kept(memory("full", 5)))
    found = memory("full")
    assert (store.restore("anna", found), len(found.exchanges)) == (2, 2)
    assert store.restore("ben", memory("full")) == 5
    assert store.restore("carl", found) == 0


def test_saving_again_appends(tmp_path: Path) -> None:
    store, made = ConversationStore(tmp_path / "talks.db"), memory("full", 1)
    for number in range(1, 4):
        store.save("anna", kept(made))
        store.save("anna", kept(made))
        made.add("", f"ü {number}", "ß")
    store.save("anna", kept(made))
    found = memory("full")
    assert store.restore("anna", found) == 4
    found.add("", "one more", "yes")
    store.save("anna", kept(found))
    assert store.restore("anna", made) == 5
    assert made.exchanges[-2:] == [Exchange("", "ü 3", "ß"), Exchange("", "one more", "yes")]


@pytest.mark.parametrize("path", ["talks.db", "missing/talks.db", "."])
def test_a_place_that_holds_no_conversations(path: str, tmp_path: Path) -> None:
    (tmp_path / "talks.db").write_text("This is a letter and no database at all. " * 40)
    store = ConversationStore(tmp_path / path)
    with pytest.raises(OutputError, match="cannot keep conversations"):
        store.save("anna", kept(memory("full", 1)))
    with pytest.raises(OutputError, match="cannot keep conversations"):
        store.restore("anna", memory("full"))


def test_another_programs_database_holds_no_conversations(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "talks.db")
    connection.execute("create table exchanges (rate real)")
    connection.close()
    with pytest.raises(OutputError):
        ConversationStore(tmp_path / "talks.db").save("anna", kept(memory("full", 1)))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_llm_is_never_shown_three_equal_answers_of_its_own(strategy: str) -> None:
    made = Memory(MemorySettings(strategy=strategy, turns=8), "Be brief.")
    before = made.messages("", "")
    for number in range(6):
        made.add(
            "",
            f"question {number}",
            "I can't do that." if number % 2 == 0 else f"I  CAN'T do that{'!' * number}",
        )
        now = made.messages("", "")
        assert now[: len(before) - 1] == before[:-1], "what was read stays"
        before = now
    answers = [message["content"] for message in before if message["role"] == "assistant"]
    assert answers == ["I can't do that.", "I  CAN'T do that!"]
    made.add("", "and now", "Something else.")
    assert made.messages("", "")[-3:-1] == [
        {"role": "user", "content": "and now"},
        {"role": "assistant", "content": "Something else."},
    ]
