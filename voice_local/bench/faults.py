"""Faults put in on purpose, to see whether the suite shows them where they belong: `voice-local
bench … --plant NAME`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import numpy as np

from voice_local.audio.types import Audio
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
from voice_local.errors import ConfigError

DELAY_S = 0.1
STAGES = ("stt", "intent", "llm", "tts")
FAULTS = {
    **{
        f"{stage}_delay": f"{DELAY_S * 1000:.0f} ms more in every call of {stage}"
        for stage in STAGES
    },
    "deleted_words": "every tenth word of the transcripts is missing",
    "leading_silence": "500 ms of silence before every clause",
    "swapped_label": "every check_order_status is called a complaint, and the other way round",
    "leak": "1 MB more with every turn",
}
SWAPPED = {"check_order_status": "complaint", "complaint": "check_order_status"}


def check(faults: Sequence[str]) -> None:
    """Refuses what is no fault of `FAULTS`.

    Raises:
        ConfigError: an unknown one.
    """
    unknown = sorted(set(faults) - set(FAULTS))
    if unknown:
        raise ConfigError(f"unknown fault {unknown[0]!r}", f"one of: {', '.join(FAULTS)}")


class FaultyEngine:
    """`engine` with the planted `faults` of `FAULTS`.

    Raises:
        ConfigError: an unknown fault.
    """

    def __init__(self, engine: Engine, faults: Sequence[str]) -> None:
        check(faults)
        self._engine, self._faults = engine, frozenset(faults)
        self._words = 0
        self._text = ""
        self._leaked: list[bytearray] = []

    async def _delay(self, stage: str) -> None:
        if f"{stage}_delay" in self._faults:
            await asyncio.sleep(DELAY_S)

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """See `Engine`."""
        await self._delay("stt")
        found = await self._engine.transcribe(audio, options)
        if "deleted_words" not in self._faults:
            return found
        kept = []
        for word in found.text.split():
            self._words += 1
            if self._words % 10:
                kept.append(word)
        return Transcript(" ".join(kept), found.language, found.no_speech_prob, found.avg_logprob)

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """See `Engine`."""
        await self._delay("intent")
        if "leak" in self._faults and text != self._text:  # a turn may ask twice
            self._text = text
            # Written to, or no page would be resident.
            self._leaked.append(bytearray(b"\x01" * 2**20))
        found = await self._engine.understand(text, topic)
        if "swapped_label" not in self._faults or found.intent is None:
            return found
        return replace(found, intent=SWAPPED.get(found.intent, found.intent))

    async def generate(
        self, messages: Sequence[Message], options: GenerateOptions
    ) -> AsyncIterator[str]:
        """See `Engine`."""
        await self._delay("llm")
        pieces = self._engine.generate(messages, options)
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """See `Engine`."""
        return await self._engine.prefill(messages)

    async def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """See `Engine`."""
        await self._delay("tts")
        chunks, first = self._engine.synthesize(text, voice), True
        try:
            async for chunk in chunks:
                if first and "leading_silence" in self._faults:
                    silence = np.zeros(chunk.sample_rate // 2, dtype=np.float32)
                    chunk = replace(chunk, samples=np.concatenate([silence, chunk.samples]))
                first = False
                yield chunk
        finally:
            await chunks.aclose()  # type: ignore[attr-defined]

    async def aclose(self) -> None:
        """See `Engine`."""
        await self._engine.aclose()
