"""Order numbers and other codes, as people say and write them and as recognizers write what is
said.

code("where is A B one two, three four") == "AB1234"
code("cancel order 7790K") == "7790K"
code("in 2024 I paid 120 dollars") is None
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from voice_local.text.code_tokens import (
    ANCHORS,
    STRONG,
    Kind,
    Token,
    coded,
    tokens,
)
from voice_local.text.code_values import value_of
from voice_local.text.not_codes import without_others

SHORTEST, FEWEST_DIGITS = 3, 2
"""Letters and digits together, and digits, of a code that no order word stands before."""
SHORTEST_NUMBER = 4
"""Digits of a number without letters that no order word stands before."""
LONGEST = 24


class Sureness(IntEnum):
    """What speaks for a code."""

    NUMBER = 0
    LETTERS = 1
    ORDER = 2
    NAMED = 3
    EXACT = 4


@dataclass(frozen=True)
class Found:
    """A code in a text.

    Attributes:
        code: capitals and digits.
        start: where it begins in the text.
        sureness: what speaks for it; `ORDER`: "order" or the like before it, `NAMED`: "order
            number", "#"; `EXACT`: as `exactly` writes it.
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
"""Words that may follow a code. After others a number counts something ("a 404 error", "1500
books")."""
_BESIDE = frozenset(
    "and what about how then also please thanks the it it's is my order number ok okay well "
    "so".split()
)
"""Words that say nothing beside a code."""
_OPENS = frozenset("is it's its was with of".split())
"""Words after which a code may begin."""
_NO_PLURALS = frozenset(
    "is was has this yes thanks please does as always says needs arrives status".split()
)
_ARTICLE = frozenset("want need have got buy bought see get like there ordered has had".split())
_CORRECTION = re.compile(
    r"\b(?:no|sorry|i mean(?:t)?|rather|actually|correction|scratch that|wait|make (?:that|it))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|isn['’]t|instead of|rather than)\s(?:order\s)?(?:number\s)?$", re.IGNORECASE
)
_EXACT = re.compile(r"\border number #([A-Za-z0-9]{1,24})(?![\w-])", re.ASCII)
_FILLING = re.compile(
    r"\b(?:it|it['’]s|its|that|that['’]s|is|was|the|this|my|order|number|code|no|yes|yeah|yep|sure|"
    r"ok|okay|oh|um+|uh+|er|erm|well|so|hi|hello|please|thanks|thank you|here|you|go|of course|"
    r"sorry|i think|maybe|just|reference|would be)\b|[\W_]",
    re.IGNORECASE,
)


def code(text: str, *, asked: bool = False) -> str | None:
    """The code in `text`, in capitals and digits, as "AB1234"; None when there is none.

    `asked`: it answers somebody who has asked for a code. Then its digits, or letters that are
    spelled, are the code unless they are surely something else.
    """
    every = codes(text, asked=asked)
    if not every:
        return None
    best = every[0]
    for found in every[1:]:
        if found.sureness > best.sureness or _CORRECTION.search(text[best.start : found.start]):
            best = found
    return best.code


def codes(text: str, *, asked: bool = False) -> list[Found]:
    """Every code in `text`, in order; see `code`."""
    exact = _EXACT.search(text)
    if exact is not None:
        return [Found(exact[1].upper(), exact.start(1), Sureness.EXACT)]
    words = tokens(without_others(text, asked))
    found = []
    index = 0
    while index < len(words):
        if not coded(words[index]):
            index += 1
            continue
        end = _end_of_run(words, index, anchored=asked or _anchor(words, index) is not None)
        one = _judged(words, index, end, text, asked)
        if one is not None and not _DENIED.search(text[: one.start]):
            found.append(one)
        index = end
    return found


def exactly(code: str) -> str:
    """`code`, however short or odd, in words in which nothing else can be found: "order number
    #AB1234"."""
    return f"order number #{code}"


def is_code(text: str, *, named: bool = False) -> bool:
    """Whether `text` is a code and says nothing else: "and AB-1234?". `named`: a mere number needs
    an order word."""
    found = [one for one in codes(text) if one.sureness > Sureness.NUMBER or not named]
    words = tokens(without_others(text))
    return len(found) == 1 and all(
        (coded(word) and word.sure)
        or word.kind not in (Kind.WORD, Kind.GROUP)
        or word.text.lower() in _BESIDE
        for word in words
    )


def ends_in_code(text: str) -> bool:
    """Whether `text` ends with what may be part of a code, so that more of it may follow: "it is a
    b"."""
    words = [
        word
        for word in tokens(without_others(text, asked=True))
        if word.kind not in (Kind.COMMA, Kind.POINT)
    ]
    last = words[-1] if words else None
    return last is not None and (
        coded(last) or last.kind in (Kind.JOIN, Kind.ANCHOR) or last.text.lower() in _OPENS
    )


def spelled(code: str) -> str:
    """ "AB1234" → "A B 1 2 3 4": to be read sign by sign."""
    return " ".join(code)


def _end_of_run(words: list[Token], begin: int, *, anchored: bool) -> int:
    """One past the last token that hangs together with the one at `begin`."""
    last = begin
    index = begin + 1
    while index < len(words):
        between = index
        while index < len(words) and words[index].kind in (Kind.JOIN, Kind.COMMA, Kind.POINT):
            index += 1
        marks = words[between:index]
        if index == len(words) or not coded(words[index]):
            break
        if not _joined(words[last], marks, words[index], anchored=anchored):
            break
        last = index
        index += 1
    return last + 1


def _joined(before: Token, marks: list[Token], after: Token, *, anchored: bool) -> bool:
    """Whether two neighbours belong to one code, with `marks` and joining words between them."""
    close = before.spelled or after.spelled or len(before.value) == len(after.value) == 2
    for mark in marks:
        if (
            mark.kind is Kind.COMMA
            and not close
            and not (before.value.isalpha() and after.value.isdigit())
        ):
            return False
        if mark.kind is Kind.POINT and not (before.spelled and after.spelled):
            glued = mark.start == before.end and mark.end == after.start
            if not (glued and (before.value.isalpha() or after.value.isalpha())):
                return False
        if (
            mark.kind is Kind.JOIN
            and mark.text == "/"
            and not (mark.start == before.end and mark.end == after.start)
        ):
            return False
    if before.kind is Kind.MIXED and not marks and after.kind is Kind.LETTER and not anchored:
        return after.text.isupper()
    return True


def _anchor(words: list[Token], begin: int) -> Sureness | None:
    """What names the run from `begin` on a code; None for nothing."""
    index, strong = begin - 1, False
    while index >= 0 and words[index].kind in (
        Kind.LEAD,
        Kind.JOIN,
        Kind.COMMA,
        Kind.POINT,
        Kind.ANCHOR,
    ):
        low = words[index].text.lower()
        if words[index].kind is Kind.POINT and index + 1 == begin:
            return None
        strong = strong or low in STRONG
        if words[index].kind is Kind.ANCHOR and low != "number" and low != "numbers":
            return Sureness.NAMED if strong or low in STRONG else Sureness.ORDER
        index -= 1
    plain = any(word.text.lower() in ("number", "numbers") for word in words[index + 1 : begin])
    return Sureness.ORDER if plain else None


def _judged(words: list[Token], begin: int, end: int, text: str, asked: bool) -> Found | None:
    """The code that the run of tokens from `begin` to `end` is, if it is one."""
    anchor = _anchor(words, begin)
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
    """Whether a run begins with letters that are rather a word: "blue one"; in an answer "abc 1234"
    may be a code."""
    if run[0].kind is not Kind.GROUP or run[0].sure:
        return False
    return not (
        asked and len(run) > 1 and run[1].kind is Kind.NUMBER and len(run[1].value) >= SHORTEST
    )


def _without_article(
    run: list[Token], before: Token | None, anchor: Sureness | None, counts: bool
) -> list[Token]:
    """`run` without an "a" or "I" before it that is a word."""
    if run[0].text.lower() not in ("a", "i") or (len(run) > 1 and run[1].kind is Kind.LETTER):
        return run
    wanted = before is not None and before.text.lower() in _ARTICLE
    return run[1:] if wanted or (counts and anchor is None) else run


def _sureness(value: str, anchor: Sureness | None) -> Sureness:
    return (
        anchor if anchor is not None else Sureness.NUMBER if value.isdigit() else Sureness.LETTERS
    )


def _named(value: str, anchor: Sureness, after: str, counts: bool) -> bool:
    """Whether `value`, an order word before it, is a code and no count ("order 500 chairs")."""
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
    """Whether `value`, nothing before it that names it, is a code."""
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
    """Whether `value` can be what was asked for."""
    digits = sum(char.isdigit() for char in value)
    if not digits:
        return len(value) >= SHORTEST and all(token.spelled for token in run)
    if len(value) == 1:
        return not _FILLING.sub("", text[: run[0].start] + text[run[-1].end :])
    return not (counts and value.isdigit() and len(value) < SHORTEST)
