"""Who may wait for a stage, and who goes first: a bounded queue by priority. Pure; no clock, no
loop."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from voice_local.engine.api import Priority
from voice_local.errors import EngineBusyError

T = TypeVar("T")


@dataclass(frozen=True)
class Ticket(Generic[T]):
    """One who waits. `owner`: whatever the caller needs to find it again."""

    priority: Priority
    number: int
    owner: T = field(compare=False)


class WaitingRoom(Generic[T]):
    """At most `bound` tickets. First the most urgent, and of those the one that came first."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._numbers = itertools.count()
        self._waiting: list[Ticket[T]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, priority: Priority, owner: T) -> tuple[Ticket[T], Ticket[T] | None]:
        """(the new ticket, the one that had to leave for it, if any).

        A full room lets its least urgent ticket of `PARTIAL` or below go for a more urgent one.

        Raises:
            EngineBusyError: it is full, and nobody in it is less urgent.
        """
        shed = None
        if len(self._waiting) >= self._bound:
            last = max(self._waiting, key=_order, default=None)
            if last is None or last.priority < Priority.PARTIAL or last.priority <= priority:
                raise EngineBusyError("the engine's queue is full", "try again in a moment")
            self._waiting.remove(last)
            shed = last
        ticket = Ticket(priority, next(self._numbers), owner)
        self._waiting.append(ticket)
        return ticket, shed

    def next(self) -> Ticket[T] | None:
        """Takes out who goes first; None where nobody waits."""
        if not self._waiting:
            return None
        first = min(self._waiting, key=_order)
        self._waiting.remove(first)
        return first

    def leave(self, ticket: Ticket[T]) -> None:
        """Forgets a ticket; does nothing where it is not there any more."""
        if ticket in self._waiting:
            self._waiting.remove(ticket)


def _order(ticket: Ticket[T]) -> tuple[int, int]:
    return ticket.priority, ticket.number
