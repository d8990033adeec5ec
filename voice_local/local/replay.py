"""A recorded session run again: the same microphone, every answer as early as it can be, so the
outcome repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import numpy as np

from voice_local.audio.types import Audio
from voice_local.config import AudioSettings
from voice_local.engine.client import (
    EngineClient,
)
from voice_local.engine.middleware import Counting
from voice_local.engine.operations import PREFILL
from voice_local.local.cards import (
    Block,
    Pull,
)

T = TypeVar("T")


class CountingEngine(EngineClient):
    """The same engine, and whether it is at work: a replay's clock stands still meanwhile."""

    def __init__(self, engine: EngineClient) -> None:
        # Nothing waits for what is read ahead, a replay's clock neither.
        self._counting = Counting(engine.transport, frozenset({PREFILL.name}))
        super().__init__(self._counting, engine.context)

    @property
    def working(self) -> int:
        """Calls that are being answered."""
        return self._counting.working


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
            for _ in range(SETTLE):
                await asyncio.sleep(0)
                while self._engine.working:
                    await asyncio.sleep(0.0005)
            yield Block(recorded, pull(self._block))


SETTLE = 12
"""Turns of the event loop in which tasks may hand on what they have before the clock moves."""
