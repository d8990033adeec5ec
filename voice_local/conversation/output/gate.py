"""A turn's way to the loudspeaker: closed until the turn is committed, then open, shut for good
when it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voice_local.conversation.output.speech_queue import Loudspeaker
from voice_local.engine.api import SpeechChunk

HELD_CLAUSES = 2
"""So many clauses are synthesized ahead of the commit; more would be waste if the user goes on."""

AHEAD_S = 6.0
"""Sound that may wait in the loudspeaker before synthesis rests."""


class HeldOutlet:
    """Holds what it is sent until `open`, then feeds the loudspeaker. `tell` is told each clause as
    it is handed over."""

    def __init__(self, loudspeaker: Loudspeaker, tell: Callable[[str, bool], None]) -> None:
        self._loudspeaker, self._tell = loudspeaker, tell
        self._held: list[tuple[SpeechChunk | None, str]] = []
        self._opened = asyncio.Event()
        self.generation = 0

    def open(self) -> None:
        """The turn is committed: what is ready may be heard."""
        self.generation = self._loudspeaker.begin()
        self._opened.set()
        for chunk, text in self._held:
            self._hand_over(chunk, text)
        self._held.clear()

    async def send(self, chunk: SpeechChunk, text: str) -> None:
        """See `Outlet`."""
        if not self._opened.is_set():
            self._held.append((chunk, text))
            if sum(chunk is None or chunk.is_final for chunk, _ in self._held) >= HELD_CLAUSES:
                await self._opened.wait()
            return
        self._hand_over(chunk, text)
        while self._loudspeaker.queued_s > AHEAD_S:
            await asyncio.sleep(0.1)

    def show(self, text: str) -> None:
        """See `Outlet`."""
        if self._opened.is_set():
            self._hand_over(None, text)
        else:
            self._held.append((None, text))

    def finish(self) -> None:
        """The turn has sent all."""
        self._loudspeaker.finish(self.generation)

    def _hand_over(self, chunk: SpeechChunk | None, text: str) -> None:
        fed = chunk is None or self._loudspeaker.feed(self.generation, chunk, text)
        if fed and text:
            self._tell(text, chunk is not None)
