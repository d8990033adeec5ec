"""Timers, alarms and reminders that ring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from voice_local.skills.abilities.said import (
    as_adjective,
    said_duration,
    said_moment,
    said_time,
)

MOST = 20
"""Most timers that may be pending at a time."""

LOOK_S = 1.0
"""Seconds of the event loop between two checks of the clock, which may be set, and a machine may
sleep."""


class Kind(StrEnum):
    """Kind of a timer."""

    TIMER = "timer"
    ALARM = "alarm"
    REMINDER = "reminder"


@dataclass(frozen=True)
class Timer:
    """Something that rings.

    Attributes:
        due: the time at which it rings; timezone-aware.
        length: the duration it was set for; None if it was set for a time of day.
        label: what it is for ("pasta", "to call mum"); may be empty.
    """

    kind: Kind
    due: datetime
    length: timedelta | None = None
    label: str = ""

    chimes: ClassVar[bool] = True

    def name(self) -> str:
        """ "5 minute timer", "pasta timer", "alarm for 7 AM", "reminder to call mum"."""
        if self.kind is Kind.REMINDER:
            return f"reminder {self.label}".strip()
        if self.kind is Kind.ALARM:
            return f"alarm for {said_time(self.due)}"
        if self.label:
            return f"{self.label} timer"
        return (
            f"{as_adjective(self.length)} timer"
            if self.length
            else f"timer for {said_time(self.due)}"
        )

    def ring(self) -> str:
        """The sentence that is said when it rings."""
        if self.kind is Kind.REMINDER:
            return (
                f"This is your reminder {self.label}." if self.label else "This is your reminder."
            )
        if self.kind is Kind.ALARM:
            return f"It is {said_time(self.due)}. This is your alarm."
        return f"Time is up. Your {self.name()} is done."


def local_now() -> datetime:
    """The local time of the machine, timezone-aware."""
    return datetime.now().astimezone()


class Timers:
    """The timers of one conversation.

    Attributes:
        now: the clock.
        waiting: the timers that have not rung, in order of their times.
        rung: the timers that rang before `listen` was called.
        last_rung: the one that rang last; None: none has rung.
    """

    def __init__(self, now: Callable[[], datetime] = local_now) -> None:
        self.now = now
        self.waiting: list[Timer] = []
        self.rung: list[Timer] = []
        self.last_rung: Timer | None = None
        self._rings: Callable[[Timer], None] | None = None
        self._handle: asyncio.TimerHandle | None = None

    def listen(self, rings: Callable[[Timer], None]) -> None:
        """Lets `rings` be called with each timer that rings, in the event loop."""
        self._rings = rings

    def add(self, timer: Timer) -> bool:
        """Starts `timer`; false where `MOST` are pending already. Must run in the event loop."""
        if len(self.waiting) >= MOST:
            return False
        self.waiting = sorted([*self.waiting, timer], key=lambda one: one.due)
        self._look_later()
        return True

    def cancel(self, timers: list[Timer]) -> None:
        """Removes `timers`."""
        self.waiting = [one for one in self.waiting if not any(one is gone for gone in timers)]

    def look(self) -> None:
        """Rings the timers whose time has come. Called by the event loop, and by owners of a
        simulated clock."""
        if not self.waiting:
            return
        now = self.now()
        due = [one for one in self.waiting if one.due <= now]
        if due:
            self.waiting = [one for one in self.waiting if one.due > now]
        for timer in due:
            self.last_rung = timer
            if self._rings:
                self._rings(timer)
            else:
                self.rung.append(timer)

    def due_within(self, seconds: float, timer: Timer | None = None) -> bool:
        """Whether `timer`, or any timer if it is None, rings within so many seconds."""
        waiting = [timer] if timer else self.waiting[:1]
        return bool(waiting) and waiting[0].due <= self.now() + timedelta(seconds=seconds)

    def names(self) -> list[str]:
        """What has not rung yet: "5 minute timer"."""
        return [timer.name() for timer in self.waiting]

    def told(self, timer: Timer) -> str:
        """How it stands with `timer`: "Your pasta timer has 5 minutes left."."""
        now = self.now()
        if timer.kind is Kind.TIMER:
            return f"Your {timer.name()} has {said_duration(timer.due - now)} left."
        if timer.kind is Kind.ALARM:
            return f"Your alarm rings at {said_moment(timer.due, now)}."
        return f"I will remind you {timer.label} at {said_moment(timer.due, now)}.".replace(
            "  ", " "
        )

    def facts(self) -> list[str]:
        """`told` of each that has not rung yet."""
        return [self.told(timer) for timer in self.waiting]

    def close(self) -> None:
        """Stops checking the clock."""
        if self._handle:
            self._handle.cancel()
            self._handle = None

    def _look_later(self) -> None:
        self.close()
        if self.waiting:
            left_s = (self.waiting[0].due - self.now()).total_seconds()
            self._handle = asyncio.get_running_loop().call_later(
                min(LOOK_S, max(0.0, left_s)), self._look_now
            )

    def _look_now(self) -> None:
        self.look()
        self._look_later()
