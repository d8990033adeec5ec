"""Time stretching: speech made faster or slower without a change of pitch, as a stream."""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import Audio

FRAME_S, SEARCH_S = 0.03, 0.008
"""Length of the overlapping frames, and the distance around its nominal position within which the
best matching frame is searched."""


class TimeStretch:
    """WSOLA (Verhelst and Roelands 1993). `rate`: how much faster; `sample_rate` in Hz."""

    def __init__(self, rate: float, sample_rate: int) -> None:
        self._rate = rate
        self._half = int(FRAME_S * sample_rate / 2)
        self._search = int(SEARCH_S * sample_rate)
        window = np.hanning(2 * self._half + 1)[:-1].astype(np.float32)
        self._rise, self._fall = window[: self._half], window[self._half :]
        self._waiting: Audio = np.zeros(0, dtype=np.float32)
        self._at = 0.0  # the nominal position of the next frame in `_waiting`
        self._tail: Audio | None = None  # the faded-out second half of the last frame
        self._next: Audio | None = (
            None  # the samples that follow the last frame, to match the next one with
        )

    def push(self, samples: Audio, last: bool) -> Audio:
        """The next piece, stretched; it may be short or empty before the last one.

        `last`: no more samples follow.
        """
        self._waiting = np.concatenate([self._waiting, samples])
        end = len(self._waiting)
        need = 3 * self._half + self._search
        if last:
            self._waiting = np.concatenate(
                [self._waiting, np.zeros(need + self._half, dtype=np.float32)]
            )
        made: list[Audio] = []
        while (self._at < end) if last else (int(self._at) + need <= end):
            dropped = self._frame(made)
            end -= dropped
        return np.concatenate(made) if made else np.zeros(0, dtype=np.float32)

    def _frame(self, made: list[Audio]) -> int:
        """Adds half a frame to `made`; the number of samples that are no longer needed."""
        half, start = self._half, int(self._at)
        if self._next is not None:
            first = max(0, start - self._search)
            around = self._waiting[first : start + self._search + half]
            start = first + int(np.correlate(around, self._next, "valid").argmax())
        frame = self._waiting[start : start + 2 * half]
        if self._tail is None:  # the beginning is not faded in
            self._tail = frame[:half] * self._fall
        made.append(frame[:half] * self._rise + self._tail)
        self._tail, self._next = (
            frame[half:] * self._fall,
            self._waiting[start + half : start + 2 * half],
        )
        self._at += half * self._rate
        dropped = max(0, int(self._at) - self._search)
        self._waiting, self._at = self._waiting[dropped:], self._at - dropped
        return dropped
