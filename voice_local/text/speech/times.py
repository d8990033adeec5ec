"""Times of day and their ranges, and ratios, which look similar."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    BEFORE,
    TO,
    cardinal,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
    ends_sentence,
)

_HALF = r"(?:\s?(?P<{0}half>[AaPp])(?:\.\s?[Mm](?P<{0}dot>\.)|\.?[Mm]\b(?!\.\w)))"
_CLOCK = (
    r"(?P<{0}hour>[01]?\d|2[0-4])(?:(?::|(?<=\d)[hH](?=\d)|\.(?=\d\d\s?[AaPp]\.?[Mm]))"
    r"(?P<{0}minute>[0-5]\d)(?::(?P<{0}second>[0-5]\d))?)"
)


def _clock(name: str, *, minute: bool, half: bool) -> str:
    """The pattern of a time; its groups are called `name`hour, `name`minute and so on."""
    clock = _CLOCK.format(name) + ("" if minute else "?")
    return clock + _HALF.format(name) + ("" if half else "?")


_END = r"(?![\w:]|\.\d|%)"
_TIME = re.compile(rf"{BEFORE}(?<!:)(?:{_clock('', minute=True, half=False)}){_END}")
_HOUR = re.compile(rf"{BEFORE}(?<!:)(?:{_clock('', minute=False, half=True)}){_END}")
_RANGES = tuple(
    re.compile(
        rf"{BEFORE}(?<!:)(?:{_clock('from_', minute=a, half=b)})"
        rf"{TO}(?:{_clock('to_', minute=c, half=d)}){_END}"
    )
    for a, b, c, d in (
        (True, False, True, False),
        (False, True, False, True),
        (False, False, False, True),
        (True, False, False, True),
        (False, False, True, False),
    )
)
_RATIO = re.compile(rf"{BEFORE}(?<!:)(?P<a>\d{{1,3}}):(?P<b>\d{{1,3}})(?![\w:])")


def clock(hour: int, minute: int | None, second: int | None = None, half: str | None = None) -> str:
    """A time of day in words; `half` is "a" or "p"."""
    tail = f" {half.upper()} M" if half else ""
    if second:
        unit = "second" if second == 1 else "seconds"
        return f"{_hour_minute(hour, minute or 0, bare=False)} and {cardinal(second)} {unit}{tail}"
    return _hour_minute(hour, minute, bare=half is not None) + tail


def _hour_minute(hour: int, minute: int | None, *, bare: bool) -> str:
    if minute is None:
        return cardinal(hour)
    if minute:
        return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    if bare:
        return cardinal(hour)
    if hour in (0, 24):
        return "midnight"
    return f"{cardinal(hour)} o'clock" if hour <= 12 else f"{cardinal(hour)} hundred"


def _said(match: re.Match[str], name: str) -> str:
    parts = match.groupdict()
    minute, second = parts.get(f"{name}minute"), parts.get(f"{name}second")
    return clock(
        int(parts[f"{name}hour"]),
        int(minute) if minute else None,
        int(second) if second else None,
        parts.get(f"{name}half"),
    )


def _stop(match: re.Match[str], name: str) -> str:
    """A full stop where that of "p.m." also ends the sentence; else nothing."""
    return "." if match.groupdict().get(f"{name}dot") and ends_sentence(match) else ""


def _time(match: re.Match[str], reading: Reading) -> str | None:
    if int(match["hour"]) > 12 and match["half"]:
        return None
    return _said(match, "") + _stop(match, "")


def _range(match: re.Match[str], reading: Reading) -> str:
    return f"{_said(match, 'from_')} to {_said(match, 'to_')}{_stop(match, 'to_')}"


def _ratio(match: re.Match[str], reading: Reading) -> str:
    return f"{cardinal(int(match['a']))} to {cardinal(int(match['b']))}"


RULES = (
    *(Rule(pattern, _range) for pattern in _RANGES),
    Rule(_TIME, _time),
    Rule(_HOUR, _time),
    Rule(_RATIO, _ratio),
)
