"""What is said when a turn was not understood: something else each time, and nothing when that has not helped."""

from __future__ import annotations

from voice_local.conversation.phrases import NOT_CAUGHT, STILL_NOT_CAUGHT, TRY_LATER
from voice_local.conversation.record import ConversationTurn

NO_WORDS, UNSURE_WORDS = "no_words", "unsure_words"
"""How a fallback begins of a turn whose words were not understood."""


class Repairs:
    """One conversation's. It changes with finished turns only."""

    SAID = (NOT_CAUGHT, STILL_NOT_CAUGHT, TRY_LATER)

    def __init__(self) -> None:
        self._failed = 0

    @property
    def text(self) -> str:
        """What to say now; empty when all has been said."""
        return self.SAID[self._failed] if self._failed < len(self.SAID) else ""

    def hear(self, record: ConversationTurn) -> None:
        """Takes a finished turn of the user."""
        failed = any(told.startswith((NO_WORDS, UNSURE_WORDS)) for told in record.fallbacks)
        self._failed = self._failed + 1 if failed else 0
