"""When the two sides of a conversation were in the air: what a bystander's stopwatch would show."""

from __future__ import annotations

from typing import Protocol

from voice_local.audio.clocks import Moment
from voice_local.audio.types import SAMPLE_RATE


class Timing(Protocol):
    """The clocks of a sound card."""

    def captured(self, sample: int) -> Moment | None:
        """Of the microphone's sample of that number (16 kHz, as the conversation heard them); None:
        unknown."""
        ...

    def sounded(self, sample: int) -> Moment | None:
        """Of the sample of that number that was pulled from the loudspeaker; None: unknown."""
        ...


class OnePace:
    """Both sides begin at once, at one pace and without a delay. `sample_rate`: the loudspeaker's,
    in Hz."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate

    def captured(self, sample: int) -> Moment:
        """See `Timing`."""
        return Moment(sample / SAMPLE_RATE)

    def sounded(self, sample: int) -> Moment:
        """See `Timing`."""
        return Moment(sample / self._rate)
