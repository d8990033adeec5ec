"""When each sample of a sound device is in the air, in seconds of `time.monotonic()`.

A device tells it with every block, but its time stamps jitter by some milliseconds. Its sample
clock drifts against the other device's and against the machine's by up to some 200 ppm. After a
stall it jumps.
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

JUMP_S, PATIENCE = 0.02, 5
"""Time stamps that are `PATIENCE` times on end so far from where they were expected are believed:
samples were lost."""

FAR_S = 0.25
"""One that is so far off is believed at once."""

LATE_S = 0.5
"""So long no sample has arrived in time before it is believed that some were lost."""

WINDOW_S = 2.0
"""The earliest arrival of so long counts."""

SMOOTH = 200
"""Time stamps over which a stream's clock is averaged: 2 s in blocks of 10 ms, 0.4 ms behind a
drift of 200 ppm."""

KEPT_S = 2.0
"""So much of what was played can be found again."""

SLEW = 0.002
"""A position in what was played moves at most so much faster or slower than the clock: no click in
the reference."""

Positions = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Moment:
    """When a sample was in the air (`at_s`), and how long it took from or to the program
    (`latency_ms`; None: unknown)."""

    at_s: float
    latency_ms: float | None = None


class StreamClock:
    """A loudspeaker at `sample_rate` Hz: its time stamps are right on average."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._offset: float | None = None  # when sample 0 was in the air, or would have been
        self._stamps = self._apart = 0

    def stamp(self, sample: int, at_s: float) -> bool:
        """Takes the time stamp of one sample; true where the clock has jumped."""
        measured = at_s - sample / self._rate
        if self._offset is None:
            self._offset, self._stamps = measured, 1
            return False
        error = measured - self._offset
        self._apart = self._apart + 1 if abs(error) > JUMP_S else 0
        if abs(error) > FAR_S or self._apart >= PATIENCE:
            self._offset, self._stamps, self._apart = measured, 1, 0
            return True
        if not self._apart:  # an outlier moves nothing
            self._stamps = min(self._stamps + 1, SMOOTH)
            self._offset += error / self._stamps
        return False

    def at(self, sample: float) -> float:
        """When `sample` is in the air. Needs a time stamp first."""
        assert self._offset is not None, "no time stamp yet"
        return self._offset + sample / self._rate

    def sample(self, at_s: float) -> float:
        """The sample that is in the air at `at_s`. Needs a time stamp first."""
        assert self._offset is not None, "no time stamp yet"
        return (at_s - self._offset) * self._rate


class ArrivalClock(StreamClock):
    """A microphone at `sample_rate` Hz: no sample arrives before it was in the air, and now and
    then one arrives at once.

    So the earliest arrivals of the last seconds tell. A sound server hands out several blocks
    together, and after a stall all that piled up; what a device tells of their age is not to be
    relied on.
    """

    def __init__(self, sample_rate: int) -> None:
        super().__init__(sample_rate)
        # (when, the offset by it) of the last seconds, as far as no later one is earlier: the first
        # is the earliest.
        self._in_time: deque[tuple[float, float]] = deque()
        self._late: list[
            tuple[float, float]
        ] = []  # of what has arrived too late since one was in time

    def lost(self) -> None:
        """Samples were lost: what arrived before tells nothing any more."""
        self._in_time.clear()
        self._late.clear()
        self._offset = None

    def stamp(self, sample: int, at_s: float) -> bool:
        """Takes when it was that all before `sample` had arrived; true where the clock has
        jumped."""
        measured = at_s - sample / self._rate
        if self._offset is None:
            self._offset, self._stamps = measured, 0
        if measured - self._offset <= JUMP_S:
            self._late.clear()
            self._arrived(at_s, measured)
        else:
            self._late.append((at_s, measured))
            if (
                at_s - self._late[0][0] > LATE_S
            ):  # samples were lost, for none arrives in time any more
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
    """Moments of a stream's blocks at `sample_rate` Hz, the last `kept` of them. One thread writes,
    any reads."""

    def __init__(self, sample_rate: int, kept: int = 2000) -> None:
        self._rate, self._kept = sample_rate, kept
        self._first: list[int] = []
        self._moments: list[Moment] = []
        self._lock = threading.Lock()

    def add(self, first: int, moment: Moment) -> None:
        """The block that begins with sample number `first`."""
        with self._lock:
            self._first.append(first)
            self._moments.append(moment)
            if len(self._first) >= 2 * self._kept:
                del self._first[: self._kept], self._moments[: self._kept]

    def find(self, sample: int) -> Moment | None:
        """Of any sample; None where nothing was marked yet. What is older than all marks is counted
        back from them."""
        with self._lock:
            if not self._first:
                return None
            place = max(0, bisect.bisect_right(self._first, sample) - 1)
            moment, first = self._moments[place], self._first[place]
        return Moment(moment.at_s + (sample - first) / self._rate, moment.latency_ms)


class Playout:
    """What a loudspeaker was given lately, found again by when it is in the air. One thread gives,
    another takes."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._clock = StreamClock(sample_rate)
        self._history = np.zeros(int(KEPT_S * sample_rate), dtype=np.float32)
        self._count = self._sounded = (
            0  # samples so far, and until the last block that was not silent
        )
        self._lock = threading.Lock()

    def push(self, samples: Audio, sounds_s: float, silent: bool = False) -> float:
        """Takes the next samples, the first of which is in the air at `sounds_s` by its time stamp;
        by the clock.

        `silent`: all of them are 0.
        """
        with self._lock:
            if self._clock.stamp(self._count, sounds_s):
                self._history[:] = (
                    0  # it fell silent, and what came before is found no more by this clock
                )
            if not silent or self._count - self._sounded <= len(
                self._history
            ):  # else it is silence already
                begin = self._count % len(self._history)
                first = samples[: len(self._history) - begin]
                self._history[begin : begin + len(first)] = first
                self._history[: len(samples) - len(first)] = samples[len(first) :]
            self._count += len(samples)
            if not silent:
                self._sounded = self._count
            return self._clock.at(self._count - len(samples))

    def position(self, at_s: float) -> float | None:
        """Which sample is in the air at `at_s`; None where nothing was given yet."""
        with self._lock:
            return self._clock.sample(at_s) if self._count else None

    def silent_from(self, position: float) -> bool:
        """Whether all that was given since that position is silent."""
        return position > self._sounded

    def read(self, positions: Positions) -> Audio:
        """The sound at fractional positions, by four points each; silence before and after what is
        kept."""
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
    """Reads a `Playout` at the pace of a recording: block by block what was in the air meanwhile.

    It stays with the time stamps of both as their clocks drift, without a click. `lead_s`: how much
    earlier it reads, so that a reference never comes after its echo, whatever the time stamps are
    worth.
    """

    def __init__(self, playout: Playout, sample_rate: int, lead_s: float = 0.0) -> None:
        self._playout, self._rate, self._lead_s = playout, sample_rate, lead_s
        self._next: float | None = None

    def take(self, start_s: float, count: int) -> Audio:
        """`count` samples of what was in the air from `start_s` on."""
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
