"""Segments, spoken forms, folded contexts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.streams import stream
from voice_local.conversation.output.segments import (
    LONGEST_SEGMENT,
    split,
)
from voice_local.engine.api import Message
from voice_local.stages.llm.llama_prompt import fold_contexts
from voice_local.text.spoken import to_spoken

pytestmark = pytest.mark.unit


def test_short_first_clause_then_sentences() -> None:
    text = "Okay, I can do that, let me look. It costs 3.50 dollars, I think. Dr. Smith said so!"
    assert stream(list(text)) == [
        "Okay, I can do that,",
        "let me look.",
        "It costs 3.50 dollars, I think.",
        "Dr. Smith said so!",
    ]


@given(st.text(alphabet="ab ,.?!", max_size=400), st.integers(1, 9))
def test_nothing_is_lost(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert "".join("".join(stream(pieces)).split()) == "".join(text.split())
    assert "".join("".join(split(text)).split()) == "".join(text.split())


def test_long_text_is_cut_at_spaces() -> None:
    parts = split("word " * 400)
    assert max(map(len, parts)) <= LONGEST_SEGMENT
    assert "wo rd" not in " ".join(parts)


@pytest.mark.parametrize(
    ("typed", "spoken"),
    [
        ("Where is my order AB-1234?", "where is my order a b one two three four"),
        ("Set a timer for 25 minutes!", "set a timer for twenty five minutes"),
        ("wake me at 6:30", "wake me at six thirty"),
        ("It cost $25.50.", "it cost twenty five dollars fifty"),
        ("I don't know", "i don't know"),
        ("on the 3rd of May", "on the third of may"),
        ("wake me at 10pm", "wake me at ten p m"),
        ("remind me at 10am to call the bank", "remind me at ten a m to call the bank"),
        ("remind me at 7 p.m. to eat", "remind me at seven p m to eat"),
        ("1,000", "one thousand"),
        ("12,500 people", "twelve thousand five hundred people"),
        ("€27.50", "twenty seven euros fifty"),
        ("£3", "three pounds"),
        ("₹250", "two hundred fifty rupees"),
        ("50%", "fifty percent"),
        ("2.5 %", "two point five percent"),
        ("-5 degrees", "minus five degrees"),
        ("it is -12°C", "it is minus twelve degrees celsius"),
        ("20kg", "twenty kilograms"),
        ("a 5 km run", "a five kilometer run"),
        ("at 9:05", "at nine oh five"),
        ("pages 10-15", "pages ten to fifteen"),
        ("call 555-123-4567", "call five five five one two three four five six seven"),
        ("code 0042", "code zero zero four two"),
        ("room 404B", "room four zero four b"),
        ("3/4 cup", "three quarters cup"),
        ("in 1999", "in nineteen ninety nine"),
        ("order #4821", "order number four eight two one"),
        ("5 + 3 = 8", "five plus three equals eight"),
        ("¿Qué?", "qué"),
        ("", ""),
    ],
)
def test_spoken_form(typed: str, spoken: str) -> None:
    assert to_spoken(typed) == spoken


def test_contexts_fold_into_the_user_message() -> None:
    folded = fold_contexts(
        [
            Message(role="system", content="s"),
            Message(role="system", content="ctx"),
            Message(role="user", content="u"),
            Message(role="assistant", content="a"),
        ]
    )
    assert [m["role"] for m in folded] == ["system", "user", "assistant"]
    assert folded[1]["content"] == "[ctx]\nu"
