"""Words two passes agree on (local agreement: Liu et al. 2020; Macháček et al. 2023, "Turning Whisper into real-time")."""

from __future__ import annotations

from collections.abc import Sequence


class Agreement:
    """A growing transcript. Words that two passes running told alike are kept and never change again."""

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._last: list[str] = []

    def update(self, text: str) -> tuple[str, str]:
        """Takes the next pass over the longer sound; (stable words, tentative words)."""
        words = text.split()
        agreed = common_prefix(self._last, words)
        if len(agreed) > len(self._stable) and agreed[: len(self._stable)] == self._stable:
            self._stable = agreed
        self._last = words
        return " ".join(self._stable), " ".join(words[len(self._stable) :])


def common_prefix(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """What both begin with."""
    same = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        same += 1
    return list(left[:same])
