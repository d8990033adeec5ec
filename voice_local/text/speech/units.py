"""Numbers with units: "5 kg", "60 km/h", "20 m²", "a 6 ft. wall"."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    BEFORE,
    NUMBER,
    SIGN,
    TO,
    is_one,
    ranged,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.unit_names import (
    GLUED_ONLY,
    UNITS,
    per,
    plural_of,
    unit_key,
)

_SYMBOL = r"(?:(?:sq|cu)\.?\s)?(?:[A-Za-zµμΩ]{1,5}|[″′×])"
_AMOUNT = rf"(?P<sign>{SIGN})?(?P<low>{NUMBER})(?:{TO}(?P<high>{NUMBER}))?"
_UNIT = re.compile(
    rf"{BEFORE}{_AMOUNT}(?P<gap>[\s\u00a0-]?)(?P<unit>{_SYMBOL})(?P<power>[²³]|\^?[23](?!\d))?"
    rf"(?:/(?P<per>[A-Za-zµ]{{1,8}})(?P<per_power>[²³]|\^?[23](?!\d))?)?(?![\w/°])(?:(?P<dot>\.)"
    rf"(?=\s+[a-z,;:]|[,;:]))?"
)
_DEGREES = re.compile(
    rf"{BEFORE}{_AMOUNT}\s?(?:°\s?(?P<scale>[CFK](?!\w))?|º\s?(?P<other>[CF])(?!\w)|"
    rf"(?P<sign_scale>[℃℉]))"
)
_SHORT_SCALE = re.compile(
    rf"{BEFORE}{_AMOUNT}(?P<letter>[kKM]|bn)(?!\w)(?P<run>(?<=[kK]) (?:run|race|monitor|TV|"
    rf"video|display)\b)?"
)
_PERCENT = re.compile(
    rf"{BEFORE}(?P<sign>{SIGN})?(?P<low>{NUMBER})\s?%?(?:{TO}(?P<high>{NUMBER}))?\s?(?P<per>[%‰])"
)
_HEIGHT = re.compile(
    rf"{BEFORE}(?P<feet>\d{{1,2}})\s?['′’]\s?(?P<inches>\d{{1,2}})(?:[\"″”]|'')?(?!\w)"
)
_SCREEN = re.compile(rf"{BEFORE}(?P<low>{NUMBER})[\"”](?=\s[a-z])")
_COUNTED_NOUN = re.compile(r"\s(?:bills?|notes?|coins?|tickets?|stamps?|vouchers?|fines?)\b")
_RATE = re.compile(
    rf"{BEFORE}(?P<low>{NUMBER})/(?P<per>day|week|wk|month|mo|year|yr|hour|hr|h|minute|min|second|"
    rf"sec|night|"
    r"person|kg|km|lb|mile|each|unit|item|user|room|seat)\b"
)
SCALES = {"C": " Celsius", "F": " Fahrenheit", "K": " Kelvin", "℃": " Celsius", "℉": " Fahrenheit"}


def _unit(match: re.Match[str], reading: Reading) -> str | None:
    symbol = re.sub(r"^(?:sq|cu)\.?\s", "", match["unit"])
    key = unit_key(symbol)
    if key is None or (match["gap"] == "-" and (len(symbol) == 1 or key in GLUED_ONLY)):
        return None
    if match["gap"] in (" ", "\u00a0") and key in GLUED_ONLY and not (match["dot"] or match["per"]):
        return None
    power = _power(match["power"])
    if symbol != match["unit"]:
        power = "square " if match["unit"].startswith("sq") else "cubic "
    if power and not key.endswith(("m", "ft", "in", "yd", "mi")):
        return None
    single = (
        (is_one(match["low"]) and not match["high"]) or match["gap"] == "-" or before_noun(match)
    )
    one, many = UNITS[key]
    tail = ""
    if match["per"]:
        below, raised = per(match["per"]), _power(match["per_power"])
        squared = {"square ": " squared", "cubic ": " cubed"}.get(raised, "")
        tail = f" per {below}{squared}" if below == "second" else f" per {raised}{below}"
    return (
        f"{ranged(match['sign'], match['low'], match['high'])} "
        f"{power}{one if single else plural_of(one, many)}{tail}"
    )


def _power(raised: str | None) -> str:
    """ "²" → "square ", with the blank; empty without an exponent."""
    return {"²": "square ", "2": "square ", "³": "cubic ", "3": "cubic "}.get(
        (raised or "")[-1:], ""
    )


def _short_scale(match: re.Match[str], reading: Reading) -> str:
    """ "10k" and "3.5M"."""
    if match["letter"] in "kK" and (
        (match["letter"] == "K" and match["low"] in ("2", "4", "5", "8")) or match["run"]
    ):
        return f"{spoken(match['low'])} K{match['run'] or ''}"
    scale = {"k": "thousand", "K": "thousand", "M": "million", "bn": "billion"}[match["letter"]]
    return f"{ranged(match['sign'], match['low'], match['high'])} {scale}"


def before_noun(match: re.Match[str]) -> bool:
    """Whether an amount stands before a noun and so takes the singular: "a 5 km run", "two $5
    bills"."""
    if _COUNTED_NOUN.match(match.string, match.end()):
        return True
    return (
        re.search(r"\b[Aa]n?\s$", match.string[: match.start()]) is not None
        and re.match(r"\s[a-z]", match.string[match.end() :]) is not None
    )


def _degrees(match: re.Match[str], reading: Reading) -> str:
    scale = SCALES.get(match["scale"] or match["other"] or match["sign_scale"] or "", "")
    noun = "degree" if is_one(match["low"]) and not match["high"] else "degrees"
    return f"{ranged(match['sign'], match['low'], match['high'])} {noun}{scale}"


def _percent(match: re.Match[str], reading: Reading) -> str:
    name = "percent" if match["per"] == "%" else "per thousand"
    return f"{ranged(match['sign'], match['low'], match['high'])} {name}"


def _height(match: re.Match[str], reading: Reading) -> str | None:
    inches = int(match["inches"])
    return (
        f"{ranged(None, match['feet'], None)} foot {ranged(None, str(inches), None)}"
        if inches < 12
        else None
    )


def _screen(match: re.Match[str], reading: Reading) -> str:
    return f"{ranged(None, match['low'], None)} inch"


def _rate(match: re.Match[str], reading: Reading) -> str:
    return f"{spoken(match['low'])} per {per(match['per'])}"


RULES = (
    Rule(_PERCENT, _percent),
    Rule(_DEGREES, _degrees),
    Rule(_HEIGHT, _height),
    Rule(_UNIT, _unit),
    Rule(_SHORT_SCALE, _short_scale),
    Rule(_SCREEN, _screen),
    Rule(_RATE, _rate),
)
