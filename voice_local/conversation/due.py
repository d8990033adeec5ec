"""What is due in a session, a timer or a late handler's reply: it is said as soon as nobody is cut
off, and soon in any case."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import ClassVar

from voice_local.audio.types import SAMPLE_RATE
from voice_local.conversation.responder import Due

MAX_WAIT = 8 * SAMPLE_RATE
"""Samples that it waits while a turn goes on; then it is said all the same."""


@dataclass(frozen=True)
class LateReply:
    """What a handler replied after its turn had ended: a turn of its own. `kind`: whose handler."""

    kind: str
    text: str
    chimes: ClassVar[bool] = False

    def ring(self) -> str:
        """What is said."""
        return self.text


class DueQueue:
    """What is due, in order. `next` takes the session's clock.

    Attributes:
        max_wait: samples that it waits at most while a turn goes on.
    """

    def __init__(self) -> None:
        self.max_wait: float = MAX_WAIT
        self._waiting: deque[tuple[int, Due]] = deque()
        self._clock = 0

    def add(self, due: Due) -> None:
        """`due` is due now."""
        self._waiting.append((self._clock, due))

    def next(self, clock: int, busy: bool) -> Due | None:
        """What is to be said now; `busy`: a turn is going on."""
        self._clock = clock
        if not self._waiting or (busy and clock - self._waiting[0][0] < self.max_wait):
            return None
        return self._waiting.popleft()[1]

    def __bool__(self) -> bool:
        return bool(self._waiting)
