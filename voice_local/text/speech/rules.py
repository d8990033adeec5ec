"""How written forms are found and replaced: rules in order, each part of a text said by the first
that knows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """What may be read in more than one way.

    Attributes:
        day_first: 12/05/2024 is the 12th of May; else December 5th, as the voices are American.
            Only where both numbers could be a month: 25/12 and 12/25 are the same day in either
                order, and 12.05.2024 is day first.
        brief_cents: "twenty dollars fifty", as people say it, instead of "twenty dollars and fifty
            cents".
    """

    day_first: bool = False
    brief_cents: bool = False


@dataclass(frozen=True)
class Rule:
    """Parts of a text that `pattern` finds are said as `say` tells; None leaves them to later
    rules."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str], Reading], str | None]


def apply(text: str, rules: Iterable[Rule], reading: Reading) -> str:
    """`text` with what the rules find in it replaced; no rule sees what another has written."""
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
    """The parts in one text, a blank between two of them where letters or digits would run
    together."""
    text = ""
    for part in parts:
        if text and part and text[-1].isalnum() and part[0].isalnum():
            text += " "
        text += part
    return text


def ends_sentence(match: re.Match[str]) -> bool:
    """Whether nothing follows the match but a new sentence."""
    return (
        re.match(r"[\"')\]”’]*(?:\s*$|\s+[\"'(“‘]?[A-Z])", match.string[match.end() :]) is not None
    )
