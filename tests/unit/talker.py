"""A scripted person before a live conversation, in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

from voice_local.config import Settings, load
from voice_local.conversation import events
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.live import LiveConversation
from voice_local.conversation.loudspeaker import Loudspeaker
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.router import IntentRouter
from voice_local.engine.protocol import VAD_FRAME, Audio
from voice_local.stages.scripted import ScriptedEngine

FRAME_S = 0.032


class Loudness:
    """Speech is what is loud: a voice detector for scripted sound."""

    def probability(self, frame: Audio) -> float:
        """0.95 for sound, 0.02 for silence."""
        return 0.95 if float(np.abs(frame).max()) > 0.01 else 0.02


class Talker:
    """Runs one conversation: `script` is a list of (seconds, whether the user speaks).

    Attributes:
        told: everything the conversation told, as (seconds since the start, event).
        out: what came from the loudspeaker, 16 kHz.
    """

    def __init__(self, engine: ScriptedEngine, router: IntentRouter | None = None, **settings: Any) -> None:
        self.engine = engine
        self.settings: Settings = load("tiny", **settings)
        self.dialogue = Dialogue(engine, self.settings, router or IntentRouter(2.0, 1.0))
        self.loudspeaker = Loudspeaker(16_000)
        self.live = LiveConversation(self.dialogue, Loudness(), self.loudspeaker)
        self.told: list[tuple[float, events.Event]] = []
        self.parts: list[Audio] = []
        self._noise = np.random.default_rng(7)

    async def run(self, *script: tuple[float, bool], prepare: bool = False) -> Talker:
        """Plays the script in real (virtual) time, then waits a second for what is left."""
        if prepare:
            await self.dialogue.prepare()
        reader = asyncio.create_task(self._read())
        for seconds, speaks in script:
            await self.step(seconds, speaks)
        await self.live.aclose()
        await reader
        return self

    async def step(self, seconds: float, speaks: bool) -> None:
        """So much more of the user's side."""
        for _ in range(round(seconds / FRAME_S)):
            level = 0.3 if speaks else 0.0
            frame = (level * self._noise.uniform(-1, 1, VAD_FRAME)).astype(np.float32)
            self.parts.append(self.loudspeaker.pull(VAD_FRAME))
            self.live.hear(frame)
            await asyncio.sleep(FRAME_S)

    async def _read(self) -> None:
        async for event in self.live.stream():
            self.told.append((asyncio.get_running_loop().time(), event))

    @property
    def out(self) -> Audio:
        """See the class."""
        return np.concatenate(self.parts)

    def of(self, kind: type) -> list[Any]:
        """Events of one kind."""
        return [event for _, event in self.told if isinstance(event, kind)]

    @property
    def turns(self) -> list[ConversationTurn]:
        """Finished turns' records."""
        return [event.record for event in self.of(events.TurnEnded)]

    def kinds(self) -> list[str]:
        """Names of all events but states and partials, in order."""
        return [type(event).__name__ for _, event in self.told
                if not isinstance(event, events.StateChanged | events.Partial)]

    def sounding(self, start_s: float, end_s: float) -> bool:
        """Whether anything was audible between these times."""
        part = self.out[int(start_s * 16_000) : int(end_s * 16_000)]
        return bool(len(part)) and float(np.abs(part).max()) > 0.01
