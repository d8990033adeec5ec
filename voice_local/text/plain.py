"""Text as the understanding model of real profiles reads it: typed, and as recognizers write it,
brought together."""

from __future__ import annotations

import re

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_STRANGE = re.compile(r"[^\w'.,?!]+|_+")
_REPEATED = re.compile(r"([.,?!])(?:\s*[.,?!])+")
_MARK = re.compile(r"\s*([.,?!])(?!\d)")


def plain(text: str) -> str:
    """`text` in lower case, its words, numbers, apostrophes and the marks `. , ? !`; everything
    else is space.

    A mark stands alone but within a number ("7.30"); of several running marks the first is kept.
    """
    text = _STRANGE.sub(" ", text.translate(_APOSTROPHES).lower())
    return " ".join(_MARK.sub(r" \1 ", _REPEATED.sub(r"\1", text)).split())
