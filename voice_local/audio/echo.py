"""Acoustic echo cancellation: WebRTC's AEC3 from the `livekit` wheel.

Only the library in the wheel is used; nothing here opens a connection.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from voice_local.audio.types import Audio
from voice_local.errors import ConfigError

RATES = (16_000, 32_000, 48_000)


class EchoCanceller:
    """The echo canceller of one microphone and one loudspeaker at the same sample rate.

    Raises:
        ConfigError: a sample rate that AEC3 does not support.
    """

    def __init__(self, sample_rate: int) -> None:
        if sample_rate not in RATES:
            raise ConfigError(
                f"the echo canceller does not run at {sample_rate} Hz", f"use one of {RATES}"
            )
        from livekit import rtc

        self._frame = rtc.AudioFrame
        self._apm: Any = rtc.AudioProcessingModule(echo_cancellation=True, high_pass_filter=True)
        self._rate, self._block = sample_rate, sample_rate // 100

    def process(self, microphone: Audio, played: Audio) -> Audio:
        """`microphone` without the echo of `played`; both are the same 10 ms."""
        assert len(microphone) == len(played) == self._block, "the canceller works on 10 ms"
        self._apm.process_reverse_stream(self._wrap(played))
        frame = self._wrap(microphone)
        self._apm.process_stream(frame)
        return np.frombuffer(bytes(frame.data), dtype=np.int16).astype(np.float32) / np.float32(
            32768
        )

    def _wrap(self, samples: Audio) -> Any:
        data = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        return self._frame(bytearray(data), self._rate, 1, self._block)
