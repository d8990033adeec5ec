"""Which sentences of the public sets are kept apart: measured on, never trained on."""

from __future__ import annotations

import hashlib

SHARE = 5
"""One sentence in so many."""


def kept_apart(sentence: str) -> bool:
    """Whether a sentence is one of those, by the digest of its words: the same ones on every
    machine."""
    words = " ".join(
        "".join(char if char.isalnum() or char == "'" else " " for char in sentence.lower()).split()
    )
    return hashlib.sha256(words.encode()).digest()[0] % SHARE == 0
