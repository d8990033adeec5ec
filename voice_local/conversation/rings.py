"""Timers that are due in a live conversation: they sound as soon as nobody is cut off, and soon in
any case."""

from __future__ import annotations

from collections import deque

from voice_local.audio.types import SAMPLE_RATE
from voice_local.skills.abilities.timers import Timer

PATIENCE = 8 * SAMPLE_RATE
"""Samples that a ring waits for whoever speaks; then it is heard all the same."""


class Rings:
    """What is due. Told the sample clock with every frame."""

    def __init__(self) -> None:
        self._due: deque[tuple[int, Timer]] = deque()
        self._clock = 0

    def add(self, timer: Timer) -> None:
        """`timer` is due now."""
        self._due.append((self._clock, timer))

    def next(self, clock: int, busy: bool) -> Timer | None:
        """The timer that is to sound now, if one is; `busy`: a turn is going on."""
        self._clock = clock
        if not self._due or (busy and clock - self._due[0][0] < PATIENCE):
            return None
        return self._due.popleft()[1]

    def __bool__(self) -> bool:
        return bool(self._due)
