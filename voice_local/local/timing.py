"""When the two sides of a conversation through a sound card were in the air."""

from __future__ import annotations

import time

from voice_local.audio.clocks import (
    Marks,
    Moment,
)
from voice_local.audio.types import SAMPLE_RATE
from voice_local.local.cards import TimedCard


class CardTiming:
    """See `conversation.timing.Timing`. `sample_rate`: the card's, in Hz."""

    def __init__(self, card: TimedCard, sample_rate: int) -> None:
        self._card, self._rate = card, sample_rate
        self._marks, self._count = Marks(SAMPLE_RATE), 0

    def push(self, count: int, captured_s: float | None) -> None:
        """The conversation is given the card's next `count` samples, the first of which was in the
        air at `captured_s`."""
        now = time.monotonic()
        at_s = now - count / self._rate if captured_s is None else captured_s
        self._marks.add(
            round(self._count * SAMPLE_RATE / self._rate), Moment(at_s, (now - at_s) * 1000)
        )
        self._count += count

    def captured(self, sample: int) -> Moment | None:
        """See `Timing`."""
        return self._marks.find(sample)

    def sounded(self, sample: int) -> Moment | None:
        """See `Timing`."""
        return self._card.sounded(sample)
