"""What is on its way to one client: in order, and bounded."""

from __future__ import annotations

import asyncio
from collections import deque

FULL_BYTES = 1024 * 1024
"""Sound waits for room from here on."""

MOST_BYTES = 8 * 1024 * 1024
"""A client that leaves more unread is given up."""

STALL_S = 20.0
"""A client that takes nothing for so long while something waits for it is given up."""


class Outbox:
    """Messages to one client. `put` never waits, `room` and `get` do.

    Attributes:
        overflowed: the client has left too much unread; nothing more is taken.
    """

    def __init__(self, full: int = FULL_BYTES, most: int = MOST_BYTES) -> None:
        self._full, self._most = full, most
        self._waiting: deque[str | bytes] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._closed = False
        self.overflowed = False
        self._taken_at = asyncio.get_running_loop().time()

    @property
    def too_slow(self) -> bool:
        """Whether the client does not read, or hardly."""
        stalled = asyncio.get_running_loop().time() - self._taken_at > STALL_S
        return self.overflowed or (bool(self._waiting) and stalled)

    def put(self, message: str | bytes) -> None:
        """Adds one."""
        if self._closed or self.overflowed:
            return
        if not self._waiting:
            self._taken_at = asyncio.get_running_loop().time()
        self._waiting.append(message)
        self._bytes += len(message)
        self.overflowed = self._bytes > self._most
        self._wake()

    def close(self) -> None:
        """Nothing more comes; what waits can still be got."""
        self._closed = True
        self._wake()

    async def get(self) -> str | bytes | None:
        """The next; None at the end, or when it has overflowed."""
        while not self.overflowed:
            if self._waiting:
                message = self._waiting.popleft()
                self._taken_at = asyncio.get_running_loop().time()
                self._bytes -= len(message)
                self._wake()
                return message
            if self._closed:
                return None
            await self._change()
        return None

    async def room(self) -> None:
        """Waits until the client has read most of what was sent."""
        while self._bytes > self._full and not self._closed and not self.overflowed:
            await self._change()

    async def _change(self) -> None:
        changed = self._changed
        await changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
