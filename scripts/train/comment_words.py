"""Which comments of GoEmotions are also learnt from as out of scope: those that ask for nothing."""

from __future__ import annotations

import re

_TALK = re.compile(
    r"\b(order|cancel|refund|track|deliver|package|ship|bill|invoice|charge|agent|operator|support|"
    r"help|hello|hi|hey|bye|night|thank|thanks|stop|repeat|again|yes|no|nope|yeah|ok|okay|sure|"
    r"joke|play|song|music|remind|alarm|light|emergency|kill|die|dying|dead|suicide|police|"
    r"ambulance|morning|welcome|shut|agree|right|hurt|pills|doctor)\w*\b"
)

_OTHERWISE = re.compile(
    r"\b(order|cancel|refund|track|deliver|package|ship|bill|invoice|charge|agent|operator|support|"
    r"repeat|light|song|music|play|person|human|price|product|manager|police|ambulance|fire|dead|"
    r"die|died|dying|kill|killed|killing|blood|heart|attack|emergency|hospital|doctor|pills|shot|"
    r"gun|burn|burning)\w*\b"
)
_MAYBE_MEANT = re.compile(
    r"\b(help|hello|hi|hey|bye|thank|thanks|stop|again|yes|no|nope|yeah|ok|okay|sure|suicid\w*|"
    r"kill (?:my|your|him|her)\w*|want to die|overdose|please|my (?:order|bill|package|account|"
    r"refund))\b"
)


def asks_for_nothing(text: str) -> bool:
    """Whether a comment has no word of a request, a greeting or an answer."""
    return len(text.split()) > 4 and not _TALK.search(text)


def is_hard(text: str) -> bool:
    """Whether a longer comment has words of orders or dangers and, most likely, means none."""
    return (
        len(text.split()) > 5
        and _OTHERWISE.search(text) is not None
        and _MAYBE_MEANT.search(text) is None
    )
