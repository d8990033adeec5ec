"""Whether a run of tokens is a code, and not a count or a word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voice_local.text.code_runs import (
    Sureness,
    cue_before,
)
from voice_local.text.code_tokens import (
    Kind,
    Token,
)
from voice_local.text.code_values import value_of
from voice_local.text.code_words import ANCHORS

SHORTEST, FEWEST_DIGITS = 3, 2
"""Least characters in total, and least digits among them, of a code without a word such as "order"
before it."""

SHORTEST_NUMBER = 4
"""Least digits of a code without letters and without a word such as "order" before it."""

LONGEST = 24
"""Most characters of a code."""


@dataclass(frozen=True)
class Found:
    """A code in a text.

    Attributes:
        code: in capitals and digits.
        start: where it begins in the text.
        sureness: how strong the evidence for it is.
    """

    code: str
    start: int
    sureness: Sureness


_GO_ON = frozenset(
    "please thanks thank is was has hasn't have will would should that which and or but for from "
    "to i it it's my the an in on at by of with as not now today yesterday tomorrow asap right "
    "immediately because since again yet still so if when where why how what who can could does do "
    "did be been ok okay yes no sir madam there here already until before after also just too "
    "status back then got get went never isn't wasn't doesn't came comes says shows track cancel "
    "uh um er thats its right correct we they he she me you this ago".split()
)
"""Words that may follow a code. A number before any other word counts something ("a 404 error",
"1500 books")."""

_NO_PLURALS = frozenset(
    "is was has this yes thanks please does as always says needs arrives status".split()
)
"""Words that end in s and may follow a code, although they look like plurals."""

_ARTICLE = frozenset("want need have got buy bought see get like there ordered has had".split())
"""Words after which "a" is an article and not the letter."""

_FILLING = re.compile(
    r"\b(?:it|it['’]s|its|that|that['’]s|is|was|the|this|my|order|number|code|no|yes|yeah|yep|sure|"
    r"ok|okay|oh|um+|uh+|er|erm|well|so|hi|hello|please|thanks|thank you|here|you|go|of course|"
    r"sorry|i think|maybe|just|reference|would be)\b|[\W_]",
    re.IGNORECASE,
)


def code_in_run(words: list[Token], begin: int, end: int, text: str, asked: bool) -> Found | None:
    """The code in the run of tokens from `begin` to `end`; None where it is no code."""
    anchor = cue_before(words, begin)
    run = words[begin:end]
    following = words[end] if end < len(words) else None
    after = (
        following.text.lower()
        if following is not None
        and following.kind in (Kind.WORD, Kind.LEAD, Kind.ANCHOR, Kind.GROUP)
        else ""
    )
    counts = (
        bool(after) and after not in _GO_ON and after not in ANCHORS and not after.endswith("ed")
    )
    if (
        counts
        and len(run) > 1
        and run[-1].kind is Kind.LETTER
        and any(token.value.isdigit() for token in run[:-1])
    ):
        run, counts = run[:-1], False  # "4711 u know"
    if len(run) > 1 and run[-1].text in ("a", "i") and after:
        run, counts = run[:-1], False  # "4711 a week ago"
    while run and anchor is None and _is_word(run, asked):
        run = run[1:]
    if not run:
        return None
    run = _without_article(run, words[begin - 1] if begin else None, anchor, counts)
    if not run:
        return None
    value = value_of(run)
    if not 1 <= len(value) <= LONGEST:
        return None
    found = Found(value, run[0].start, _sureness(value, anchor))
    if asked:
        return found if _answers(value, run, text, counts) else None
    if anchor is not None:
        return found if _named(value, anchor, after, counts) else None
    return found if _by_itself(value, run, text, counts) else None


def _is_word(run: list[Token], asked: bool) -> bool:
    """Whether a run begins with letters that are more likely a word: "blue one".

    In an answer to a question for a code, "abc 1234" may be one.
    """
    if run[0].kind is not Kind.GROUP or run[0].sure:
        return False
    return not (
        asked and len(run) > 1 and run[1].kind is Kind.NUMBER and len(run[1].value) >= SHORTEST
    )


def _without_article(
    run: list[Token], before: Token | None, anchor: Sureness | None, counts: bool
) -> list[Token]:
    """`run` without a leading "a" or "I" that is a word and not a letter of the code."""
    if run[0].text.lower() not in ("a", "i") or (len(run) > 1 and run[1].kind is Kind.LETTER):
        return run
    wanted = before is not None and before.text.lower() in _ARTICLE
    return run[1:] if wanted or (counts and anchor is None) else run


def _sureness(value: str, anchor: Sureness | None) -> Sureness:
    return (
        anchor if anchor is not None else Sureness.NUMBER if value.isdigit() else Sureness.LETTERS
    )


def _named(value: str, anchor: Sureness, after: str, counts: bool) -> bool:
    """Whether `value` after a word such as "order" is a code and not a count ("order 500
    chairs")."""
    digits = sum(char.isdigit() for char in value)
    plural = after.endswith("s") and after not in _NO_PLURALS and after not in _GO_ON
    if (
        value.isdigit()
        and anchor is Sureness.ORDER
        and (plural or (counts and digits < SHORTEST_NUMBER))
    ):
        return False
    return digits >= FEWEST_DIGITS or (digits == 1 and len(value) >= SHORTEST)


def _by_itself(value: str, run: list[Token], text: str, counts: bool) -> bool:
    """Whether `value` without an announcing word before it is a code."""
    digits = sum(char.isdigit() for char in value)
    if digits < FEWEST_DIGITS or len(value) < SHORTEST or not all(token.sure for token in run):
        return False
    if not value.isdigit():
        article = run[0].text.lower() in ("a", "i") and sum(char.isalpha() for char in value) == 1
        return not (
            article and any(token.kind in (Kind.TEEN, Kind.TENS, Kind.SCALE) for token in run)
        )
    alone = not _FILLING.sub("", text[: run[0].start] + text[run[-1].end :])
    if len(run) == 1 and run[0].kind is Kind.NUMBER:
        return digits >= SHORTEST_NUMBER and not counts
    if any(token.kind in (Kind.TEEN, Kind.TENS, Kind.SCALE) for token in run):
        return False
    if any(token.kind is Kind.NUMBER for token in run) and not alone:
        return False
    return not counts and (digits >= SHORTEST_NUMBER or alone)


def _answers(value: str, run: list[Token], text: str, counts: bool) -> bool:
    """Whether `value` can be the answer to a question for a code."""
    digits = sum(char.isdigit() for char in value)
    if not digits:
        return len(value) >= SHORTEST and all(token.spelled for token in run)
    if len(value) == 1:
        return not _FILLING.sub("", text[: run[0].start] + text[run[-1].end :])
    return not (counts and value.isdigit() and len(value) < SHORTEST)
