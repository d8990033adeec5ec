"""Ends a text where one of several texts begins."""

from __future__ import annotations

from collections.abc import Sequence


class StopAt:
    """`stops`: none is empty.

    Attributes:
        reached: whether one of them has come. What follows is dropped.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.reached = False

    def push(self, text: str) -> str:
        """What is certain with the next piece."""
        if self.reached:
            return ""
        held = self._held + text
        ends = [at for stop in self._stops if (at := held.find(stop)) >= 0]
        if ends:
            self.reached, self._held = True, ""
            return held[: min(ends)]
        cut = len(held) - max((_begun(held, stop) for stop in self._stops), default=0)
        self._held = held[cut:]
        return held[:cut]

    def rest(self) -> str:
        """What was held back, once nothing follows."""
        held, self._held = self._held, ""
        return held


def _begun(text: str, stop: str) -> int:
    """How many of the last characters of `text` may be the beginning of `stop`."""
    longest = min(len(stop) - 1, len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(stop[:n])), 0)
