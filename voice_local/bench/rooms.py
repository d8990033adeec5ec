"""A room for measuring: a microphone that hears scripted sound, and, if wanted, the loudspeaker's
echo."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import soxr

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.config import AudioSettings
from voice_local.engine.counting import CountingEngine
from voice_local.local.cards import (
    Block,
    Pull,
)
from voice_local.local.replay import (
    SETTLE,
)

LATE_S = 0.1


def room_response(sample_rate: int, delay_ms: float, seed: int = 7) -> Audio:
    """An impulse response: direct sound after `delay_ms`, then 0.2 s of decaying reflections; unit
    energy."""
    rng = np.random.default_rng(seed)
    delay, length = int(delay_ms * sample_rate / 1000), int(0.2 * sample_rate)
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length) * 0.05
    tail[0] = 1.0
    whole = np.concatenate([np.zeros(delay), tail])
    return np.asarray(whole / np.sqrt((whole**2).sum()), dtype=np.float32)


class RoomCard:
    """A sound card in a simulated room.

    `engine` None: real time. Else its clock waits for the engine, so a long conversation passes
    quickly. `echo`: impulse response from loudspeaker to microphone, `echo_gain` its factor.
    `noise(count)`: as many samples of steady noise.

    Attributes:
        said, recorded, played: blocks of what was said, heard by the microphone and played.
        late: in real time, how many blocks came over 100 ms late: this process had no time for its
            conversations.
    """

    def __init__(
        self,
        settings: AudioSettings,
        engine: CountingEngine | None = None,
        echo: Audio | None = None,
        echo_gain: float = 1.0,
        noise: Callable[[int], Audio] | None = None,
    ) -> None:
        self._rate, self._engine = settings.sample_rate, engine
        self._block = settings.sample_rate * settings.block_ms // 1000
        self._echo = None if echo is None else echo * echo_gain
        self._noise = noise
        self._past = np.zeros(0 if echo is None else len(echo) - 1, dtype=np.float32)
        self._waiting = np.zeros(0, dtype=np.float32)
        self.said: list[Audio] = []
        self.recorded: list[Audio] = []
        self.played: list[Audio] = []
        self.ended, self.lost, self.overruns = False, False, 0
        self.late = 0

    def say(self, audio: Audio) -> None:
        """Adds sound (16 kHz) to what the microphone will hear."""
        there = np.asarray(soxr.resample(audio, SAMPLE_RATE, self._rate), dtype=np.float32)
        self._waiting = np.concatenate([self._waiting, there])

    @property
    def quiet(self) -> bool:
        """Whether all that was said has been heard."""
        return not len(self._waiting)

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`."""
        loop = asyncio.get_running_loop()
        began, count = loop.time(), 0
        last = np.zeros(self._block, dtype=np.float32)
        while True:
            count += 1
            if self._engine is None:
                wait = began + count * self._block / self._rate - loop.time()
                self.late += wait < -LATE_S
                await asyncio.sleep(max(0.0, wait))
            else:
                await self._settle(self._engine)
            recorded = np.zeros(self._block, dtype=np.float32)
            part, self._waiting = self._waiting[: self._block], self._waiting[self._block :]
            recorded[: len(part)] = part
            self.said.append(recorded)
            if self._noise is not None:
                recorded = recorded + self._noise(self._block)
            if self._echo is not None:
                whole = np.concatenate([self._past, last])
                recorded = recorded + np.convolve(whole, self._echo, "valid").astype(np.float32)
                self._past = whole[len(whole) - len(self._past) :]
            last = pull(self._block)
            self.recorded.append(recorded)
            self.played.append(last)
            yield Block(recorded, last)

    @staticmethod
    async def _settle(engine: CountingEngine) -> None:
        for _ in range(SETTLE):
            await asyncio.sleep(0)
            while engine.working:
                await asyncio.sleep(0.0005)
