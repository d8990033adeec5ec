"""Dimensions: "30 × 20 × 10 cm", "4 ft × 8 ft", "a 10' x 12' room", "a 4 × 6 photo"."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    BEFORE,
    NUMBER,
    is_one,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.unit_names import (
    UNITS,
    plural_of,
    unit_key,
)
from voice_local.text.speech.units import before_noun

_LENGTHS = {"inches": "in", "inch": "in", "feet": "ft", '"': "in", "”": "in", "'": "ft", "’": "ft"}
_MARKS = frozenset("\"″”'′’")
_INCH = (
    r"in\b(?!\s(?:the|an?|my|our|your|his|her|its|their|this|that|each|all|any|one|which|total|"
    r"case|order|front|place|use|there|[A-Z]\w|\d{4}))"
)
_UNIT = rf"(?:(?:mm|cm|km|m|inch(?:es)?|{_INCH}|feet|ft|yds?|px)\b|[\"″”]|['′’](?!\w))"
_TIMES = r"\s?[x×]\s?"
_WITH_UNITS = re.compile(
    rf"{BEFORE}(?P<a>{NUMBER})\s?(?P<au>{_UNIT})?(?:{_TIMES}|\sby\s)(?P<b>{NUMBER})"
    rf"(?:\s?(?P<bu>{_UNIT}))?(?:{_TIMES}(?P<c>{NUMBER})(?:\s?(?P<cu>{_UNIT}))?)?(?![\w²³/^])"
    rf"(?:(?<=[a-z])\.(?=\s[a-z]))?"
)
_THINGS = (
    "photos?|pictures?|prints?|images?|frames?|cards?|planks?|boards?|lumber|posts?|grid|matrix|"
    "tables?|rooms?|rugs?|tiles?|sheets?|paper|canvas|posters?|plots?|gardens?|boxe?s?|beds?|"
    "mattress|squares?|blocks?|screens?|pixels?|cubes?|area|patch|pans?"
)
_OF_THINGS = re.compile(
    rf"{BEFORE}(?P<a>{NUMBER}){_TIMES}(?P<b>{NUMBER})(?:{_TIMES}(?P<c>{NUMBER}))?"
    rf"(?=[\s-](?P<thing>{_THINGS})?\b)(?!\s(?:is|equals|makes|gives|and|or)\b)"
)
_FEET = re.compile(rf"{BEFORE}(?P<a>{NUMBER})['′’](?=\s(?:tall|wide|long|high|deep)\b)")
_NOUN_AFTER = re.compile(
    r"\s(?!(?:is|are|was|or|and|in|on|of|to|at|for|by|but|so|it|if|as|wide|long|tall|high|deep|"
    r"thick|overall|each|total|apart|when|while|which|that|with|from|than|max|only|will|fits?)\b)"
    r"[a-z]{3,}\b"
)


def _with_units(match: re.Match[str], reading: Reading) -> str | None:
    """ "30 × 20 × 10 cm" → "thirty by twenty by ten centimeters"."""
    written = [match[part] for part in ("au", "bu", "cu")]
    ahead = match.string[match.end() :]
    if not any(written) or re.match(r"\s?=", ahead):
        return None
    last = match["cu"] if match["c"] else match["bu"]
    if last is None and match["au"] not in _MARKS:
        return None  # "10 km x 3"
    if " by " in match[0] and not any(unit in _MARKS for unit in written if unit):
        return None
    single = before_noun(match) or _NOUN_AFTER.match(ahead) is not None
    said = []
    for part, unit in zip("abc", written, strict=True):
        if match[part]:
            said.append(spoken(match[part]) + _name(unit, single or is_one(match[part])))
    return " by ".join(said)


def _feet(match: re.Match[str], reading: Reading) -> str:
    return f"{spoken(match['a'])}{_name('ft', is_one(match['a']))}"


def _name(unit: str | None, single: bool) -> str:
    key = unit_key(_LENGTHS.get(unit, unit)) if unit else None
    if key is None:
        return ""
    return f" {UNITS[key][0] if single else plural_of(*UNITS[key])}"


def _of_things(match: re.Match[str], reading: Reading) -> str | None:
    """ "a 4 × 6 photo" → "a four by six photo"; "4 × 6" alone is a product."""
    if match["thing"] is None and not before_noun(match):
        return None
    return " by ".join(spoken(match[part]) for part in "abc" if match[part])


RULES = (Rule(_WITH_UNITS, _with_units), Rule(_OF_THINGS, _of_things), Rule(_FEET, _feet))
