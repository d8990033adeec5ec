"""Whether what a microphone hears is what the loudspeaker plays: a least-squares fit of the one to the other.

The words need not be understood for it, and it holds where no echo canceller runs or one has not yet learned the room.
"""

from __future__ import annotations

import numpy as np
import soxr

from voice_local.engine.protocol import SAMPLE_RATE, Audio

RATE = 8000
LONGEST_S = 0.4
"""So much of what was heard last is looked at."""

SHORTEST_S = 0.06
"""At least so much: less fits anything."""

LATEST_S = 0.45
"""Longest delay from loudspeaker to microphone."""

TAPS = 128
"""The room's response that is fitted: 16 ms around the strongest path."""

BEFORE_PEAK = 16
QUIET_RMS = 1e-4
"""Of the difference of neighbouring samples; below it there is nothing to compare."""


class OwnVoice:
    """Keeps the last second of both sides, given at `sample_rate` Hz."""

    def __init__(self, sample_rate: int) -> None:
        self._played = soxr.ResampleStream(sample_rate, RATE, 1, dtype="float32")
        self._heard = soxr.ResampleStream(SAMPLE_RATE, RATE, 1, dtype="float32")
        self._reference = np.zeros(RATE, dtype=np.float32)
        self._microphone = np.zeros(RATE, dtype=np.float32)

    def play(self, samples: Audio) -> None:
        """Takes what the loudspeaker was given; any length."""
        self._reference = np.concatenate([self._reference, self._played.resample_chunk(samples)])[-RATE:]

    def hear(self, frame: Audio) -> None:
        """Takes what the conversation hears of the same time; 16 kHz, any length."""
        self._microphone = np.concatenate([self._microphone, self._heard.resample_chunk(frame)])[-RATE:]

    def share(self, seconds: float) -> float:
        """The part (0..1) of the energy heard in the last `seconds`, `LONGEST_S` at most, that was played; silence: 0."""
        count = int(min(max(seconds, SHORTEST_S), LONGEST_S) * RATE)
        heard = np.diff(self._microphone[-count - 1 :].astype(np.float64))  # without the bass, which all voices share
        whole = int(LATEST_S * RATE) + count
        played = np.diff(self._reference[-whole - 1 :].astype(np.float64))
        energy = float(heard @ heard)
        if energy < count * QUIET_RMS**2 or float(played @ played) < whole * QUIET_RMS**2:
            return 0.0
        windows = np.lib.stride_tricks.sliding_window_view(played, count)  # row i: delayed by len(windows) - 1 - i samples
        size = 1 << (whole + count).bit_length()
        matched = np.fft.irfft(np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size)), size)[: len(windows)]
        total = np.concatenate([[0.0], np.cumsum(played**2)])
        level = total[count:][: len(windows)] - total[: len(windows)]
        best = int(np.argmax(np.abs(matched) / np.sqrt(level + 1e-3 * level.max())))
        first = max(0, best + BEFORE_PEAK - TAPS)
        delayed = windows[first : best + BEFORE_PEAK]
        wanted = delayed @ heard
        square = delayed @ delayed.T
        square.flat[:: len(square) + 1] += 0.02 * np.trace(square) / len(square)
        return float(np.clip(wanted @ np.linalg.solve(square, wanted) / energy, 0.0, 1.0))
