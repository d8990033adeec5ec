"""Written conversations that go on over several connections: Home Assistant opens one a turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from voice_local.conversation.options import SessionUpdate
from voice_local.conversation.output.queued_speech import Taken
from voice_local.conversation.record import ConversationTurn
from voice_local.errors import CapacityError
from voice_local.server.pool import ServedSession, SessionPool, Wanted

MOST_KEPT = 8
"""Conversations; the one that was used last is kept longest."""

KEPT_S = 300.0
"""After that Home Assistant begins another one."""


@dataclass
class _Kept:
    served: ServedSession
    reading: asyncio.Task[None]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    ending: asyncio.TimerHandle | None = None


class Conversations:
    """Those of one server, by the client's address and its own name for each."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._finding = asyncio.Lock()
        self._over: set[asyncio.Task[None]] = set()

    async def ask(self, client: str, name: str, text: str) -> ConversationTurn:
        """The answer to a typed turn. `name`: empty: a conversation of one turn.

        Raises:
            CapacityError: as `SessionPool.open`. TextInputError, VoiceLocalError: as
                `VoiceSession.ask`.
        """
        async with self._finding:
            kept = await self._find(client, name)
        try:
            async with kept.turn:
                return await kept.served.session.ask(text)
        finally:
            if name:
                self._end_later((client, name))
            else:
                await _end(kept)

    async def aclose(self) -> None:
        """Ends all."""
        while self._kept:
            _, kept = self._kept.popitem()
            await _end(kept)
        await asyncio.gather(*self._over)

    async def _find(self, client: str, name: str) -> _Kept:
        if name and (found := self._kept.pop((client, name), None)):
            self._kept[client, name] = found
            return found
        while True:
            try:
                made = self._open(client)
                break
            except CapacityError:
                if not await self._end_oldest():
                    raise
        if name:
            if len(self._kept) >= MOST_KEPT:
                await self._end_oldest()
            self._kept[client, name] = made
        return made

    def _open(self, client: str) -> _Kept:
        served = self._pool.open(Wanted(client, "wyoming", stays=True), _no_sound)
        served.session.update(SessionUpdate(spoken=False))
        served.session.context.responder.end_after(0.0)  # with its answer: nothing can ring later
        return _Kept(served, asyncio.create_task(_read(served)))

    def _end_later(self, key: tuple[str, str]) -> None:
        kept, loop = self._kept.get(key), asyncio.get_running_loop()
        if kept is None:
            return
        if kept.ending:
            kept.ending.cancel()
        kept.ending = loop.call_later(KEPT_S, self._end_unused, key, kept)

    def _end_unused(self, key: tuple[str, str], kept: _Kept) -> None:
        if self._kept.get(key) is kept and not kept.turn.locked():
            del self._kept[key]
            task = asyncio.create_task(_end(kept))
            self._over.add(task)
            task.add_done_callback(self._over.discard)

    def _idle(self) -> list[tuple[str, str]]:
        """Names of those without a turn, the longest without one first."""
        return [key for key, kept in self._kept.items() if not kept.turn.locked()]

    async def _end_oldest(self) -> bool:
        """Ends the one that was not used for the longest. False: all have a turn."""
        for key in self._idle():
            await _end(self._kept.pop(key))
            return True
        return False


async def _end(kept: _Kept) -> None:
    if kept.ending:
        kept.ending.cancel()
    async with kept.turn:
        await kept.served.aclose()
    await kept.reading


async def _read(served: ServedSession) -> None:
    async for _ in served.events():  # they are counted there
        pass


async def _no_sound(taken: Taken) -> None:
    """A written conversation has none."""
