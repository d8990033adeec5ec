"""Which prompts' beginnings a llama.cpp context keeps, so that no token is read twice.

As llama.cpp's own server does it: each sequence of the context holds the tokens of one
conversation; a prompt goes on in
the sequence that begins like it, or in a fresh one that shares the cells of what is alike. Pure
bookkeeping: the `Cells` given in say what to do to the context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Cells(Protocol):
    """What is done to the context's sequences, see `LlamaContext`."""

    def forget(self, sequence: int, position: int = 0) -> bool:
        """Takes what is at `position` and after it out of `sequence`; false where that cannot be
        done."""
        ...

    def share(self, source: int, target: int, count: int) -> None:
        """Lets the empty sequence `target` begin with the first `count` tokens of `source`."""
        ...


@dataclass
class Slot:
    """One sequence: the tokens in it, when it was used last, and whether it stays whatever
    comes."""

    sequence: int
    tokens: list[int] = field(default_factory=list)
    used: int = 0
    pinned: bool = False


class PrefixCache:
    """The slots of one context, at least three."""

    GOES_ON = 0.5
    """A prompt takes a slot over where so much of what it holds beyond the pinned one is alike;
    else it gets its own."""

    def __init__(self, cells: Cells, sequences: int) -> None:
        self._cells = cells
        self._clock = 0
        self.slots = [Slot(number) for number in range(sequences)]

    def known(self, tokens: Sequence[int]) -> int:
        """How many of the first `tokens` are held somewhere."""
        return max(common(slot.tokens, tokens) for slot in self.slots)

    def claim(self, tokens: Sequence[int]) -> Slot:
        """The slot in which `tokens` are to be evaluated. It holds their beginning and never all of
        them.

        The last token is always left: only an evaluation tells what follows it.
        """
        self._clock += 1
        shared = {slot.sequence: common(slot.tokens, tokens) for slot in self.slots}
        source = max(self.slots, key=lambda slot: shared[slot.sequence])
        kept = min(shared[source.sequence], len(tokens) - 1)
        start = max((shared[slot.sequence] for slot in self.slots if slot.pinned), default=0)
        goes_on = [
            slot
            for slot in self.slots
            if not slot.pinned
            and shared[slot.sequence] > start
            and shared[slot.sequence] - start >= self.GOES_ON * (len(slot.tokens) - start)
        ]
        slot = max(goes_on, key=lambda slot: shared[slot.sequence]) if goes_on else self._oldest()
        if shared[slot.sequence] < kept:
            self._empty(slot)
            self._cells.share(source.sequence, slot.sequence, kept)
            slot.tokens = source.tokens[:kept]
        self.truncate(slot, kept)
        source.used = slot.used = self._clock
        return slot

    def truncate(self, slot: Slot, length: int) -> None:
        """Keeps the first `length` tokens of a slot; none where the model's memory cannot go
        back."""
        if length >= len(slot.tokens):
            return
        if self._cells.forget(slot.sequence, length):
            del slot.tokens[length:]
        else:
            self._empty(slot)

    def pin(self, slot: Slot) -> None:
        """Keeps a slot until another is pinned after it."""
        for other in self.slots:
            other.pinned = other is slot

    def make_room(self, slot: Slot) -> bool:
        """Forgets what was used longest ago beside `slot`; false when nothing is left to forget."""
        others = [other for other in self.slots if other is not slot and other.tokens]
        if not others:
            return False
        oldest = min(others, key=lambda other: (other.pinned, other.used))
        oldest.pinned = False
        self._empty(oldest)
        return True

    def _oldest(self) -> Slot:
        return min(
            (slot for slot in self.slots if not slot.pinned),
            key=lambda slot: (bool(slot.tokens), slot.used),
        )

    def _empty(self, slot: Slot) -> None:
        self._cells.forget(slot.sequence)
        slot.tokens = []


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens both begin with."""
    same = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        same += 1
    return same
