"""Degrees: temperatures ("20–25°C", "bake at 375F"), angles, and places ("40.7° N")."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    BEFORE,
    NUMBER,
    SIGN,
    TO,
    cardinal,
    is_one,
    ranged,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_DEGREES = re.compile(
    rf"{BEFORE}(?P<sign>{SIGN})?(?P<low>{NUMBER})(?:(?:°[CF]?)?{TO}(?P<high>{NUMBER}))?\s?"
    rf"(?:°\s?(?P<scale>[CFK](?!\w))?(?:\s?(?P<way>[NSEW])(?![\w'’&]))?|º\s?(?P<other>[CF])(?!\w)|"
    rf"(?P<sign_scale>[℃℉]))"
)
_ARC = re.compile(
    rf"{BEFORE}(?P<degrees>\d{{1,3}})°\s?(?P<minutes>\d{{1,2}})['′’]\s?"
    rf"(?:(?P<seconds>\d{{1,2}}(?:\.\d+)?)[\"″”]\s?)?(?:(?P<way>[NSEW])\b)?"
)
_LETTER = re.compile(
    rf"{BEFORE}(?P<sign>{SIGN})?(?P<low>\d{{1,3}})(?:{TO}(?P<high>\d{{1,3}}))?(?P<gap>\s?)"
    rf"(?P<scale>[CF])(?![\w°'’&+#-]|\.\w)"
)
_NOT_WARM = re.compile(
    r"\b(?i:room|seat|gate|flat|apartment|apt\.?|unit|suite|bus|row|size|section|line|block|lot|"
    r"step|fig(?:ure)?\.?|table|chapter|part|article|form|exit|track|platform|building|level|"
    r"floor|class|grade|group|type|model|highway|route|zone|hall|no\.?|number|question|vitamin)\s$"
)
_WARM = re.compile(
    r"\b(?i:oven|preheat\w*|bak(?:e|ing)\w*|roast\w*|heat\w*|cook\w*|temp(?:erature)?s?|degrees?|"
    r"highs?|lows?|weather|boil\w*|freez\w*|fever|fahrenheit|celsius|thermostat|forecast)\b|°"
)
SCALES = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin", "℃": " Celsius", "℉": " Fahrenheit"}
WAYS = {"N": "north", "S": "south", "E": "east", "W": "west"}


def _degrees(match: re.Match[str], reading: Reading) -> str:
    scale = SCALES.get(match["scale"] or match["other"] or match["sign_scale"] or "", "")
    noun = "degree" if is_one(match["low"]) and not match["high"] else "degrees"
    way = f" {WAYS[match['way']]}" if match["way"] else ""
    return f"{ranged(match['sign'], match['low'], match['high'])} {noun}{scale}{way}"


def _arc(match: re.Match[str], reading: Reading) -> str:
    """ "40°42′46″N" → "forty degrees forty two minutes forty six seconds north"."""
    said = f"{cardinal(int(match['degrees']))} degrees {cardinal(int(match['minutes']))} minutes"
    if match["seconds"]:
        said += f" {spoken(match['seconds'])} seconds"
    return f"{said} {WAYS[match['way']]}" if match["way"] else said


def _letter(match: re.Match[str], reading: Reading) -> str | None:
    """ "375F" in an oven; not a room, a seat or a vitamin."""
    before, text = match.string[: match.start()], match.string
    if _NOT_WARM.search(before):
        return None
    other = "C" if match["scale"] == "F" else "F"
    oven = match["scale"] == "F" and not match["gap"] and int(match["low"]) in range(200, 551, 5)
    told = _WARM.search(text) or re.search(rf"(?<![\w.])\d{{1,3}}\s?{other}\b", text)
    if not (oven or told):
        return None
    return f"{ranged(match['sign'], match['low'], match['high'])} degrees{SCALES[match['scale']]}"


RULES = (Rule(_ARC, _arc), Rule(_DEGREES, _degrees), Rule(_LETTER, _letter))
