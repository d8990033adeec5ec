"""Whether a question is one of general knowledge, and not about the present situation or the user's
own things."""

from __future__ import annotations

import re

_GENERAL = re.compile(
    r"^(?:(?:so|and|but|well|okay|ok|hey)[, ]+)*(?:why (?:do|does|did|is|are)\b|how (?:do|does|"
    r"did) (?!i get\b)|how to\b|what(?:['’]s| is| are| makes) (?:an?|good)\b|who invented\b|when "
    r"(?:was|were) (?:the|an?) first\b)"
    r"|\b(?:usually|in general|normally|generally|typical(?:ly)?|ever invented)\b",
    re.IGNORECASE,
)
_HERE_AND_NOW = re.compile(
    r"\b(?:my|our|mine|today|tonight|now|tomorrow|yesterday|currently|right now|at the moment|here|"
    r"near(?:by|est)?|closest|local|this (?:morning|afternoon|evening|week|weekend|month)|last "
    r"night|you|your|latest|left)\b",
    re.IGNORECASE,
)


def asks_in_general(text: str) -> bool:
    """Whether `text` is a question of general knowledge ("how do traffic lights work")."""
    return _GENERAL.search(text.strip()) is not None and _HERE_AND_NOW.search(text) is None
