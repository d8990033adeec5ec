"""A sound card made of two streams in memory: for web sockets, telephony and tests."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import numpy as np
import soxr

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.config import AudioSettings
from voice_local.errors import (
    AudioDeviceError,
    AudioInputError,
)
from voice_local.local.cards import (
    Block,
    Pull,
)

RATES = (8_000, 48_000)
"""Lowest and highest sample rate in Hz of either side."""

LATE_MS = 200
"""Sound that waits for so long is too old to be answered: a network that stalls must not delay
everything after it."""

WAITS_MS = 60
"""`feed` keeps so much waiting."""

SPARE_MS, NEEDLESS_MS, WATCHED_S = 20, 100, 2.0
"""Where more than `NEEDLESS_MS` waited all through the last `WATCHED_S`, quiet blocks are left out
down to `SPARE_MS`."""

QUIET = 0.003
"""Peak of a quiet block."""

UNREAD_S = 5.0
"""Sound that nobody has read for so long is dropped."""


class InMemoryCard:
    """A `SoundCard` that a program feeds and reads: 16-bit or float samples in, the assistant's
    voice out, in real time.

    Sound that comes in bursts after a stall is dropped once it is `LATE_MS` old; where none comes,
    it counts as silence. A rate other than `settings.sample_rate` costs 20 to 32 ms of delay on its
    side.

    Args:
        settings: of the assistant.
        input_rate, output_rate: of the user's and of the assistant's samples, in Hz.

    Attributes:
        ended, lost, overruns: see `SoundCard`.
        dropped_s: seconds of the user's sound that came too late.

    Raises:
        AudioDeviceError: an unsupported rate.
    """

    def __init__(
        self, settings: AudioSettings, input_rate: int = SAMPLE_RATE, output_rate: int = 24_000
    ) -> None:
        for rate in (input_rate, output_rate):
            if not RATES[0] <= rate <= RATES[1]:
                raise AudioDeviceError(
                    f"the sample rate {rate} Hz is not supported",
                    f"use {RATES[0]} to {RATES[1]} Hz",
                )
        self.input_rate, self.output_rate = input_rate, output_rate
        self._rate, self._block = (
            settings.sample_rate,
            settings.sample_rate * settings.block_ms // 1000,
        )
        self._to_card, self._from_card = (
            _resampler(input_rate, self._rate),
            _resampler(self._rate, output_rate),
        )
        self._waiting: Audio = np.zeros(0, dtype=np.float32)
        self._largest = 0  # of the pieces that came, in samples
        self._least: deque[int] = deque(
            [0], maxlen=max(1, int(WATCHED_S * self._rate / self._block))
        )
        self._closing = self._over = False
        self._playing: deque[Audio] = deque(maxlen=max(1, int(UNREAD_S * self._rate / self._block)))
        self._played = asyncio.Event()
        self.ended, self.lost, self.overruns = False, False, 0
        self.dropped_s = 0.0

    # The user's side.

    def push(self, samples: Audio) -> None:
        """Takes what the user's microphone has just recorded: float32 mono in −1..1, at
        `input_rate`.

        Raises:
            AudioInputError: not one-dimensional, or not numbers.
        """
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise AudioInputError(
                "the samples are not mono, or not numbers", "send one channel of float32 in -1..1"
            )
        if self._closing:
            return
        found = self._to_card(np.ascontiguousarray(samples, dtype=np.float32), False)
        self._largest = max(self._largest, len(found))
        self._waiting = np.concatenate([self._waiting, found])
        limit = max(self._samples(LATE_MS), 2 * self._largest)
        if len(self._waiting) > limit:
            kept = max(self._samples(SPARE_MS), self._largest)
            self._drop(len(self._waiting) - kept)
            self.overruns += 1

    def push_pcm16(self, data: bytes) -> None:
        """As `push`, for 16-bit little-endian samples.

        Raises:
            AudioInputError: half a sample.
        """
        if len(data) % 2:
            raise AudioInputError(
                f"{len(data)} bytes are not whole 16-bit samples", "send whole samples"
            )
        self.push(np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768))

    async def feed(self, samples: Audio) -> None:
        """Plays a whole recording to the assistant in real time; nothing of it is dropped.
        As `push` otherwise."""
        step = self.input_rate * WAITS_MS // 2000
        for start in range(0, len(samples), step):
            while len(self._waiting) > self._samples(WAITS_MS):
                await asyncio.sleep(WAITS_MS / 4000)
            self.push(samples[start : start + step])

    def end(self) -> None:
        """The user's sound is over; the last answer is still played."""
        if not self._closing:
            self._waiting = np.concatenate(
                [self._waiting, self._to_card(np.zeros(0, dtype=np.float32), True)]
            )
            self._closing = True

    # The assistant's side.

    async def playback(self) -> AsyncIterator[Audio]:
        """What the assistant says as float32 mono at `output_rate`, a block at a time as it sounds;
        silence between.

        It ends with the conversation.
        """
        while True:
            while self._playing:
                samples = self._from_card(self._playing.popleft(), False)
                if len(samples):
                    yield samples
            if self._over:
                return
            self._played.clear()
            await self._played.wait()

    # The conversation's side.

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`."""
        loop = asyncio.get_running_loop()
        began, count = loop.time(), 0
        try:
            while True:
                count += 1
                # A block exists once its last sample has been recorded.
                early_s = began + count * self._block / self._rate - loop.time()
                if (
                    early_s * 1000 < -LATE_MS
                ):  # this process was held up: what was missed is missed, not played in a burst
                    began -= early_s
                await asyncio.sleep(max(0.0, early_s))
                recorded, played = self._take(), pull(self._block)
                self._playing.append(played)
                self._played.set()
                yield Block(recorded, played)
        finally:
            self._over = True
            self._played.set()

    def _take(self) -> Audio:
        """The next block of what was recorded; silence where nothing has come."""
        self._least.append(len(self._waiting))
        if min(self._least) > self._samples(NEEDLESS_MS) and self._quiet():
            while len(self._waiting) > self._samples(SPARE_MS) + self._block and self._quiet():
                self._waiting = self._waiting[self._block :]
            self._least.clear()  # watched anew
            self._least.append(0)
        part, self._waiting = self._waiting[: self._block], self._waiting[self._block :]
        self.ended = self._closing and not len(self._waiting)
        recorded = np.zeros(self._block, dtype=np.float32)
        recorded[: len(part)] = part
        return recorded

    def _quiet(self) -> bool:
        return float(np.abs(self._waiting[: self._block]).max()) < QUIET

    def _drop(self, count: int) -> None:
        self._waiting = self._waiting[count:]
        self.dropped_s += count / self._rate

    def _samples(self, milliseconds: int) -> int:
        return self._rate * milliseconds // 1000


def _resampler(given: int, wanted: int) -> Callable[[Audio, bool], Audio]:
    """What makes samples of rate `wanted` of pieces of rate `given`; true with the last piece."""
    if given == wanted:
        return lambda samples, last: samples
    stream = soxr.ResampleStream(given, wanted, 1, dtype="float32")
    return lambda samples, last: np.asarray(
        stream.resample_chunk(samples, last=last), dtype=np.float32
    )


def pcm16(samples: Audio) -> bytes:
    """Float samples as 16-bit little-endian ones; what is too loud is clipped."""
    return bytes(
        np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype("<i2").tobytes()
    )
