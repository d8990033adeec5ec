"""Audio in memory: float32 in −1..1, mono. Speech recognition takes it at 16 kHz."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Sample rate in Hz of all audio that enters the engine."""

FRAME_SAMPLES = 512
"""Samples of one frame of voice activity detection: 32 ms."""

Audio = npt.NDArray[np.float32]


class VoiceActivity(Protocol):
    """The voice activity detector of one conversation; it runs in the front process."""

    def probability(self, frame: Audio) -> float:
        """Probability 0..1 that the next `FRAME_SAMPLES` samples hold speech."""
        ...
