"""One turn, start to end: words → meaning → answer → sound.

The engine may lose its worker at any moment. What it was asked is asked again once, unless part of it was already heard;
the record's `fallbacks` say so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol, TypeVar

from voice_local.audio.level import audible_span
from voice_local.conversation.history import History
from voice_local.conversation.prompts import turn_context
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.sentences import clauses
from voice_local.engine.protocol import SAMPLE_RATE, Audio, Engine, GenerateOptions, SpeechChunk
from voice_local.errors import StageError, TextInputError, WorkerDiedError

T = TypeVar("T")
APOLOGY = "Sorry, I can not answer right now."
CLAUSES_AHEAD = 2
"""How many clauses generation may be ahead of synthesis."""


class Speaker(Protocol):
    """Where an answer's sound goes."""

    async def send(self, chunk: SpeechChunk) -> None:
        """Takes the next piece; returns when there is room for more."""
        ...


@dataclass(frozen=True)
class Heard:
    """A finished utterance.

    Attributes:
        audio: 16 kHz.
        commit_window_ms: silence, as the voice detector saw it, after which the turn was taken as over.
        waited_ms: from the last audible sample until then.
    """

    audio: Audio
    commit_window_ms: float
    waited_ms: float


class Turn:
    """Runs one turn on `engine`. `speaker` None: a typed turn, nothing is spoken."""

    def __init__(self, engine: Engine, history: History, options: GenerateOptions, voice: str | None,
                 speaker: Speaker | None) -> None:
        self._engine, self._history, self._options = engine, history, options
        self._voice, self._speaker = voice, speaker
        self.record = ConversationTurn()
        self._began = time.perf_counter()

    async def run(self, said: Heard | str) -> ConversationTurn:
        """Answers `said`."""
        self._began = time.perf_counter()
        record = self.record
        text = await self._listen(said) if isinstance(said, Heard) else said
        record.user_text = text
        if not text:
            record.fallbacks.append("no_words: nothing was understood in the sound")
            record.total_latency_ms = self._elapsed()
            return record
        context = await self._understand(text)
        try:
            await self._answer(context, text)
        finally:
            if record.assistant_text:
                self._history.add(context, text, record.assistant_text)
        record.total_latency_ms = self._elapsed()
        if isinstance(said, Heard) and record.compute_first_audio_ms is not None:
            record.first_audio_ms = said.waited_ms + record.compute_first_audio_ms
        return record

    async def _listen(self, heard: Heard) -> str:
        self.record.user_audio_duration = len(heard.audio) / SAMPLE_RATE
        self.record.commit_window_ms = heard.commit_window_ms
        transcript = await self._again("stt", lambda: self._engine.transcribe(heard.audio))
        self.record.stt_latency_ms = self._elapsed()
        return transcript.text

    async def _understand(self, text: str) -> str:
        record, began = self.record, self._elapsed()
        try:
            found = await self._again("intent", lambda: self._engine.understand(text))
        except StageError as error:
            record.fallbacks.append(f"intent_failed: {error.cause}")
            return ""
        record.intent, record.intent_confidence = found.intent, found.intent_confidence
        record.emotion, record.emotion_confidence = found.emotion, found.emotion_confidence
        record.intent_latency_ms = self._elapsed() - began
        return turn_context(found.intent, found.emotion)

    async def _answer(self, context: str, text: str) -> None:
        """Generation and synthesis side by side, a bounded queue of clauses between them."""
        ready: asyncio.Queue[str | None] = asyncio.Queue(CLAUSES_AHEAD)
        thinking = asyncio.create_task(self._think(context, text, ready))
        try:
            while (clause := await ready.get()) is not None:
                await self._speak(clause)
            await thinking
        finally:
            thinking.cancel()

    async def _think(self, context: str, text: str, ready: asyncio.Queue[str | None]) -> None:
        record, began = self.record, self._elapsed()
        try:
            for attempt in (1, 2):
                try:
                    async for clause in clauses(self._generate(context, text, began)):
                        await ready.put(clause)
                        record.assistant_text = f"{record.assistant_text} {clause}".strip()
                    break
                except WorkerDiedError:
                    self.record.fallbacks.append("engine_restarted: during llm")
                    if record.assistant_text or attempt == 2:
                        break
        except StageError as error:
            record.fallbacks.append(f"llm_failed: {error.cause}")
        except asyncio.CancelledError:
            raise  # nobody waits for clauses any more
        except BaseException:
            await ready.put(None)  # whoever waits for clauses meets the error at this task's end
            raise
        record.llm_latency_ms = self._elapsed() - began
        if not record.assistant_text:
            record.assistant_text = APOLOGY
            await ready.put(APOLOGY)
        await ready.put(None)

    async def _generate(self, context: str, text: str, began: float) -> AsyncIterator[str]:
        while True:
            pieces = self._engine.generate(self._history.messages(context, text), self._options)
            try:
                async for piece in pieces:
                    if self.record.llm_first_token_ms is None:
                        self.record.llm_first_token_ms = self._elapsed() - began
                    yield piece
                return
            except TextInputError:
                if not self._history.forget_oldest():
                    raise
                self.record.fallbacks.append("history_shortened: the oldest turn no longer fits the context")

    async def _speak(self, clause: str) -> None:
        if self._speaker is None:
            return
        began, heard = self._elapsed(), False
        for attempt in (1, 2):
            try:
                async with aclosing(self._engine.synthesize(clause, self._voice)) as sound:  # type: ignore[type-var]
                    async for chunk in sound:
                        heard = True
                        self._first_sound(chunk, began)
                        await self._speaker.send(chunk)
                return
            except WorkerDiedError:
                self.record.fallbacks.append("engine_restarted: during tts")
                if heard or attempt == 2:
                    return
            except StageError as error:
                self.record.fallbacks.append(f"tts_failed: {error.cause}")
                return

    def _first_sound(self, chunk: SpeechChunk, began: float) -> None:
        if self.record.compute_first_audio_ms is not None:
            return
        silent, end = audible_span(chunk.samples, chunk.sample_rate)
        if end == 0:
            return
        self.record.compute_first_audio_ms = self._elapsed() + silent * 1000 / chunk.sample_rate
        self.record.tts_latency_ms = self._elapsed() - began

    async def _again(self, stage: str, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except WorkerDiedError:
            self.record.fallbacks.append(f"engine_restarted: during {stage}")
            return await call()

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._began) * 1000
