"""Finished utterances of a session that answers only when it is asked to: they are transcribed at
once, and wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from voice_local.audio.types import Audio
from voice_local.engine.api import Transcript
from voice_local.errors import EngineError

MOST = 32
"""So many utterances wait; then the oldest is forgotten."""


class WaitingTurns:
    """One session's.

    `transcribe`: the words of an utterance, 16 kHz. `told`: called with each utterance's words, in
    order; None: the recognizer failed.
    """

    def __init__(
        self,
        transcribe: Callable[[Audio], Awaitable[Transcript]],
        told: Callable[[str | None], None],
    ) -> None:
        self._transcribe, self._told = transcribe, told
        self._waiting: list[asyncio.Task[str]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, audio: Audio) -> None:
        """Takes a finished utterance."""
        before = self._waiting[-1] if self._waiting else None
        self._waiting.append(asyncio.create_task(self._words(audio, before)))
        if len(self._waiting) > MOST:
            del self._waiting[0]

    def take(self) -> Awaitable[str]:
        """The words of all that waits, which waits no longer."""
        taken, self._waiting = self._waiting, []
        return _joined(taken)

    def clear(self) -> None:
        """Forgets what waits."""
        for task in self._waiting:
            task.cancel()
        self._waiting = []

    async def _words(self, audio: Audio, before: asyncio.Task[str] | None) -> str:
        try:
            text = (await self._transcribe(audio)).text
        except EngineError:
            text = None
        if before is not None:
            await asyncio.wait([before])  # in order
        self._told(text)
        return text or ""


async def _joined(tasks: list[asyncio.Task[str]]) -> str:
    found = await asyncio.gather(*tasks)
    return " ".join(text for text in found if text)
