"""From a sound card's blocks to the frames a conversation hears: echo taken out, 16 kHz, 32 ms."""

from __future__ import annotations

import numpy as np
import soxr

from voice_local.audio.echo import EchoCanceller
from voice_local.config import AudioSettings
from voice_local.engine.protocol import SAMPLE_RATE, VAD_FRAME, Audio


class MicrophonePath:
    """One microphone's way; `level` is the last block's peak, 0..1."""

    def __init__(self, settings: AudioSettings) -> None:
        self._echo = EchoCanceller(settings.sample_rate) if settings.echo_cancel else None
        self._resampler = soxr.ResampleStream(settings.sample_rate, SAMPLE_RATE, 1, dtype="float32")
        self._block = settings.sample_rate // 100
        self._kept = np.zeros(0, dtype=np.float32)
        self.level = 0.0

    def push(self, microphone: Audio, played: Audio) -> list[Audio]:
        """Takes what was recorded while `played` sounded; the frames that have become whole."""
        self.level = float(np.abs(microphone).max()) if len(microphone) else 0.0
        if self._echo:
            starts = range(0, len(microphone), self._block)
            microphone = np.concatenate([self._echo.process(microphone[i : i + self._block], played[i : i + self._block])
                                         for i in starts])
        self._kept = np.concatenate([self._kept, self._resampler.resample_chunk(microphone)])
        whole = len(self._kept) // VAD_FRAME * VAD_FRAME
        frames = [self._kept[i : i + VAD_FRAME] for i in range(0, whole, VAD_FRAME)]
        self._kept = self._kept[whole:]
        return frames
