"""Whether a mark ends a sentence, or belongs to an abbreviation, to initials, a unit or a sum."""

from __future__ import annotations

import re

ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen col sgt capt lt rev gov sen maj cmdr messrs st mt vs v etc e.g i.e a.m "
    "p.m ph.d a.k.a approx cf esp excl inc incl ltd viz".split()
)
"""Never the end of a sentence."""

TITLES = frozenset("Adm Amb Atty Cpl Fr Ft Hon Msgr Pres Pvt Rep Reps Sens Supt".split())
"""As `ABBREVIATIONS`, but only with a capital."""

BEFORE_NUMBERS = frozenset(
    "no nos nr jan feb mar apr jun jul aug sep sept oct nov dec p pp fig vol apt ste bldg rm fl "
    "hwy rte ext tel min max avg temp ch chap sec sect para op est ver eq pt pop alt b c ca "
    "d".split()
)
"""Abbreviations only if a number follows; see also `WITHIN`."""

CAPITALS_BEFORE_NUMBERS = frozenset(
    "Mon Tue Tues Wed Weds Thu Thur Thurs Fri Sat Sun Art Ex".split()
)
"""As `BEFORE_NUMBERS`, but only with a capital."""

LABELS = frozenset("apt ste bldg rm fl ch chap sec sect fig vol pt op eq art".split())
"""Of those, the ones that also stand before a letter or a Roman numeral: "Bldg. C", "vol. II"."""

BOOKS = frozenset(
    "Exod Lev Num Deut Josh Judg Chr Chron Kgs Neh Ps Psa Prov Eccl Isa Jer Lam Ezek Dan Hos Zech "
    "Mal Matt Rom Cor Gal Eph Phil Col Thess Tim Heb Jas Pet".split()
)
"""Books of the Bible, which are abbreviated before a chapter and a verse: "Cor. 13:4"."""

WITHIN = frozenset(
    "ave blvd rd ln hwy rte apt ste bldg dept jr sr corp co bros misc max min avg temp tel ext al "
    "govt mgmt assoc assn intl natl univ inst est ed eds appt qty no jan feb mar apr jun jul aug "
    "sep sept oct nov dec mon tue tues wed weds thu thur thurs fri sat sun".split()
)
"""Abbreviations only if a small letter follows."""

STARTERS = frozenset(
    "A After All Also Although An And Another Any As At Because Before Both But By Did Do Does "
    "Each Even Every Finally First For From Has Have He Her Here His How However I I'd I'll I'm "
    "I've If In Instead Is It It's Its Just Last Later Let Let's Like Many Maybe Meanwhile More "
    "Most Much My Next No Not Now On Once One Only Or Other Our Over Perhaps Please She Since So "
    "Some Still Such Sure Thank Thanks That That's The Their Then There There's These They "
    "They're This Those Though Through Thus To Today Too Two Under Until Up Was We Well Were "
    "What When Where Whether Which While Who Why With Without Yes Yet You You're Your".split()
)
"""Words that begin a sentence more often than a name, for what follows initials: "the U.S. They
left", but "the U.S. Senate"."""

_MEASURED = re.compile(
    r"(?:^|\s)[-−±$€£(]*\d(?:[\d.,/–-]*\d)?/?[\s-]?(?:(?:sq|cu|fl)\.?\s)?(?:ft|in|lbs?|oz|yds?|mi|sq|cu|fl|"
    r"mins?|secs?|hrs?|tsp|tbsp|gal|qt|pt|c|cm|mm|km|kg|mg|ml|wks?|yrs?|mos?)$",
    re.IGNORECASE,
)
"""A unit behind its number, which is abbreviated only if a small letter follows."""

_LETTER_UNIT = re.compile(r"(?:°\s?[A-Z]|/[A-Z]|\d\s[CFJKLVW])$")
_CENTURY = re.compile(r"\d(?:st|nd|rd|th)[\s-]c$")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")
_OPENING = "\"'([“‘«"
_GOES_ON = re.compile(r"[a-z]|[$€£]\d|[(\[][a-z\d$€£]")
_LABELLED = re.compile(r"(?:[B-HJ-Z]\d{0,3}|[AI](?=[,.;:)])|[IVXLC]{2,7})(?=[\s,.;:)])")
_MAY_BE_LABELLED = re.compile(r"[A-Z]\d{0,3}|[IVXLC]{1,7}")
_SMALLER = re.compile(r"\d[\d/]*[\s-]?(?:in|oz)\b")
_MAY_BE_SMALLER = re.compile(r"\d[\d/]*[\s-]?(?:i|in|o|oz)?")
_VERSE, _MAY_BE_VERSE = re.compile(r"\d{1,3}:\d"), re.compile(r"\d{0,3}:?")
_FIRST_WORD = re.compile(r"(?P<word>\w[\w'’]*)(?P<known>[^\w'’])?")
_OPERATOR = re.compile(r"[=+×*/÷^<>≤≥≈)]|[-−–]\s?\d")
_FACTORIAL = re.compile(r"(?:\d|(?<![\w'’])[a-z])$")


def ends_sentence(mark: str, before: str, rest: str) -> bool | None:
    """Whether the punctuation `mark` after `before` ends a sentence; None while it is not certain.

    `rest`: what follows, without blanks in front, as far as it is known.
    """
    if mark.startswith("."):
        end = _dot_ends(before, rest)
        if not end:
            return end
    if mark == "!" and _FACTORIAL.search(before):
        if not rest:
            return None
        if _OPERATOR.match(rest):
            return False  # "5! = 120"
    if mark[-1] in "\"'”’»" and not rest[:1].isupper():
        return False if rest else None  # "Stop!" he said
    return True


def starts_sentence(rest: str) -> bool | None:
    """Whether `rest`, which follows initials, begins a sentence; None while its first word may not
    be whole."""
    if not rest[:1].isupper():
        return False
    found = _FIRST_WORD.match(rest)
    if found is None or found["known"] is None:
        return None
    return found["word"].replace("’", "'") in STARTERS


def _dot_ends(before: str, rest: str) -> bool | None:
    word = (before.split()[-1:] or [""])[0].lstrip(_OPENING).rpartition("/")[2]
    lone = word.lower()
    if _LETTER_UNIT.search(before):
        return not rest[:1].islower()
    if lone in ABBREVIATIONS or word in TITLES or re.fullmatch(r"[A-Z]", word):
        return False
    if _INITIALS.fullmatch(word):
        return starts_sentence(rest)
    if _CENTURY.search(before):
        return False
    if _MEASURED.search(before):
        return _unless(_GOES_ON.match(rest) or _SMALLER.match(rest), rest, _MAY_BE_SMALLER)
    if word in BOOKS and not _GOES_ON.match(rest):
        return _unless(_VERSE.match(rest), rest, _MAY_BE_VERSE)
    return _short_word_ends(word, lone, rest)


def _short_word_ends(word: str, lone: str, rest: str) -> bool | None:
    numbered = lone in BEFORE_NUMBERS or word in CAPITALS_BEFORE_NUMBERS
    if not numbered and lone not in WITHIN:
        return True
    if lone in WITHIN and _GOES_ON.match(rest):
        return False
    if numbered and re.match(r"#?\d", rest):
        return False
    if numbered and lone in LABELS:
        return _unless(_LABELLED.match(rest), rest, _MAY_BE_LABELLED)
    return None if rest in ("", "#", "(") else True


def _unless(found: object, rest: str, unfinished: re.Pattern[str]) -> bool | None:
    """False if something was found, None if `rest` may still become it, else True."""
    if found:
        return False
    return None if rest in ("", "(", "#") or unfinished.fullmatch(rest) else True
