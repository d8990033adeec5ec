"""Sound cards: blocks of what was recorded, and what was played at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import soxr

from voice_local.audio.clocks import Moment
from voice_local.audio.files import read_audio
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.config import AudioSettings

Pull = Callable[[int], Audio]


class Block(NamedTuple):
    """Both sides of some whole 10 ms, float32 of equal length.

    Attributes:
        recorded: what the microphone recorded.
        played: what the loudspeaker played in the same time.
        reference: the same a little earlier, for an echo canceller; None: `played` is early enough.
        captured_s: when the first recorded sample was in the air, by `time.monotonic()`; None: now.
    """

    recorded: Audio
    played: Audio
    reference: Audio | None = None
    captured_s: float | None = None


class SoundCard(Protocol):
    """A microphone and a loudspeaker.

    Attributes:
        ended: whether the microphone has ended (the end of a recording).
        lost: whether the device has gone away and is waited for.
        overruns: how often recorded sound was lost.
    """

    ended: bool
    lost: bool
    overruns: int

    def blocks(self, pull: Pull) -> AsyncIterator[Block | tuple[Audio, Audio]]:
        """Blocks, or plain (recorded, played) pairs; `pull` gives what is to be played."""
        ...


@runtime_checkable
class TimedCard(Protocol):
    """A sound card whose two directions have clocks of their own, and that knows when each sample
    is in the air.

    A card without them is taken to record and play its samples at the same pace, without a delay.
    """

    def sounded(self, sample: int) -> Moment | None:
        """When sample number `sample` of what was pulled is in the air; None: unknown."""
        ...


class WavCard:
    """A recording in place of the microphone, in real time; what is played is only passed on.
    Silence follows its end.

    Attributes:
        duration_s: of the recording. position_s: so much of it has been played; more than
            `duration_s` after its end.
    """

    def __init__(self, path: Path, settings: AudioSettings) -> None:
        audio = read_audio(path)
        self._audio = np.asarray(
            soxr.resample(audio, SAMPLE_RATE, settings.sample_rate), dtype=np.float32
        )
        self._rate = settings.sample_rate
        self._block = settings.sample_rate * settings.block_ms // 1000
        self.duration_s, self.position_s = len(audio) / SAMPLE_RATE, 0.0
        self.ended, self.lost, self.overruns = False, False, 0

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`."""
        loop = asyncio.get_running_loop()
        began, count = loop.time(), 0
        while True:
            part = self._audio[count * self._block : (count + 1) * self._block]
            self.ended = len(part) == 0
            recorded = np.zeros(self._block, dtype=np.float32)
            recorded[: len(part)] = part
            count += 1
            self.position_s = count * self._block / self._rate
            # A block exists once its last sample has been recorded.
            await asyncio.sleep(max(0.0, began + count * self._block / self._rate - loop.time()))
            yield Block(recorded, pull(self._block))
