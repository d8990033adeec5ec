"""Lets one answer's segments sound, in the voice of their language; shows those that cannot."""

from __future__ import annotations

from contextlib import aclosing, suppress

import numpy as np

from voice_local.audio.level import audible_span
from voice_local.conversation import phrases
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.languages import CANNED
from voice_local.conversation.output.gate import SpeculationGate
from voice_local.conversation.output.manner import Manner
from voice_local.conversation.output.segments import Phrase, split
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.stopwatch import Stopwatch
from voice_local.engine.api import SpeechChunk
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError, WorkerDiedError
from voice_local.text.markup import without_markup


class Speaker:
    """One response's. `speaks`: whether the conversation is spoken; else everything is shown.

    A worker that dies in the middle of a segment is asked again, and the segment goes on where it
    was: a voice says the same text the same way.
    """

    def __init__(
        self,
        context: ConversationContext,
        engine: EngineClient,
        gate: SpeculationGate,
        record: ConversationTurn,
        watch: Stopwatch,
        *,
        speaks: bool,
    ) -> None:
        self._context, self._engine, self._gate = context, engine, gate
        self._record, self._watch, self._speaks = record, watch, speaks
        self._apologized = False
        self._sent = 0  # pieces of the segment that sounds now
        self._last: SpeechChunk | None = None

    async def reply(self, text: str) -> None:
        """Says `text` and adds it to the record."""
        voice = self._context.languages.voice(CANNED)
        ready = self._context.cache.get(text, voice)
        for segment in [text] if ready else split(without_markup(text)):
            self._record.assistant_text = f"{self._record.assistant_text} {segment}".strip()
            await self.speak(segment)

    async def speak(self, segment: str, language: str | None = CANNED) -> None:
        """Says one segment in a voice of `language`."""
        if not segment:
            return
        if not self._speaks or not self._context.languages.speaks(language):
            self._gate.show(segment)
            return
        voice = self._context.languages.voice(language)
        prepared = self._context.cache.get(segment, voice)
        if prepared is None:
            await self._synthesize(segment, voice)
            return
        began, manner = self._watch.ms(), Manner(self._context.style)
        for number, chunk in enumerate(map(manner.of, prepared)):
            self._note_first_sound(chunk, began)
            await self._gate.send(chunk, "" if number else segment)

    async def _synthesize(self, segment: str, voice: str | None) -> None:
        self._sent, self._last = 0, None
        began = self._watch.ms()
        for attempt in (1, 2):
            try:
                await self._pieces(segment, voice, began)
                break
            except WorkerDiedError:
                self.note_restart("tts")
                if self._sent and not self._within:
                    break  # all of the segment is there
                if attempt == 2:
                    self._record.fallbacks.append("tts_failed: the worker died in mid-segment")
                    break
                if not self._sent:
                    await self.apologize()
            except EngineError as error:
                self._record.fallbacks.append(f"tts_failed: {error.cause}")
                break
        if self._last is None:
            self._gate.show(segment)
        elif self._within:  # the rest will never come: the segment is over all the same
            silence = np.zeros(self._last.sample_rate // 100, dtype=np.float32)
            lost_s = self._last.remaining_s
            self._last = SpeechChunk(silence, self._last.sample_rate, True, lost_s)
            await self._gate.send(self._last, "")

    async def _pieces(self, segment: str, voice: str | None, began: float) -> None:
        manner = Manner(self._context.style)
        # After a phrase within a sentence the voice stays up: more follows.
        said = f"{segment}," if isinstance(segment, Phrase) else segment
        number = 0
        async with aclosing(self._engine.synthesize(said, voice)) as sound:
            async for made in sound:
                number += 1
                if number <= self._sent:
                    continue  # given out before the worker was lost
                chunk = manner.of(made)
                self._note_first_sound(chunk, began)
                self._last = chunk
                await self._gate.send(chunk, "" if self._sent else segment)
                self._sent = number

    @property
    def _within(self) -> bool:
        """Whether a segment has begun to sound and not ended."""
        return self._last is not None and not self._last.is_final

    async def load(self, language: str | None) -> None:
        """Loads the voice of another language, if it is not loaded yet."""
        if not self._speaks or self._context.languages.is_own(language):
            return
        with suppress(EngineError):  # the first segment will meet it again
            async for _ in self._engine.synthesize("", self._context.languages.voice(language)):
                pass

    async def gain_time(self) -> None:
        """Says that the answer takes a moment; it is no part of it."""
        self._record.filler = phrases.LATER
        await self.speak(phrases.LATER)
        self._watch.first_sound_at = None
        self._record.compute_first_audio_ms = self._record.tts_latency_ms = None

    async def apologize(self) -> None:
        """Says so while the engine comes back, if there is sound for it."""
        if not self._speaks or self._apologized or self._within:
            return
        self._apologized = True
        voice = self._context.languages.voice(CANNED)
        for number, chunk in enumerate(self._context.cache.get(phrases.RESTARTED, voice) or ()):
            self._record.filler = phrases.RESTARTED
            await self._gate.send(chunk, "" if number else phrases.RESTARTED)

    def note_restart(self, stage: str) -> None:
        """The worker died while `stage` was asked."""
        self._record.fallbacks.append(f"engine_restarted: during {stage}")

    def _note_first_sound(self, chunk: SpeechChunk, began: float) -> None:
        if self._watch.first_sound_at is not None:
            return
        silent, end = audible_span(chunk.samples, chunk.sample_rate)
        if end == 0:
            return
        self._watch.first_sound_at = self._watch.now()
        self._record.compute_first_audio_ms = self._watch.ms() + silent * 1000 / chunk.sample_rate
        self._record.tts_latency_ms = self._watch.ms() - began
