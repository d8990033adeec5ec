"""Spoken forms of times, dates and durations in the assistant's answers."""

from __future__ import annotations

import math
from datetime import datetime, timedelta


def said_time(when: datetime) -> str:
    """ "10:05 PM", "7 AM"; noon and midnight by name."""
    if when.minute == 0 and when.hour in (0, 12):
        return "noon" if when.hour else "midnight"
    hour, half = when.hour % 12 or 12, "AM" if when.hour < 12 else "PM"
    return f"{hour}:{when.minute:02d} {half}" if when.minute else f"{hour} {half}"


def said_date(when: datetime) -> str:
    """ "Friday, November 27, 2026"."""
    return f"{when:%A, %B} {when.day}, {when.year}"


def said_moment(when: datetime, now: datetime) -> str:
    """ "7 AM", "7 AM tomorrow", "7 AM on Friday, December 4": with the day if it is not today."""
    days = (when.date() - now.date()).days
    if days == 0:
        return said_time(when)
    if days == 1:
        return f"{said_time(when)} tomorrow"
    return f"{said_time(when)} on {when:%A, %B} {when.day}"


def said_duration(length: timedelta) -> str:
    """ "1 hour and 30 minutes", "45 seconds"; rounded up to seconds, from an hour on to minutes."""
    seconds = max(0, math.ceil(length.total_seconds() - 0.05))
    if seconds >= 3600:
        seconds = math.ceil(seconds / 60) * 60
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [
        f"{count} {name}{'' if count == 1 else 's'}"
        for count, name in (
            (days, "day"),
            (hours, "hour"),
            (minutes, "minute"),
            (seconds, "second"),
        )
        if count
    ]
    if not parts:
        return "0 seconds"
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def as_adjective(length: timedelta) -> str:
    """The form before "timer": "5 minute", "1 hour and 30 minute"."""
    return (
        said_duration(length)
        .replace("seconds", "second")
        .replace("minutes", "minute")
        .replace("hours", "hour")
        .replace("days", "day")
    )


def listed(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else ""


def from_the_assistant(about: str) -> str:
    """`about` from the assistant's point of view: "to call my mum" → "to call your mum"."""
    swaps = {
        "my": "your",
        "mine": "yours",
        "i": "you",
        "me": "you",
        "am": "are",
        "myself": "yourself",
        "our": "your",
    }
    return " ".join(swaps.get(word, word) for word in about.split())
