"""Typed text in the form of a transcript: lower-case words, no digits, no punctuation."""

from __future__ import annotations

import re

from voice_local.text.speech.speakable import numbers_in_words


def to_spoken(text: str) -> str:
    """`text` in lower case, with digits, codes, prices and times in words and without punctuation.

    Order codes are spelled out ("AB-1234" → "a b one two three four"), numbers are read as such
    ("25" → "twenty five").
    """
    text = numbers_in_words(text).replace("’", "'").lower()
    text = re.sub(r"\b([ap])\.m\.?", r"\1 m", text)
    text = re.sub(r"[^\w' ]+", " ", text)
    return " ".join(word.strip("'_") for word in text.split() if word.strip("'_"))
