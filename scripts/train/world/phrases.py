"""Verb phrases out of the world's requests: "can you cancel my order" → "cancel my order",
"cancelling my order"."""

from __future__ import annotations

import re

_ASKING = re.compile(
    r"^(?:(?:please|just|can you|could you|would you|will you|you can|go and|i need you to|i want "
    r"you to|i would like you to|i'd like you to|i want to|i need to|i would like to|i'd like to|"
    r"i have to|i just want to|i am calling to|i am trying to|i was hoping to|we want to|we need "
    r"to|we would like to|let me|can i|could i|may i|is there a way to|how do i|what do i do to|"
    r"will you let me|i think i will|is it possible to) )+"
)
VERBS = frozenset(
    (
        "add book bring call cancel change check close come connect cool delete deliver dim drop "
        "exchange find forget get give go hand heat let light lock look lower make move open order "
        "pass pause pick play put raise read remind remove reserve return see send set ship show "
        "shut skip speak start stop swap switch take talk tell track transfer translate turn "
        "unlock wake warm write"
    ).split()
)
"""Verbs in their base form that the world's requests begin with."""
_DOUBLED = frozenset("cancel stop get let put set skip drop shut swap ship forget".split())


def verb_phrase(sentence: str) -> str | None:
    """What `sentence` asks for, from its verb on; None where it is no request."""
    rest = _ASKING.sub("", sentence)
    words = rest.split()
    return rest if len(words) > 1 and words[0] in VERBS else None


def gerund(phrase: str) -> str:
    """`phrase` with its first verb as a gerund."""
    verb, _, rest = phrase.partition(" ")
    if verb in _DOUBLED:
        form = f"{verb}{verb[-1]}ing"
    elif verb.endswith("e") and not verb.endswith("ee"):
        form = f"{verb[:-1]}ing"
    else:
        form = f"{verb}ing"
    return f"{form} {rest}".strip()
