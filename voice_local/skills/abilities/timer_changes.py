"""New times for timers that are already set."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from voice_local.skills.abilities.spoken_times import DAY, in_minutes
from voice_local.skills.abilities.timer_acts import TimerRequest
from voice_local.skills.abilities.timer_setting import said_when
from voice_local.skills.abilities.timers import Kind, Timer
from voice_local.skills.abilities.words import bare


def changed(timer: Timer, words: str, now: datetime) -> Timer | None:
    """`timer` with the duration or the time of day that `words` name; None where they name none.

    A time of day without a day is on the day, and in the half of the day, for which `timer` was
    set: an alarm for tomorrow at seven that is moved to eight does not ring tonight.
    """
    if timer.kind is Kind.TIMER and (minutes := in_minutes(bare(words))):
        return replace(timer, due=now + minutes, length=minutes)
    when = said_when(words, now)
    if when is None:
        return None
    if when.length is not None:
        return replace(timer, due=now + when.length, length=when.length)
    if timer.length is None and not re.search(rf"\b{DAY}\b", bare(words)):
        half = timer.due.replace(hour=timer.due.hour // 12 * 12, minute=0, second=0, microsecond=0)
        near = said_when(words, half - timedelta(seconds=1))
        if near is not None and near.at is not None and near.at > now:
            return replace(timer, due=near.at)
    return replace(timer, due=when.at or timer.due, length=None)


def on_that_day(day: str, text: str, now: datetime) -> TimerRequest | None:
    """The time that `text` answers, on the `day` that was named before ("tomorrow"); None where it
    names none, or another day."""
    if not day or re.search(rf"\b{DAY}\b", bare(text)):
        return None
    found = said_when(f"{day} {bare(text)}", now)
    return found if found is not None and found.at is not None else None
