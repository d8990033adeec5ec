"""A recorded session run again: the same microphone, every answer as early as it can be, so the
outcome repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from voice_local.audio.types import Audio
from voice_local.config import AudioSettings
from voice_local.engine.counting import CountingEngine
from voice_local.local.cards import Block, Pull

SETTLE = 12
"""Turns of the event loop in which tasks may hand on what they have before the clock moves."""


async def settled(engine: CountingEngine) -> None:
    """Returns once `engine` is not at work and nobody is about to ask it."""
    for _ in range(SETTLE):
        await asyncio.sleep(0)
        while engine.working:
            await asyncio.sleep(0.0005)


class ReplayCard:
    """A microphone's samples as fast as the engine allows: no block while it is at work."""

    def __init__(self, microphone: Audio, settings: AudioSettings, engine: CountingEngine) -> None:
        self._audio, self._engine = microphone, engine
        self._block = settings.sample_rate * settings.block_ms // 1000
        self.ended, self.lost, self.overruns = False, False, 0

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`."""
        count = 0
        while True:
            part = self._audio[count * self._block : (count + 1) * self._block]
            self.ended = len(part) < self._block
            recorded = np.zeros(self._block, dtype=np.float32)
            recorded[: len(part)] = part
            count += 1
            await settled(self._engine)
            yield Block(recorded, pull(self._block))
