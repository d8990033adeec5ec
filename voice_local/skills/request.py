"""What handlers and verifiers get."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from voice_local.conversation.context.history import Exchange
from voice_local.conversation.responder import Reply


@dataclass(frozen=True)
class Request:
    """The input of a handler.

    Attributes:
        text: the user's words.
        intent, confidence: from the understanding model.
        authenticated: whether the speaker's identity is known to the host program.
        last_answer: the assistant's previous answer.
        history: the turns so far, in order.
        entities: the values in the words, by name; see `entities.Entity`.
        conversation_id: the same in all turns of a conversation.
        verifying: whether the words reply to a verifier's question.
    """

    text: str
    intent: str
    confidence: float
    authenticated: bool = False
    last_answer: str = ""
    history: tuple[Exchange, ...] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    conversation_id: str = ""
    verifying: bool = False


Handler = Callable[[Request], Reply | Awaitable[Reply | None] | None]
