"""Whether a text is addressed to the assistant, or only reports something.

"They cancelled the parade" has the words of a request but is none: it mentions neither the speaker
nor the assistant, and does not begin with an imperative.
"""

from __future__ import annotations

import re

SHORT = 4
"""Most words of a text that is always taken for a command: "invoice for march please"."""
_HERE = re.compile(
    r"\b(?:i|i'?m|i'?ve|i'?d|i'?ll|me|my|mine|myself|we|we'?re|we'?ve|us|our|you|your|you'?re|"
    r"yours|please|let'?s)\b"
)
_SOMEBODYS = re.compile(r" of (?:mine|ours|yours)\b")
"""Does not count as a mention of the speaker: "an uncle of mine"."""
_VERB_FIRST = re.compile(
    r"^(?:(?:um|uh|well|so|okay|ok|hey|hi|hello|now|just|and|oh|right|look|listen|sorry|computer|"
    r"go ahead and|kindly|quick question) )*(?:cancel|call|scrap|drop|void|stop|undo|track|check|"
    r"look|find|locate|trace|tell|get|put|transfer|connect|pass|hand|patch|speak|talk|give|send|"
    r"show|help|fix|repair|reset|restart|explain|refund|charge|bill|print|email|repeat|say|read|"
    r"go over|be|stay|keep|hush|pause|quit|end|hang|bye|goodbye|where|when|has|have|is|are|does|"
    r"did|what|which|how much|any)\b"
)


def addressed(text: str) -> bool:
    """Whether `text` mentions the speaker or the assistant, is as short as a command, or begins
    like a command or a question."""
    words = _SOMEBODYS.sub("", text.lower())
    return (
        len(words.split()) <= SHORT
        or _HERE.search(words) is not None
        or _VERB_FIRST.search(words) is not None
    )
