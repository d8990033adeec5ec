"""A session's events on their way to one reader, in bounded memory.

At `CAPACITY` waiting events some are dropped: first the oldest that later ones replace (interim
words, phases), then the oldest of all but `TurnEnded` and `Action`. In their place the reader gets
`EventsDropped` with their number. A reader with `CAPACITY` turn ends and actions unread loses the
oldest of those, too.
"""

from __future__ import annotations

import asyncio
from collections import deque

from voice_local.conversation.events import (
    Action,
    Event,
    EventsDropped,
    Partial,
    StateChanged,
    TurnEnded,
)

CAPACITY = 1024
"""Events: minutes of an ordinary conversation."""

_REPLACED = (StateChanged, Partial)


class EventQueue:
    """`put` never waits; `get` does."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._waiting: deque[Event] = deque()
        self._dropped = 0
        self._closed = False
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: Event) -> None:
        """Adds one."""
        if len(self._waiting) >= self._capacity:
            self._make_room()
        self._waiting.append(event)
        self._news.set()

    def close(self) -> None:
        """No more will come; what waits can still be read."""
        self._closed = True
        self._news.set()

    async def get(self) -> Event | None:
        """The next one; None at the end."""
        while not self._waiting:
            if self._closed:
                return None
            self._news.clear()
            await self._news.wait()
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return EventsDropped(dropped, place=self._waiting[0].place)
        return self._waiting.popleft()

    def _make_room(self) -> None:
        for event in self._waiting:
            if isinstance(event, _REPLACED):
                return self._drop(event)
        for event in self._waiting:
            if not isinstance(event, TurnEnded | Action):
                return self._drop(event)
        self._drop(self._waiting[0])
        return None

    def _drop(self, event: Event) -> None:
        for number, one in enumerate(self._waiting):
            if one is event:
                del self._waiting[number]
                break
        self._dropped += 1
