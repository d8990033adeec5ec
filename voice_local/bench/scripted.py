"""An engine that follows a script: for tests of conversation logic, never for a result.

Delays are `asyncio.sleep`s, so a test with a virtual clock runs them in no time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    GenerateOptions,
    Message,
    SpeechChunk,
    TranscribeOptions,
    Transcript,
    Understanding,
)

LETTER_S = 0.012
PITCH_STEP_HZ = 62.5
FIRST_PITCH = 3


@dataclass
class ScriptedEngine:
    """Answers from lists, one entry a call, the last repeating; an entry that is an exception is
    raised.

    In `sounds`, (n, exception) raises it after n pieces.

    Attributes:
        heard, meant, answers: what `transcribe`, `understand` and `generate` give.
        stt_s, intent_s, token_s, clause_s, prefill_s: how long each call, word and clause takes.
        piece_s: a clause's sound comes in pieces of so many seconds; 0: whole.
        calls: every call as (stage, argument), in order.
        cancelled: stages whose streams were closed before their end.
        asked: the options of every `transcribe`.
        read_ahead: what every `prefill` read to its end.
        asked_voices: the voice of every `synthesize`.
    """

    heard: list[str | Transcript | Exception] = field(default_factory=lambda: ["hello"])
    meant: list[Understanding | Exception] = field(
        default_factory=lambda: [Understanding("greeting", 0.9, "joy", 0.8)]
    )
    answers: list[str | Exception] = field(default_factory=lambda: ["Hello! How can I help you?"])
    sounds: list[Exception | tuple[int, Exception] | None] = field(default_factory=lambda: [None])
    stt_s: float = 0.0
    intent_s: float = 0.0
    token_s: float = 0.0
    clause_s: float = 0.0
    prefill_s: float = 0.0
    piece_s: float = 0.0
    calls: list[tuple[str, object]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    asked: list[TranscribeOptions] = field(default_factory=list)
    read_ahead: list[list[Message]] = field(default_factory=list)
    asked_voices: list[str | None] = field(default_factory=list)

    def _next(self, stage: str, argument: object, script: Sequence[object]) -> object:
        made = sum(1 for name, _ in self.calls if name == stage)
        self.calls.append((stage, argument))
        entry = script[min(made, len(script) - 1)]
        if isinstance(entry, Exception):
            raise entry
        return entry

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """The next of `heard`."""
        await asyncio.sleep(self.stt_s)
        self.asked.append(options)
        found = self._next("stt", len(audio), self.heard)
        return (
            found
            if isinstance(found, Transcript)
            else Transcript(str(found), "en", 0.0 if found else 0.95)
        )

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """The next of `meant`."""
        await asyncio.sleep(self.intent_s)
        found = self._next("intent", text, self.meant)
        assert isinstance(found, Understanding)
        return found

    async def generate(
        self, messages: Sequence[Message], options: GenerateOptions
    ) -> AsyncIterator[str]:
        """The next of `answers`, a word at a time."""
        finished = False
        try:
            for word in str(self._next("llm", list(messages), self.answers)).split(" "):
                await asyncio.sleep(self.token_s)
                yield word + " "
            finished = True
        finally:
            if not finished:
                self.cancelled.append("llm")

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """Takes `prefill_s`; what was asked for is told in `read_ahead` once it is read."""
        await asyncio.sleep(self.prefill_s)
        self.read_ahead.append(list(messages))
        return True

    async def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """A tone of `LETTER_S` a letter whose pitch tells which clause it is (62.5 Hz apart)."""
        self.asked_voices.append(voice)
        if not text:  # it is only to be loaded
            return
        number = sum(1 for name, _ in self.calls if name == "tts")
        entry = self._next("tts", text, self.sounds)
        time = np.arange(int(LETTER_S * SAMPLE_RATE) * len(text)) / SAMPLE_RATE
        tone = (0.3 * np.sin(2 * np.pi * PITCH_STEP_HZ * (FIRST_PITCH + number) * time)).astype(
            np.float32
        )
        size = int(self.piece_s * SAMPLE_RATE) or len(tone)
        given = 0
        for begin in range(0, len(tone), size):
            if isinstance(entry, tuple) and given == entry[0]:
                raise entry[1]
            given += 1
            await asyncio.sleep(self.clause_s)
            rest = max(0, len(tone) - begin - size)
            yield SpeechChunk(tone[begin : begin + size], SAMPLE_RATE, rest / SAMPLE_RATE)
        if isinstance(entry, tuple) and given == entry[0]:
            raise entry[1]

    async def aclose(self) -> None:
        """Nothing to let go of."""
