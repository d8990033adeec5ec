"""Abbreviations, titles and streets."""

from __future__ import annotations

import re
from collections.abc import Iterable

from voice_local.text.speech.abbreviation_names import (
    BEFORE_NUMBERS,
    PLAIN,
    STREETS,
    TITLES,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
    ends_sentence,
)

_NEED_DOT = frozenset("Gen Gov Sen Rep Rev Hon Pres Maj Adm Amb Fr Sr Col Ft Pvt Supt".split())
_ENDING = frozenset(
    ("etc.", "et al.", "Inc.", "Ltd.", "Corp.", "Bros.", "&c.", "hrs.", "mins.", "lbs.", "yrs.")
)
"""Abbreviations whose full stop mostly ends the sentence too, if a capital follows."""


def _any(words: Iterable[str]) -> str:
    """A pattern of alternatives, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_TITLE = re.compile(rf"(?<![\w.])(?P<title>{_any(TITLES)})(?P<dot>\.)?(?=\s+[A-Z][\w'’.-])")
_STREET = re.compile(rf"\b(?P<street>{_any(STREETS)})\b(?P<dot>\.)?")
_CODE_WORD = re.compile(
    r"\b(?i:order|ticket|account|reference|invoice|serial|booking|tracking|member|confirmation)\s$"
)
_LATIN = re.compile(r"(?<![\w.])(?P<word>[Ee]\.?\s?g\.|[Ii]\.?\s?e\.|e\.g|i\.e)(?!\w)(?P<comma>,)?")
_ABBREVIATION = re.compile(rf"(?<![\w.$€£/])(?P<word>{_any(PLAIN)})(?![\w/])")
_BEFORE_NUMBER = re.compile(rf"(?<![\w.])(?P<word>{_any(BEFORE_NUMBERS)})\s?(?=#?\d)")
_CENTURY = re.compile(r"(?<=\d(?:st|nd|rd|th))[\s-]c\.")
_WITHIN_NAME = re.compile(r"[^.!?:\s][\"')]?\s(?:[A-Z][\w'’]+|\d+(?:st|nd|rd|th))\s$")
"""A capitalized word within a sentence, which may be the name of a street."""


def _title(match: re.Match[str], reading: Reading) -> str | None:
    title, before = match["title"], match.string[: match.start()].rstrip()
    if match["dot"] is None and title in _NEED_DOT:
        return None
    if title in STREETS and match["dot"] and _WITHIN_NAME.search(f"{before} "):
        return None  # "on Elm St. Then stop."
    return TITLES[title]


def _street(match: re.Match[str], reading: Reading) -> str | None:
    before = match.string[: match.start()]
    if not re.search(r"(?:[A-Z][\w'’]+|\d(?:st|nd|rd|th))\s$", before):
        return None
    last = re.match(r"\s*(?:[,;]|$)|\s[NS][EW]\b", match.string[match.end() :]) and match[
        "street"
    ] not in (
        "Dr",
        "Ct",
        "Pl",
        "Sq",
    )
    if (
        match["dot"] is None
        and not last
        and not re.search(r"\d+\w*\s(?:[NSEW]\.?\s)?(?:[A-Z][\w'’]+\s)+$", before)
    ):
        return None
    if (
        match["dot"]
        and ends_sentence(match)
        and match.string[match.end() :].strip()
        and not _WITHIN_NAME.search(before)
    ):
        return None  # "Visit St. Louis."
    return STREETS[match["street"]] + _stop(match)


def _stop(match: re.Match[str]) -> str:
    """A full stop where that of the abbreviation also ends the sentence; else nothing."""
    return "." if match[0].rstrip(",").endswith(".") and ends_sentence(match) else ""


def _latin(match: re.Match[str], reading: Reading) -> str:
    words = "for example" if "g" in match["word"].lower() else "that is"
    return f"{words}," if match["comma"] else words


def _abbreviation(match: re.Match[str], reading: Reading) -> str | None:
    word = match["word"]
    if (
        word in ("Co.", "min.", "max.", "temp.", "Sr.", "ca.")
        and not match.string[: match.start()].strip()
    ):
        return None
    behind = match.string[match.end() :]
    if word in ("est.", "Est.") and re.match(r"\s(?:in|since|by)\b", behind):
        return BEFORE_NUMBERS[word]
    if word in ("kg", "km") and re.match(r"\s?\d", behind):
        return None
    last = re.match(r"[\"')\]”’]*\s*$", behind) is not None
    return PLAIN[word] + (_stop(match) if last or word in _ENDING else "")


def _century(match: re.Match[str], reading: Reading) -> str:
    """ "the 3rd c. BC"."""
    return " century" + ("." if re.match(r"\s*$", match.string[match.end() :]) else "")


def _before_number(match: re.Match[str], reading: Reading) -> str | None:
    """An abbreviation before a number; "order no. 98765" is left to the rules of codes."""
    if match["word"].lower().startswith("n") and _CODE_WORD.search(match.string[: match.start()]):
        return None
    return f"{BEFORE_NUMBERS[match['word']]} "


BEFORE = (Rule(_BEFORE_NUMBER, _before_number),)
RULES = (
    Rule(_CENTURY, _century),
    Rule(_LATIN, _latin),
    Rule(_ABBREVIATION, _abbreviation),
    Rule(_STREET, _street),
    Rule(_TITLE, _title),
)
