"""Pieces of GBNF, llama.cpp's grammar notation."""

from __future__ import annotations

from collections.abc import Sequence


def any_of(expressions: Sequence[str]) -> str:
    """One of those that are not empty."""
    some = [one for one in expressions if one]
    return f"({' | '.join(some)})" if len(some) > 1 else "".join(some)


def literal(text: str) -> str:
    """What matches `text` alone."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def times(least: int, most: int | None) -> str:
    """How often what stands before it comes; `most`: None: any number."""
    if most is None:
        return f"{{{least},}}" if least else "*"
    return f"{{{least},{most}}}"
