"""Sums in words and in signs, what goes on from the last result, and what is no sum."""

from __future__ import annotations

from fractions import Fraction

import pytest

from voice_local.skills.abilities import sums
from voice_local.skills.abilities.spoken_numbers import number_at
from voice_local.skills.abilities.sums import Sums

pytestmark = pytest.mark.unit


def told(*texts: str) -> list[str | None]:
    """The answers in one conversation; None for what is no sum."""
    one, said = Sums(), []
    for text in texts:
        asked = one.find(text)
        said.append(one.tell(asked) if asked else None)
    return said


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("What is twelve plus nine?", "12 plus 9 is 21."),
        ("What do I get if I add seventeen and twenty-five?", "17 plus 25 is 42."),
        ("Can you tell me what half of ninety is?", "Half of 90 is 45."),
        ("A hundred take away thirty-six, what's that leave me with?", "100 minus 36 is 64."),
        ("What is 12 x 9?", "12 times 9 is 108."),
        ("what's 7x8", "7 times 8 is 56."),
        ("What is 15% of 80?", "15 percent of 80 is 12."),
        ("what is 20 percent off 50", "50 less 20 percent is 40."),
        ("How much is 144 / 12?", "144 divided by 12 is 12."),
        ("144 ÷ 12 = ?", "144 divided by 12 is 12."),
        ("What is 1,250 plus 3,000?", "1,250 plus 3,000 is 4,250."),
        ("what is two plus two times three", "2 plus 2 times 3 is 8."),
        ("five squared plus four squared", "5 squared plus 4 squared is 41."),
        ("what is two to the power of ten", "2 to the power of 10 is 1,024."),
        ("the square root of 144", "The square root of 144 is 12."),
        ("what's the square root of two", "The square root of 2 is about 1.4142."),
        ("what is ten divided by three", "10 divided by 3 is about 3.3333."),
        ("three point five times two", "3.5 times 2 is 7."),
        ("what is minus five plus two", "Minus 5 plus 2 is minus 3."),
        ("take two from five", "5 minus 2 is 3."),
        ("subtract eight from twenty", "20 minus 8 is 12."),
        ("multiply six by seven", "6 times 7 is 42."),
        ("divide ninety by four", "90 divided by 4 is 22.5."),
        ("the product of six and seven", "6 times 7 is 42."),
        ("the difference between 100 and 64", "100 minus 64 is 36."),
        ("two thirds of ninety", "Two thirds of 90 is 60."),
        ("what is twice seven", "Twice 7 is 14."),
        ("what's 1 million times 3", "1,000,000 times 3 is 3,000,000."),
        ("what is 10-3?", "10 minus 3 is 7."),
        ("one plus one", "1 plus 1 is 2."),
        ("What is 19.99 plus 5?", "19.99 plus 5 is 24.99."),
        ("12.50 times 3", "12.5 times 3 is 37.5."),
        ("what is five divided by zero", sums.BY_ZERO),
    ],
)
def test_a_sum(text: str, answer: str) -> None:
    assert told(text) == [answer]


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (("what's nine plus six", "Okay, now double that for me."), "Double 15 is 30."),
        (("nine plus six", "times three"), "15 times 3 is 45."),
        (("nine plus six", "and divide it by five"), "15 divided by 5 is 3."),
        (("nine plus six", "add five"), "15 plus 5 is 20."),
        (("nine plus six", "subtract two"), "15 minus 2 is 13."),
        (("nine plus six", "and half of that?"), "Half of 15 is 7.5."),
        (("nine plus six", "what is minus five plus two"), "Minus 5 plus 2 is minus 3."),
    ],
)
def test_what_goes_on_from_the_last_result(texts: tuple[str, ...], last: str) -> None:
    assert told(*texts)[-1] == last


@pytest.mark.parametrize(
    "text",
    [
        "nine" + " squared" * 200,
        "half of " * 240 + "two",
        "the square root of " * 100 + "two",
        "one trillion times one trillion",
        "minus " * 300 + "two",
        "one" + " plus one" * 200,
        "9" * 15 + " times " + "9" * 15,
    ],
)
def test_what_is_too_long_is_no_sum(text: str) -> None:
    assert told(text) == [None]


def test_a_long_sum_is_not_repeated() -> None:
    assert told("one" + " plus one" * 20) == ["That is 21."]


def test_looking_for_a_sum_changes_nothing() -> None:
    one = Sums()
    first = one.find("nine plus six")
    assert first is not None and not first.relative
    one.tell(first)
    twice = [one.find("double that"), one.find("double that")]
    assert twice[0] == twice[1] and twice[0] is not None
    assert twice[0].result == 30 and twice[0].relative
    one.forget()
    assert one.find("double that") is None


@pytest.mark.parametrize(
    "text",
    [
        "what is 24/7",
        "what is nine eleven",
        "I work nine to five",
        "seven times a day",
        "two times",
        "call me plus one",
        "what is 5 plus 5 dollars",
        "add eggs to my list",
        "add five",
        "double trouble",
        "a double espresso",
        "it takes two",
        "what is half of my salary",
        "take five",
        "double that",
        "times three",
        "what is that",
        "call 555-0142",
        "12-34",
        "4471–22.",
        "10-4",
        "1914-1918",
        "Double seven.",
        "triple zero",
        "(2 + 3) * 4",
        "what is 100 - (20 + 30)",
        "What is 10 / 0,5?",
        "10 divided by 0 hours",
        "five divided by a billion",
        "1 minus 1.00001",
        "1" + " trillion" * 400 + " plus 1",
        "it is 10-12 degrees",
        "the year 2024",
        "one hundred and one dalmatians",
        "set a timer for five plus five minutes",
        "what is love plus fear",
        "what is nine to the power of nine hundred",
        "",
    ],
)
def test_what_is_no_sum(text: str) -> None:
    assert told(text) == [None]


@pytest.mark.parametrize(
    ("words", "value", "count"),
    [
        ("zero", 0, 1),
        ("nineteen", 19, 1),
        ("thirty six", 36, 2),
        ("twenty twenty", 20, 1),
        ("five six", 5, 1),
        ("a hundred and one", 101, 4),
        ("two hundred fifty", 250, 3),
        ("one thousand two hundred and six", 1206, 6),
        ("three million four hundred thousand", 3_400_000, 5),
        ("seventeen and twenty five", 17, 1),
        ("3 million", 3_000_000, 2),
        ("two point two five", Fraction(9, 4), 4),
        ("three point", 3, 1),
        ("1250.5", Fraction(2501, 2), 1),
    ],
)
def test_numbers_in_words(words: str, value: Fraction | int, count: int) -> None:
    assert number_at(words.split(), 0) == (value, count)


@pytest.mark.parametrize("words", ["", "a dog", "hundred", "and five", "point five", "plus"])
def test_what_is_no_number(words: str) -> None:
    assert number_at(words.split(), 0) is None
