"""Clocks of sound devices: the time at which each sample is in the air, in seconds of
`time.monotonic()`.

A device gives a time stamp with every block, with a jitter of some milliseconds. Its sample clock
drifts against those of the other device and the machine by up to about 200 ppm, and jumps after a
stall.
"""

from __future__ import annotations

import bisect
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from voice_local.audio.types import Audio

JUMP_S, JUMPS = 0.02, 5
"""A clock is reset after `JUMPS` successive time stamps that differ from the expected time by
more than `JUMP_S`: samples were lost."""

FAR_S = 0.25
"""A time stamp that differs by more resets the clock at once."""

LATE_S = 0.5
"""Time without a sample that arrived as expected after which samples are taken for lost."""

WINDOW_S = 2.0
"""Length of the window in which the earliest arrival is searched."""

SMOOTH = 200
"""Time stamps over which a clock is averaged: 2 s in blocks of 10 ms, which lags behind a drift of
200 ppm by 0.4 ms."""

KEPT_S = 2.0
"""Length of the history of played samples."""

SLEW = 0.002
"""Largest relative correction of the reading speed, so that the reference signal has no clicks."""

Positions = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Moment:
    """The time at which a sample was in the air.

    Attributes:
        at_s: in seconds of `time.monotonic()`.
        latency_ms: the delay between the program and the air; None if unknown.
    """

    at_s: float
    latency_ms: float | None = None


class StreamClock:
    """The clock of a loudspeaker at `sample_rate` Hz, whose time stamps are correct on average."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._offset: float | None = None  # the time of sample 0, even if it was never played
        self._stamps = self._apart = 0

    def stamp(self, sample: int, at_s: float) -> bool:
        """Adds the time stamp of a sample; true if the clock was reset."""
        measured = at_s - sample / self._rate
        if self._offset is None:
            self._offset, self._stamps = measured, 1
            return False
        error = measured - self._offset
        self._apart = self._apart + 1 if abs(error) > JUMP_S else 0
        if abs(error) > FAR_S or self._apart >= JUMPS:
            self._offset, self._stamps, self._apart = measured, 1, 0
            return True
        if not self._apart:  # outliers are not averaged
            self._stamps = min(self._stamps + 1, SMOOTH)
            self._offset += error / self._stamps
        return False

    def at(self, sample: float) -> float:
        """The time at which `sample` is in the air. Needs a time stamp first."""
        assert self._offset is not None, "no time stamp yet"
        return self._offset + sample / self._rate

    def sample(self, at_s: float) -> float:
        """The sample that is in the air at `at_s`. Needs a time stamp first."""
        assert self._offset is not None, "no time stamp yet"
        return (at_s - self._offset) * self._rate


class ArrivalClock(StreamClock):
    """The clock of a microphone at `sample_rate` Hz, from the times at which samples arrive.

    No sample arrives before it was in the air, and some arrive without delay, so that the earliest
    arrivals of the last seconds give the clock. A sound server delivers several blocks at once, and
    after a stall all that have piled up; the age that a device reports for them is unreliable.
    """

    def __init__(self, sample_rate: int) -> None:
        super().__init__(sample_rate)
        # (time, offset) of the arrivals of the last seconds, in order of rising offsets: the first
        # one is the earliest (a monotonic queue).
        self._in_time: deque[tuple[float, float]] = deque()
        # The same of what has arrived late since the last sample that was in time.
        self._late: list[tuple[float, float]] = []

    def lost(self) -> None:
        """Samples were lost: forgets the earlier arrivals."""
        self._in_time.clear()
        self._late.clear()
        self._offset = None

    def stamp(self, sample: int, at_s: float) -> bool:
        """Adds the time at which all samples before `sample` had arrived; true if the clock was
        reset."""
        measured = at_s - sample / self._rate
        if self._offset is None:
            self._offset, self._stamps = measured, 0
        if measured - self._offset <= JUMP_S:
            self._late.clear()
            self._arrived(at_s, measured)
        else:
            self._late.append((at_s, measured))
            # Samples were lost if none arrives in time any more.
            if at_s - self._late[0][0] > LATE_S:
                self._in_time.clear()
                for late in self._late:
                    self._arrived(*late)
                self._late.clear()
        while len(self._in_time) > 1 and self._in_time[0][0] < at_s - WINDOW_S:
            self._in_time.popleft()
        error = self._in_time[0][1] - self._offset
        if abs(error) > JUMP_S:
            self._offset, self._stamps = self._offset + error, 1
            return True
        self._stamps = min(self._stamps + 1, SMOOTH)
        self._offset += error / self._stamps
        return False

    def _arrived(self, at_s: float, measured: float) -> None:
        while self._in_time and self._in_time[-1][1] >= measured:
            self._in_time.pop()
        self._in_time.append((at_s, measured))


class Marks:
    """The moments of the last `kept` blocks of a stream at `sample_rate` Hz. One thread adds them;
    any thread may read."""

    def __init__(self, sample_rate: int, kept: int = 2000) -> None:
        self._rate, self._kept = sample_rate, kept
        self._first: list[int] = []
        self._moments: list[Moment] = []
        self._lock = threading.Lock()

    def add(self, first: int, moment: Moment) -> None:
        """Adds the moment of the block that begins with sample number `first`."""
        with self._lock:
            self._first.append(first)
            self._moments.append(moment)
            if len(self._first) >= 2 * self._kept:
                del self._first[: self._kept], self._moments[: self._kept]

    def find(self, sample: int) -> Moment | None:
        """The moment of any sample; None before the first block. For samples before the oldest
        block it is extrapolated."""
        with self._lock:
            if not self._first:
                return None
            place = max(0, bisect.bisect_right(self._first, sample) - 1)
            moment, first = self._moments[place], self._first[place]
        return Moment(moment.at_s + (sample - first) / self._rate, moment.latency_ms)


class Playout:
    """The samples that a loudspeaker was given lately, by the time at which they are in the air.

    One thread adds samples, another reads them.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._clock = StreamClock(sample_rate)
        self._history = np.zeros(int(KEPT_S * sample_rate), dtype=np.float32)
        self._count = 0  # samples so far
        self._sounded = 0  # samples up to the end of the last block that was not silent
        self._lock = threading.Lock()

    def push(self, samples: Audio, sounds_s: float, silent: bool = False) -> float:
        """Adds the next samples; the time of the first one by the averaged clock.

        `sounds_s`: the time of the first one by its time stamp. `silent`: all of them are 0.
        """
        with self._lock:
            if self._clock.stamp(self._count, sounds_s):
                # After a reset the earlier samples cannot be found by the new clock.
                self._history[:] = 0
            # The whole history is 0 already after a long silence.
            if not silent or self._count - self._sounded <= len(self._history):
                begin = self._count % len(self._history)
                first = samples[: len(self._history) - begin]
                self._history[begin : begin + len(first)] = first
                self._history[: len(samples) - len(first)] = samples[len(first) :]
            self._count += len(samples)
            if not silent:
                self._sounded = self._count
            return self._clock.at(self._count - len(samples))

    def position(self, at_s: float) -> float | None:
        """The fractional sample that is in the air at `at_s`; None before the first sample."""
        with self._lock:
            return self._clock.sample(at_s) if self._count else None

    def silent_from(self, position: float) -> bool:
        """Whether all samples since `position` are silent."""
        return position > self._sounded

    def read(self, positions: Positions) -> Audio:
        """The signal at fractional positions, by cubic interpolation of four samples; 0 outside the
        history."""
        low = np.floor(positions).astype(np.int64)
        part = (positions - low).astype(np.float32)
        with self._lock:
            size = len(self._history)
            before, here, there, after = (
                self._history[(low + step) % size] for step in (-1, 0, 1, 2)
            )
            unknown = (low + 2 >= self._count) | (low - 1 < max(0, self._count - size))
        sound = here + part / 2 * (
            there
            - before
            + part
            * (
                2 * before
                - 5 * here
                + 4 * there
                - after
                + part * (3 * (here - there) + after - before)
            )
        )
        sound[unknown] = 0
        return np.asarray(sound, dtype=np.float32)


class Follower:
    """Reads from a `Playout`, block by block, what was in the air during a recording.

    It follows the drift between the two clocks without clicks. `lead_s`: how much earlier it reads,
    so that the reference never comes after its echo, even with inaccurate time stamps.
    """

    def __init__(self, playout: Playout, sample_rate: int, lead_s: float = 0.0) -> None:
        self._playout, self._rate, self._lead_s = playout, sample_rate, lead_s
        self._next: float | None = None

    def take(self, start_s: float, count: int) -> Audio:
        """`count` samples of what was in the air from the time `start_s` on."""
        target = self._playout.position(start_s + self._lead_s)
        if target is None:
            return np.zeros(count, dtype=np.float32)
        if self._next is None or abs(target - self._next) > JUMP_S * self._rate:
            self._next = target
        begin, pace = self._next, 1 + min(max((target - self._next) / count, -SLEW), SLEW)
        self._next += count * pace
        if self._playout.silent_from(begin):
            return np.zeros(count, dtype=np.float32)
        return self._playout.read(begin + np.arange(count, dtype=np.float64) * pace)
