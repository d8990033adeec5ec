"""An engine that follows a script: for tests of conversation logic, never for a result.

Delays are `asyncio.sleep`s, so a test with a virtual clock runs them in no time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voice_local.audio.types import SAMPLE_RATE
from voice_local.engine.api import (
    CallContext,
    Classified,
    Classify,
    Generate,
    GenerateItem,
    GenerationDone,
    Message,
    Prefill,
    Prefilled,
    SpeechChunk,
    Synthesize,
    TextDelta,
    ToolCall,
    Transcribe,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.operations import Operation

LETTER_S = 0.012
PITCH_STEP_HZ = 62.5
FIRST_PITCH = 3


@dataclass
class ScriptedEngine(EngineClient):
    """Answers from lists, one entry a call, the last repeating; an entry that is an exception is
    raised.

    In `sounds`, (n, exception) raises it after n pieces. In `answers`, a `ToolCall` is given as it
    is.

    Attributes:
        transcripts, meant, answers: what `transcribe`, `understand` and `generate` give.
        stt_s, intent_s, token_s, segment_s, prefill_s: how long each call, word and segment takes.
        piece_s: a segment's sound comes in pieces of so many seconds; 0: whole.
        calls: every call as (stage, argument), in order.
        contexts: the context of each of them.
        cancelled: stages whose streams were closed before their end.
        asked: the options of every `transcribe`.
        read_ahead: what every `prefill` read to its end.
        asked_voices: the voice of every `synthesize`.
    """

    transcripts: list[str | Transcript | Exception] = field(default_factory=lambda: ["hello"])
    meant: list[Understanding | Exception] = field(
        default_factory=lambda: [Understanding("greeting", 0.9, "joy", 0.8)]
    )
    answers: list[str | ToolCall | Exception] = field(
        default_factory=lambda: ["Hello! How can I help you?"]
    )
    sounds: list[Exception | tuple[int, Exception] | None] = field(default_factory=lambda: [None])
    stt_s: float = 0.0
    intent_s: float = 0.0
    token_s: float = 0.0
    segment_s: float = 0.0
    prefill_s: float = 0.0
    piece_s: float = 0.0
    calls: list[tuple[str, object]] = field(default_factory=list)
    contexts: list[CallContext] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    asked: list[TranscribeOptions] = field(default_factory=list)
    read_ahead: list[list[Message]] = field(default_factory=list)
    asked_voices: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        EngineClient.__init__(self, self)

    def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        self.contexts.append(context)
        answer: Callable[[Any], AsyncGenerator[Any, None]] = getattr(self, f"_{operation.name}")
        return answer(request)

    def _next(self, stage: str, argument: object, script: Sequence[object]) -> object:
        made = sum(1 for name, _ in self.calls if name == stage)
        self.calls.append((stage, argument))
        entry = script[min(made, len(script) - 1)]
        if isinstance(entry, Exception):
            raise entry
        return entry

    async def _transcribe(self, request: Transcribe) -> AsyncGenerator[Transcript, None]:
        await asyncio.sleep(self.stt_s)
        self.asked.append(request.options)
        found = self._next("stt", len(request.audio), self.transcripts)
        yield (
            found
            if isinstance(found, Transcript)
            else Transcript(str(found), "en", 0.0 if found else 0.95)
        )

    async def _classify(self, request: Classify) -> AsyncGenerator[Classified, None]:
        await asyncio.sleep(self.intent_s)
        found = []
        for text, _ in request.pairs:
            meaning = self._next("intent", text, self.meant)
            assert isinstance(meaning, Understanding)
            found.append(meaning)
        yield Classified(tuple(found))

    async def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        finished = False
        try:
            answer = self._next("llm", list(request.messages), self.answers)
            if isinstance(answer, ToolCall):
                await asyncio.sleep(self.token_s)
                yield answer
            else:
                for word in str(answer).split(" "):
                    await asyncio.sleep(self.token_s)
                    yield TextDelta(word + " ")
            yield GenerationDone()
            finished = True
        finally:
            if not finished:
                self.cancelled.append("llm")

    async def _prefill(self, request: Prefill) -> AsyncGenerator[Prefilled, None]:
        await asyncio.sleep(self.prefill_s)
        self.read_ahead.append(list(request.messages))
        yield Prefilled(True)

    async def _synthesize(self, request: Synthesize) -> AsyncGenerator[SpeechChunk, None]:
        """A tone of `LETTER_S` a letter whose pitch tells which segment it is (62.5 Hz apart)."""
        text = request.text
        self.asked_voices.append(request.voice)
        if not text:  # it is only to be loaded
            return
        number = sum(1 for name, _ in self.calls if name == "tts")
        entry = self._next("tts", text, self.sounds)
        time = np.arange(int(LETTER_S * SAMPLE_RATE) * len(text)) / SAMPLE_RATE
        pitch = 2 * np.pi * PITCH_STEP_HZ * (FIRST_PITCH + number)
        tone = (0.3 * np.sin(pitch * time)).astype(np.float32)
        size = int(self.piece_s * SAMPLE_RATE) or len(tone)
        given = 0
        for begin in range(0, len(tone), size):
            if isinstance(entry, tuple) and given == entry[0]:
                raise entry[1]
            given += 1
            await asyncio.sleep(self.segment_s)
            left = max(0, len(tone) - begin - size)
            piece = tone[begin : begin + size]
            yield SpeechChunk(piece, SAMPLE_RATE, left == 0, left / SAMPLE_RATE)
        if isinstance(entry, tuple) and given == entry[0]:
            raise entry[1]
