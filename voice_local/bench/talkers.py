"""Users who talk by a Poisson clock, whether or not they were answered."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass, field

import numpy as np

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench import conversations
from voice_local.bench.rooms import RoomCard
from voice_local.conversation import events
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.record import ConversationTurn
from voice_local.local.audio_session import LocalAudioSession

PAUSE_S = 3.0
THINK_S = 3.0
"""A talker is silent for `PAUSE_S` and an exponential time of mean `THINK_S` after each
utterance."""

SETTLE_S = 6.0
"""After the last utterance the answers may still come."""


@dataclass
class Talker:
    """One conversation's outcome: `gaps_ms` an utterance (None: not answered)."""

    card: RoomCard
    said: int = 0
    gaps_ms: list[float | None] = field(default_factory=list)
    underruns: int = 0
    late_blocks: int = 0
    records: list[ConversationTurn] = field(default_factory=list)

    @property
    def recording_mb(self) -> float:
        """Of the sound kept so far."""
        sides = (self.card.said, self.card.recorded, self.card.played)
        return sum(block.nbytes for side in sides for block in side) / 2**20


async def talk(
    talker: Talker,
    conversation: ConversationContext,
    sounds: list[Audio],
    rng: random.Random,
    seconds: float,
) -> None:
    """Lets one talker talk for about `seconds`."""
    card, loop = talker.card, asyncio.get_running_loop()
    starts: list[int] = []
    rate = conversation.settings.audio.sample_rate

    async def speak_now_and_then() -> None:
        end = loop.time() + seconds
        await asyncio.sleep(rng.uniform(0.3, 3.0))  # nobody starts together
        while loop.time() < end:
            audio = sounds[talker.said % len(sounds)]
            starts.append(sum(map(len, card.recorded)))
            card.say(audio)
            talker.said += 1
            await asyncio.sleep(len(audio) / SAMPLE_RATE + PAUSE_S + rng.expovariate(1 / THINK_S))
        await asyncio.sleep(SETTLE_S)
        card.ended = True

    speaking = asyncio.create_task(speak_now_and_then())
    talking = LocalAudioSession(conversation, SileroModel().stream(), card)
    try:
        async with aclosing(talking.events()) as stream:  # type: ignore[type-var]
            async for event in stream:
                if isinstance(event, events.TurnEnded):
                    talker.records.append(event.record)
                if speaking.done() and card.ended:
                    break
        await speaking
    finally:
        speaking.cancel()
    talker.underruns, talker.late_blocks = talking.session.queue.underruns, card.late
    user, answer = np.concatenate(card.recorded), np.concatenate(card.played)
    # Each utterance's stretch lasts until the next begins: what is answered later than that, is not
    # answered.
    stretches = [*starts[1:], len(user)]
    talker.gaps_ms = [
        conversations.gap_ms(user[a:b], answer[a:b], rate)
        for a, b in zip(starts, stretches, strict=True)
    ]
