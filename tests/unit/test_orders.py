"""Order numbers as people write and say them."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from voice_local.conversation.orders import NO_LETTERS, order_number, spoken_number

pytestmark = pytest.mark.unit
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LEAD_INS = ("", "my order number is", "it is", "the code is", "please cancel order", "where is", "i am waiting for",
            "i have a question about", "yes it was")
ENDS = ("", "please", "thank you", "and it is late")
LETTERS = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=3)
NUMBERS = st.text(alphabet="0123456789", min_size=3, max_size=6)


def say(letters: str, digits: str, zero: str = "zero", times: bool = False, dash: bool = False) -> str:
    """A code read out: letter by letter, digit by digit; `times`: equal ones as double and triple."""
    words = [zero if digit == "0" else WORDS[int(digit)] for digit in digits]
    if times:
        runs = [(word, len(list(same))) for word, same in groupby(words)]
        words = [f"{('', 'double ', 'triple ')[count - 1]}{word}" if count <= 3 else " ".join([word] * count)
                 for word, count in runs]
    return " ".join([*letters.lower(), *(["dash"] if dash else []), *words])


@pytest.mark.parametrize(("text", "code"), [
    ("AB-1234", "AB1234"),
    ("ab 1234", "AB1234"),
    ("ab1234", "AB1234"),
    ("#1234", "1234"),
    ("# 12", "12"),
    ("order 123456", "123456"),
    ("Where is my order AB-1234, please?", "AB1234"),
    ("X-123", "X123"),
])
def test_written(text: str, code: str) -> None:
    assert order_number(text) == code


@pytest.mark.parametrize(("text", "code"), [
    ("my order is a b one two three four", "AB1234"),
    ("a b dash one two three four", "AB1234"),
    ("a b hyphen one two three four", "AB1234"),
    ("A B minus one two three four", "AB1234"),
    ("k nine zero seven x", "K907X"),
    ("k nine oh seven x", "K907X"),
    ("double five three", "553"),
    ("x double five", "X55"),
    ("x triple seven", "X777"),
    ("triple seven", "777"),
    ("double a one two", "AA12"),
    ("it is a one two three", "A123"),
    ("it is i double two", "I22"),
    ("is it one two or rather three four five six", "3456"),
    ("where is my order one, two, three, four?", "1234"),
])
def test_spoken(text: str, code: str) -> None:
    assert order_number(text) == code


@pytest.mark.parametrize("text", [
    "", "hello there", "where is my order", "i want a refund for one thing", "a book", "i have two cats",
    "give me a minute", "i want one or two of them", "double the order", "am i too late", "plan b", "order it",
])
def test_no_number(text: str) -> None:
    assert order_number(text) is None


@pytest.mark.parametrize("text", ["one two", "a one", "a b c d", "a b c one", "double five"])
def test_a_few_letters_and_digits_are_no_code(text: str) -> None:
    assert order_number(text) is None


@pytest.mark.parametrize(("text", "code"), [
    ("my order is 123456", "123456"),
    ("my order number is 4711", "4711"),
    ("it cost 25 dollars", None),
    ("i want 20 more", None),
    ("in 2024 i ordered AB-1234", "AB1234"),
    ("order x a dash one two three", "XA123"),
])
def test_what_is_easily_mistaken(text: str, code: str | None) -> None:
    assert order_number(text) == code


@settings(deadline=None)
@given(LETTERS, NUMBERS, st.sampled_from(LEAD_INS), st.sampled_from(ENDS), st.sampled_from(["-", "", " "]))
def test_a_written_code_is_found_anywhere(letters: str, digits: str, lead: str, end: str, dash: str) -> None:
    assume(dash != " " or letters.lower() not in NO_LETTERS)  # "IN 2024" is a year
    assert order_number(f"{lead} {letters}{dash}{digits} {end}") == letters + digits


@settings(deadline=None)
@given(LETTERS, NUMBERS, st.sampled_from(LEAD_INS), st.sampled_from(ENDS), st.sampled_from(["zero", "oh"]),
       st.booleans(), st.booleans())
def test_a_spoken_code_is_found_anywhere(letters: str, digits: str, lead: str, end: str, zero: str, times: bool,
                                         dash: bool) -> None:
    assert order_number(f"{lead} {say(letters, digits, zero, times, dash)} {end}") == letters + digits


@settings(deadline=None)
@given(LETTERS, NUMBERS)
def test_written_and_spoken_are_the_same(letters: str, digits: str) -> None:
    assert order_number(f"{letters}-{digits}") == order_number(say(letters, digits)) == letters + digits


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_taken(text: str) -> None:
    code = order_number(text)
    assert code is None or (code.isalnum() and sum(char.isdigit() for char in code) >= 2)


def test_a_number_is_read_letter_by_letter() -> None:
    assert spoken_number("AB1234") == "A B 1 2 3 4"
    assert spoken_number("7") == "7"
