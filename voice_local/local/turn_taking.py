"""A recorded user who waits for each answer before the next recording, in place of a microphone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import numpy as np
import soxr

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.config import AudioSettings
from voice_local.engine.counting import CountingEngine
from voice_local.local.cards import Block, Pull
from voice_local.local.replay import settled

PAUSE_S = 0.8
"""Between an answer's end and what the user says next."""


class Answering(Protocol):
    """What the card has to know of the session that it speaks to.

    Attributes:
        busy: whether a turn is going on.
        only_playing: whether nothing is left of it but to play what is ready.
    """

    @property
    def busy(self) -> bool:
        """See the class."""
        ...

    @property
    def only_playing(self) -> bool:
        """See the class."""
        ...


class TurnTakingCard:
    """Says `sounds` (16 kHz) one after the other. See `SoundCard`.

    It goes at the pace of real time, so that waiting is as long as it would be, but for answers
    that are ready: those are played as fast as they can be. With `engine` it never waits for the
    clock, only for the engine: then times mean nothing, and the outcome repeats.

    Attributes:
        session: whom it speaks to; set before `blocks` is read.
    """

    def __init__(
        self,
        sounds: Sequence[Audio],
        settings: AudioSettings,
        engine: CountingEngine | None = None,
    ) -> None:
        rate = settings.sample_rate
        self._rate, self._block, self._engine = rate, rate * settings.block_ms // 1000, engine
        self._sounds = [
            np.asarray(soxr.resample(one, SAMPLE_RATE, rate), dtype=np.float32) for one in sounds
        ]
        self._user: list[Audio] = []
        self._assistant: list[Audio] = []
        self.session: Answering | None = None
        self.ended, self.lost, self.overruns = False, False, 0

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`."""
        silence = np.zeros(self._block, dtype=np.float32)
        pause = int(PAUSE_S * self._rate / self._block)
        for number, sound in enumerate(self._sounds):
            for begin in range(0, len(sound), self._block):
                part = sound[begin : begin + self._block]
                yield await self._next(pull, np.pad(part, (0, self._block - len(part))))
            last = number + 1 == len(self._sounds)
            quiet = 0
            while quiet < pause and not last:
                yield await self._next(pull, silence)
                quiet = 0 if self.session and self.session.busy else quiet + 1
        self.ended = True
        while True:
            yield await self._next(pull, silence)

    async def _next(self, pull: Pull, recorded: Audio) -> Block:
        if self._engine is not None:
            await settled(self._engine)
        elif self.session and self.session.only_playing:
            await asyncio.sleep(0)
        else:
            await asyncio.sleep(self._block / self._rate)
        played = pull(self._block)
        self._user.append(recorded)
        self._assistant.append(played)
        return Block(recorded, played)

    @property
    def position(self) -> int:
        """Samples until now."""
        return len(self._user) * self._block

    def assistant(self, start: int = 0) -> Audio:
        """What was played from sample `start` on."""
        return np.concatenate([np.zeros(0, np.float32), *self._assistant[start // self._block :]])

    def sides(self) -> Audio:
        """Samples of shape (count, 2): left the user, right the assistant."""
        user = np.concatenate([np.zeros(0, np.float32), *self._user])
        return np.stack([user, self.assistant()], axis=1)
