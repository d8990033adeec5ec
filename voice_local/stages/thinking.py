"""Keeps a reasoning model's thoughts out of what is said: drops `<think>…</think>` from a stream of text pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

OPEN, CLOSE = "<think>", "</think>"


def without_thinking(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces without thinking blocks, wherever tags are cut between pieces; leading blank space after one goes too."""
    held, inside, strip_next = "", False, False
    for piece in pieces:
        held += piece
        while True:
            tag = CLOSE if inside else OPEN
            at = held.find(tag)
            if at < 0:
                break
            if not inside and at:
                yield held[:at]
            held, inside = held[at + len(tag) :], not inside
            strip_next = not inside
        keep = _tail_that_may_open(held, CLOSE if inside else OPEN)
        ready, held = held[: len(held) - keep], held[len(held) - keep :]
        if strip_next:
            ready = ready.lstrip()
        if ready and not inside:
            strip_next = False
            yield ready
    if held and not inside:
        yield held


def _tail_that_may_open(text: str, tag: str) -> int:
    """Length of the longest end of `text` that begins `tag`."""
    for length in range(min(len(text), len(tag) - 1), 0, -1):
        if tag.startswith(text[-length:]):
            return length
    return 0
