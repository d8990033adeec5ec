"""Whether what a microphone hears is what the loudspeaker plays: a least-squares fit of the one to
the other.

The words need not be understood for it, and it holds where no echo canceller runs or one has not
yet learned the room.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)

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


class EchoDetector:
    """Keeps the last second of both sides. What was played is given at `sample_rate` Hz."""

    def __init__(self, sample_rate: int) -> None:
        self._played, self._heard = _LastSecond(sample_rate), _LastSecond(SAMPLE_RATE)

    def play(self, samples: Audio) -> None:
        """Takes what the loudspeaker was given; any length."""
        self._played.add(samples)

    def hear(self, frame: Audio) -> None:
        """Takes what the conversation hears of the same time; 16 kHz, any length."""
        self._heard.add(frame)

    def share(self, seconds: float) -> float:
        """The part (0..1) of the energy heard in the last `seconds`, `LONGEST_S` at most, that was
        played; silence: 0."""
        count = int(min(max(seconds, SHORTEST_S), LONGEST_S) * RATE)
        heard = np.diff(
            self._heard.at_rate()[-count - 1 :].astype(np.float64)
        )  # without the bass, which all voices share
        whole = int(LATEST_S * RATE) + count
        played = np.diff(self._played.at_rate()[-whole - 1 :].astype(np.float64))
        energy = float(heard @ heard)
        if energy < count * QUIET_RMS**2 or float(played @ played) < whole * QUIET_RMS**2:
            return 0.0
        windows = np.lib.stride_tricks.sliding_window_view(
            played, count
        )  # row i: delayed by len(windows) - 1 - i samples
        size = 1 << (whole + count).bit_length()
        matched = np.fft.irfft(np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size)), size)[
            : len(windows)
        ]
        total = np.concatenate([[0.0], np.cumsum(played**2)])
        level = total[count:][: len(windows)] - total[: len(windows)]
        best = int(np.argmax(np.abs(matched) / np.sqrt(level + 1e-3 * level.max())))
        first = max(0, best + BEFORE_PEAK - TAPS)
        delayed = windows[first : best + BEFORE_PEAK]
        wanted = delayed @ heard
        square = delayed @ delayed.T
        square.flat[:: len(square) + 1] += 0.02 * np.trace(square) / len(square)
        return float(np.clip(wanted @ np.linalg.solve(square, wanted) / energy, 0.0, 1.0))


class _LastSecond:
    """The last second of a sound at `sample_rate` Hz; resampled only when it is asked for, which is
    seldom."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._pieces: deque[Audio] = deque([np.zeros(sample_rate, dtype=np.float32)])
        self._count = sample_rate

    def add(self, samples: Audio) -> None:
        """Takes more; what is not needed any longer goes."""
        self._pieces.append(samples)
        self._count += len(samples)
        while self._count - len(self._pieces[0]) >= self._rate:
            self._count -= len(self._pieces.popleft())

    def at_rate(self) -> Audio:
        """It at `RATE` Hz, (RATE,)."""
        whole = np.concatenate(self._pieces)[-self._rate :]
        self._pieces, self._count = deque([whole]), self._rate
        return np.asarray(soxr.resample(whole, self._rate, RATE), dtype=np.float32)[-RATE:]
