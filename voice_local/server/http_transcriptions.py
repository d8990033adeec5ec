"""`/v1/audio/transcriptions`: the words of an uploaded recording."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from voice_local.audio.files import read_audio_stream
from voice_local.audio.stretches import SpeechDetector
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.conversation.input.recordings import Passage, joined, passages
from voice_local.engine.api import TranscribeOptions
from voice_local.engine.client import EngineClient
from voice_local.errors import ConfigError
from voice_local.models.properties import RecognizerProperties, of_settings
from voice_local.server import http_captions
from voice_local.server.http_bodies import read_form, text_fields, validated
from voice_local.server.http_calls import EVENTS, Answer, event, in_thread, json_bytes
from voice_local.server.http_errors import Blame, RequestError, blaming, error_response
from voice_local.server.state import ServerState
from voice_local.text.languages import language_code, one_language
from voice_local.text.vocabulary import terms_of

AT_ONCE = 4
"""So many recordings are decoded and held in memory; an hour is 220 MiB."""

LISTS = ("timestamp_granularities", "languages", "keywords")
"""Fields of the form that may be given more than once."""
TEXT, JSON = "text/plain; charset=utf-8", "application/json"
MEDIA_TYPES = {"json": JSON, "verbose_json": JSON, "text": TEXT, "srt": TEXT, "vtt": "text/vtt"}


class TranscriptionBody(BaseModel):
    """What a client sends beside the file."""

    model: str = ""
    language: str = ""
    languages: list[str] = []
    prompt: str = ""
    keywords: list[str] = []
    response_format: Literal["json", "text", "srt", "vtt", "verbose_json"] = "json"
    timestamp_granularities: list[Literal["word", "segment"]] = []
    stream: bool = False


class Transcriptions:
    """Reads requests of one server."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._detector = SileroModel()
        self._recognizer = of_settings(state.settings)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def read(self, request: Request) -> Answer:
        """The recording, and how a client wants its words.

        Raises:
            RequestError: that cannot be.
        """
        form = await read_form(request, self._state.limits.max_body_mb << 20)
        try:
            body = validated(TranscriptionBody, text_fields(form, LISTS))
            if body.stream and body.response_format not in ("json", "text"):
                raise RequestError(
                    f"{body.response_format} cannot be streamed",
                    "response_format json or text, or without stream",
                    Blame("stream"),
                )
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise RequestError("no file was sent", "send it as the field file", Blame("file"))
            options = TranscribeOptions(
                language=language_of(body.language) or expected(body.languages),
                vocabulary=terms_of(body.prompt, *body.keywords),
                word_times=body.response_format in ("srt", "vtt", "verbose_json"),
            )
            work = Work(self._detector, self._recognizer, self._room)
            return Transcription(file, body, options, work)
        except BaseException:
            await form.close()
            raise


def language_of(name: str, field: str = "language") -> str:
    """A client's language, a code or an English name, as the engine takes it; empty: the
    settings'. `field`: where the client gave it."""
    code = language_code(name)
    if code is None:
        raise RequestError(
            f"unknown language {name[:40]!r}",
            "give an ISO 639-1 code such as en, de or fr",
            Blame(field),
        )
    return code


def expected(languages: list[str]) -> str:
    """Of a client's languages the one to expect; empty: the settings'."""
    return one_language([language_of(one, "languages") for one in languages])


@dataclass(frozen=True)
class Work:
    """What recordings are recognized with."""

    detector: SpeechDetector
    recognizer: RecognizerProperties
    room: asyncio.Semaphore


class Transcription:
    """An `Answer`."""

    def __init__(
        self, file: UploadFile, body: TranscriptionBody, options: TranscribeOptions, work: Work
    ) -> None:
        self._file, self._options, self._work = file, options, work
        self._format, self.streams = body.response_format, body.stream
        self._words = "word" in body.timestamp_granularities
        self.media_type = EVENTS if body.stream else MEDIA_TYPES[body.response_format]

    async def body(self, engine: EngineClient, id: str) -> AsyncGenerator[bytes, None]:
        """See `Answer`."""
        try:
            async with self._work.room:
                with blaming("file"):
                    audio = await in_thread(read_audio_stream, self._file.file, _shown(self._file))
                with blaming("language", ConfigError):
                    async with aclosing(self._answer(engine, audio)) as pieces:
                        async for piece in pieces:
                            yield piece
        finally:
            await self._file.close()

    async def _answer(self, engine: EngineClient, audio: Audio) -> AsyncGenerator[bytes, None]:
        found: list[Passage] = []
        text = ""
        work = self._work
        async with aclosing(
            passages(engine, audio, work.detector, work.recognizer, self._options)
        ) as told:
            async for passage in told:
                found.append(passage)
                if self.streams and passage.transcript.text:
                    delta = f" {passage.transcript.text}" if text else passage.transcript.text
                    text += delta
                    yield event({"type": "transcript.text.delta", "delta": delta})
        if self.streams:
            yield event({"type": "transcript.text.done", "text": text})
        else:
            yield self._whole(found, len(audio) / SAMPLE_RATE)

    def _whole(self, found: list[Passage], duration_s: float) -> bytes:
        whole = joined([passage.transcript for passage in found])
        cues = http_captions.captions(found)
        match self._format:
            case "text":
                return f"{whole.text}\n".encode()
            case "srt":
                return http_captions.srt(cues).encode()
            case "vtt":
                return http_captions.vtt(cues).encode()
            case "verbose_json":
                return json_bytes(http_captions.verbose(whole, cues, duration_s, words=self._words))
            case _:
                return json_bytes({"text": whole.text, "usage": http_captions.usage(duration_s)})


async def no_translations(_: Request) -> Response:
    """`/v1/audio/translations`."""
    return error_response(
        RequestError(
            "translations are not offered",
            "transcribe with /v1/audio/transcriptions, in the language that is spoken",
            Blame(code="not_offered", status=404),
        )
    )


def _shown(file: UploadFile) -> str:
    """Its name for messages."""
    name = PurePosixPath(file.filename or "").name
    return "".join(sign for sign in name if sign.isprintable())[:100] or "the recording"
