"""What was said so far, as the LLM is told it."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_local.conversation.prompts import SYSTEM_PROMPT
from voice_local.engine.protocol import Message


@dataclass(frozen=True)
class Exchange:
    """One turn's context, words and answer."""

    context: str
    user: str
    assistant: str


@dataclass
class History:
    """The last `max_exchanges` exchanges. Contexts stay in place, so that a prompt only ever grows at its end."""

    system: str = SYSTEM_PROMPT
    max_exchanges: int = 6
    exchanges: list[Exchange] = field(default_factory=list)

    def messages(self, context: str, user: str) -> list[Message]:
        """All that is sent to the LLM for a new turn."""
        result = [Message(role="system", content=self.system)]
        for exchange in self.exchanges:
            result += _messages(exchange.context, exchange.user)
            result.append(Message(role="assistant", content=exchange.assistant))
        return result + _messages(context, user)

    def add(self, context: str, user: str, assistant: str) -> None:
        """Keeps a finished turn, forgetting the oldest beyond the limit."""
        self.exchanges.append(Exchange(context, user, assistant))
        del self.exchanges[: -self.max_exchanges]

    def forget_oldest(self) -> bool:
        """Drops the oldest exchange; false when there is none."""
        if not self.exchanges:
            return False
        del self.exchanges[0]
        return True


def _messages(context: str, user: str) -> list[Message]:
    said = Message(role="user", content=user)
    return [Message(role="system", content=context), said] if context else [said]
