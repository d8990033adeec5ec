"""Numbers as people say them: "two hundred and fifty", "1,250", "three point five"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

SMALL = {
    name: value
    for value, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    name: 10 * value
    for value, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_DIGITS = re.compile(r"\d{1,15}(?:[.p]\d{1,4})?")
"""A "p" is a point that `words.bare` must not take for that of a time."""


def number_at(words: Sequence[str], place: int) -> tuple[Fraction, int] | None:
    """The number that begins at `place`, and the place behind it; None where none begins."""
    if place >= len(words):
        return None
    if _DIGITS.fullmatch(words[place]):
        value, place = Fraction(words[place].replace("p", ".")), place + 1
        if place < len(words) and words[place] in _SCALES:
            value, place = value * _SCALES[words[place]], place + 1
        return value, place
    found = _spelled(words, place)
    if found is None:
        return None
    value, place = found
    decimals = ""
    if place < len(words) and words[place] == "point":
        digits = place + 1
        while digits < len(words) and SMALL.get(words[digits], 10) < 10:
            decimals += str(SMALL[words[digits]])
            digits += 1
        place = digits if decimals else place
    return value + Fraction(int(decimals or 0), 10 ** len(decimals)), place


def _spelled(words: Sequence[str], place: int) -> tuple[Fraction, int] | None:
    total = group = 0
    least = 10**15
    begun = False
    while place < len(words):
        word, following = words[place], words[place + 1 : place + 2]
        scale = _SCALES.get(word)
        if word in ("a", "an") and not begun and following and _is_unit(following[0]):
            group = 1
        elif word in SMALL and _fits(group, SMALL[word], begun):
            group += SMALL[word]
        elif word in TENS and group % 100 == 0 and (not begun or group or total):
            group += TENS[word]
        elif word == "hundred" and 0 < group < 100:
            group *= 100
        elif scale is not None and group > 0 and scale < least:
            total, group, least = total + group * scale, 0, scale
        elif not (word == "and" and begun and _goes_on(words, place)):
            break
        begun, place = True, place + 1
    return (Fraction(total + group), place) if begun else None


def _is_unit(word: str) -> bool:
    return word == "hundred" or word in _SCALES


def _fits(group: int, value: int, begun: bool) -> bool:
    """Whether "seven" may follow "twenty", or "two hundred", and not "five"."""
    if not begun or (group == 0 and value):
        return True
    return value > 0 and (group % 100 == 0 or (value < 10 and group % 10 == 0 and group % 100 > 10))


def _goes_on(words: Sequence[str], place: int) -> bool:
    """Whether the "and" at `place` is within a number: "two hundred and fifty"."""
    following = words[place + 1 : place + 2]
    if not _is_unit(words[place - 1]) or not following:
        return False
    return following[0] in TENS or following[0] in SMALL
