"""Clauses of everyday text, as a model gives it letter by letter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.streams import stream
from voice_local.conversation.sentences import LONGEST_CLAUSE, boundary, clauses, split

pytestmark = pytest.mark.unit


WHOLE = [
    # Numbers.
    "It costs 3.50 dollars now.", "There are 1,000 of them.", "Version 2.1.3 is out.", "We meet at 10:30 today.",
    "It is -4.5 degrees now.", "Take 0.5 of it!",
    # Abbreviations.
    "Dr. Smith is in.", "Mr. and Mrs. Jones came.", "Take fruit, e.g. apples.", "One of them, i.e. this.",
    "We open at 9 a.m. on Monday.", "It is 5 p.m. already.", "Order no. 5 came.", "J. S. Bach wrote it.",
    "It is red vs. blue.", "Prof. Lee lives in St. Ives.",
    "Take fruit (e.g. apples).",
    "See \"Dr. Smith\" now.",
    "The U.S. team won.",
    "I have a Ph.D. in art.",
    "It was Jan. 5 then.",
    # Addresses.
    "See www.example.com for it.", "See https://x.org/a.b for it.", "Mail me@x.org today.", "Go to www.example.com.",
    "Open a.txt now.", "See https://x.org/?a=1&b=2 for it.",
    # Quotations.
    "He said \"Stop.\"", "He said 'Stop!'", "He said (I think) yes.",
    "She said “Stop.”",
    "I said no.",
    # Units and streets.
    "It is 5 ft. long.", "It takes 10 min. by bus.", "Walk down Park Ave. to the end.", "It is 20 sq. ft. in all.",
    "\"Stop!\" he said.",
]


@pytest.mark.parametrize("text", WHOLE)
def test_a_sentence_stays_whole(text: str) -> None:
    both = f"{text} Then it was over."
    assert split(both) == [text, "Then it was over."]
    if "," in text:
        both = f"Yes. {both}"  # a first clause may end at a comma
    for size in (1, 2, 5):
        pieces = [both[i : i + size] for i in range(0, len(both), size)]
        assert stream(pieces)[-2:] == [text, "Then it was over."]


@pytest.mark.parametrize(("text", "parts"), [
    ("Well... maybe. Yes", ["Well...", "maybe.", "Yes"]),
    ("Is it so?! No!", ["Is it so?!", "No!"]),
    ("He said \"Stop.\" Then he left.", ["He said \"Stop.\"", "Then he left."]),
    ("(It is so.) Then he left.", ["(It is so.)", "Then he left."]),
    ("Go to www.example.com. Then wait.", ["Go to www.example.com.", "Then wait."]),
    ("It costs 3.50. That is all.", ["It costs 3.50.", "That is all."]),
    ("Buy these:\n- milk\n- bread\n\nThat is all.", ["Buy these:", "- milk", "- bread", "That is all."]),
    ("A title\nand a line", ["A title", "and a line"]),
    (" \n ", []),
    ("", []),
])
def test_sentences_come_apart(text: str, parts: list[str]) -> None:
    assert split(text) == parts
    assert stream(list(text)) == parts


@pytest.mark.parametrize(("text", "parts"), [
    ("1. Milk\n2. Bread", ["1. Milk", "2. Bread"]),
    ("Buy these:\n1. Milk\n2. Bread\n", ["Buy these:", "1. Milk", "2. Bread"]),
])
def test_a_numbered_list_is_cut_between_its_items(text: str, parts: list[str]) -> None:
    assert split(text) == parts
    assert stream(list(text)) == parts


def test_a_list_in_one_line_keeps_numbers_with_their_items() -> None:
    for parts in (split("1. Milk 2. Bread"), stream(list("1. Milk 2. Bread"))):
        assert not any(part.endswith((" 1.", " 2.")) or part in ("1.", "2.") for part in parts)


def test_a_short_first_clause_ends_at_a_comma_and_later_ones_do_not() -> None:
    assert stream(list("Let me see, it is here. Let me see, it is there.")) == [
        "Let me see,", "it is here.", "Let me see, it is there."]
    assert stream(list("Yes, it is here.")) == ["Yes, it is here."], "two words are no clause"
    assert stream(list("It is 1,000 in all.")) == ["It is 1,000 in all."]


def test_an_end_is_not_certain_before_the_next_character() -> None:
    assert boundary("It is 3.", first=False) is None
    assert boundary("It is 3. ", first=False) == 8
    assert boundary("He said Dr. ", first=False) is None


def test_a_clause_comes_as_soon_as_its_end_is_certain() -> None:
    given_out: list[str] = []

    async def source() -> AsyncIterator[str]:
        for letter in "It is here. It":
            given_out.append(letter)
            yield letter

    async def first() -> str:
        return await anext(aiter(clauses(source())))

    assert asyncio.run(first()) == "It is here."
    assert "".join(given_out) == "It is here. "


@settings(deadline=None)
@given(st.lists(st.sampled_from(["word", "two words,", "3.50", "Dr. Smith", "a;", "x" * 90]), min_size=1, max_size=80))
def test_clauses_fit_and_lose_nothing(words: list[str]) -> None:
    text = " ".join(words)
    for parts in (split(text), stream(list(text))):
        assert all(0 < len(part) <= LONGEST_CLAUSE for part in parts)
        assert " ".join(parts).split() == text.split()
