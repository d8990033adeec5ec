"""Answers to questions for the time and the date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from voice_local.skills.abilities.said import (
    said_date,
    said_time,
)
from voice_local.skills.abilities.words import bare

_NOW = (
    r"(?: (?:is it|it is|do (?:you|we) have|is|have you got|here|exactly|by your clock|on your "
    r"clock))*"
)
_TIME = re.compile(
    rf"^(?:(?:what|which)(?: is| was)? (?:the )?(?:exact |current |correct |local |right )?(?:time|"
    rf"hour){_NOW}|how late{_NOW}|"
    r"(?:the |your )?(?:exact |current |local )?time|have you the time|(?:have you got|do you have|"
    r"got|have) the (?:exact )?time|what (?:does|do) (?:the|your) clocks? say|check the (?:time|"
    r"clock)|read the clock|what time (?:it is|is it) in this moment)$"
)
_TIME_IN = re.compile(
    r"^(?:what(?: is)?(?: the)? |check )?(?:the )?(?:current |local |exact )?time(?: is it| it is|"
    r" is| now)* in (?P<place>[a-z .']+)$"
    r"|^in (?P<place2>[a-z .']+?) what(?: is)?(?: the)? (?:current )?time(?: is it| is)?$"
)
_DAY = re.compile(
    r"^(?:(?:what|which)(?: is)?(?: the)? (?:current |full )?(?:day|date|weekday|day of the week|"
    r"day of the month)(?: of the week)?(?: (?:is|was|will|it|be|are|we|do|have|today is|the))*(?: "
    r"(?P<day>today|tomorrow|yesterday|now|the day after tomorrow))?|what (?:is|was|will be) "
    r"(?P<day2>today|tomorrow|yesterday)(?: is)? (?:date|day)|(?:what )?(?:is )?(?:the |current |"
    r"full |today is |todays |today's |tomorrow's |tomorrows |yesterday's |yesterdays )*date(?: "
    r"is)?(?: it)?(?: is)?(?: for)?(?: today| tomorrow)?|(?:have you got|do you have) the date|"
    r"what is (?:today's|todays) day|what is today|what day is (?P<day3>today|tomorrow|yesterday) "
    r"going to be)$"
)
_YEAR = re.compile(
    r"^(?:what|which)(?: is)?(?: the)? (?:current )?(?P<what>year|month)(?: (?:is|it|are|we|in|now|"
    r"have))*$"
)


def clock_answer(text: str, now: datetime) -> str | None:
    """The answer if `text` asks for the time or the date; None otherwise. `now` is
    timezone-aware."""
    words = bare(text)
    if _TIME.match(words):
        return f"It is {said_time(now)}."
    if found := _TIME_IN.match(words):
        place = found["place"] or found["place2"]
        zone = _zone(place)
        if zone is None:
            return f"I only know the time here: it is {said_time(now)}."
        return f"It is {said_time(now.astimezone(zone))} in {place.title()}."
    if found := _DAY.match(words):
        return _day(
            found["day"]
            or found["day2"]
            or found["day3"]
            or next((day for day in ("tomorrow", "yesterday") if day in words), "today"),
            now,
        )
    if found := _YEAR.match(words):
        return f"It is {now:%B %Y}." if found["what"] == "month" else f"It is {now.year}."
    return None


def _day(day: str, now: datetime) -> str:
    if day in ("today", "now"):
        return f"Today is {said_date(now)}."
    shift = {"tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2}[day]
    name = {1: "Tomorrow is", -1: "Yesterday was", 2: "The day after tomorrow is"}[shift]
    return f"{name} {said_date(now + timedelta(days=shift))}."


def _zone(place: str) -> tzinfo | None:
    """The time zone with the name of a city; None for an unknown one."""
    wanted = place.strip().replace(" ", "_").lower()
    name = next(
        (
            zone
            for zone in sorted(available_timezones())
            if zone.lower().rpartition("/")[2] == wanted and "/" in zone
        ),
        None,
    )
    return ZoneInfo(name) if name else None
