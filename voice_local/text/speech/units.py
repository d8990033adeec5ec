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
    signed,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.unit_names import (
    GLUED_ONLY,
    UNITS,
    WITH_DOT,
    per,
    plural_of,
    unit_key,
)

_SYMBOL = r"(?:(?:sq|cu|fl)\.?\s)?(?:[A-Za-zµμΩ]{1,5}|[″′×])"
_AMOUNT = rf"(?P<sign>{SIGN})?(?P<low>{NUMBER})(?:{TO}(?P<high>{NUMBER}))?"
_UNIT = re.compile(
    rf"{BEFORE}{_AMOUNT}(?P<gap>[\s\u00a0-]?)(?P<unit>{_SYMBOL})(?P<power>[²³]|\^?[23](?!\d))?"
    rf"(?:/(?P<per>[A-Za-zµ]{{1,8}})(?P<per_power>[²³]|\^?[23](?!\d))?"
    rf"(?:/(?P<each>[A-Za-z]{{1,6}}))?)?(?![\w/°])(?:(?P<dot>\.)"
    rf"(?=\s+[a-z,;:]|[,;:]|(?<=ft\.)\s\d+\s?in\b))?"
)
_TORQUE = re.compile(
    rf"{BEFORE}{_AMOUNT}[\s-]?(?:(?P<newton>N[·⋅∙]m)|(?P<pound>lbs?[-·⋅]ft)|(?P<foot>ft[-·⋅]lbs?))\b"
)
_CONSUMPTION = re.compile(rf"{BEFORE}(?P<low>{NUMBER})\s?[lL]/100\s?km\b")
_BARE = re.compile(
    r"(?<![\w/.])(?P<unit>[A-Za-zµ]{1,5})/(?P<per>h|hr|s|sec|min|L|dL|mL|day)(?P<power>[²³])?(?![\w/])"
)
_SINGLE_BARE = frozenset(("m/s", "g/L"))
_AFTER_FEET = re.compile(r"(?:\b(?:ft|feet|foot)\.?|['′])\s$")
_INCH_BEFORE = re.compile(
    r"\s(?:wide|tall|long|high|deep|thick|across|diagonal)\b(?!\s(?:use|range|variety|areas?)\b)|"
    r"\s?[=×≈]|\sx\s|\sof\s(?:rain|snow)\b|\sin diameter\b"
)
_FORCE = re.compile(r"\b(?:force|weight|tension|thrust|load|newtons?|kN)\b")
_SHORT_SCALE = re.compile(
    rf"{BEFORE}(?<!\w-)(?P<sign>{SIGN})?(?P<low>{NUMBER})(?:(?P<low_letter>[kKM]|bn)?{TO}"
    rf"(?P<high>{NUMBER}))?(?P<letter>[kKM]|bn)(?!\w)(?P<run>(?<=[kK]) (?:run|race|monitor|TV|"
    rf"video|display)\b)?"
)
_SCALES = {"k": "thousand", "K": "thousand", "M": "million", "bn": "billion"}
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


def _unit(match: re.Match[str], reading: Reading) -> str | None:
    symbol = re.sub(r"^(?:sq|cu|fl)\.?\s", "", match["unit"])
    names = _names(match, symbol)
    if names is None:
        return None
    power = _power(match["power"])
    if symbol != match["unit"]:
        power = {"s": "square ", "c": "cubic ", "f": "fluid "}[match["unit"][0]]
    lengths = ("oz",) if power == "fluid " else ("m", "ft", "in", "yd", "mi")
    if power and not symbol.endswith(lengths):
        return None
    single = (
        (is_one(match["low"]) and not match["high"]) or match["gap"] == "-" or before_noun(match)
    )
    return (
        f"{ranged(match['sign'], match['low'], match['high'])} "
        f"{power}{names[0] if single else plural_of(*names)}{_tail(match)}"
    )


def _names(match: re.Match[str], symbol: str) -> tuple[str, str] | None:
    """(singular, plural) of the symbol; None if it is no unit in its place."""
    key, gap = unit_key(symbol), match["gap"]
    if match["dot"] and gap != "-" and symbol in WITH_DOT:
        return WITH_DOT[symbol]
    if key == "in" and gap == "-" and match.string[match.end() : match.end() + 1] != "-":
        return UNITS[key]  # "a 12-in. pizza", not "1-in-5"
    if key is None or (gap == "-" and (len(symbol) == 1 or key in GLUED_ONLY)):
        return None
    if not gap or key not in GLUED_ONLY or match["per"]:
        return UNITS[key]
    if key == "N":
        return UNITS[key] if _FORCE.search(match.string) else None
    return UNITS[key] if match["dot"] or (key == "in" and _inches(match)) else None


def _inches(match: re.Match[str]) -> bool:
    """Whether "in" after a number and a blank means inches: "5 ft 10 in", "6.1 in wide"."""
    after = match.string[match.end() :]
    if _AFTER_FEET.search(match.string, 0, match.start()):
        return re.match(r"\s(?:the|an?|our|my|his|her|your|this|that)\b", after) is None
    return _INCH_BEFORE.match(after) is not None


def _tail(match: re.Match[str]) -> str:
    """ "/s²" → " per second squared", with a blank in front; empty without "per"."""
    if not match["per"]:
        return ""
    below, raised = per(match["per"]), _power(match["per_power"])
    squared = {"square ": " squared", "cubic ": " cubed"}.get(raised, "")
    tail = f" per {below}{squared}" if below == "second" else f" per {raised}{below}"
    return tail + (f" per {per(match['each'])}" if match["each"] else "")


def _power(raised: str | None) -> str:
    """ "²" → "square ", with the blank; empty without an exponent."""
    return {"²": "square ", "2": "square ", "³": "cubic ", "3": "cubic "}.get(
        (raised or "")[-1:], ""
    )


def _short_scale(match: re.Match[str], reading: Reading) -> str:
    """ "10k" and "3.5M"."""
    if match["letter"] in "kK" and not match["high"]:
        named = match["letter"] == "K" and match["low"] in ("2", "4", "5", "8")
        if named or match["run"]:
            return f"{spoken(match['low'])} K{match['run'] or ''}"
    scale, lower = _SCALES[match["letter"]], _SCALES.get(match["low_letter"] or "", "")
    first = signed(match["sign"], match["low"]) + (f" {lower}" if lower not in ("", scale) else "")
    last = f" to {spoken(match['high'])}" if match["high"] else ""
    return f"{first}{last} {scale}{match['run'] or ''}"


def before_noun(match: re.Match[str]) -> bool:
    """Whether an amount stands before a noun and so takes the singular: "a 5 km run", "two $5
    bills"."""
    if _COUNTED_NOUN.match(match.string, match.end()):
        return True
    return (
        re.search(r"\b[Aa]n?\s$", match.string[: match.start()]) is not None
        and re.match(r"\s[a-z]", match.string[match.end() :]) is not None
    )


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


def _screen(match: re.Match[str], reading: Reading) -> str | None:
    if match.string.count('"', 0, match.start()) % 2:
        return None  # the end of a quotation
    return f"{ranged(None, match['low'], None)} inch"


def _torque(match: re.Match[str], reading: Reading) -> str:
    name = "newton meters" if match["newton"] else "pound feet" if match["pound"] else "foot pounds"
    return f"{ranged(match['sign'], match['low'], match['high'])} {name}"


def _consumption(match: re.Match[str], reading: Reading) -> str:
    return f"{spoken(match['low'])} liters per one hundred kilometers"


def _bare(match: re.Match[str], reading: Reading) -> str | None:
    """ "mL/min", without a number or behind a power."""
    key = unit_key(match["unit"])
    short = len(match["unit"]) + len(match["per"]) == 2
    if key is None or key != match["unit"] or key in GLUED_ONLY:
        return None
    if key in ("min", "mo", "h", "mi"):
        return None
    if short and f"{key}/{match['per']}" not in _SINGLE_BARE:
        return None
    squared = {"²": " squared", "³": " cubed"}.get(match["power"] or "", "")
    return f"{plural_of(*UNITS[key])} per {per(match['per'])}{squared}"


def _rate(match: re.Match[str], reading: Reading) -> str:
    return f"{spoken(match['low'])} per {per(match['per'])}"


RULES = (
    Rule(_PERCENT, _percent),
    Rule(_TORQUE, _torque),
    Rule(_CONSUMPTION, _consumption),
    Rule(_HEIGHT, _height),
    Rule(_UNIT, _unit),
    Rule(_SHORT_SCALE, _short_scale),
    Rule(_SCREEN, _screen),
    Rule(_RATE, _rate),
)
BARE = (Rule(_BARE, _bare),)
"""Rules for every text."""
