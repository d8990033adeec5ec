"""A sound card and a conversation, tied together: what every local front end runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from voice_local.conversation import events
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.live import LiveConversation
from voice_local.conversation.loudspeaker import Loudspeaker
from voice_local.engine.protocol import SAMPLE_RATE, VoiceActivity
from voice_local.local.cards import SoundCard
from voice_local.local.microphone import MicrophonePath
from voice_local.local.recorder import Recorder


class Talking:
    """One conversation through one card.

    Attributes:
        live: the conversation.
        microphone: the way of its sound; has its level.
    """

    def __init__(self, dialogue: Dialogue, voice_activity: VoiceActivity, card: SoundCard,
                 recorder: Recorder | None = None) -> None:
        settings = dialogue.settings
        self._card, self._recorder = card, recorder
        self.microphone = MicrophonePath(settings.audio)
        self.live = LiveConversation(dialogue, voice_activity, Loudspeaker(settings.audio.sample_rate),
                                     self.microphone.own_share)
        self._after_end = settings.vad.commit_longest_ms * SAMPLE_RATE // 1000 + SAMPLE_RATE // 5

    async def stream(self) -> AsyncIterator[events.Event]:
        """What happens, until the card's sound has ended and the last answer has been heard.

        Raises:
            AudioDeviceError: the card cannot be opened.
        """
        pump = asyncio.create_task(self._pump())
        try:
            async with aclosing(self.live.stream()) as told:  # type: ignore[type-var]
                async for event in told:
                    if isinstance(event, events.TurnEnded) and self._recorder:
                        self._recorder.turn(event.record)
                    yield event
            await pump
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def _pump(self) -> None:
        quiet = 0
        try:
            async for recorded, played in self._card.blocks(self.live.loudspeaker.pull):
                if self._recorder:
                    self._recorder.block(recorded, played)
                for frame in self.microphone.push(recorded, played):
                    self.live.hear(frame)
                    quiet = quiet + len(frame) if self._card.ended and not self.live.busy else 0
                if quiet > self._after_end:
                    return
        finally:
            await self.live.aclose()
