"""Text as a voice should be given it: codes spelled, digits of codes apart, the letter A told from the article."""

from __future__ import annotations

import re

_CODE = re.compile(r"\b(?=[A-Za-z-]*\d)(?=\d*-?[A-Za-z])[A-Z]{1,4}-?\d{2,}\b")
_NUMBER_WORD = "zero|one|two|three|four|five|six|seven|eight|nine|ten|oh|\\d"
_LETTER_A = re.compile(
    rf"(?<=[A-Z] )A\b(?! [a-z])|\bA(?= (?:[A-Z]\b|(?:{_NUMBER_WORD})\b))|(?<=[A-Z] )A(?= (?:{_NUMBER_WORD}))")
_LINK = re.compile(r"\[([^\]]+)\]\((?:https?:|www\.|/)[^)\s]*\)")
_LINE_MARK = re.compile(r"^\s*(?:-{3,}\s*$|[-•]\s+)", re.MULTILINE)
_MARKUP = re.compile(r"[*_`#<>|~\\^{}\[\]]+")


def pronounceable(text: str) -> str:
    """`text` with order codes spelled out ("AB-1234" → "ae B 1 2 3 4") and markup gone.

    A lone capital A beside letters or number words is written "ae", which text front ends read as the letter's name.
    """
    text = _LINE_MARK.sub(" ", _LINK.sub(r"\1", text))
    text = _MARKUP.sub(" ", text)
    text = _CODE.sub(lambda m: " ".join(char for char in m.group(0) if char.isalnum()), text)
    return " ".join(_LETTER_A.sub("ae", text).split())
