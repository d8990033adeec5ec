"""The name of the letter A, which text front ends take for the article."""

from __future__ import annotations

import re

_NUMBER_WORD = "zero|one|two|three|four|five|six|seven|eight|nine|ten|oh|double|triple"
_LETTER_A = re.compile(
    rf"(?<=\b[B-HJ-Z] )A\b|(?<=\b[A-Z] I )A\b|\bA(?= (?:[A-Z]\b|(?:{_NUMBER_WORD})\b))|(?<=[a-z] )A\b")


def with_letter_a(text: str, written: str) -> str:
    """`text`, which was made speakable, with the letter A in codes and initialisms ("A B one", "C I A") as `written`.

    What it is to be is the front end's affair: gruut reads "ae" as the letter's name, hibari "eh".
    """
    return _LETTER_A.sub(written, text)
