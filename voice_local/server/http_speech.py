"""`/v1/audio/speech`: a text in a voice, sent while it is made."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from voice_local.config import Settings
from voice_local.conversation.context.history import CHARACTERS_A_TOKEN
from voice_local.conversation.output.reading import MOST_CHARACTERS, read_aloud
from voice_local.conversation.text import checked_text
from voice_local.engine.api import SpeechChunk
from voice_local.engine.client import EngineClient
from voice_local.engine.voices import catalogue, in_voice
from voice_local.errors import ConfigError, InputError, ModelMissingError
from voice_local.server.http_bodies import read_json
from voice_local.server.http_calls import EVENTS, Answer, event, in_thread
from voice_local.server.http_encoding import FORMATS, Voice, encoder
from voice_local.server.http_errors import Blame, RequestError, blaming
from voice_local.server.realtime.session_config import OPENAI_VOICES
from voice_local.server.state import ServerState

AHEAD_S = 30.0
"""So much sound, and the rest of its segment, may wait for a client that reads slowly."""


class VoiceId(BaseModel):
    """A voice as newer clients name it."""

    id: str


class SpeechBody(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(strict=True)

    input: str
    model: str = ""
    voice: str | VoiceId = "default"
    response_format: Literal["mp3", "opus", "flac", "wav", "pcm"] | None = "mp3"
    speed: Annotated[float, Field(ge=0.25, le=4.0, allow_inf_nan=False)] | None = 1.0
    stream_format: Literal["audio", "sse"] | None = "audio"


class Speech:
    """Reads requests of one server."""

    def __init__(self, state: ServerState) -> None:
        self._state = state

    async def read(self, request: Request) -> Answer:
        """What a client wants to hear.

        Raises:
            RequestError: that cannot be.
        """
        body = await read_json(request, SpeechBody, self._state.limits.max_body_mb << 20)
        with blaming("input"):
            text = checked_text(body.input, MOST_CHARACTERS)
        wanted = body.voice if isinstance(body.voice, str) else body.voice.id
        voice = await asyncio.to_thread(voice_called, wanted, self._state.settings)
        return SpokenText(
            text,
            voice,
            body.response_format or "mp3",
            speed=body.speed or 1.0,
            events=body.stream_format == "sse",
        )


def voice_called(name: str, settings: Settings) -> str | None:
    """What the engine calls the voice `name`; None: the profile's.

    Raises:
        RequestError: there is none; the error lists all that can speak here.
    """
    if not name or name.lower() in OPENAI_VOICES:
        return settings.tts.voice
    try:
        return in_voice(settings, name).voice
    except (InputError, ModelMissingError, ConfigError) as error:
        ready = ", ".join(voice.full for voice in catalogue(settings) if voice.ready)
        cause = error.cause if len(name) <= 100 else "unknown voice"
        raise RequestError(
            cause, f"one of: default, {ready}", Blame("voice", "voice_not_found")
        ) from None


class SpokenText:
    """An `Answer`: `text` in `voice`; `events`: as server-sent events, not as a file."""

    streams = True

    def __init__(
        self, text: str, voice: str | None, format: str, *, speed: float, events: bool
    ) -> None:
        self._text, self._voice, self._format, self._speed = text, voice, format, speed
        self._events = events
        self.media_type = EVENTS if events else FORMATS[format].media_type

    async def body(self, engine: EngineClient, id: str) -> AsyncGenerator[bytes, None]:
        """See `Answer`."""
        with blaming("response_format", ConfigError):
            sound = Voice(encoder(self._format), self._speed)
        with blaming("input"):
            spoken = Ahead(read_aloud(engine, self._text, self._voice))
            async with aclosing(spoken.read()) as chunks:
                async for chunk in chunks:
                    piece = await in_thread(sound.push, chunk.samples, chunk.sample_rate)
                    if piece:
                        yield self._piece(piece)
        yield self._piece(await in_thread(sound.end))
        if self._events:
            yield event({"type": "speech.audio.done", "usage": self._usage()})

    def _piece(self, made: bytes) -> bytes:
        if not self._events:
            return made
        return event({"type": "speech.audio.delta", "audio": base64.b64encode(made).decode()})

    def _usage(self) -> dict[str, object]:
        tokens = round(len(self._text) / CHARACTERS_A_TOKEN)
        return {
            "input_tokens": tokens,
            "output_tokens": 0,
            "total_tokens": tokens,
            "estimated": True,
        }


class Ahead:
    """`chunks`, taken as they come, `AHEAD_S` before the reader at most, and then to the end of a
    segment: a client that plays while it reads must not hold up the voice, which serves others."""

    def __init__(self, chunks: AsyncGenerator[SpeechChunk, None]) -> None:
        self._chunks = chunks
        self._ready: asyncio.Queue[SpeechChunk | None] = asyncio.Queue()
        self._ahead_s = 0.0
        self._room = asyncio.Event()

    async def read(self) -> AsyncGenerator[SpeechChunk, None]:
        """Them."""
        taking = asyncio.create_task(self._take())
        try:
            while (chunk := await self._ready.get()) is not None:
                self._ahead_s -= len(chunk.samples) / chunk.sample_rate
                if self._ahead_s <= AHEAD_S:
                    self._room.set()
                yield chunk
            taking.result()
        finally:
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)

    async def _take(self) -> None:
        try:
            async with aclosing(self._chunks):
                async for chunk in self._chunks:
                    self._ahead_s += len(chunk.samples) / chunk.sample_rate
                    self._ready.put_nowait(chunk)
                    if chunk.is_final and self._ahead_s > AHEAD_S:
                        self._room.clear()
                        await self._room.wait()
        finally:
            self._ready.put_nowait(None)
