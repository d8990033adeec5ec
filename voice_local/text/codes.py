"""Finds order numbers and other codes in a text, as people say and write them and as recognizers
transcribe them.

code("where is A B one two, three four") == "AB1234"
code("cancel order 7790K") == "7790K"
code("in 2024 I paid 120 dollars") is None
"""

from __future__ import annotations

import re

from voice_local.text.code_context import tokens
from voice_local.text.code_decision import (
    Found,
    code_in_run,
)
from voice_local.text.code_runs import (
    Sureness,
    cue_before,
    end_of_run,
)
from voice_local.text.code_tokens import (
    Kind,
    coded,
)
from voice_local.text.not_codes import without_others

_BESIDE = frozenset(
    "and what about how then also please thanks the it it's is my order number ok okay well "
    "so".split()
)
"""Words that add no meaning when they stand next to a code."""

_OPENS = frozenset("is it's its was with of".split())
"""Words after which a code may begin."""
_CORRECTION = re.compile(
    r"\b(?:no|sorry|i mean(?:t)?|rather|actually|correction|scratch that|wait|make (?:that|it))\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|isn['’]t|instead of|rather than)\s(?:order\s)?(?:number\s)?$", re.IGNORECASE
)
_EXACT = re.compile(r"\border number #([A-Za-z0-9]{1,24})(?![\w-])", re.ASCII)


def code(text: str, *, asked: bool = False) -> str | None:
    """The code in `text`, in capitals and digits, as "AB1234"; None when there is none.

    `asked`: the text answers a question for a code. Then its digits, or letters that are spelled
    out, are taken for the code unless they are certainly something else.
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
        end = end_of_run(words, index, anchored=asked or cue_before(words, index) is not None)
        one = code_in_run(words, index, end, text, asked)
        if one is not None and not _DENIED.search(text[: one.start]):
            found.append(one)
        index = end
    return found


def exactly(code: str) -> str:
    """`code` in a wording from which `codes` reads exactly this code, whatever its length or form:
    "order number #AB1234"."""
    return f"order number #{code}"


def is_code(text: str, *, named: bool = False) -> bool:
    """Whether `text` is one code and nothing else: "and AB-1234?".

    `named`: a number without letters only counts after a word such as "order".
    """
    found = [one for one in codes(text) if one.sureness > Sureness.NUMBER or not named]
    words = tokens(without_others(text))
    return len(found) == 1 and all(
        (coded(word) and word.sure)
        or word.kind not in (Kind.WORD, Kind.GROUP)
        or word.text.lower() in _BESIDE
        for word in words
    )


def ends_in_code(text: str) -> bool:
    """Whether `text` ends with a possible part of a code, so that more of it may follow: "it is a
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
    """ "AB1234" → "A B 1 2 3 4": for reading it out character by character."""
    return " ".join(code)
