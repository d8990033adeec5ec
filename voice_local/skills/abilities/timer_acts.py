"""What can be asked of timers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from voice_local.skills.abilities.timers import Kind


class Act(Enum):
    """What a request asks for."""

    SET = "set"
    CANCEL = "cancel"
    ASK = "ask"
    ADD = "add"
    CHANGE = "change"
    SNOOZE = "snooze"
    PAUSE = "pause"


@dataclass(frozen=True)
class TimerRequest:
    """One request.

    Attributes:
        kind: None where any kind may be meant.
        length: a duration in the request: how long to wait, or which timer is meant. Of `ADD` below
            zero where it is to ring sooner.
        at: a time of day in the request.
        label: what the timer is for, such as "pasta".
        all: whether all timers are meant ("all my timers").
        again: whether the timer that was set last is to be changed ("make it ten minutes").
        it: whether those are meant that were just talked about ("cancel it").
        repeats: whether it is to ring again and again ("every day at seven").
        waiting: whether it is a request only if such a one is set ("do not wake me").
        several: whether more than one is to be set at once.
        to: of `CHANGE` the words for the new time ("twenty minutes", "eight"); may be empty.
        day: the day, where a request names one and no time of day ("wake me up tomorrow").
    """

    act: Act
    kind: Kind | None = None
    length: timedelta | None = None
    at: datetime | None = None
    label: str = ""
    all: bool = False
    again: bool = False
    it: bool = False
    repeats: bool = False
    waiting: bool = False
    several: bool = False
    to: str = ""
    day: str = ""

    @property
    def timed(self) -> bool:
        """Whether the request names a duration or a time of day."""
        return self.length is not None or self.at is not None
