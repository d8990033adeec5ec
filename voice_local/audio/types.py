"""Sound in memory: float32 in −1..1, mono. What is recognized is at 16 kHz."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Rate in Hz of all audio that enters the engine."""

FRAME_SAMPLES = 512
"""Samples of one voice-activity frame: 32 ms."""

Audio = npt.NDArray[np.float32]


class VoiceActivity(Protocol):
    """One conversation's voice detector; runs in the front process, not behind the engine."""

    def probability(self, frame: Audio) -> float:
        """Probability 0..1 that the next `FRAME_SAMPLES` samples hold speech."""
        ...
