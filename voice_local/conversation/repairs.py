"""What is said to somebody who was not understood. Never the same three times in a row."""

from __future__ import annotations

from voice_local.conversation import phrases
from voice_local.conversation.record import ConversationTurn

SAME = 2
"""So often one is asked to say it again; then something else is offered."""

NOT_UNDERSTOOD = ("no_words", "unsure_words")
"""How the fallbacks of a turn begin whose words were not understood."""


class Repairs:
    """One conversation's."""

    def __init__(self) -> None:
        self._running = 0

    def next(self) -> str:
        """What is to be said now."""
        if self._running < SAME:
            return phrases.NOT_CAUGHT
        return phrases.STILL_NOT_CAUGHT if self._running == SAME else phrases.LISTENING

    def turn_ended(self, record: ConversationTurn) -> None:
        """A turn is over."""
        if any(fallback.startswith(NOT_UNDERSTOOD) for fallback in record.fallbacks):
            self._running = (self._running + 1) % (SAME + 2)
        elif record.user_text:
            self._running = 0
