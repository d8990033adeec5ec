"""Faults put in on purpose, to see whether the suite shows them where they belong: `voice-local
bench … --plant NAME`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import numpy as np

from voice_local.engine.api import (
    CallContext,
    Classified,
    Classify,
    SpeechChunk,
    Transcript,
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.operations import Operation
from voice_local.engine.transports.base import Transport
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
STAGE_OF = {"transcribe": "stt", "classify": "intent", "generate": "llm", "synthesize": "tts"}
SWAPPED = {"check_order_status": "complaint", "complaint": "check_order_status"}


def check(faults: Sequence[str]) -> None:
    """Refuses what is no fault of `FAULTS`.

    Raises:
        ConfigError: an unknown one.
    """
    unknown = sorted(set(faults) - set(FAULTS))
    if unknown:
        raise ConfigError(f"unknown fault {unknown[0]!r}", f"one of: {', '.join(FAULTS)}")


class FaultyEngine(EngineClient):
    """`engine` with the planted `faults` of `FAULTS`.

    Raises:
        ConfigError: an unknown fault.
    """

    def __init__(self, engine: EngineClient, faults: Sequence[str]) -> None:
        check(faults)
        super().__init__(Faults(engine.transport, frozenset(faults)), engine.context)


class Faults:
    """A `Transport` that spoils what comes through it."""

    def __init__(self, inner: Transport, faults: frozenset[str]) -> None:
        self._inner, self._faults = inner, faults
        self._words = 0
        self._text = ""
        self._leaked: list[bytearray] = []

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        if f"{STAGE_OF.get(operation.name)}_delay" in self._faults:
            await asyncio.sleep(DELAY_S)
        if "leak" in self._faults and isinstance(request, Classify):
            self._leak(request.pairs[0][0])
        first = True
        async with aclosing(self._inner.call(operation, request, context)) as items:
            async for item in items:
                yield self._spoiled(item, first)
                first = False

    def _leak(self, text: str) -> None:
        if text != self._text:  # a turn may ask twice
            self._text = text
            # Written to, or no page would be resident.
            self._leaked.append(bytearray(b"\x01" * 2**20))

    def _spoiled(self, item: Any, first: bool) -> Any:
        if isinstance(item, Transcript) and "deleted_words" in self._faults:
            return replace(item, text=" ".join(self._kept(item.text.split())))
        if isinstance(item, Classified) and "swapped_label" in self._faults:
            return Classified(tuple(map(_swapped, item.items)))
        if isinstance(item, SpeechChunk) and first and "leading_silence" in self._faults:
            silence = np.zeros(item.sample_rate // 2, dtype=np.float32)
            return replace(item, samples=np.concatenate([silence, item.samples]))
        return item

    def _kept(self, words: Sequence[str]) -> Iterator[str]:
        for word in words:
            self._words += 1
            if self._words % 10:
                yield word


def _swapped(found: Understanding) -> Understanding:
    name = found.intent
    return replace(found, intent=SWAPPED.get(name, name)) if name is not None else found
