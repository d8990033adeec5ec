"""Somebody who listens to a session without a sound card, as fast as it speaks."""

from __future__ import annotations

import asyncio

from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import VoiceSession

LOOK_S = 0.005
SAMPLES = 16_000
"""Taken at every look."""


async def ask_aloud(session: VoiceSession, text: str) -> ConversationTurn:
    """A typed turn of a spoken session, once its answer has been played."""
    asked = asyncio.ensure_future(session.ask(text))
    while not asked.done():
        session.queue.pull(SAMPLES)
        await asyncio.sleep(LOOK_S)
    return await asked
