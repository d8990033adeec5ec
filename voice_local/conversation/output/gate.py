"""A response's way to the output: closed until it is committed, then open, closed again when the
response is over.

Invariants: nothing reaches the queue before `open`; after a newer response has begun, nothing of
this one does; what is held is handed over in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.engine.api import SpeechChunk

HELD_SEGMENTS = 2
"""So many segments are synthesized ahead of the commit; more would be waste if the user goes on."""

AHEAD_S = 6.0
"""Sound that may wait in the queue before synthesis rests."""


class SpeculationGate:
    """Holds what it is sent until `open`, then feeds the queue. `tell` gets each segment as
    it is handed over."""

    def __init__(self, queue: SpeechQueue, tell: Callable[[str, bool], None]) -> None:
        self._queue, self._tell = queue, tell
        self._held: list[tuple[SpeechChunk | None, str]] = []
        self._opened = asyncio.Event()
        self.generation = 0

    def open(self) -> None:
        """The turn is committed: what is ready may be played."""
        self.generation = self._queue.begin()
        self._opened.set()
        for chunk, text in self._held:
            self._hand_over(chunk, text)
        self._held.clear()

    async def send(self, chunk: SpeechChunk, text: str) -> None:
        """Takes the next piece of sound and the words it says; returns when there is room for
        more."""
        if not self._opened.is_set():
            self._held.append((chunk, text))
            if sum(chunk is None or chunk.is_final for chunk, _ in self._held) >= HELD_SEGMENTS:
                await self._opened.wait()
            return
        self._hand_over(chunk, text)
        while self._queue.queued_s > AHEAD_S:
            await asyncio.sleep(0.1)

    def show(self, text: str) -> None:
        """Takes words that do not sound."""
        if self._opened.is_set():
            self._hand_over(None, text)
        else:
            self._held.append((None, text))

    def finish(self) -> None:
        """The turn has sent all."""
        self._queue.finish(self.generation)

    def _hand_over(self, chunk: SpeechChunk | None, text: str) -> None:
        if chunk is None:
            fed = self._queue.show(self.generation, text)
        else:
            fed = self._queue.feed(self.generation, chunk, text)
        if fed and text:
            self._tell(text, chunk is not None)
