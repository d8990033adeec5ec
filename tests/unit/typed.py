"""Typed conversations that end with their last answer."""

from __future__ import annotations

from contextlib import aclosing

from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import VoiceSession


async def ask_all(context: ConversationContext, *texts: str) -> list[ConversationTurn]:
    """The records of `texts`, one after the other in one session."""
    async with aclosing(VoiceSession(context)) as session:
        return [await session.ask(text) for text in texts]


async def ask(context: ConversationContext, text: str) -> ConversationTurn:
    """The record of one text."""
    return (await ask_all(context, text))[0]
