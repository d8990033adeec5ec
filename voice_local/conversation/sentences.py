"""Cuts a growing answer into clauses to be spoken: a short first one for speed, whole sentences after."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

ABBREVIATIONS = frozenset("mr mrs ms dr prof st vs etc e.g i.e a.m p.m ph.d approx inc ltd".split())
BEFORE_NUMBERS = frozenset("no jan feb mar apr jun jul aug sep sept oct nov dec p pp fig vol".split())
"""Abbreviations only if a number follows."""

_END = re.compile(r"[.!?…]+[\"')\]”’»]*(?=\s)|\n+")
_OPENING = "\"'([“‘«"
_SOFT = re.compile(r"[,;:](?=\s)")
FIRST_CLAUSE_WORDS = 3
"""A first clause may end at a comma once it has this many words."""

FIRST_PHRASE_WORDS = 4
"""A first clause may end before a phrase once it has this many words."""

PHRASE_BEGINNINGS = frozenset(
    "and but because so that which who when while if before after with without in on at from for by about into through "
    "during until since although to".split())
LEANING = frozenset(
    "a an the my your his her its our their this that these those and or but not very so too as to of in on at from for by "
    "with is are was were be been has have had do does did can could will would should may might must more most less than "
    "such no some any each every one two it if go going come get put take look well because which who when".split())
"""After these a phrase does not end."""

_WORD = re.compile(r"[\w'’-]+")

LONGEST_CLAUSE = 240
"""Characters; longer ones are cut at a comma, else at a space."""


async def clauses(pieces: AsyncIterator[str], early: bool = False,
                  cut_off: Callable[[], bool] = lambda: False) -> AsyncIterator[str]:
    """Clauses of the text that `pieces` make up, each as soon as its end is certain.

    `early`: the first may end before a phrase. `cut_off`: asked at the end, whether the text stops within a sentence, which
    is then left out, unless it is all there is.
    """
    held, first = "", True
    async for piece in pieces:
        held += piece
        while True:
            cut = boundary(held, first)
            if cut is None and first and early:
                cut = phrase_end(held)
            if cut is None:
                break
            clause, held = held[:cut].strip(), held[cut:].lstrip()
            if clause:
                first = False
                yield clause
    rest = held.strip()
    if rest and not (cut_off() and not first and not _END.search(rest + " ")):
        for part in _fit(rest):
            yield part


def phrase_end(text: str) -> int | None:
    """Where a first sentence without a comma may pause: before a word that begins a phrase, with words on both sides."""
    words = list(_WORD.finditer(text))
    for before, word, after in zip(words[FIRST_PHRASE_WORDS - 1 :], words[FIRST_PHRASE_WORDS:],
                                   words[FIRST_PHRASE_WORDS + 1 :], strict=False):
        if word.group(0) in PHRASE_BEGINNINGS and before.group(0).lower() not in LEANING and after.end() < len(text):
            return word.start()
    return None


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
            if word.lower().lstrip(_OPENING) in BEFORE_NUMBERS and not following:
                return None
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
