"""What is said about timers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from voice_local.skills.abilities.said import listed, said_duration, said_moment
from voice_local.skills.abilities.timers import MOST, Kind, Timer

ASK_LENGTH = "For how long?"
ASK_ALARM = "For what time?"
ASK_REMINDER = "When shall I remind you?"
TOO_MANY = f"There are {MOST} already. Please cancel one first."
TOO_LONG = "I can only wait for up to a month."
TOO_SHORT = "That is no time at all. For how long?"
NO_PAUSE = "I can't pause a timer. I can cancel it, or set another one."
NO_TIMER = "There is no timer running."
NOTHING_SET = {
    None: NO_TIMER,
    Kind.TIMER: NO_TIMER,
    Kind.ALARM: "There is no alarm set.",
    Kind.REMINDER: "There is no reminder set.",
}
NO_TIME_TOLD = (
    "I can set a timer, an alarm or a reminder. Please tell me when, for example in ten minutes."
)
CANNOT_RING = "Nothing would ring here: this conversation ends with each answer."
NO_REPEATS = "I can't repeat one. I can set it for a single time."
ONE_AT_A_TIME = "I set one at a time. When shall the first one ring?"
IS_CANCELLED, HAS_RUNG = "That one is cancelled.", "That one has rung."
NOTHING_RANG = "Nothing has rung that I could ring again."
NOT_SO_LONG = "There is less than that left."
SAID = (
    NO_TIME_TOLD,
    NO_REPEATS,
    ONE_AT_A_TIME,
    IS_CANCELLED,
    HAS_RUNG,
    NOTHING_RANG,
    NOT_SO_LONG,
    CANNOT_RING,
    ASK_LENGTH,
    ASK_ALARM,
    ASK_REMINDER,
    NO_PAUSE,
    *dict.fromkeys(NOTHING_SET.values()),
)
"""The fixed answers."""


def question_for_a_time(kind: Kind | None) -> str:
    """What is asked where a request names no time."""
    if kind is Kind.ALARM:
        return ASK_ALARM
    return ASK_REMINDER if kind is Kind.REMINDER else ASK_LENGTH


def confirmed(timer: Timer, now: datetime, reservation: str = "") -> str:
    """ "Your pasta timer will ring in 10 minutes."; `reservation` stands at its end."""
    when = (
        f"in {said_duration(timer.length)}" if timer.length else f"at {said_moment(timer.due, now)}"
    )
    when += reservation
    if timer.kind is Kind.REMINDER:
        return f"I will remind you {timer.label} {when}.".replace("  ", " ")
    if timer.kind is Kind.ALARM:
        return f"Your alarm will ring {when}."
    what = f"{timer.label} timer" if timer.label else "timer"
    return f"Your {what} will ring {when}."


def which_one(timers: Sequence[Timer]) -> str:
    """The question which of `timers` is meant."""
    return f"Which one? {there_is(timers)}"


def there_is(timers: Sequence[Timer]) -> str:
    """ "There is your pasta timer and your alarm for 7 AM."."""
    return f"There is {listed([f'your {timer.name()}' for timer in timers[:4]])}."
