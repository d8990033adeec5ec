"""What waits to be sent to one client, in bounded memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

STALL_S = 10.0
"""A client that takes nothing for so long does not read any more."""

MOST_WAITING = 256
"""Messages: five seconds of sound in pieces of 20 ms."""

Message = str | bytes


class Sender:
    """Sends messages one after another with `transmit`; `put` never waits.

    A client that does not read is given up: once `most` messages wait, or one takes `STALL_S`.
    """

    def __init__(
        self, transmit: Callable[[Message], Awaitable[None]], most: int = MOST_WAITING
    ) -> None:
        self._transmit, self._most = transmit, most
        self._waiting: deque[tuple[bool, Message]] = deque()
        self._news = asyncio.Event()
        self._full = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Message | None, *, sound: bool = False) -> None:
        """Adds one; None: nothing. `sound`: it may be dropped by `drop_sound`."""
        if message is None or self._full.is_set():
            return
        if len(self._waiting) >= self._most:
            self._full.set()
            return
        self._waiting.append((sound, message))
        self._news.set()

    def drop_sound(self) -> None:
        """Forgets the sound that waits."""
        self._waiting = deque(one for one in self._waiting if not one[0])

    async def run(self) -> None:
        """Sends until the client does not read any more.

        Raises:
            ConnectionError: as `transmit`.
        """
        sending = asyncio.create_task(self._send())
        full = asyncio.create_task(self._full.wait())
        try:
            await asyncio.wait([sending, full], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            full.cancel()
            await asyncio.gather(sending, full, return_exceptions=True)

    async def _send(self) -> None:
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            _, message = self._waiting.popleft()
            try:
                async with asyncio.timeout(STALL_S):
                    await self._transmit(message)
            except TimeoutError:
                return
