"""New times for timers that are already set."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from voice_local.skills.abilities.spoken_times import DAY, LONGEST, in_minutes
from voice_local.skills.abilities.timer_acts import TimerRequest
from voice_local.skills.abilities.timer_setting import said_when
from voice_local.skills.abilities.timers import Kind, Timer
from voice_local.skills.abilities.words import bare

_TOLD_HALF = re.compile(
    r"[ap]m\b|\b(?:morning|afternoon|evening|night|tonight|noon|midnight|midday)\b|\b(?:1[3-9]|2\d|0\d?):"
)
"""Words that tell which half of the day is meant."""


def names_a_time(words: str, now: datetime) -> bool:
    """Whether `words` name a duration, a time of day or a day, and nothing else."""
    return (
        said_when(words, now) is not None
        or in_minutes(bare(words)) is not None
        or re.fullmatch(DAY, bare(words)) is not None
    )


def changed(timer: Timer, words: str, now: datetime) -> Timer | None:
    """`timer` with the duration, the time of day or the day that `words` name; None where they name
    none. A duration over `LONGEST` is for the caller to refuse.

    A time of day without a day is on the day for which `timer` was set, and of its two the one that
    is nearer to it: an alarm for tomorrow at seven that is moved to eight does not ring tonight.
    """
    if timer.kind is Kind.TIMER and (minutes := in_minutes(bare(words))):
        return _after(timer, minutes, now)
    if timer.length is None and re.fullmatch(DAY, bare(words)):
        words = f"{bare(words)} at {timer.due.hour}:{timer.due:%M}"
    when = said_when(words, now)
    if when is None:
        return None
    if when.length is not None:
        return _after(timer, when.length, now)
    if timer.length is None and not re.search(rf"\b{DAY}\b", bare(words)):
        near = said_when(words, timer.due.replace(hour=0, minute=0) - timedelta(seconds=1))
        found = near.at if near else None
        if found is not None:
            step = timedelta(hours=24 if _TOLD_HALF.search(bare(words)) else 12)
            choices = [found + step * count for count in (-1, 0, 1, 2)]
            best = min((one for one in choices if one > now), key=lambda one: abs(one - timer.due))
            return replace(timer, due=best)
    return replace(timer, due=when.at or timer.due, length=None)


def _after(timer: Timer, length: timedelta, now: datetime) -> Timer:
    return replace(timer, due=now + min(length, LONGEST), length=length)


def on_that_day(day: str, text: str, now: datetime) -> TimerRequest | None:
    """The time that `text` answers, on the `day` that was named before ("tomorrow"); None where it
    names none, or another day."""
    if not day or re.search(rf"\b{DAY}\b", bare(text)):
        return None
    found = said_when(f"{day} {bare(text)}", now)
    return found if found is not None and found.at is not None else None
