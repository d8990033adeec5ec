"""Runs of tokens that may be one code: which tokens belong together, and which words before them
announce a code."""

from __future__ import annotations

from enum import IntEnum

from voice_local.text.code_tokens import (
    Kind,
    Token,
    coded,
)
from voice_local.text.code_words import STRONG


class Sureness(IntEnum):
    """How strong the evidence is that something is a code, weakest first.

    `NUMBER`: digits only. `LETTERS`: letters and digits. `ORDER`: after "order" or the like.
    `NAMED`: after "order number" or "#". `EXACT`: written as `codes.exactly` does.
    """

    NUMBER = 0
    LETTERS = 1
    ORDER = 2
    NAMED = 3
    EXACT = 4


def end_of_run(words: list[Token], begin: int, *, anchored: bool) -> int:
    """The index after the last token that belongs to the run that starts at `begin`.

    `anchored`: a word such as "order" stands before it.
    """
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
    """Whether two coded tokens belong to one code, with `marks` and joining words between them."""
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


def cue_before(words: list[Token], begin: int) -> Sureness | None:
    """How strongly the words before `begin` announce a code; None where they do not."""
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
