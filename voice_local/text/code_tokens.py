"""Splits a sentence into tokens and says what each may be in a code: a letter, a digit, a number,
or a word between them. English."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from voice_local.text.code_words import (
    ANCHORS,
    DIGITS,
    FILLERS,
    JOINS,
    LEADS,
    MANY,
    NAMED,
    NATO,
    NO_LETTERS,
    SCALES,
    TEENS,
    TENS,
    TIMES,
)


class Kind(Enum):
    """What a token may be in a code.

    `GROUP`: two or more letters written as one word. `MIXED`: letters and digits in one word.
    `TIMES`: "double". `MANY`: "fives". `JOIN`: a word or sign between the parts of a code, such as
    "dash". `ANCHOR`: a word that announces a code, such as "order". `LEAD`: a word that may stand
    between an anchor and the code, such as "is".
    """

    LETTER = auto()
    GROUP = auto()
    DIGIT = auto()
    NUMBER = auto()
    MIXED = auto()
    TEEN = auto()
    TENS = auto()
    SCALE = auto()
    TIMES = auto()
    MANY = auto()
    JOIN = auto()
    COMMA = auto()
    POINT = auto()
    STOP = auto()
    ANCHOR = auto()
    LEAD = auto()
    WORD = auto()


@dataclass(frozen=True)
class Token:
    """One word or sign.

    Attributes:
        text: as written.
        start, end: its first character in the text, and the one after its last.
        kind: see `Kind`.
        value: what it adds to a code, in capitals and digits; for `TIMES` the number of
            repetitions, for `SCALE` the factor.
        sure: whether it can be part of a code even without an anchor before it.
        spelled: whether it is a single letter or digit, or the name of one.
    """

    text: str
    start: int
    end: int
    kind: Kind
    value: str = ""
    sure: bool = True
    spelled: bool = False


LONGEST_GROUP, LONGEST_DOUBTFUL = 6, 4
"""Most letters of a `GROUP`: where it is certain, and where it may be an ordinary word."""

_WORD = re.compile(r"no\.(?=\s*#?\d)|\d{1,3}(?:,\d{3})+(?![\d,])|[A-Za-z0-9]+(?:['’][A-Za-z]+)*|\S")
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]+")
_NUMBER_WORDS = (
    (Kind.DIGIT, DIGITS),
    (Kind.TEEN, TEENS),
    (Kind.TENS, TENS),
    (Kind.SCALE, SCALES),
    (Kind.TIMES, TIMES),
    (Kind.MANY, MANY),
)
_PUNCTUATION = {
    ":": Kind.LEAD,
    ",": Kind.COMMA,
    ";": Kind.COMMA,
    ".": Kind.POINT,
    "?": Kind.STOP,
    "!": Kind.STOP,
}
_CODED = (
    Kind.LETTER,
    Kind.GROUP,
    Kind.DIGIT,
    Kind.NUMBER,
    Kind.MIXED,
    Kind.TEEN,
    Kind.TENS,
    Kind.SCALE,
    Kind.TIMES,
    Kind.MANY,
)


def coded(token: Token | None) -> bool:
    """Whether `token` may contribute characters to a code."""
    return token is not None and token.kind in _CODED


def words_of(text: str) -> list[Token]:
    """The tokens of `text`, each classified by itself."""
    return [_token(match, text) for match in _WORD.finditer(_prepared(text))]


def _prepared(text: str) -> str:
    """`text` with rarer spellings of letters replaced by words of the same length."""
    text = re.sub(r"\b(x)[- ](ray)\b", r"\1\2 ", text, flags=re.IGNORECASE)
    return re.sub(
        r"\bdouble[- ](?:u|you)\b", lambda m: "W".ljust(len(m[0])), text, flags=re.IGNORECASE
    )


def _token(match: re.Match[str], text: str) -> Token:
    """The token of one word of `text`, by the word alone."""
    plain = Token(match[0], match.start(), match.end(), Kind.WORD)
    return (
        _number(plain)
        or _single_letter(plain)
        or _connecting(plain)
        or _mixed(plain)
        or _group(plain, text)
        or plain
    )


def _number(plain: Token) -> Token | None:
    """Digits, and the names of numbers."""
    word = plain.text
    digits = word.replace(",", "")
    if word.isascii() and digits.isdigit() and word[0] != ",":
        single = len(digits) == 1
        kind = Kind.DIGIT if single else Kind.NUMBER
        return replace(plain, kind=kind, value=digits, sure="," not in word, spelled=single)
    low = word.lower()
    for kind, table in _NUMBER_WORDS:
        if low in table:
            return replace(plain, kind=kind, value=table[low], spelled=kind is Kind.DIGIT)
    return None


def _single_letter(plain: Token) -> Token | None:
    """A letter, or its word in the spelling alphabet: "bravo"."""
    word = plain.text
    if word.lower() in NATO:
        return replace(plain, kind=Kind.LETTER, value=NATO[word.lower()], spelled=True)
    if len(word) == 1 and word.isascii() and word.isalpha():
        return replace(plain, kind=Kind.LETTER, value=word.upper(), spelled=True)
    return None


def _connecting(plain: Token) -> Token | None:
    """Words that join the parts of a code or announce one, and punctuation."""
    word, low = plain.text, plain.text.lower()
    if low in JOINS and not (low in FILLERS and word.isupper()):
        return replace(plain, kind=Kind.JOIN)
    if low in ANCHORS:
        return replace(plain, kind=Kind.ANCHOR)
    if low in LEADS and low not in FILLERS:
        return replace(plain, kind=Kind.LEAD)
    return replace(plain, kind=_PUNCTUATION[word]) if word in _PUNCTUATION else None


def _mixed(plain: Token) -> Token | None:
    """Letters and digits in one word: "AB1234".

    Of "order1234" only the number counts, and "iphone15" only after a word such as "order".
    """
    word = plain.text
    if not _MIXED.fullmatch(word):
        return None
    letters = re.match("[A-Za-z]*", word)
    lead = letters[0] if letters else ""
    if lead.lower() in ANCHORS:
        return replace(plain, kind=Kind.NUMBER, value=word[len(lead) :].upper())
    return replace(plain, kind=Kind.MIXED, value=word.upper(), sure=len(lead) < 5)


def _group(plain: Token, text: str) -> Token | None:
    """A few letters written as one word that may be part of a code: "AB"."""
    word, low = plain.text, plain.text.lower()
    if not (word.isascii() and word.isalpha()):
        return None
    if len(word) > LONGEST_GROUP or low in NO_LETTERS:
        return None
    sure = len(word) == 2 or (word.isupper() and not _all_capitals(text))
    if sure or len(word) <= LONGEST_DOUBTFUL or low in NAMED:
        return replace(plain, kind=Kind.GROUP, value=word.upper(), sure=sure)
    return None


def _all_capitals(text: str) -> bool:
    """Whether a text of several words is written in capitals only, so that they tell nothing."""
    return not any(char.islower() for char in text) and len(re.findall("[A-Z]{3,}", text)) > 1
