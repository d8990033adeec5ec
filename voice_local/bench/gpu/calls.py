"""Calls of fixed length to an engine, timed; and the check that they really were of that length."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.gpu.make_llm import message_tokens
from voice_local.bench.gpu.shapes import Lengths
from voice_local.bench.gpu.words import sentence
from voice_local.engine.api import (
    GenerateOptions,
    GenerationDone,
    Message,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import BenchmarkError

SYSTEM_SEED = 1_000_000
"""Of the system message that a conversation keeps."""


@dataclass
class Rows:
    """Samples by figure, in the order measured."""

    samples: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """One more."""
        self.samples.setdefault(name, []).append(round(value, 4))

    def clear(self) -> None:
        """Forgets all: what came was warming up."""
        self.samples.clear()


async def repeat(
    call: Callable[[int], Awaitable[None]], rows: Rows, warm_ups: int, repeats: int
) -> None:
    """`call` with a seed of its own each time; what the warm-ups put into `rows` under names of
    this call is dropped."""
    kept = dict(rows.samples)
    rows.clear()
    for seed in range(warm_ups):
        await call(seed)
    rows.clear()
    for seed in range(warm_ups, warm_ups + repeats):
        await call(seed)
    rows.samples = {**kept, **rows.samples}


def noise(seconds: int, seed: int) -> Audio:
    """Sound that says nothing: what it costs to recognize does not depend on what it is."""
    rng = np.random.default_rng(seed)
    return np.asarray(0.1 * rng.standard_normal(seconds * SAMPLE_RATE), dtype=np.float32)


def conversation(lengths: Lengths, seed: int, kept: bool) -> list[Message]:
    """Messages that come to `prompt_tokens` tokens; `kept`: all but the last ones are the same
    every time."""
    system = lengths.kept_tokens - message_tokens(0)
    # One less for the token that asks for an answer.
    user = lengths.prompt_tokens - lengths.kept_tokens - message_tokens(0) - 1
    return [
        Message(
            role="system", content=sentence(system, SYSTEM_SEED if kept else SYSTEM_SEED + 1 + seed)
        ),
        Message(role="user", content=sentence(user, seed)),
    ]


async def recognize(engine: EngineClient, seconds: int, tokens: int, seed: int) -> float:
    """Milliseconds.

    Raises:
        BenchmarkError: another number of words than `tokens` came.
    """
    began = time.perf_counter()
    found = await engine.transcribe(noise(seconds, seed))
    took = (time.perf_counter() - began) * 1000
    expect(len(found.text.split()), tokens, "words were recognized")
    return took


async def understand(engine: EngineClient, words: int, seed: int) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await engine.understand(sentence(words, seed))
    return (time.perf_counter() - began) * 1000


class Answer:
    """An answer that is being generated: `pieces` holds each token's time in ms since the start."""

    def __init__(self, engine: EngineClient, lengths: Lengths, seed: int, kept: bool) -> None:
        self.pieces: list[float] = []
        self._messages, self._lengths = conversation(lengths, seed, kept), lengths
        self._engine, self._grew = engine, asyncio.Event()
        self._began, self._ended = time.perf_counter(), False
        self._task = asyncio.create_task(self._collect())

    async def _collect(self) -> None:
        options = GenerateOptions(max_tokens=self._lengths.answer_tokens, temperature=0.6)
        try:
            async with aclosing(self._engine.generate(self._messages, options)) as items:
                async for item in items:
                    if isinstance(item, GenerationDone):
                        break
                    self.pieces.append((time.perf_counter() - self._began) * 1000)
                    self._grew.set()
        finally:
            self._ended = True
            self._grew.set()

    async def segment(self, number: int = 1) -> None:
        """Waits for as many tokens as the first `number` segments have; random words hold no comma
        that could tell.

        Raises:
            BenchmarkError: the answer ended before them.
        """
        while len(self.pieces) < number * self._lengths.clause_tokens:
            if self._ended:
                await self.whole()  # tells why
                return
            self._grew.clear()
            await self._grew.wait()

    async def whole(self) -> list[float]:
        """Waits for the end.

        Raises:
            BenchmarkError: it is not as long as it should be.
        """
        await self._task
        expect(len(self.pieces), self._lengths.answer_tokens, "tokens were generated")
        return self.pieces


async def speak(engine: EngineClient, text: str) -> tuple[float, float]:
    """(milliseconds to the first sound, seconds of sound).

    Raises:
        BenchmarkError: nothing was said.
    """
    began, first, seconds = time.perf_counter(), 0.0, 0.0
    async with aclosing(engine.synthesize(text)) as chunks:
        async for chunk in chunks:
            first = first or (time.perf_counter() - began) * 1000
            seconds += len(chunk.samples) / chunk.sample_rate
    if not seconds:
        raise BenchmarkError("the voice produced no sound", "see the worker's log")
    return first, seconds


def expect(found: int, wanted: int, what: str) -> None:
    """Nothing, when they are the same.

    Raises:
        BenchmarkError: they are not: times of other lengths are not comparable.
    """
    if found != wanted:
        raise BenchmarkError(
            f"{found} {what} instead of {wanted}", "make the models again, or report this"
        )


def document(rows: Rows, **more: Any) -> dict[str, Any]:
    """What a step leaves."""
    return {"samples": rows.samples, **more}
