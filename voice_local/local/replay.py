"""A recorded session run again: the same microphone, every answer as early as it can be, so the
outcome repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TypeVar

import numpy as np

from voice_local.audio.types import Audio
from voice_local.config import AudioSettings
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    Engine,
    GenerateOptions,
    Message,
    SpeechChunk,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.local.cards import (
    Block,
    Pull,
)

T = TypeVar("T")


class SteadyEngine:
    """Passes everything on to `engine` and knows whether it is at work: a replay's clock stands
    still meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.working = 0

    async def _counted(self, work: Awaitable[T]) -> T:
        self.working += 1
        try:
            return await work
        finally:
            self.working -= 1

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """See `Engine`."""
        return await self._counted(self._engine.transcribe(audio, options))

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """See `Engine`."""
        return await self._counted(self._engine.understand(text, topic))

    async def generate(
        self, messages: Sequence[Message], options: GenerateOptions
    ) -> AsyncIterator[str]:
        """See `Engine`."""
        pieces = self._engine.generate(messages, options)
        try:
            while True:
                yield await self._counted(anext(pieces))
        except StopAsyncIteration:
            return
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """See `Engine`. Nothing waits for it, a replay's clock neither."""
        return await self._engine.prefill(messages)

    async def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """See `Engine`."""
        chunks = self._engine.synthesize(text, voice)
        try:
            while True:
                yield await self._counted(anext(chunks))
        except StopAsyncIteration:
            return
        finally:
            await chunks.aclose()  # type: ignore[attr-defined]

    async def aclose(self) -> None:
        """See `Engine`."""
        await self._engine.aclose()


class ReplayCard:
    """A microphone's samples as fast as the engine allows: no block while it is at work."""

    def __init__(self, microphone: Audio, settings: AudioSettings, engine: SteadyEngine) -> None:
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
