"""The sound of a timer that rings."""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)

NOTES_HZ = (880.0, 1174.7)
STROKE_S, TIMES, LEVEL = 0.22, 3, 0.35


def chime() -> Audio:
    """Three pairs of decaying tones, at `SAMPLE_RATE`."""
    time = np.arange(int(STROKE_S * SAMPLE_RATE)) / SAMPLE_RATE
    fade = np.minimum(1.0, time / 0.005) * np.exp(-time * 9)
    pair = [
        LEVEL
        * fade
        * (np.sin(2 * np.pi * note * time) + 0.4 * np.sin(4 * np.pi * note * time))
        / 1.4
        for note in NOTES_HZ
    ]
    return np.concatenate(pair * TIMES).astype(np.float32)
