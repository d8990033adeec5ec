"""A written form and its right readings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """A written text and the readings of its special part that a listener would accept, before
    normalization."""

    kind: str
    text: str
    readings: tuple[str, ...]


def suffix(number: int) -> str:
    """st, nd, rd or th."""
    return (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
