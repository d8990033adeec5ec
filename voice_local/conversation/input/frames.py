"""Sound of any rate and length, cut into the frames that a session decides by."""

from __future__ import annotations

import numpy as np
import soxr

from voice_local.audio.types import FRAME_SAMPLES, SAMPLE_RATE, Audio
from voice_local.errors import AudioInputError

RATES = range(4_000, 384_001)
"""Hz."""


class Frames:
    """One client's sound."""

    def __init__(self) -> None:
        self._rate = SAMPLE_RATE
        self._resampler: soxr.ResampleStream | None = None
        self._kept: Audio = np.zeros(0, dtype=np.float32)

    def push(self, samples: Audio, sample_rate: int) -> list[Audio]:
        """The frames of 512 samples (16 kHz) that have become whole. `samples`: float32 mono.

        Raises:
            AudioInputError: a rate that no sound has, or samples of another shape.
        """
        if sample_rate not in RATES:
            raise AudioInputError(
                f"the sample rate {sample_rate} Hz is not supported",
                f"use {RATES[0]} to {RATES[-1]}",
            )
        if samples.ndim != 1:
            raise AudioInputError("the sound is not mono", "mix its channels down")
        if sample_rate != self._rate:
            self._rate = sample_rate
            self._resampler = (
                None
                if sample_rate == SAMPLE_RATE
                else soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="float32")
            )
        samples = np.ascontiguousarray(samples, dtype=np.float32)
        if self._resampler is not None:
            samples = np.asarray(self._resampler.resample_chunk(samples), dtype=np.float32)
        self._kept = np.concatenate([self._kept, samples])
        whole = len(self._kept) // FRAME_SAMPLES * FRAME_SAMPLES
        frames = [self._kept[i : i + FRAME_SAMPLES] for i in range(0, whole, FRAME_SAMPLES)]
        self._kept = self._kept[whole:]
        return frames
