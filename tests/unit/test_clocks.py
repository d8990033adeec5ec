"""Clocks of sound devices: jitter, drift and jumps; and what was in the air while something was
recorded."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from voice_local.audio.clocks import (
    FAR_S,
    JUMPS,
    ArrivalClock,
    Follower,
    Marks,
    Moment,
    Playout,
    StreamClock,
)
from voice_local.audio.echo import EchoCanceller
from voice_local.audio.types import Audio

pytestmark = pytest.mark.unit
RATE, BLOCK = 16_000, 160
DRIFT = 200e-6
MINUTES = 10
JITTER_S = 0.003
OUTPUT_S, ROOM_S = 0.06, 0.005
"""From the program to the air; from the loudspeaker to the microphone."""


def test_a_clock_is_steadier_than_its_time_stamps() -> None:
    clock, rng = StreamClock(RATE), np.random.default_rng(1)
    for number in range(1000):
        assert not clock.stamp(number * BLOCK, 5 + number * 0.01 + rng.uniform(-JITTER_S, JITTER_S))
    assert clock.at(160_000) == pytest.approx(15, abs=0.0005)
    assert clock.sample(15.0) == pytest.approx(160_000, abs=8)


def test_a_clock_follows_drift() -> None:
    clock = StreamClock(RATE)
    for number in range(60_000):
        clock.stamp(number * BLOCK, number * 0.01 * (1 + DRIFT))
    assert clock.at(60_000 * BLOCK) == pytest.approx(600 * (1 + DRIFT), abs=0.0005)


def test_an_outlier_moves_nothing_and_a_stall_everything() -> None:
    clock = StreamClock(RATE)
    for number in range(100):
        clock.stamp(number * BLOCK, number * 0.01)
    assert not clock.stamp(100 * BLOCK, 1.1) and clock.at(100 * BLOCK) == pytest.approx(1)
    lost = [clock.stamp(number * BLOCK, number * 0.01 + 0.1) for number in range(101, 101 + JUMPS)]
    assert lost.index(True) >= JUMPS - 2 and clock.at(200 * BLOCK) == pytest.approx(2.1)
    assert clock.stamp(200 * BLOCK, 2.1 + 2 * FAR_S), "so much is believed at once"


FRAGMENT = 6
"""A sound server hands out so many blocks at once."""


def arrivals(clock: ArrivalClock, numbers: range, late_s: float = 0.0) -> list[bool]:
    """Whether the clock jumped at each block of those numbers, which arrive in fragments and
    `late_s` late."""
    return [
        clock.stamp((number + 1) * BLOCK, -(-(number + 1) // FRAGMENT) * FRAGMENT * 0.01 + late_s)
        for number in numbers
    ]


def test_a_microphones_clock_goes_by_what_arrives_at_once() -> None:
    clock = ArrivalClock(RATE)
    arrivals(clock, range(600))
    assert clock.at(96_000) == pytest.approx(6, abs=0.002), (
        "and not by what waited for the fragment to be whole"
    )


def test_what_piled_up_in_a_stall_is_known_to_be_old() -> None:
    clock = ArrivalClock(RATE)
    arrivals(clock, range(600))
    for number in range(600, 1200):  # stood still from 6 s to 12 s
        clock.stamp((number + 1) * BLOCK, 12 + (number - 600) * 1e-4)
        assert clock.at(number * BLOCK) == pytest.approx(number * 0.01, abs=0.02)
    arrivals(clock, range(1200, 1800))
    assert clock.at(288_000) == pytest.approx(18, abs=0.002)


@pytest.mark.parametrize("told", [False, True])
def test_after_a_loss_the_microphones_clock_goes_anew(told: bool) -> None:
    clock = ArrivalClock(RATE)
    arrivals(clock, range(600))
    if told:
        clock.lost()
    jumps = arrivals(clock, range(600, 900), late_s=1.0)
    assert told or any(jumps[:60])
    assert clock.at(96_000 + 60 * BLOCK) == pytest.approx(7.6, abs=0.002)


def test_marks_find_the_moment_of_any_sample() -> None:
    marks = Marks(RATE, kept=10)
    assert marks.find(0) is None
    for number in range(50):
        marks.add(
            number * BLOCK, Moment(number * 0.01 + (1.0 if number > 40 else 0.0), float(number))
        )
    found, oldest = marks.find(45 * BLOCK + 80), marks.find(0)
    assert found is not None and oldest is not None
    assert found.at_s == pytest.approx(1.455) and found.latency_ms == 45
    assert oldest.at_s == pytest.approx(0, abs=1e-9), "counted back from the oldest that is kept"


def sound(seconds: float, seed: int) -> Audio:
    """Noise up to 3 kHz with the loudness of speech, swelling four times a second."""
    rng = np.random.default_rng(seed)
    noise = soxr.resample(rng.standard_normal(int(seconds * 6000)).astype(np.float32), 6000, RATE)
    return np.asarray(
        0.1 * noise * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(len(noise)) / RATE)),
        np.float32,
    )


def test_what_was_in_the_air_is_found_by_when_it_was() -> None:
    playout, given = Playout(RATE), sound(2, 1)
    for start in range(0, len(given) - BLOCK, BLOCK):
        playout.push(given[start : start + BLOCK], 10 + start / RATE)
    follower, early = Follower(playout, RATE), Follower(playout, RATE, 0.02)
    np.testing.assert_allclose(follower.take(10.5, BLOCK), given[8000:8160], atol=1e-4)
    np.testing.assert_allclose(early.take(10.5, BLOCK), given[8320:8480], atol=1e-4)
    assert not follower.take(13, BLOCK).any(), "nobody knows yet"
    assert not follower.take(9, BLOCK).any(), "it had not begun"


def test_before_anything_is_played_there_is_silence() -> None:
    assert not Follower(Playout(RATE), RATE).take(1.0, BLOCK).any()


def test_what_was_played_before_a_stall_is_not_taken_for_what_came_after() -> None:
    playout, given = Playout(RATE), sound(2, 1)
    for start in range(0, RATE, BLOCK):
        playout.push(given[start : start + BLOCK], start / RATE)
    for start in range(RATE, 2 * RATE - BLOCK, BLOCK):
        playout.push(given[start : start + BLOCK], 2 + start / RATE)
    follower = Follower(playout, RATE)
    np.testing.assert_allclose(follower.take(3.5, BLOCK), given[24_000:24_160], atol=1e-4)
    assert not follower.take(2.5, BLOCK).any()


class Devices:
    """A loudspeaker whose clock is `DRIFT` too fast, and a microphone that hears it; time stamps
    that jitter."""

    def __init__(self) -> None:
        self.played = sound(MINUTES * 60 + 2, 1)
        # What the microphone's own clock makes of it.
        heard = soxr.resample(self.played, RATE * (1 + DRIFT), RATE)
        delay = int((OUTPUT_S + ROOM_S) * RATE)
        self.heard = np.float32(0.2) * np.concatenate([np.zeros(delay, np.float32), heard])
        self.playout, self.microphone = Playout(RATE), ArrivalClock(RATE)
        self._pushed = 0
        self._rng = np.random.default_rng(2)

    def step(self, number: int) -> tuple[Audio, float]:
        """The microphone's block of that number and when it was in the air; the loudspeaker is fed
        meanwhile."""
        now = (number + 1) * BLOCK / RATE
        while self._pushed / RATE / (1 + DRIFT) <= now:
            samples = self.played[self._pushed : self._pushed + BLOCK]
            self.playout.push(
                samples, self._pushed / RATE / (1 + DRIFT) + OUTPUT_S + self._jitter()
            )
            self._pushed += BLOCK
        first = number * BLOCK
        arrives = (number // FRAGMENT + 1) * FRAGMENT * BLOCK / RATE
        self.microphone.stamp(first + BLOCK, arrives + abs(self._jitter()))
        return self.heard[first : first + BLOCK], self.microphone.at(first)

    def _jitter(self) -> float:
        return float(self._rng.uniform(-JITTER_S, JITTER_S))


def echo_delay_ms(reference: Audio, heard: Audio) -> float:
    """By how much `heard` comes after `reference`."""
    size = 1 << (2 * len(heard)).bit_length()
    matched = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size)), size)
    best = int(np.argmax(np.abs(matched)))
    return (best if best < size // 2 else best - size) * 1000 / RATE


def test_ten_minutes_of_drift_leave_delay_and_echo_reduction_flat() -> None:
    devices, canceller = Devices(), EchoCanceller(RATE)
    follower = Follower(devices.playout, RATE, lead_s=0.02)
    references, cleaned = [], []
    for number in range(MINUTES * 6000):
        heard, captured_s = devices.step(number)
        references.append(follower.take(captured_s, BLOCK))
        cleaned.append(canceller.process(heard, references[-1]))
    reference, left = np.concatenate(references), np.concatenate(cleaned)
    delays, reductions = [], []
    for minute in range(MINUTES):
        span = slice((minute * 60 + 30) * RATE, (minute * 60 + 60) * RATE)
        heard = devices.heard[span]
        delays.append(echo_delay_ms(reference[span][: 4 * RATE], heard[: 4 * RATE]))
        reductions.append(
            10 * np.log10(float((heard**2).mean() / max(1e-12, (left[span] ** 2).mean())))
        )
    print(np.round(delays, 2), np.round(reductions, 1))
    assert max(delays) - min(delays) < 1, delays
    assert delays[0] == pytest.approx(25, abs=1), "the lead and the room"
    assert min(reductions) > 20 and min(reductions) > reductions[0] - 3, reductions
