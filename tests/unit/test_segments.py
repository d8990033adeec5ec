"""Segments of everyday text, as a model gives it letter by letter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.streams import stream
from voice_local.conversation.output.segments import (
    LONGEST_SEGMENT,
    boundary,
    phrase_end,
    segments,
    split,
)

pytestmark = pytest.mark.unit


WHOLE = [
    # Numbers.
    "It costs 3.50 dollars now.",
    "There are 1,000 of them.",
    "Version 2.1.3 is out.",
    "We meet at 10:30 today.",
    "It is -4.5 degrees now.",
    "Take 0.5 of it!",
    # Abbreviations.
    "Dr. Smith is in.",
    "Mr. and Mrs. Jones came.",
    "Take fruit, e.g. apples.",
    "One of them, i.e. this.",
    "We open at 9 a.m. on Monday.",
    "It is 5 p.m. already.",
    "Order no. 5 came.",
    "J. S. Bach wrote it.",
    "It is red vs. blue.",
    "Prof. Lee lives in St. Ives.",
    "Take fruit (e.g. apples).",
    'See "Dr. Smith" now.',
    "The U.S. team won.",
    "I have a Ph.D. in art.",
    "It was Jan. 5 then.",
    # Addresses.
    "See www.example.com for it.",
    "See https://x.org/a.b for it.",
    "Mail me@x.org today.",
    "Go to www.example.com.",
    "Open a.txt now.",
    "See https://x.org/?a=1&b=2 for it.",
    # Quotations.
    'He said "Stop."',
    "He said 'Stop!'",
    "He said (I think) yes.",
    "She said “Stop.”",
    "I said no.",
    # Units and streets.
    "It is 5 ft. long.",
    "It takes 10 min. by bus.",
    "Walk down Park Ave. to the end.",
    "It is 20 sq. ft. in all.",
    '"Stop!" he said.',
    # Before numbers, letters and Roman numerals.
    "She lives in Apt. 4 here.",
    "Dial ext. 42 for it.",
    "Take min. 2 and max. 25 of it.",
    "See ch. 4, sec. 5 and Fig. 3 of it.",
    "It is in Bldg. C of vol. II.",
    "It was c. 1250, est. 1985, on Hwy. 1.",
    "Read 1 Cor. 13:4 again.",
    # Initials and titles before names.
    "The U.S. Senate met.",
    "J.K. Rowling wrote to P.O. Box 12.",
    "Pres. Lincoln met Adm. Nimitz and Rep. Lee.",
    "We flew to Ft. Worth.",
    "Ask Mr./Ms. Lee.",
    # Within a sentence.
    "It meets Mon. and Thurs. at noon.",
    "The avg. temp. is 20 incl. VAT.",
    "See cf. table 3 of Smith et al. (2020) for it.",
    "An 8-oz. steak and 12 fl. oz. of it.",
    "Use 2-3 tbsp. of oil in a 12-in. pan.",
    "He is 5 ft. 6 in. tall.",
    "A 19th-c. thing.",
    "So 5! = 120 and no more.",
]


@pytest.mark.parametrize("text", WHOLE)
def test_a_sentence_stays_whole(text: str) -> None:
    both = f"{text} Then it was over."
    assert split(both) == [text, "Then it was over."]
    if "," in text:
        both = f"Yes. {both}"  # a first segment may end at a comma
    for size in (1, 2, 5):
        pieces = [both[i : i + size] for i in range(0, len(both), size)]
        assert stream(pieces)[-2:] == [text, "Then it was over."]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Well... maybe. Yes", ["Well...", "maybe.", "Yes"]),
        ("Is it so?! No!", ["Is it so?!", "No!"]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("(It is so.) Then he left.", ["(It is so.)", "Then he left."]),
        ("Go to www.example.com. Then wait.", ["Go to www.example.com.", "Then wait."]),
        ("It costs 3.50. That is all.", ["It costs 3.50.", "That is all."]),
        ("I said no. I left.", ["I said no.", "I left."]),
        ("Wait a min. We come.", ["Wait a min.", "We come."]),
        ("I ate a fig. A man came.", ["I ate a fig.", "A man came."]),
        ("It takes 10 min. 5 people came.", ["It takes 10 min.", "5 people came."]),
        ("She left the U.S. They did not.", ["She left the U.S.", "They did not."]),
        ("It is 25 °C. We swim.", ["It is 25 °C.", "We swim."]),
        ("Take 5 mmol/L. Then rest.", ["Take 5 mmol/L.", "Then rest."]),
        ("I sat. 5 people came.", ["I sat.", "5 people came."]),
        ("I am 5! Great.", ["I am 5!", "Great."]),
        (
            "Buy these:\n- milk\n- bread\n\nThat is all.",
            ["Buy these:", "- milk", "- bread", "That is all."],
        ),
        ("A title\nand a line", ["A title", "and a line"]),
        (" \n ", []),
        ("", []),
    ],
)
def test_sentences_come_apart(text: str, parts: list[str]) -> None:
    assert split(text) == parts
    assert stream(list(text)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1. Milk\n2. Bread", ["1. Milk", "2. Bread"]),
        ("Buy these:\n1. Milk\n2. Bread\n", ["Buy these:", "1. Milk", "2. Bread"]),
    ],
)
def test_a_numbered_list_is_cut_between_its_items(text: str, parts: list[str]) -> None:
    assert split(text) == parts
    assert stream(list(text)) == parts


def test_a_list_in_one_line_keeps_numbers_with_their_items() -> None:
    for parts in (split("1. Milk 2. Bread"), stream(list("1. Milk 2. Bread"))):
        assert not any(part.endswith((" 1.", " 2.")) or part in ("1.", "2.") for part in parts)


def test_a_short_first_segment_ends_at_a_comma_and_later_ones_do_not() -> None:
    assert stream(list("Let me see, it is here. Let me see, it is there.")) == [
        "Let me see,",
        "it is here.",
        "Let me see, it is there.",
    ]
    assert stream(list("Yes, it is here.")) == ["Yes, it is here."], "two words are no clause"
    assert stream(list("It is 1,000 in all.")) == ["It is 1,000 in all."]


def test_an_end_is_not_certain_before_the_next_character() -> None:
    assert boundary("It is 3.", first=False) is None
    assert boundary("It is 3. ", first=False) == 8
    assert boundary("He said Dr. ", first=False) is None


def test_a_segment_comes_as_soon_as_its_end_is_certain() -> None:
    given_out: list[str] = []

    async def source() -> AsyncIterator[str]:
        for letter in "It is here. It":
            given_out.append(letter)
            yield letter

    async def first() -> str:
        return await anext(aiter(segments(source())))

    assert asyncio.run(first()) == "It is here."
    assert "".join(given_out) == "It is here. "


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["word", "two words,", "3.50", "Dr. Smith", "a;", "x" * 90]),
        min_size=1,
        max_size=80,
    )
)
def test_segments_fit_and_lose_nothing(words: list[str]) -> None:
    text = " ".join(words)
    for parts in (split(text), stream(list(text))):
        assert all(0 < len(part) <= LONGEST_SEGMENT for part in parts)
        assert " ".join(parts).split() == text.split()


async def spoken(text: str, piece_s: float, cut_off: bool = False) -> tuple[list[str], list[float]]:
    """(segments, when each was ready) of a text that comes a word at a time, every `piece_s`."""

    async def pieces() -> AsyncIterator[str]:
        for number, word in enumerate(text.split(" ")):
            await asyncio.sleep(piece_s)
            yield f" {word}" if number else word

    loop = asyncio.get_running_loop()
    began, found, times = loop.time(), [], []
    async for segment in segments(pieces(), early=True, cut_off=lambda: cut_off):
        found.append(segment)
        times.append(loop.time() - began)
    return found, times


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Yes, I can have it brought to you today.", "Yes,"),
        ("You can try to drink warm milk before you go to bed.", "You can try to drink warm milk"),
        (
            "A good first step is writing the list when you are at home.",
            "A good first step is writing the list",
        ),
        ("The capital of Norway is Oslo.", "The capital of Norway is Oslo."),
        ("It is a lot of fun.", "It is a lot of fun."),
        ("He lives in a house on a hill. Then he left.", "He lives in a house"),
    ],
)
async def test_a_fast_writer_is_heard_after_its_first_phrase(text: str, first: str) -> None:
    found, times = await spoken(text, 0.02)
    assert found[0] == first and " ".join(found) == text
    assert times[0] <= 0.02 * (len(first.split()) + 2) + 1e-6


async def test_a_slow_writer_is_not_begun_with_a_word() -> None:
    """Else there would be a long silence after it."""
    text = "Yes, I can have it brought to you today."
    assert (await spoken(text, 0.2))[0] == [text]


async def test_after_a_single_first_word_there_may_be_a_breath() -> None:
    """A model of 0.1 s a token: 2 s of silence, or "Yes," and a short pause."""
    found, times = await spoken("Yes, you can have a large coffee with cream today.", 0.105)
    assert found[0] == "Yes," and times[0] < 0.35
    assert (await spoken("Yes, you can have a large coffee with cream today.", 0.13))[0][
        0
    ] != "Yes,"


async def test_what_follows_a_short_beginning_is_not_waited_for_to_its_end() -> None:
    text = "Sure, the best way to learn a language is to speak it every day with people who know it well."
    found, times = await spoken(text, 0.03)
    assert found[0] == "Sure," and " ".join(found) == text
    assert times[1] - times[0] < 0.5 and len(found) <= 4


@pytest.mark.parametrize(
    "text",
    ["Look it up on the map.", "I went to the", "and so it was", "", "one two three four and"],
)
def test_no_phrase_ends_without_words_on_both_sides(text: str) -> None:
    assert phrase_end(text, 4) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("That is all. And now we", ["That is all."]),
        ("That is all. And now.", ["That is all.", "And now."]),
        ("And now we begin", ["And now we begin"]),
    ],
)
async def test_an_answer_that_was_cut_off_ends_with_a_sentence(
    text: str, expected: list[str]
) -> None:
    assert (await spoken(text, 0.0, cut_off=True))[0] == expected
