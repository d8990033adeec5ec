"""Reads a sum from its words, and computes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from voice_local.skills.abilities.spoken_numbers import number_at

MOST_BITS = 400
"""Of a numerator or a denominator."""

MOST_OPERATIONS = 30
"""In one sum: "half of half of half of …" goes so deep."""

_PLUS = ("plus", "added to")
_MINUS = ("minus", "take away", "subtract", "less")
_TIMES = ("times", "multiplied by")
_OVER = ("divided by",)
_PARTS = {
    "half": Fraction(1, 2),
    "one half": Fraction(1, 2),
    "a half": Fraction(1, 2),
    "a third": Fraction(1, 3),
    "one third": Fraction(1, 3),
    "two thirds": Fraction(2, 3),
    "a quarter": Fraction(1, 4),
    "one quarter": Fraction(1, 4),
    "three quarters": Fraction(3, 4),
    "a fifth": Fraction(1, 5),
    "one fifth": Fraction(1, 5),
    "a tenth": Fraction(1, 10),
    "one tenth": Fraction(1, 10),
}
_MULTIPLES = {"double": 2, "twice": 2, "triple": 3}
_POWERS = {"squared": 2, "cubed": 3}


class NoSum(Exception):
    """The words are no sum."""


@dataclass(frozen=True)
class Value:
    """A number that was computed, and how it is said: "12 times 9"."""

    number: Fraction
    said: str
    exact: bool = True
    by_zero: bool = False

    def __post_init__(self) -> None:
        """Raises NoSum where it is too long to go on with ("squared squared squared …")."""
        if max(abs(self.number.numerator), self.number.denominator).bit_length() > MOST_BITS:
            raise NoSum


class ByZero(Exception):
    """The words divide by zero."""


def said(value: Fraction) -> str:
    """ "1,250", "minus 3.5"; rounded to four places."""
    whole, part = divmod(round(abs(value) * 10_000), 10_000)
    decimals = f".{part:04d}".rstrip("0") if part else ""
    return f"{'minus ' if value < 0 else ''}{whole:,}{decimals}"


class SumReader:
    """Reads a sum from left to right; "times" before "plus".

    `goes_on`: whether it may begin with "plus", to go on from the last result.
    """

    def __init__(self, words: Sequence[str], last: Fraction | None, *, goes_on: bool) -> None:
        self._words, self._place, self._last = words, 0, last
        self._operations = 0
        self._by_zero = False
        self._goes_on = goes_on
        self.relative = False

    def whole(self) -> Value:
        """All of it."""
        found = self._command() or self._continued() or self._sum()
        if self._place != len(self._words) or not self._operations:
            raise NoSum
        if self._by_zero:
            raise ByZero
        return found

    def _count(self) -> None:
        self._operations += 1
        if self._operations > MOST_OPERATIONS:
            raise NoSum

    def _take(self, *choices: str) -> str | None:
        """The first of `choices` that comes next, which is passed over."""
        for choice in choices:
            parts = choice.split()
            if list(self._words[self._place : self._place + len(parts)]) == parts:
                self._place += len(parts)
                return choice
        return None

    def _command(self) -> Value | None:
        """ "Add five to seven", "the sum of two and three"."""
        begun = self._place
        self._take("the")
        for verb, joints, combine in _COMMANDS:
            if self._take(verb):
                first = self._sum()
                self._count()
                if self._take(*joints):
                    found = combine(first, self._sum())
                    self._by_zero |= found.by_zero
                    return found
                if verb not in ("add", "subtract"):
                    raise NoSum
                last = self._before()
                return _plus(last, first) if verb == "add" else _minus(last, first)
        self._place = begun
        return None

    def _continued(self) -> Value | None:
        """ "Times three", of the last result."""
        if self._last is None or not self._goes_on:
            return None
        begun = self._place
        if self._take(*_PLUS, *_MINUS, *_TIMES, *_OVER) is None:
            return None
        self._place = begun
        return self._sum(self._before())

    def _before(self) -> Value:
        """The last result."""
        if self._last is None:
            raise NoSum
        self.relative = True
        return Value(self._last, said(self._last))

    def _sum(self, first: Value | None = None) -> Value:
        found = self._product(first)
        while word := self._take(*_PLUS, *_MINUS):
            other = self._product()
            self._count()
            found = _plus(found, other) if word in _PLUS else _minus(found, other)
        return found

    def _product(self, first: Value | None = None) -> Value:
        found = first or self._factor()
        while word := self._take(*_TIMES, *_OVER):
            other = self._factor()
            self._count()
            found = _times(found, other) if word in _TIMES else _over(found, other)
            self._by_zero |= found.by_zero
        return found

    def _factor(self) -> Value:
        found = self._part() or self._plain()
        while True:
            if word := self._take(*_POWERS):
                found = Value(found.number ** _POWERS[word], f"{found.said} {word}", found.exact)
            elif self._take("to the power of"):
                found = _power(found, self._plain())
            else:
                return found
            self._count()

    def _part(self) -> Value | None:
        """ "Half of …", "double …", "the square root of …"."""
        for name, part in _PARTS.items():
            if self._take(f"{name} of"):
                return self._applied(part, f"{name} of")
        if word := self._take(*_MULTIPLES):
            return self._applied(Fraction(_MULTIPLES[word]), word)
        if self._take("the square root of", "square root of"):
            self._count()
            return _root(self._factor())
        return None

    def _applied(self, share: Fraction, name: str) -> Value:
        self._count()
        of = self._factor()
        return Value(share * of.number, f"{name} {of.said}", of.exact)

    def _plain(self) -> Value:
        if self._last is not None and self._take("that", "it", "the result", "the answer"):
            return self._before()
        sign = -1 if self._take("minus", "negative") else 1
        found = number_at(self._words, self._place)
        if found is None:
            raise NoSum
        number, self._place = found
        number = Value(number, "").number * sign  # bounded before it is said
        if self._take("percent of"):
            return self._applied(number / 100, f"{said(number)} percent of")
        if self._take("percent off"):
            of = self._factor()
            self._count()
            share = 1 - number / 100
            return Value(share * of.number, f"{of.said} less {said(number)} percent", of.exact)
        return Value(number, said(number))


def _plus(first: Value, second: Value) -> Value:
    return _joined(first.number + second.number, first, "plus", second)


def _minus(first: Value, second: Value) -> Value:
    return _joined(first.number - second.number, first, "minus", second)


def _times(first: Value, second: Value) -> Value:
    return _joined(first.number * second.number, first, "times", second)


def _over(first: Value, second: Value) -> Value:
    if second.number == 0:
        return Value(Fraction(0), first.said, exact=False, by_zero=True)
    return _joined(first.number / second.number, first, "divided by", second)


def _joined(number: Fraction, first: Value, word: str, second: Value) -> Value:
    return Value(number, f"{first.said} {word} {second.said}", first.exact and second.exact)


def _power(base: Value, exponent: Value) -> Value:
    size = exponent.number
    if size.denominator != 1 or not 0 <= size <= 50 or abs(base.number) > 10**6:
        raise NoSum
    return Value(base.number ** int(size), f"{base.said} to the power of {exponent.said}")


def _root(of: Value) -> Value:
    if of.number < 0:
        raise NoSum
    top, bottom = math.isqrt(of.number.numerator), math.isqrt(of.number.denominator)
    found = Fraction(top, bottom)
    exact = found * found == of.number
    number = found if exact else Fraction(math.sqrt(of.number))
    return Value(number, f"the square root of {of.said}", of.exact and exact)


Combine = Callable[[Value, Value], Value]
_COMMANDS: tuple[tuple[str, tuple[str, ...], Combine], ...] = (
    ("add", ("and", "to", "plus", "with"), _plus),
    ("subtract", ("from",), lambda first, second: _minus(second, first)),
    ("take away", ("from",), lambda first, second: _minus(second, first)),
    ("take", ("away from", "from", "off"), lambda first, second: _minus(second, first)),
    ("multiply", ("by", "and", "with", "times"), _times),
    ("divide", ("by",), _over),
    ("sum of", ("and",), _plus),
    ("product of", ("and", "times"), _times),
    ("difference between", ("and",), _minus),
    ("difference of", ("and",), _minus),
)
"""Verb, the words between its two numbers, and what it does with them."""
