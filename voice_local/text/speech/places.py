"""Addresses in the United States: states and ZIP codes behind a town, directions of roads."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import digits
from voice_local.text.speech.rules import (
    Reading,
    Rule,
    ends_sentence,
)

STATES = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "D C",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
}
_DOUBTFUL = frozenset("MA MD MS PA ID CO DC LA OK".split())
"""States whose letters also stand behind the name of a person or a company, or are a word."""

_CODES = "|".join(STATES)
_TOWN = r"(?:[A-Z][\w.'’-]*\s){0,3}[A-Z][\w.'’-]*"
_STATE = re.compile(rf"(?<=[a-z.],\s)(?P<state>{_CODES})\b(?!['’&/?-])")
_WITHIN_A_TOWN = re.compile(rf"\b(?:[Ii]n|[Nn]ear|around|outside)\s{_TOWN},\s$")
_IN_A_TOWN = re.compile(
    r"\b(?:[Ii]n|to|[Ff]rom|[Nn]ear|[Aa]t|of|for|around|outside|visit|visiting|via|between)\s"
    rf"{_TOWN},\s$|\d\s[^.!?]*,\s{_TOWN},\s$"
)
_AFTER_A_TOWN = re.compile(rf"(?:^|[;:]\s|\b(?:{_CODES}),?\s(?:and|or|to)\s){_TOWN},\s$")
_NO_TOWN = re.compile(
    r"^(?i:yes|no|ok|okay|sure|well|alright|right|so|now|hi|hey|hello|thanks|fine|oh|ah|mom|dad|"
    r"great|good|look|listen|please|sorry)\b"
)
_ZIP = re.compile(
    rf"(?<=,\s)(?P<state>{_CODES}|{'|'.join(STATES.values())}),?\s(?P<zip>\d{{5}})"
    rf"(?:-(?P<four>\d{{4}}))?(?![\w-]|[.,]\d)"
    rf"|(?<=[a-z]\s)(?P<apart>{_CODES})\s(?P<zip_apart>\d{{5}})(?:-(?P<four_apart>\d{{4}}))?"
    rf"(?![\w-]|[.,]\d|\s[a-z]{{3,}}s\b)"
)
_TOWN_BEFORE = re.compile(rf"\b{_TOWN},?\s$")
_PARTY = re.compile(rf"(?<=\()(?P<party>[DRI])-(?P<state>{_CODES})(?=\))")
_WAYS = {
    "N": "North",
    "S": "South",
    "E": "East",
    "W": "West",
    "NE": "Northeast",
    "NW": "Northwest",
    "SE": "Southeast",
    "SW": "Southwest",
}
_STREET = r"(?:St|Street|Ave|Avenue|Blvd|Boulevard|Rd|Road|Dr|Drive|Ln|Lane|Ct|Court|Pl|Place|Way)"
_WAY_OF_ROAD = re.compile(r"(?<=\d\s)(?P<way>[NSEW])\b(?P<dot>\.)?")
_ROAD = re.compile(r"\b(?:I|US|SR|Hwy\.?|Highway|Route|Rte\.?|Interstate)[-\s]\d{1,3}\s$")
_WAY_OF_STREET = re.compile(
    rf"(?<=\d\s)(?P<way>[NSEW]|[NS][EW])\b\.?(?=\s(?:[A-Z\d][\w'’]+\s){{1,2}}{_STREET}\b)"
)
_WAY_BEHIND = re.compile(r"(?<=[a-z.]\s)(?P<way>[NS][EW])\b")
_AFTER_STREET = re.compile(rf"\b{_STREET}\.?\s$")


def _state(match: re.Match[str], reading: Reading) -> str | None:
    """ "Portland, OR" → "Portland, Oregon"; not "Sure, OK" or "Jane Smith, MD"."""
    state, before = match["state"], match.string[: match.start()]
    if state in _DOUBTFUL:
        known = _WITHIN_A_TOWN.search(before) and state != "LA"
    else:
        known = _IN_A_TOWN.search(before) or (
            _AFTER_A_TOWN.search(before) and not _NO_TOWN.search(before)
        )
    return STATES[state] if known else None


def _zip(match: re.Match[str], reading: Reading) -> str | None:
    """ "IL 62704" → "Illinois six two seven zero four"."""
    state, apart = match["state"], match["apart"]
    if not _TOWN_BEFORE.search(match.string, 0, match.start()):
        return None
    if apart in ("ID", "OR", "IN", "OK"):
        return None
    four = match["four"] or match["four_apart"]
    name = STATES.get(state or apart, state)
    tail = f", {digits(four)}" if four else ""
    return f"{name} {digits(match['zip'] or match['zip_apart'])}{tail}"


def _party(match: re.Match[str], reading: Reading) -> str:
    return f"{match['party']}, {STATES[match['state']]}"


def _way_of_road(match: re.Match[str], reading: Reading) -> str | None:
    """ "I-5 N." → "I five North"."""
    if not _ROAD.search(match.string, 0, match.start()):
        return None
    return _WAYS[match["way"]] + ("." if match["dot"] and ends_sentence(match) else "")


def _way_of_street(match: re.Match[str], reading: Reading) -> str:
    return _WAYS[match["way"]]


def _way_behind(match: re.Match[str], reading: Reading) -> str | None:
    known = _AFTER_STREET.search(match.string, 0, match.start())
    return _WAYS[match["way"]] if known else None


RULES = (
    Rule(_ZIP, _zip),
    Rule(_STATE, _state),
    Rule(_PARTY, _party),
    Rule(_WAY_OF_STREET, _way_of_street),
    Rule(_WAY_OF_ROAD, _way_of_road),
    Rule(_WAY_BEHIND, _way_behind),
)
"""Rules for every text."""
