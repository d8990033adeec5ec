"""An engine that counts what it is asked and what it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

from voice_local.audio.types import Audio
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    Engine,
    GenerateOptions,
    Message,
    SpeechChunk,
    TranscribeOptions,
    Transcript,
)
from voice_local.engine.api import Understanding as Meaning
from voice_local.errors import EngineBusyError


@dataclass
class CountingEngine:
    """Passes everything on to an engine and counts what it refuses, and the calls of each stage by
    how many went together.

    The engine of today takes one call of a stage at a time: its batches are of one.
    """

    engine: Engine
    refused: int = 0
    batches: dict[str, Counter[int]] = field(default_factory=dict)

    @contextmanager
    def _call(self, stage: str) -> Iterator[None]:
        self.batches.setdefault(stage, Counter())[1] += 1
        try:
            yield
        except EngineBusyError:
            self.refused += 1
            raise

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """See `Engine`."""
        with self._call("stt"):
            return await self.engine.transcribe(audio, options)

    async def understand(self, text: str, topic: str | None = None) -> Meaning:
        """See `Engine`."""
        with self._call("intent"):
            return await self.engine.understand(text, topic)

    async def generate(
        self, messages: Sequence[Message], options: GenerateOptions
    ) -> AsyncIterator[str]:
        """See `Engine`."""
        with self._call("llm"):
            async with aclosing(self.engine.generate(messages, options)) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    yield piece

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """See `Engine`."""
        with self._call("prefill"):
            return await self.engine.prefill(messages)

    async def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """See `Engine`."""
        with self._call("tts"):
            async with aclosing(self.engine.synthesize(text, voice)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    yield chunk

    async def aclose(self) -> None:
        """Leaves the engine to whoever made it."""
