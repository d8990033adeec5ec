"""What a conversation is about, for words that mean little by themselves: "and some eggs", "no, at
eleven"."""

from __future__ import annotations

PASSING = frozenset({"affirm", "deny", "repeat", "stop", "greeting", "farewell", "out_of_scope"})
"""Intents that say nothing of what the talk is about: it stays what it was."""


class IntentContext:
    """The last intent that was about something, one conversation's.

    Attributes:
        intent: its name; None at the start.
    """

    def __init__(self) -> None:
        self.intent: str | None = None

    def update(self, intent: str | None) -> None:
        """Takes a finished turn's intent."""
        if intent is not None and intent not in PASSING:
            self.intent = intent
