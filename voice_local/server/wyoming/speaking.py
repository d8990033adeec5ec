"""Wyoming's text to speech: the sound of a text, or of one that still comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import numpy as np
import soxr

from voice_local.assistant import Assistant
from voice_local.audio.g711 import to_pcm16
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.conversation.context.languages import Languages
from voice_local.conversation.output.segments import boundary, split
from voice_local.conversation.output.speech_queue import SEGMENT_GAP_S
from voice_local.conversation.text import checked_text
from voice_local.engine.voices import in_voice
from voice_local.errors import ProtocolError, TextInputError
from voice_local.server.wyoming.wire import WyomingEvent
from voice_local.text.markup import without_markup

LONGEST_TEXT = 20_000
"""Characters."""

PIECE = 4096
"""Samples of one `audio-chunk`."""

Tell = Callable[[WyomingEvent], Awaitable[None]]


async def voice_of(event: WyomingEvent, assistant: Assistant) -> str | None:
    """The voice that a message asks for; None: the engine's own.

    Raises:
        TextInputError, ModelMissingError, ConfigError: as `engine.voices.find`; or no voice speaks
            that language. ProtocolError: the message is broken.
    """
    asked, settings = event.data.get("voice") or {}, assistant.settings
    if not isinstance(asked, dict):
        raise ProtocolError(f"{event.kind}: voice is not an object")
    name, language = asked.get("name"), asked.get("language")
    if name:
        return (await asyncio.to_thread(in_voice, settings, str(name))).voice
    languages = Languages(settings.tts)
    if not language:
        return languages.voice(None)
    if not languages.speaks(str(language)):
        raise TextInputError(f"no voice speaks {str(language)[:20]!r}", "see describe")
    return languages.voice(str(language))


class Speech:
    """One text's. `tell` takes what the client is to be sent."""

    def __init__(self, assistant: Assistant, voice: str | None, tell: Tell) -> None:
        self._engine, self._voice, self._tell = assistant.engine, voice, tell
        self._held, self._length = "", 0
        self._rate = 0  # of the sound, once it has begun

    async def say(self, text: str) -> None:
        """Says all of `text`.

        Raises:
            TextInputError: an empty or too long one. EngineError: the engine could not answer.
        """
        for segment in split(without_markup(checked_text(text, LONGEST_TEXT))):
            await self._segment(segment)

    async def add(self, text: str) -> None:
        """Says of a text that still comes what is a whole sentence already.

        Raises:
            TextInputError: it is too long. EngineError: the engine could not answer.
        """
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise TextInputError(f"more than {LONGEST_TEXT} characters", "send it in parts")
        self._held += text
        while (cut := boundary(self._held, first=False)) is not None:
            sentence, self._held = self._held[:cut], self._held[cut:].lstrip()
            await self._whole(sentence)

    async def finish(self) -> None:
        """Says what is left, and tells that the sound is over.

        Raises:
            EngineError: the engine could not answer.
        """
        rest, self._held = self._held, ""
        await self._whole(rest)
        if not self._rate:  # nothing to pronounce, as in an emoji alone: a client waits for an end
            self._rate = SAMPLE_RATE
            await self._tell(WyomingEvent("audio-start", self._format()))
        await self._tell(WyomingEvent("audio-stop"))

    async def _whole(self, text: str) -> None:
        if text.strip():
            await self.say(text)

    async def _segment(self, text: str) -> None:
        if self._rate:
            await self._send(np.zeros(int(SEGMENT_GAP_S * self._rate), np.float32))
        async with aclosing(self._engine.synthesize(text, self._voice)) as sound:
            async for chunk in sound:
                if not self._rate:
                    self._rate = chunk.sample_rate
                    await self._tell(WyomingEvent("audio-start", self._format()))
                samples = chunk.samples
                if chunk.sample_rate != self._rate:
                    samples = soxr.resample(samples, chunk.sample_rate, self._rate)
                await self._send(samples)

    async def _send(self, samples: Audio) -> None:
        for begin in range(0, len(samples), PIECE):
            payload = to_pcm16(samples[begin : begin + PIECE])
            await self._tell(WyomingEvent("audio-chunk", self._format(), payload))

    def _format(self) -> dict[str, Any]:
        return {"rate": self._rate, "width": 2, "channels": 1, "timestamp": None}
