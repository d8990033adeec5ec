"""Sums: "what is twelve times nine", "fifteen percent of 80", "half of ninety". A small language
model gets them wrong as often as not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from voice_local.skills.abilities.sum_reader import ByZero, NoSum, SumReader, Value, said
from voice_local.skills.abilities.words import bare

MOST = 10**15
"""Larger results are left to others: nobody can follow them by ear."""

LONGEST_SAID = 80
"""Characters of a sum that is repeated before its result."""

BY_ZERO = "Nothing can be divided by zero."

_SIGNS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"(?<=\d),(?=\d{3}\b)", ""),
        (r"(?<=\d)\.(?=\d)", "p"),  # a point that is no full stop: "19p99" stays one word
        (r"\s*\+\s*", " plus "),
        (r"(?<=\d)\s*[*×·]\s*(?=\d)|(?<=\d)\s?x\s?(?=\d)|\s[*×]\s", " times "),
        (r"\s*÷\s*|\s/\s", " divided by "),
        (r"(?<=\d)\s?[−–]\s?(?=\d)|\s[-−–]\s|(?<=\d)-(?=\d+\s*\??$)", " minus "),
        (r"(?<![\w.])[-−](?=\d)", "minus "),
        (r"\s*%", " percent "),
        (r"²", " squared"),
        (r"³", " cubed"),
        (r"√\s?", " the square root of "),
        (r"\s*=\s*\??$", ""),
    )
)
_NO_SUM = re.compile(
    r"[()\[\]{}]|\d\s?,\s?\d(?!\d\d\b)"
    # Without a question these are codes, scores and years: "12-34", "10-4"; "double seven".
    r"|^\W*\d[\d\s–−-]*\W*$|^\W*(?:double|triple|twice) (?:\d|zero|oh|one|two|three|four|five|"
    r"six|seven|eight|nine)\W*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:what|how much|how many)(?: (?:is|are|does|do|would|will|was)(?= ))?|calculate|compute|"
    r"work out|solve|figure out|try)(?: (?:i (?:get|have) (?:if|when) i|you get (?:if|when) you|"
    r"happens (?:if|when) (?:i|you)))?(?: the (?:answer|solution|result)(?: to| of| for))? "
)
_TAIL = re.compile(
    r"(?: (?:equals?|equal to|make|makes|give|gives|come to|comes to|add up to|is|be|altogether|in "
    r"total|all together|what (?:is|does) that(?: leave me with| leave| make| give me| give)?))+$"
)


@dataclass(frozen=True)
class Sum:
    """A sum that was asked for.

    Attributes:
        told: the answer.
        result: None where there is none.
        relative: whether it goes on from the last result, so that asking twice gives another.
    """

    told: str
    result: Fraction | None = None
    relative: bool = False


class Sums:
    """The sums of one conversation. "Double that" is about the last result."""

    def __init__(self) -> None:
        self._last: Fraction | None = None

    def find(self, text: str) -> Sum | None:
        """The sum that `text` asks for; None where it asks for none. Changes nothing."""
        try:
            found, relative = _read(text, self._last)
        except ByZero:
            return Sum(BY_ZERO)
        except NoSum:
            return None
        about = "" if found.exact and _is_short(found.number) else "about "
        asked = found.said if len(found.said) <= LONGEST_SAID else "that"
        words = f"{asked[:1].upper()}{asked[1:]} is {about}{said(found.number)}."
        return Sum(words, found.number, relative)

    def tell(self, asked: Sum) -> str:
        """The answer; its result is the last one from now on."""
        self._last = asked.result
        return asked.told

    def forget(self) -> None:
        """Forgets the last result: something else was talked about."""
        self._last = None


def _is_short(value: Fraction) -> bool:
    return (value * 10_000).denominator == 1


def _read(text: str, last: Fraction | None) -> tuple[Value, bool]:
    """The sum in `text`, and whether it goes on from `last`."""
    if _NO_SUM.search(text):
        raise NoSum
    for pattern, words in _SIGNS:
        text = pattern.sub(words, text)
    spoken = _TAIL.sub("", bare(text))
    asked, lead = _LEAD.subn("", spoken)
    asked = re.sub(r"^(?:if (?:i|you) )", "", asked)
    reader = SumReader(asked.split(), last, goes_on=not lead)
    found = reader.whole()
    if abs(found.number) >= MOST or (found.number and not round(found.number, 4)):
        raise NoSum
    return found, reader.relative
