"""Signs that are said by their names: keys of a telephone, options of a command, steps through a
menu, stars of a rating, less and greater before a number."""

from __future__ import annotations

import re

from voice_local.text.speech.addresses import name_words
from voice_local.text.speech.numbers import (
    NUMBER,
    cardinal,
    digits,
    is_one,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.units import before_noun

_KEYS = re.compile(
    r"(?<![\w*#.&])(?P<keys>\*#?\d+(?:[*#]+\d+)*[*#]{0,2}|#\d+(?:[*#]+\d+)*[*#]{1,2}|\d+#)(?!\w)"
)
_LONE = re.compile(r"(?<![^\s\"'(])(?P<sign>[*#])(?=[\s.,;:!?)\"']|$)")
_NAMED_BEFORE = re.compile(
    r"\b(?i:press|dial|hit|enter|type|tap|push|use|the|an?|then|or|and|with)\s[\"'(]?$"
)
_NAMED_AFTER = re.compile(r"[\"')]?\s(?:key|sign|symbol|button|character)\b")
_TELEPHONE = re.compile(
    r"\b(?i:press|dial|call|phone|telephone|keypad|hit|enter|push|menu|pound|key)\b"
)
_OPTION = re.compile(r"(?<!\S)(?P<dashes>--?)(?P<name>[A-Za-z][\w-]*)")
_COMMAND = re.compile(
    r"(?<!\S)--[a-z]|\b(?:flags?|options?|command|switch|git|npm|rm|ls|grep|tar|docker|pip|curl|ssh|"
    r"chmod|sudo|cp|mv)\b"
)
_NO_OPTIONS = frozenset("a and but he i it no not or she so that the they we which you".split())
_SLASHED = re.compile(r"(?<!\S)/(?P<name>[a-z][\w.-]*|\d{1,3})(?![\w/%]|[.,]\d)")
_AFTER_SLASH = frozenset("and he her hers him his no or she they you".split())
_MENU = re.compile(r"\s*[>›]\s*(?=[\"]?[A-Z][\w-])")
_MENUS = re.compile(
    r"\b(?i:settings|menu|click|go to|open|tap|select|file|edit|choose|navigate|preferences)\b"
)
_COUNT_OF = re.compile(r"(?<!\S)#(?=\sof\b)")
_HEART = re.compile(r"(?<!\S)<3+(?=\s*(?:[.!?,)]|$))")
_LOVE = re.compile(
    r"(?<=\bI )<3(?=\s[A-Za-z])|(?:(?<=\bI )|(?<=\b[Ww]e )|(?<=\b[Yy]ou ))♥\s?(?=\w)"
)
_COMPARED = re.compile(r"(?<![\w<>=-])(?P<sign>[<>]=?|≤|≥)\s?(?=[-−]?[$€£]?\.?\d)")
_COMPARISONS = {
    "<": "less than ",
    ">": "greater than ",
    "<=": "at most ",
    "≤": "at most ",
    ">=": "at least ",
    "≥": "at least ",
}
_STARS = re.compile(rf"(?<![\w.,])(?P<count>{NUMBER})\s?★(?!★)|(?P<row>★{{2,10}}|★(?=☆))☆*")


def _key(char: str) -> str:
    return {"*": "star", "#": "pound"}.get(char) or digits(char)


def _keys(match: re.Match[str], reading: Reading) -> str | None:
    """ "*67" → "star six seven", where the text is about a telephone."""
    if not _TELEPHONE.search(match.string):
        return None
    return " ".join(map(_key, match["keys"]))


def _lone(match: re.Match[str], reading: Reading) -> str | None:
    """ "Press *." → "star"; a sign that nothing calls by its name is left out."""
    named = _NAMED_BEFORE.search(match.string, 0, match.start()) or _NAMED_AFTER.match(
        match.string, match.end()
    )
    if not named:
        return None
    if _TELEPHONE.search(match.string):
        return _key(match["sign"])
    return {"*": "asterisk", "#": "hash"}[match["sign"]]


def _option(match: re.Match[str], reading: Reading) -> str | None:
    """ "--help" → "dash dash help", "-v" → "dash V"; not the dash of a sentence or of a sum."""
    name = match["name"]
    if match["dashes"] == "--":
        if not name[0].islower() or name in _NO_OPTIONS:
            return None
        return f"dash dash {' '.join(map(name_words, name.split('-')))}"
    command = _COMMAND.search(match.string) is not None
    if re.search(r"[=+±√²³^]", match.string) and not command:
        return None
    plain = name.isalpha() and len(name) < 4 and name.lower() not in _NO_OPTIONS
    if not plain or not (command or not re.search("[aeiouyAEIOUY]", name)):
        return None
    return f"dash {' '.join(name.upper())}"


def _slashed(match: re.Match[str], reading: Reading) -> str | None:
    """ "in /tmp" → "slash tmp"; not "$5 /month" or "he /she"."""
    name = match["name"]
    before = match.string[: match.start()].rstrip()[-1:]
    if name in _AFTER_SLASH or before.isdigit() or before in ("°", "%", ")"):
        return None
    return f"slash {cardinal(int(name)) if name.isdigit() else name_words(name)}"


def _menu(match: re.Match[str], reading: Reading) -> str | None:
    """ "Settings > General" → "Settings, then General"."""
    left = re.search(r"(?P<word>[A-Za-z][\w'-]+)[\")]?$", match.string[: match.start()])
    if left is None or (match[0].strip() == match[0] and left["word"][-1].isupper()):
        return None
    known = left["word"][0].isupper() or _MENUS.search(match.string)
    return ", then " if known else None


def _heart(match: re.Match[str], reading: Reading) -> str:
    return ""


def _love(match: re.Match[str], reading: Reading) -> str:
    return "love" if match[0] == "<3" else "love "


def _count_of(match: re.Match[str], reading: Reading) -> str:
    return "number"


def _compared(match: re.Match[str], reading: Reading) -> str:
    return _COMPARISONS[match["sign"]]


def _stars(match: re.Match[str], reading: Reading) -> str:
    written = match["count"] or str(len(match["row"]))
    one = is_one(written) or before_noun(match)
    return f"{spoken(written)} {'star' if one else 'stars'}"


RULES = (
    Rule(_STARS, _stars),
    Rule(_KEYS, _keys),
    Rule(_HEART, _heart),
    Rule(_LOVE, _love),
    Rule(_SLASHED, _slashed),
    Rule(_COMPARED, _compared),
)
"""Rules for text with digits, after those for sums."""

WORDS = (
    Rule(_STARS, _stars),
    Rule(_LOVE, _love),
    Rule(_COUNT_OF, _count_of),
    Rule(_LONE, _lone),
    Rule(_OPTION, _option),
    Rule(_SLASHED, _slashed),
    Rule(_MENU, _menu),
)
"""Rules for every text."""
