"""Sound of sentences that are said often or in haste, made once at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from voice_local.engine.api import SpeechChunk
from voice_local.engine.client import EngineClient
from voice_local.engine.kept_lines import KeptLines, Lines
from voice_local.errors import EngineError


class SpeechCache:
    """By voice and text, for any number of conversations. What is missing is synthesized like
    anything else. `kept`: where sound is kept from one start to the next; None: nowhere."""

    def __init__(self, kept: KeptLines | None = None) -> None:
        self._kept = kept
        self._sounds: Lines = {}

    async def prepare(self, engine: EngineClient, texts: Iterable[str], voice: str | None) -> None:
        """Synthesizes each of `texts` that is not there yet; one that fails stays missing."""
        if self._kept is not None and not self._sounds:
            self._sounds = await asyncio.to_thread(self._kept.read)
        count = len(self._sounds)
        for text in texts:
            if (voice, text) in self._sounds:
                continue
            try:
                made = [chunk async for chunk in engine.synthesize(text, voice)]
            except EngineError:
                continue
            self._sounds[voice, text] = tuple(made)
        if self._kept is not None and len(self._sounds) > count:
            await asyncio.to_thread(self._kept.write, dict(self._sounds))

    def get(self, text: str, voice: str | None) -> tuple[SpeechChunk, ...] | None:
        """The sound of exactly `text`, if it was prepared in `voice`."""
        return self._sounds.get((voice, text))
