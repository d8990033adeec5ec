"""Normalizes text for the rules of wording and the table of danger words."""

from __future__ import annotations

import re

SPELLINGS = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"[’‘`´]", "'"),
        (r"\bwon'?t\b", "will not"),
        (r"\bcan'?t\b|\bcannot\b", "can not"),
        (
            r"\b(do|does|did|is|are|was|were|has|have|had|should|would|could|must|need)n'?t\b",
            r"\1 not",
        ),
        (r"\bi'?m\b", "i am"),
        (r"\b(you|we|they)'re\b", r"\1 are"),
        (r"\b(he|she|it|that|there|what)'s\b", r"\1 is"),
        (r"\b(i|you|we|they|it|he|she)'d\b", r"\1 would"),
        (r"\bid (?=rather|prefer|like|not)", "i would "),
        (r"\b(i|you|we|they|it)'ll\b", r"\1 will"),
        (r"\b(i|you|we|they)'?ve\b", r"\1 have"),
        (r"\blet's\b|\blets\b", "let us"),
        (r"\byou are not to\b", "you must not"),
        (r"\s*([.,;:!?…—])(?!\d)\s*", r" \1 "),
        (r"\s+", " "),
    )
)


def written_out(text: str) -> str:
    """`text` in lower case: contractions written out, single blanks, blanks around punctuation."""
    words = f" {text.lower()} "
    for pattern, written in SPELLINGS:
        words = pattern.sub(written, words)
    return words.strip()
