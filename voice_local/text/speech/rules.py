"""The rule engine of text normalization: rules are applied in order, and each part of a text is
replaced by the first rule that matches it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """Options for forms that can be read in more than one way.

    Attributes:
        day_first: 12/05/2024 is the 12th of May; else December 5th, as the voices are American.
            It only matters where both numbers can be a month: 25/12 and 12/25 are the same day
            with either option, and 12.05.2024 always has the day first.
        brief_cents: "twenty dollars fifty", as people say it, instead of "twenty dollars and fifty
            cents".
    """

    day_first: bool = False
    brief_cents: bool = False


@dataclass(frozen=True)
class Rule:
    """Replaces the matches of `pattern` by the result of `say`; None leaves a match to later
    rules."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str], Reading], str | None]


def apply(text: str, rules: Iterable[Rule], reading: Reading) -> str:
    """`text` with the matches of the rules replaced; no rule sees the output of another."""
    claimed: list[tuple[int, int, str]] = []
    taken = bytearray(len(text))
    for rule in rules:
        at = 0
        while (match := rule.pattern.search(text, at)) is not None:
            start, end = match.span()
            free = end > start and 1 not in taken[start:end]
            words = rule.say(match, reading) if free else None
            if words is None:
                at = start + 1
            else:
                claimed.append((start, end, words))
                taken[start:end] = b"\1" * (end - start)
                at = end
    parts, at = [], 0
    for start, end, words in sorted(claimed):
        parts += [text[at:start], words]
        at = end
    return _join([*parts, text[at:]])


def _join(parts: Iterable[str]) -> str:
    """The parts joined, with a blank where letters or digits would otherwise touch."""
    text = ""
    for part in parts:
        if text and part and text[-1].isalnum() and part[0].isalnum():
            text += " "
        text += part
    return text


def ends_sentence(match: re.Match[str]) -> bool:
    """Whether the match is followed by the end of the text or by a new sentence."""
    return (
        re.match(r"[\"')\]”’]*(?:\s*$|\s+[\"'(“‘]?[A-Z])", match.string[match.end() :]) is not None
    )
