"""Which words of a text are said after a part of its sound."""

from __future__ import annotations


def words_until(text: str, part: float) -> str:
    """The words of `text` that are wholly said after `part` (0..1) of its sound, by their share of
    its letters."""
    words = text.split()
    total = sum(len(word) + 1 for word in words)
    said, kept = 0, 0
    for word in words:
        said += len(word) + 1
        if said > part * total + 1e-9:
            break
        kept += 1
    return " ".join(words[:kept])
