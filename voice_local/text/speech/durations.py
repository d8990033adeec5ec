"""Durations ("1h 30m"), running times ("25:30") and plurals of round numbers ("100s of cars")."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    BEFORE,
    cardinal,
    plural,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_UNITS = (
    ("day", "d|days?"),
    ("hour", "h|hrs?|hours?"),
    ("minute", "m|mins?|minutes?"),
    ("second", "s|secs?|seconds?"),
)
_PARTS = r"[\s,]{0,2}".join(
    rf"(?:(?P<{name}>\d{{1,3}})\s?(?:{written})(?![A-Za-z]))?" for name, written in _UNITS
)
_GLUED = "".join(rf"(?:(?P<{name}>\d{{1,3}})(?:{name[0]}))?" for name, _ in _UNITS)
_DURATION = re.compile(rf"{BEFORE}(?=\d{{1,3}}\s?[dhms]){_PARTS}(?![\w/]|\.\d)")
_GLUED_DURATION = re.compile(rf"{BEFORE}(?=\d{{1,3}}[dhm]\d{{1,2}}[hms]){_GLUED}(?![\w/]|\.\d)")
_RUNNING = re.compile(
    rf"{BEFORE}(?<!:)(?P<minute>2[5-9]|[3-9]\d|1\d\d):(?P<second>[0-5]\d)(?![\w:]|\.\d|%)"
)
_RATIO_BEFORE = re.compile(
    r"\b(?i:ratio|ratios|odds|split|mix|proportions?|scale|chance)\b[^.!?]{0,20}$"
)
_WON = re.compile(
    r"\b(?i:won|lost|beat|beats|win|lead|led|defeated|scored?)\b[^.!?]{0,24}(?<!\bin\s)$"
)
_RATIO_AFTER = re.compile(r"\s(?:ratio|odds|split|mix|rule|blend|chance)\b")
_PER_DISTANCE = re.compile(r"(?<=:\d\d)/(?P<per>km|mi|mile|kilometer)\b")
_MANY = re.compile(
    r"(?<![\w.,$€£/])(?P<number>10{1,6}|1,000|10,000|100,000|1,000,000)['’]?s\b"
    r"(?=\s(?:upon\s|and\s)?(?:of|place|digit|column)\b)|(?<![\w.,$€£/])(?P<thousands>1,000|10,000|"
    r"100,000|1,000,000)['’]?s\b"
)
_ROUND = {
    10: "tens",
    100: "hundreds",
    1000: "thousands",
    10_000: "tens of thousands",
    100_000: "hundreds of thousands",
    1_000_000: "millions",
}


def _duration(match: re.Match[str], reading: Reading) -> str | None:
    """ "1h 30m" → "one hour thirty minutes"; one part alone is left to the rules of units."""
    parts = [(name, match[name]) for name, _ in _UNITS if match[name]]
    if len(parts) < 2:
        return None
    return " ".join(
        f"{cardinal(int(count))} {name if int(count) == 1 else plural(name)}"
        for name, count in parts
    )


def _running(match: re.Match[str], reading: Reading) -> str | None:
    """Minutes and seconds: "25:30" → "twenty five thirty"; not in a ratio such as 60:40."""
    minute, second = int(match["minute"]), int(match["second"])
    if (
        minute + second == 100
        or _RATIO_BEFORE.search(match.string, 0, match.start())
        or _WON.search(match.string, 0, match.start())
        or _RATIO_AFTER.match(match.string, match.end())
    ):
        return None
    if not second:
        return f"{cardinal(minute)} minutes"
    return f"{cardinal(minute)} {'oh ' if second < 10 else ''}{cardinal(second)}"


def _per_distance(match: re.Match[str], reading: Reading) -> str:
    return f" per {'kilometer' if match['per'].startswith('k') else 'mile'}"


def _many(match: re.Match[str], reading: Reading) -> str:
    return _ROUND[int((match["number"] or match["thousands"]).replace(",", ""))]


RULES = (
    Rule(_MANY, _many),
    Rule(_GLUED_DURATION, _duration),
    Rule(_DURATION, _duration),
    Rule(_RUNNING, _running),
    Rule(_PER_DISTANCE, _per_distance),
)
