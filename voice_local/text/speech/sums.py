"""Calculations, fractions, ranges of numbers, ordinals, and plain numbers."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    BEFORE,
    NUMBER,
    SIGN,
    TO,
    canonical,
    cardinal,
    ordinal,
    plural,
    ranged,
    signed,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.unit_names import names_of

_OPERATORS = {
    "+": "plus",
    "-": "minus",
    "−": "minus",
    "–": "minus",
    "*": "times",
    "×": "times",
    "x": "times",
    "·": "times",
    "/": "divided by",
    "÷": "divided by",
    "^": "to the power of",
    "=": "equals",
    "≈": "is about",
    "<": "is less than",
    ">": "is greater than",
    "≤": "is at most",
    "≥": "is at least",
    "<=": "is at most",
    ">=": "is at least",
    "≠": "is not equal to",
    "!=": "is not equal to",
    "==": "equals",
    "±": "plus or minus",
    "%": "percent",
}
_OPERAND = rf"[-−]?(?:{NUMBER})%?"
_SUM = re.compile(
    rf"(?<![\w.,$€£/])(?P<sum>\(*{_OPERAND}\)*(?:\s?(?:\*\*|[-+−–*×x·/÷^±])\s?\(*{_OPERAND}\)*)+)"
    rf"(?:\s?(?P<equals>==?|≈|[<>]=?|≤|≥|!=|≠)\s?(?P<value>{_OPERAND}(?:/\d+)?|\?))?(?![\w/°¢€£₹¥]|"
    rf"[.,]\d)"
)
_EQUATION = re.compile(
    rf"(?<![\w.,$€£/])(?P<sum>{_OPERAND})\s?(?P<equals>==?|≈|[<>]=?|≤|≥|!=|≠)\s?"
    rf"(?P<value>{_OPERAND})(?![\w/]|[.,]\d)"
)
_PIECE = re.compile(
    rf"(?P<fraction>(?<![\d/])\d+/\d+(?!/))|(?P<number>{NUMBER})|(?P<sign>\*\*|[-+−–*×x·/÷^±%()])"
)
_FRACTION = re.compile(
    r"(?<![\w.,$€£/])(?:(?P<whole>\d+)(?:\s|-))?(?P<top>\d+)\s?[/⁄]\s?(?P<bottom>\d+)(?:ths?|"
    r"rds?)?(?![\w/%]|[-.,]\d)"
)
_RATING = re.compile(rf"{BEFORE}(?P<a>\d+\.\d+)/(?P<b>\d+)(?![\w/]|[.,]\d)")
_FRACTION_UNIT = re.compile(
    r"(?<![\w.,$€£/])(?:(?P<whole>\d+)(?:\s|-))?(?P<top>\d+)/(?P<bottom>\d+)\s?"
    r"(?:(?P<unit>[A-Za-zµ]{1,5})(?![\w/])(?:\.(?=\s+[a-z,;:]|[,;:]))?|(?P<inch>[\"″”])(?!\w))"
)
_BY = re.compile(
    rf"{BEFORE}(?P<a>{NUMBER})\s?[x×]\s?(?P<b>{NUMBER})(?:\s?[x×]\s?(?P<c>{NUMBER}))?(?!\d)"
)
_ORDINAL = re.compile(
    r"(?<![\w.])(?P<number>\d{1,3}(?:,\d{3})+|\d+)(?:\^)?(?:st|nd|rd|th|ST|ND|RD|TH)\b"
)
_ORDINAL_RANGE = re.compile(
    r"(?<![\w.])(?P<a>\d{1,4})(?:st|nd|rd|th)(?:\s[-–—]\s|[-–—])(?P<b>\d{1,4})(?:st|nd|rd|th)\b"
)
_RANGE = re.compile(
    rf"{BEFORE}(?P<sign>{SIGN})?(?P<low>{NUMBER}){TO}(?P<high>{NUMBER})(?![\w]|-\d|[.,]\d)"
)
_NUMBER = re.compile(rf"(?P<sign>{SIGN})?(?P<number>{NUMBER})(?P<many>s\b)?")
_POWER = re.compile(rf"(?P<number>{NUMBER})(?P<power>[²³])")
_LIST = re.compile(r"^\s*(?P<number>\d{1,2})[.)]\s+(?=\S)")
_DENOMINATORS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
MOST_PARTS = 100


def _sum(match: re.Match[str], reading: Reading) -> str | None:
    """A calculation; "9-5" and "3/4" without a result are left to other rules."""
    equals, value = match["equals"], match["value"]
    between = re.sub(rf"{NUMBER}|[\s()%]", "", match["sum"])
    telling = set(between) & set("+*×·÷^±") or ("x" in between and " x " in match["sum"])
    if not telling and not equals:
        return None
    if set(between) <= set("x×") and not equals and " " not in match["sum"]:
        return None  # "1920x1080", "4×4"
    said = [_piece(piece) for piece in _PIECE.finditer(match["sum"])]
    if equals:
        said += [
            _OPERATORS[equals],
            "what" if value == "?" else " ".join(_piece(p) for p in _PIECE.finditer(value)),
        ]
    return " ".join(word for word in said if word)


def _piece(piece: re.Match[str]) -> str:
    if piece["fraction"]:
        top, bottom = map(int, piece["fraction"].split("/"))
        return _parts(top, bottom) or f"{cardinal(top)} divided by {cardinal(bottom)}"
    if piece["number"]:
        return spoken(piece["number"])
    return {"(": "", ")": "", "**": "to the power of"}.get(piece["sign"]) or _OPERATORS.get(
        piece["sign"], ""
    )


def _parts(top: int, bottom: int) -> str | None:
    """3 and 4 → "three quarters"; None for a fraction that is not read in this way."""
    if not 0 < top < bottom or not (bottom <= MOST_PARTS or bottom in (1000, 1_000_000)):
        return None
    one, many = _DENOMINATORS.get(bottom) or (ordinal(bottom), plural(ordinal(bottom)))
    return f"{cardinal(top)} {one if top == 1 else many}"


def _fraction(match: re.Match[str], reading: Reading) -> str | None:
    top, bottom = int(match["top"]), int(match["bottom"])
    lead = f"{cardinal(int(match['whole']))} " if match["whole"] else ""
    if max(len(match["top"]), len(match["bottom"])) > 7:
        return None
    if top == bottom or (top, bottom) in ((24, 7), (9, 11)):
        return f"{lead}{cardinal(top)} {'out of ' if bottom in (5, 10) else ''}{cardinal(bottom)}"
    part = re.match(r"\s(?:of|an?)\s", match.string[match.end() :])
    if bottom in (10, 100) and top < bottom and not lead and not part:
        return f"{cardinal(top)} out of {cardinal(bottom)}"
    said = _parts(top, bottom)
    if said is None:
        return f"{lead}{cardinal(top)} over {cardinal(bottom)}"
    return f"{lead}and {said.replace('one ', 'a ', 1) if top == 1 else said}" if lead else said


def _fraction_unit(match: re.Match[str], reading: Reading) -> str | None:
    """ "1/4 tsp" → "one quarter teaspoon"."""
    if match["inch"] == '"' and match.string.count('"', 0, match.start()) % 2:
        return None  # the end of a quotation
    names, said = names_of(match["unit"] or "″"), _fraction(match, reading)
    if names is None or said is None or " over " in said or " out of " in said:
        return None
    return f"{said} {names[1] if match['whole'] else names[0]}"


def _rating(match: re.Match[str], reading: Reading) -> str:
    return f"{spoken(match['a'])} out of {spoken(match['b'])}"


def _by(match: re.Match[str], reading: Reading) -> str:
    return " by ".join(spoken(match[part]) for part in "abc" if match[part])


def _ordinal(match: re.Match[str], reading: Reading) -> str | None:
    digits = match["number"].replace(",", "")
    return ordinal(int(digits)) if len(digits) < 13 else None


def _ordinal_range(match: re.Match[str], reading: Reading) -> str:
    return f"{ordinal(int(match['a']))} to {ordinal(int(match['b']))}"


def _range(match: re.Match[str], reading: Reading) -> str:
    return ranged(match["sign"], match["low"], match["high"])


def _number(match: re.Match[str], reading: Reading) -> str:
    said = signed(match["sign"], match["number"])
    return (
        plural(said)
        if match["many"] and canonical(match["number"]).isdigit()
        else said + (match["many"] or "")
    )


def _power(match: re.Match[str], reading: Reading) -> str:
    return f"{spoken(match['number'])} {'squared' if match['power'] == '²' else 'cubed'}"


def _list(match: re.Match[str], reading: Reading) -> str:
    return f"{cardinal(int(match['number']))}, "


SUMS = (Rule(_SUM, _sum), Rule(_EQUATION, _sum))
FRACTIONS = (Rule(_RATING, _rating), Rule(_FRACTION, _fraction), Rule(_BY, _by))
PARTS_OF_UNITS = (Rule(_FRACTION_UNIT, _fraction_unit),)
ORDINALS = (
    Rule(_LIST, _list),
    Rule(_ORDINAL_RANGE, _ordinal_range),
    Rule(_ORDINAL, _ordinal),
    Rule(_POWER, _power),
)
NUMBERS = (Rule(_RANGE, _range), Rule(_NUMBER, _number))
