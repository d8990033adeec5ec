"""Turns in real time, the same for every system compared: sound is fed as a microphone would give
it, answers are timed.

Imports nothing heavy, so that another framework's environment can use it too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from voice_local.audio.level import (
    audible_span,
    dbfs,
)
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)

AUDIBLE = 10 ** (-50 / 20)
"""A sample of an answer over −50 dBFS can be heard."""

LEAD_S, REST_S, LONGEST_S = 0.3, 0.6, 20.0
"""Quiet before an utterance; quiet after an answer until the next turn; how long an answer is
waited for."""

SPEED = 3.0
Feed = Callable[[Audio], Awaitable[None]]


class Playback:
    """A loudspeaker at `sample_rate` Hz that plays what it is given at once, one thing after the
    other.

    It plays `speed` times as fast as is natural: only when an answer begins is of interest, and it
    saves minutes.

    Attributes:
        first: `time.perf_counter()` of this turn's first audible sample; None before.
        ends: when all that it was given will have sounded.
    """

    def __init__(self, sample_rate: int, speed: float = SPEED) -> None:
        self.sample_rate, self.speed = sample_rate, speed
        self.first: float | None = None
        self.ends = 0.0

    def write(self, samples: Audio) -> None:
        """Takes more sound."""
        begins = max(time.perf_counter(), self.ends)
        self.ends = begins + len(samples) / self.sample_rate / self.speed
        loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
        if self.first is None and len(loud):
            self.first = begins + float(loud[0]) / self.sample_rate

    def clear(self) -> None:
        """Falls silent."""
        self.ends = min(self.ends, time.perf_counter())

    @property
    def left_s(self) -> float:
        """Seconds of sound that have not sounded yet."""
        return max(0.0, self.ends - time.perf_counter())


@dataclass
class Turns:
    """What was measured.

    Attributes:
        voice_to_voice_ms: of each utterance, from its last audible sample to the first audible one
            of its answer; None where there was no answer, or one before the utterance had ended.
        unanswered, cut_in: how many of each of the latter.
    """

    voice_to_voice_ms: list[float | None] = field(default_factory=list)
    unanswered: int = 0
    cut_in: int = 0


async def converse(
    utterances: Sequence[Audio], feed: Feed, playback: Playback, block_ms: int
) -> Turns:
    """Says `utterances` (16 kHz) one after the other, each once the answer to the one before has
    sounded.

    `feed` is given a block of `block_ms` once its last sample has been recorded, and must return at
    once.
    """
    found = Turns()
    block = SAMPLE_RATE * block_ms // 1000
    clock = _Clock(block)
    quiet = np.zeros(block, dtype=np.float32)
    for utterance in utterances:
        for _ in range(int(LEAD_S * 1000 / block_ms)):
            await clock.tick()
            await feed(quiet)
        playback.first = None
        last = last_audible(utterance)
        padded = np.concatenate([utterance, np.zeros(-len(utterance) % block, dtype=np.float32)])
        ended = clock.now + last / SAMPLE_RATE
        for at in range(0, len(padded), block):
            await clock.tick()
            await feed(padded[at : at + block])
        while not _over(playback, ended, time.perf_counter()):
            await clock.tick()
            await feed(quiet)
        first = playback.first
        in_time = first is not None and first > ended
        found.voice_to_voice_ms.append(
            (first - ended) * 1000 if first is not None and in_time else None
        )
        found.unanswered += first is None
        found.cut_in += first is not None and not in_time
    return found


def last_audible(utterance: Audio) -> int:
    """One past the last sample (16 kHz) that can be heard: 40 dB under the loudest, in frames of 5
    ms."""
    _, end = audible_span(utterance, SAMPLE_RATE, dbfs(float(np.abs(utterance).max())) - 40)
    return end


def _over(playback: Playback, ended: float, now: float) -> bool:
    if playback.first is None:
        return now - ended > LONGEST_S
    return now - max(playback.ends, ended) > REST_S


class _Clock:
    """Wall time in whole blocks; `now` is the time of the next block's first sample."""

    def __init__(self, block: int) -> None:
        self._step = block / SAMPLE_RATE
        self.now = time.perf_counter()

    async def tick(self) -> None:
        """Returns once the next block has been recorded."""
        self.now += self._step
        await asyncio.sleep(max(0.0, self.now - time.perf_counter()))
