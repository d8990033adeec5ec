"""Normalizes text for the understanding model of real profiles: typed text and recognizers'
transcripts in the same form."""

from __future__ import annotations

import re

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_STRANGE = re.compile(r"[^\w'.,?!]+|_+")
_REPEATED = re.compile(r"([.,?!])(?:\s*[.,?!])+")
_MARK = re.compile(r"\s*([.,?!])(?!\d)")


def plain(text: str) -> str:
    """`text` in lower case, with words, numbers, apostrophes and the marks `. , ? !` only.

    Blanks are put around a mark, except within a number ("7.30"); of consecutive marks the first
    one is kept.
    """
    text = _STRANGE.sub(" ", text.translate(_APOSTROPHES).lower())
    return " ".join(_MARK.sub(r" \1 ", _REPEATED.sub(r"\1", text)).split())
