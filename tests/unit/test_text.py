"""Clauses, spoken forms, thinking blocks, folded contexts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.streams import stream
from voice_local.conversation.sentences import LONGEST_CLAUSE, split
from voice_local.engine.protocol import Message
from voice_local.stages.llama_prompt import fold_contexts
from voice_local.stages.thinking import without_thinking
from voice_local.text.pronounce import pronounceable
from voice_local.text.spoken import to_spoken

pytestmark = pytest.mark.unit


def test_short_first_clause_then_sentences() -> None:
    text = "Okay, I can do that, let me look. It costs 3.50 dollars, I think. Dr. Smith said so!"
    assert stream(list(text)) == [
        "Okay, I can do that,", "let me look.", "It costs 3.50 dollars, I think.", "Dr. Smith said so!"]


@given(st.text(alphabet="ab ,.?!", max_size=400), st.integers(1, 9))
def test_nothing_is_lost(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join("".join(stream(pieces)).split()) == "".join(text.split())
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_long_text_is_cut_at_spaces() -> None:
    parts = split("word " * 400)
    assert max(map(len, parts)) <= LONGEST_CLAUSE
    assert "wo rd" not in " ".join(parts)


@pytest.mark.parametrize(("typed", "spoken"), [
    ("Where is my order AB-1234?", "where is my order a b one two three four"),
    ("Set a timer for 25 minutes!", "set a timer for twenty five minutes"),
    ("wake me at 6:30", "wake me at six thirty"),
    ("It cost $25.50.", "it cost twenty five dollars fifty"),
    ("I don't know", "i don't know"),
    ("on the 3rd of May", "on the third of may"),
    ("", ""),
])
def test_spoken_form(typed: str, spoken: str) -> None:
    assert to_spoken(typed) == spoken


@pytest.mark.parametrize(("text", "said"), [
    ("Let me check order A B one two.", "Let me check order ae B one two."),
    ("Order B A is here.", "Order B A is here."),
    ("A cat can sleep.", "A cat can sleep."),
    ("Order AB-1234 **now**", "Order ae B 1 2 3 4 now"),
    ("A seven", "ae seven"),
])
def test_codes_are_pronounced_as_letters(text: str, said: str) -> None:
    assert pronounceable(text) == said


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_thoughts_are_not_said(size: int) -> None:
    text = "<think>hm, a < b\nmaybe</think>\n\nHello there. 1 < 2 <thin>"
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join(without_thinking(pieces)) == "Hello there. 1 < 2 <thin>"


def test_unfinished_thoughts_are_not_said() -> None:
    assert "".join(without_thinking(["Yes. ", "<think>never ", "ends"])) == "Yes. "


def test_contexts_fold_into_the_user_message() -> None:
    folded = fold_contexts([Message(role="system", content="s"), Message(role="system", content="ctx"),
                            Message(role="user", content="u"), Message(role="assistant", content="a")])
    assert [m["role"] for m in folded] == ["system", "user", "assistant"]
    assert folded[1]["content"] == "[ctx]\nu"
