"""Detects whether a microphone hears what the loudspeaker plays, with a least-squares fit of the
microphone signal by the played one.

It needs no transcript, and works without an echo canceller or before one has adapted to the room.
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
"""Most of the microphone signal that is examined."""

SHORTEST_S = 0.06
"""Least of it: a fit of a shorter signal says nothing."""

LATEST_S = 0.45
"""Longest delay from the loudspeaker to the microphone."""

TAPS = 128
"""Length of the fitted room impulse response: 16 ms around the strongest path."""

BEFORE_PEAK = 16
"""Taps before the strongest path."""

QUIET_RMS = 1e-4
"""RMS of the differences of adjacent samples below which there is nothing to compare."""


class EchoDetector:
    """Keeps the last second of both sides. What was played is given at `sample_rate` Hz."""

    def __init__(self, sample_rate: int) -> None:
        self._played, self._recorded = _LastSecond(sample_rate), _LastSecond(SAMPLE_RATE)

    def push_played(self, samples: Audio) -> None:
        """Adds samples that were given to the loudspeaker; any length."""
        self._played.add(samples)

    def push_recorded(self, frame: Audio) -> None:
        """Adds samples of the microphone of the same time; 16 kHz, any length."""
        self._recorded.add(frame)

    def share(self, seconds: float) -> float:
        """The share (0..1) of the microphone's energy in the last `seconds` (at most `LONGEST_S`)
        that the played signal explains; 0 for silence."""
        count = int(min(max(seconds, SHORTEST_S), LONGEST_S) * RATE)
        # Differences suppress low frequencies, which are similar in all voices.
        recorded = np.diff(self._recorded.at_rate()[-count - 1 :].astype(np.float64))
        whole = int(LATEST_S * RATE) + count
        played = np.diff(self._played.at_rate()[-whole - 1 :].astype(np.float64))
        energy = float(recorded @ recorded)
        if energy < count * QUIET_RMS**2 or float(played @ played) < whole * QUIET_RMS**2:
            return 0.0
        # Row i is the played signal with a delay of len(windows) - 1 - i samples.
        windows = np.lib.stride_tricks.sliding_window_view(played, count)
        size = 1 << (whole + count).bit_length()
        matched = np.fft.irfft(
            np.fft.rfft(played, size) * np.conj(np.fft.rfft(recorded, size)), size
        )[: len(windows)]
        total = np.concatenate([[0.0], np.cumsum(played**2)])
        level = total[count:][: len(windows)] - total[: len(windows)]
        best = int(np.argmax(np.abs(matched) / np.sqrt(level + 1e-3 * level.max())))
        first = max(0, best + BEFORE_PEAK - TAPS)
        delayed = windows[first : best + BEFORE_PEAK]
        wanted = delayed @ recorded
        square = delayed @ delayed.T
        square.flat[:: len(square) + 1] += 0.02 * np.trace(square) / len(square)
        return float(np.clip(wanted @ np.linalg.solve(square, wanted) / energy, 0.0, 1.0))


class _LastSecond:
    """The last second of a signal at `sample_rate` Hz; it is only resampled when it is read, which
    is rare."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._pieces: deque[Audio] = deque([np.zeros(sample_rate, dtype=np.float32)])
        self._count = sample_rate

    def add(self, samples: Audio) -> None:
        """Adds samples, and drops those that are older than a second."""
        self._pieces.append(samples)
        self._count += len(samples)
        while self._count - len(self._pieces[0]) >= self._rate:
            self._count -= len(self._pieces.popleft())

    def at_rate(self) -> Audio:
        """The last second at `RATE` Hz, of shape (RATE,)."""
        whole = np.concatenate(self._pieces)[-self._rate :]
        self._pieces, self._count = deque([whole]), self._rate
        return np.asarray(soxr.resample(whole, self._rate, RATE), dtype=np.float32)[-RATE:]
