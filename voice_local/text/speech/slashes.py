"""What a slash joins: words ("yes/no"), initials ("TCP/IP"), scores ("18/20 correct") and pairs of
numbers with a unit ("120/80 mmHg")."""

from __future__ import annotations

import re

from voice_local.text.speech.dates import MONTHS
from voice_local.text.speech.numbers import (
    cardinal,
    ordinal,
    year,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.unit_names import names_of

FOLDERS = frozenset(
    "usr etc var bin lib opt tmp src tests docs scripts models examples node_modules assets build "
    "dist config www".split()
)
"""Names of folders, which begin paths and no alternatives."""

_IN_PATHS = FOLDERS | frozenset("main static include api".split())
"""Names in longer paths; words that are joined without any of them are alternatives."""

_BOTH = frozenset(
    "work/life cost/benefit client/server read/write price/performance input/output either/or "
    "he/him he/him/his she/her she/her/hers they/them they/them/theirs".split()
)
"""Pairs that are named together, without "or"."""

_DAYS = frozenset("Mon Tue Wed Thu Fri Sat Sun".split())
_WORD = r"[A-Za-z][A-Za-z'’-]+"
_ALTERNATIVES = re.compile(rf"(?<![\w/.@~-]){_WORD}\.?(?:/{_WORD}){{1,4}}(?![\w/@'’-]|\.\w)")
_SHE_OR_HE = re.compile(r"(?<![\w/])(?P<s>[Ss])/he\b")
_RATE = re.compile(
    r"(?<=[a-z]s)/(?=(?:second|minute|hour|day|week|month|year|person|night|mile)\b)|"
    r"(?<=people)/(?=(?:day|hour|week|month|year)\b)"
)
_INITIALS = re.compile(r"(?<=[A-Z])/(?=[A-Z](?![a-z]))")
_TITLES = re.compile(r"(?<=[a-z]\.)/(?=[A-Z])|(?<=[A-Z])/(?=[A-Z][a-z])")
_APERTURE = re.compile(r"(?<![\w/])[fƒ]/(?=\d)")
_BETWEEN_DEGREES = re.compile(
    r"(?<=°[CF])\s?/\s?(?=[-−]?\d)|(?<=\d[CF])\s?/\s?(?=[-−]?\d+\s?°?[CF]\b)"
)
_PAIR_UNIT = re.compile(
    r"(?<![\w.,$€£/])(?P<a>\d{1,4})/(?P<b>\d{1,4})\s?(?P<unit>mmHg|mm Hg|Hz|kHz|V|volts?)\b"
)
_EXPOSURE = re.compile(r"(?<![\w.,$€£/])1/(?P<part>\d{2,5})\s?(?:s|secs?|second)\b")
_SCORE = re.compile(
    r"(?<![\w.,$€£/])(?P<a>\d{1,3})/(?P<b>\d{1,4})(?=(?P<told>\s(?:correct|right|points?|marks|"
    r"questions?|stars?|on (?:the|my|a|his|her)|students|people|votes?)\b)?)(?![\w/%]|[-.,]\d)"
)
_SCORED = re.compile(
    r"\b(?i:scored?|scores|got|gets?|graded?|rated?|rating|results?|test|exam|quiz|marks?)\b"
    r"(?:\s(?:was|is|of|a|an|about|only|her|him|it|me)\b|:)*\s(?:\d+/\d+,?\s(?:and|or)\s)?$"
)
_AMOUNT_BEHIND = re.compile(
    r"\s(?:of|an?|inch(?:es)?|in\.|cups?|tsp|tbsp|teaspoons?|tablespoons?|miles?|hours?|lbs?|oz)\b"
)
_NUMBERED = re.compile(
    r"\b(?i:level|page|step|part|chapter|episode|slide|round|question|lesson|task|stage|day|week)\s$"
)
_MONTH_YEAR = re.compile(
    r"(?<![\w.,$€£/-])(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:19|20)\d\d)(?![\w/%]|[-.,]\d)"
)
_CHANCE = re.compile(r"\s(?:chance|of|odds|scale)\b")
_ALWAYS_OPEN = re.compile(r"(?<![\w/])24/7/365(?![\w/])")


def is_path(parts: list[str]) -> bool:
    """Whether words that are joined by slashes look like a path, and not like alternatives."""
    plain = all(re.fullmatch(r"[A-Za-z][A-Za-z'’-]*\.?", part) for part in parts)
    return not plain or any(part.lower() in _IN_PATHS for part in parts)


def _alternatives(match: re.Match[str], reading: Reading) -> str | None:
    """ "yes/no" → "yes or no", "red/green/blue" → "red, green or blue"."""
    parts = match[0].split("/")
    path = parts[0].lower() in FOLDERS or (len(parts) > 2 and is_path(parts))
    if path or all(part.isupper() for part in parts):
        return None
    if all(part.rstrip(".")[:3].capitalize() in _DAYS for part in parts):
        return ", ".join(parts)
    if match[0].lower() in _BOTH or all(re.search("(?:er|or|ist)s?$", part) for part in parts):
        return " ".join(parts)
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


def _she_or_he(match: re.Match[str], reading: Reading) -> str:
    return "She or he" if match["s"] == "S" else "she or he"


def _blank(match: re.Match[str], reading: Reading) -> str:
    return " "


def _per(match: re.Match[str], reading: Reading) -> str:
    return " per "


def _or(match: re.Match[str], reading: Reading) -> str:
    return " or "


def _aperture(match: re.Match[str], reading: Reading) -> str:
    return "F "


def _comma(match: re.Match[str], reading: Reading) -> str:
    return ", "


def _pair_unit(match: re.Match[str], reading: Reading) -> str | None:
    """ "120/80 mmHg" → "... over ...", "50/60 Hz" → "fifty or sixty hertz"."""
    if match["a"] == "1" and not match["unit"].startswith("mm"):
        return None  # "1/2 V"
    names = names_of(match["unit"].replace(" ", ""))
    join = "over" if match["unit"].startswith("mm") else "or"
    many = names[1] if names else "volts"
    return f"{cardinal(int(match['a']))} {join} {cardinal(int(match['b']))} {many}"


def _exposure(match: re.Match[str], reading: Reading) -> str:
    """ "1/250 s" → "one two hundred fiftieth of a second"."""
    return f"one {ordinal(int(match['part']))} of a second"


def _score(match: re.Match[str], reading: Reading) -> str | None:
    """ "18/20 correct" → "eighteen out of twenty", "page 2/10" → "page two of ten"."""
    a, b = int(match["a"]), int(match["b"])
    before = match.string[: match.start()]
    part = _AMOUNT_BEHIND.match(match.string, match.end())
    if a > b or part:
        return None
    if a < b and _NUMBERED.search(before):
        return f"{cardinal(a)} of {cardinal(b)}"
    told = match["told"] or (_SCORED.search(before) and (b >= 5 or a == b))
    return f"{cardinal(a)} out of {cardinal(b)}" if told else None


def _month_year(match: re.Match[str], reading: Reading) -> str | None:
    if match["month"] == "1" and _CHANCE.match(match.string, match.end()):
        return None
    return f"{MONTHS[int(match['month']) - 1]} {year(int(match['year']))}"


def _always_open(match: re.Match[str], reading: Reading) -> str:
    return "twenty four seven, three sixty five"


NUMERIC = (
    Rule(_ALWAYS_OPEN, _always_open),
    Rule(_PAIR_UNIT, _pair_unit),
    Rule(_EXPOSURE, _exposure),
    Rule(_SCORE, _score),
    Rule(_MONTH_YEAR, _month_year),
    Rule(_APERTURE, _aperture),
    Rule(_BETWEEN_DEGREES, _comma),
)
WORDS = (
    Rule(_SHE_OR_HE, _she_or_he),
    Rule(_RATE, _per),
    Rule(_ALTERNATIVES, _alternatives),
    Rule(_INITIALS, _blank),
    Rule(_TITLES, _or),
)
