"""Answers of a typed conversation read aloud, for `/voice` in `chat`."""

from __future__ import annotations

import asyncio
import contextlib

from voice_local.cli import (
    show,
    sound,
)
from voice_local.cli.loading import Loading
from voice_local.config import Settings
from voice_local.engine.voices import (
    catalogue,
    find,
    speaking,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import VoiceLocalError
from voice_local.local.speakers import BufferOutput

EXAMPLES = 6
"""So many voices are named to somebody who asks which there are."""


class Aloud:
    """A voice in an engine of its own, loaded when it is first wanted.

    Attributes:
        voice: its full name; empty where none reads.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self.voice = settings, ""
        self._engine: WorkerEngine | None = None
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None

    def installed(self) -> list[str]:
        """Some voices that could read here."""
        return [voice.full for voice in catalogue(self._settings) if voice.ready][:EXAMPLES]

    async def take(self, name: str) -> None:
        """Lets voice `name` read from now on.

        Raises:
            TextInputError, ModelMissingError, ConfigError: see `find`. AudioDeviceError: nothing to
                play through.
            EngineError, ModelError: it cannot be loaded.
        """
        voice = find(name, self._settings)
        sound.require_loudspeaker(instead="go on in writing")
        await self.silence()
        settings = speaking(self._settings, voice.full)
        with Loading(settings, ("tts",)) as loading:
            engine = WorkerEngine(settings, ("tts",), show.note, loading.stage)
            await engine.__aenter__()
        self._engine, self.voice = engine, voice.full
        self._reader = asyncio.create_task(self._read(engine, settings.tts.voice))

    def say(self, segment: str) -> None:
        """Reads `segment` after what is being read. Must run in the event loop."""
        if self.voice:
            self._waiting.put_nowait(segment)

    async def hush(self) -> None:
        """Leaves the rest of what is being read."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        if self._engine and self._reader:
            await self._stop()
            self._reader = asyncio.create_task(
                self._read(self._engine, speaking(self._settings, self.voice).tts.voice)
            )

    async def silence(self) -> None:
        """Reads no more."""
        self.voice = ""
        await self._stop()
        if self._engine:
            await self._engine.aclose()
            self._engine = None

    aclose = silence

    async def _stop(self) -> None:
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    async def _read(self, engine: WorkerEngine, voice: str | None) -> None:
        while True:
            segment, output = await self._waiting.get(), BufferOutput()
            try:
                async with contextlib.aclosing(engine.synthesize(segment, voice)) as chunks:
                    async for chunk in chunks:
                        await output.send(chunk)
                if len(output.samples):
                    await sound.play(output.samples, output.sample_rate)
            except VoiceLocalError as error:
                show.note(f"{error.cause}: the answers are in writing only")
                self.voice = ""
                return
