"""Sound of sentences that are said often or in haste, made once at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

from voice_local.engine.api import SpeechChunk
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError

Lines = dict[str, tuple[SpeechChunk, ...]]
"""Sound by text, in one voice."""


class LineStore(Protocol):
    """Where sound is kept from one start to the next."""

    def read(self, voice: str | None) -> Lines:
        """What is kept of `voice` (None: the settings'); empty where there is nothing."""
        ...

    def write(self, voice: str | None, lines: Lines) -> None:
        """Keeps `lines`, where anything can be kept."""
        ...


class SpeechCache:
    """By voice and text, for any number of conversations. What is missing is synthesized like
    anything else. `kept`: None: nothing is kept from one start to the next."""

    def __init__(self, kept: LineStore | None = None) -> None:
        self._kept = kept
        self._sounds: dict[str | None, Lines] = {}
        self._written: dict[str | None, int] = {}
        self._preparing: dict[str | None, asyncio.Lock] = {}

    async def prepare(self, engine: EngineClient, texts: Iterable[str], voice: str | None) -> None:
        """Synthesizes each of `texts` that is not there yet; one that fails stays missing."""
        async with self._preparing.setdefault(voice, asyncio.Lock()):
            if voice not in self._sounds:
                kept: Lines = {}
                if self._kept is not None:
                    kept = await asyncio.to_thread(self._kept.read, voice)
                self._sounds[voice], self._written[voice] = kept, len(kept)
            lines = self._sounds[voice]
            for text in texts:
                if text in lines:
                    continue
                try:
                    made = [chunk async for chunk in engine.synthesize(text, voice)]
                except EngineError:
                    continue
                lines[text] = tuple(made)
            if self._kept is not None and len(lines) > self._written[voice]:
                await asyncio.to_thread(self._kept.write, voice, dict(lines))
                self._written[voice] = len(lines)

    def get(self, text: str, voice: str | None) -> tuple[SpeechChunk, ...] | None:
        """The sound of exactly `text`, if it was prepared in `voice`."""
        return self._sounds.get(voice, {}).get(text)
