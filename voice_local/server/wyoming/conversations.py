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

KEPT_S = 600.0


@dataclass
class _Kept:
    served: ServedSession
    reading: asyncio.Task[None]
    used_at: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Conversations:
    """Those of one server, by the client's address and its own name for each."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._finding = asyncio.Lock()

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
            kept.used_at = asyncio.get_running_loop().time()
            if not name:
                await _end(kept)

    async def aclose(self) -> None:
        """Ends all."""
        while self._kept:
            _, kept = self._kept.popitem()
            await _end(kept)

    async def _find(self, client: str, name: str) -> _Kept:
        now = asyncio.get_running_loop().time()
        for key in self._idle():
            if now - self._kept[key].used_at > KEPT_S:
                await _end(self._kept.pop(key))
        if name and (found := self._kept.pop((client, name), None)):
            self._kept[client, name] = found
            return found
        while True:
            try:
                made = self._open(client, now)
                break
            except CapacityError:
                if not await self._end_oldest():
                    raise
        if name:
            self._kept[client, name] = made
            if len(self._kept) > MOST_KEPT:
                await self._end_oldest()
        return made

    def _open(self, client: str, now: float) -> _Kept:
        served = self._pool.open(Wanted(client, "wyoming"), _no_sound)
        served.session.update(SessionUpdate(spoken=False))
        return _Kept(served, asyncio.create_task(_read(served)), now)

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
    async with kept.turn:
        await kept.served.aclose()
    await kept.reading


async def _read(served: ServedSession) -> None:
    async for _ in served.events():  # they are counted there
        pass


async def _no_sound(taken: Taken) -> None:
    """A written conversation has none."""
