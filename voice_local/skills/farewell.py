"""Whether a turn ended the conversation: the user said goodbye, and got the answer to that."""

from __future__ import annotations

import re

from voice_local.conversation.record import ConversationTurn
from voice_local.text.written_out import written_out

INTENT = "farewell"
_LEAVE = (
    r"(?:good ?bye|bye(?:[ -]?bye)?|farewell|so long|see (?:you|ya)(?: (?:later|soon|tomorrow|"
    r"around))?|good ?night|talk to you (?:later|soon)|hang up|that is all|that will be all|"
    r"(?:i am|we are) done)"
)
_TALKED_OF = re.compile(rf"\b(?:say|says|said|saying|wave|waved|word)\s+{_LEAVE}")
_AT_AN_EDGE = re.compile(
    rf"^\W*(?:(?:ok(?:ay)?|all right|well|thanks|thank you|no)\W+)*{_LEAVE}\b|\b{_LEAVE}"
    r"(?:\W+(?:then|now|for (?:now|today)|and )?[\w' ]{0,24})?\W*$"
)


def ends(record: ConversationTurn) -> bool:
    """Whether the conversation ends after this turn.

    The words must contain a goodbye: the intent of the model alone is not enough, since it also
    gives it to laughter.
    """
    words = written_out(record.user_text)
    return (
        record.handled_by == INTENT
        and not _TALKED_OF.search(words)
        and _AT_AN_EDGE.search(words) is not None
    )
