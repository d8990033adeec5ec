"""Cuts a growing answer into clauses to be spoken: a short first one for speed, whole sentences after."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen col sgt capt lt rev gov sen maj cmdr messrs st mt vs etc e.g i.e a.m p.m ph.d approx inc "
    "ltd".split())
BEFORE_NUMBERS = frozenset("no jan feb mar apr jun jul aug sep sept oct nov dec p pp fig vol".split())
"""Abbreviations only if a number follows."""

WITHIN = frozenset("ave blvd rd ln hwy apt dept jr sr corp co bros incl excl misc max min avg tel ext al".split())
"""Abbreviations only if a small letter follows."""

_MEASURED = re.compile(r"(?:^|\s)[-−±$€£(]*\d[\d.,/]*\s?(?:(?:sq|cu)\.?\s)?(?:ft|in|lbs?|oz|yds?|mi|sq|cu|mins?|secs?|"
                       r"hrs?|tsp|tbsp|gal|qt|cm|mm|km|kg|mg|ml|wks?|yrs?|mos?)$", re.IGNORECASE)
"""A unit behind its number, which is abbreviated only if a small letter follows."""

_END = re.compile(r"[.!?…]+[\"')\]”’»]*(?=\s)|\n+")
_OPENING = "\"'([“‘«"
_SOFT = re.compile(r"[,;:](?=\s)")
FIRST_CLAUSE_WORDS = 3
"""A first clause may end at a comma once it has this many words."""

LONGEST_CLAUSE = 240
"""Characters; longer ones are cut at a comma, else at a space."""


async def clauses(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Clauses of the text that `pieces` make up, each as soon as its end is certain."""
    held, first = "", True
    async for piece in pieces:
        held += piece
        while True:
            cut = boundary(held, first)
            if cut is None:
                break
            clause, held = held[:cut].strip(), held[cut:].lstrip()
            if clause:
                first = False
                yield clause
    if held.strip():
        for part in _fit(held.strip()):
            yield part


def split(text: str) -> list[str]:
    """Clauses of a whole text."""
    parts, rest = [], text
    while (cut := boundary(rest + " ", first=False)) is not None:
        parts.append(rest[:cut].strip())
        rest = rest[cut:].lstrip()
    return [part for part in [*parts, *_fit(rest.strip())] if part]


def boundary(text: str, first: bool) -> int | None:
    """Where the first clause of `text` ends, or None while that is not certain."""
    if first:
        for soft in _SOFT.finditer(text):
            before = text[: soft.start()]
            if len(before.split()) >= FIRST_CLAUSE_WORDS and not _END.search(before):
                return soft.end()
    for match in _END.finditer(text):
        before, following = text[: match.start()], text[match.end() :].lstrip()[:1]
        word = (before.split()[-1:] or [""])[0]
        if match.group(0).startswith("."):
            if re.fullmatch(r"\d{1,2}", word) and re.match(r"\d{1,2}\.\s", text):
                if before.strip() == word:
                    continue  # a list's number belongs to what follows it
                return len(before) - len(word)
            if _abbreviated(word.lstrip(_OPENING), following):
                continue
            within = word.lower().lstrip(_OPENING) in WITHIN or _MEASURED.search(before) is not None
            if not following and (within or word.lower().lstrip(_OPENING) in BEFORE_NUMBERS):
                return None
            if within and following.islower():
                continue
        if match.group(0)[-1] in "\"'”’»" and not following.isupper():
            if not following:
                return None
            continue  # "Stop!" he said
        return match.end()
    if len(text) > LONGEST_CLAUSE:
        commas = [m.end() for m in _SOFT.finditer(text[:LONGEST_CLAUSE])]
        spaces = text.rfind(" ", 1, LONGEST_CLAUSE)
        return commas[-1] if commas else spaces if spaces > 0 else LONGEST_CLAUSE
    return None


def _abbreviated(word: str, following: str) -> bool:
    """Whether the full stop after `word` is an abbreviation's, `following` being the next character; "" is not known."""
    lone = word.lower()
    if lone in ABBREVIATIONS or re.fullmatch(r"[A-Z]", word):
        return True
    if re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word):
        return not following.isupper()
    return lone in BEFORE_NUMBERS and following.isdigit()


def _fit(text: str) -> list[str]:
    parts = []
    while len(text) > LONGEST_CLAUSE:
        cut = boundary(text, first=False) or LONGEST_CLAUSE
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*parts, text] if text else parts
