"""Whether words are said to the assistant about the speaker's own things, or tell of the world at
large.

"They cancelled the parade" has an order's words and asks for nothing: nobody who is here is spoken
of, and it does not begin with a verb to be done.
"""

from __future__ import annotations

import re

SHORT = 4
"""Up to so many words are taken for a command or a heading: "invoice for march please"."""
_HERE = re.compile(
    r"\b(?:i|i'?m|i'?ve|i'?d|i'?ll|me|my|mine|myself|we|we'?re|we'?ve|us|our|you|your|you'?re|"
    r"yours|please|let'?s)\b"
)
_SOMEBODYS = re.compile(r" of (?:mine|ours|yours)\b")
"""An uncle of mine is not here."""
_VERB_FIRST = re.compile(
    r"^(?:(?:um|uh|well|so|okay|ok|hey|hi|hello|now|just|and|oh|right|look|listen|sorry|computer|"
    r"go ahead and|kindly|quick question) )*(?:cancel|call|scrap|drop|void|stop|undo|track|check|"
    r"look|find|locate|trace|tell|get|put|transfer|connect|pass|hand|patch|speak|talk|give|send|"
    r"show|help|fix|repair|reset|restart|explain|refund|charge|bill|print|email|repeat|say|read|"
    r"go over|be|stay|keep|hush|pause|quit|end|hang|bye|goodbye|where|when|has|have|is|are|does|"
    r"did|what|which|how much|any)\b"
)


def addressed(text: str) -> bool:
    """Whether `text` speaks of somebody who is here, is as short as a command, or begins as one or
    as a question does."""
    words = _SOMEBODYS.sub("", text.lower())
    return (
        len(words.split()) <= SHORT
        or _HERE.search(words) is not None
        or _VERB_FIRST.search(words) is not None
    )
