"""Plays a session's speech to a client far away, at the speed of sound.

A client plays what it is sent at once, and cannot take it back. So it is sent little more than it
has played: `lead_s`. What it has played is then known here, an interruption takes effect within
that time, and an answer that pauses stays silent there too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from voice_local.audio.clocks import Marks, Moment
from voice_local.audio.types import SAMPLE_RATE
from voice_local.conversation.output.queued_speech import Taken
from voice_local.conversation.output.speech_queue import SpeechQueue

LEAD_S = 0.1
"""How much a client is sent ahead: about the jitter of a local network."""

PIECE_S = 0.02


class PacedOutput:
    """Sends what `queue` holds: pieces of `piece_s` seconds, `lead_s` ahead of real time.

    `send`: takes each piece; while it waits (a client that does not read), nothing else is taken,
    and the time is not made up for.

    Attributes:
        timing: when the user's sound came and the speech was sent; see `Timing`.
    """

    def __init__(
        self,
        queue: SpeechQueue,
        send: Callable[[Taken], Awaitable[None]],
        *,
        lead_s: float = LEAD_S,
        piece_s: float = PIECE_S,
    ) -> None:
        self._queue, self._send, self._lead_s = queue, send, lead_s
        self._count = int(piece_s * queue.sample_rate)
        self._changed = asyncio.Event()
        queue.on_change = self._changed.set
        self.timing = ArrivalTiming(queue.sample_rate)

    async def run(self) -> None:
        """Sends until it is cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()  # when the client will have played everything
        while True:
            self._changed.clear()
            before = self._queue.pulled
            taken = self._queue.take(self._count)
            now = loop.time()
            if not len(taken.samples):
                await self._changed.wait()
                continue
            due = max(due, now)
            self.timing.send(before, due - now)
            await self._send(taken)
            due += len(taken.samples) / self._queue.sample_rate
            await asyncio.sleep(max(0.0, due - self._lead_s - loop.time()))


class ArrivalTiming:
    """Of a client on a network: sound counts from when it came here, speech from when it was sent.
    `sample_rate`: of the speech, in Hz."""

    def __init__(self, sample_rate: int) -> None:
        self._came, self._sent = Marks(SAMPLE_RATE), Marks(sample_rate)

    def receive(self, first: int) -> None:
        """The session's sample number `first` (16 kHz) and those after it have just come."""
        self._came.add(first, Moment(time.monotonic()))

    def send(self, first: int, ahead_s: float) -> None:
        """Sample number `first` of the speech is sent now, to be played in `ahead_s`."""
        self._sent.add(first, Moment(time.monotonic() + ahead_s))

    def captured(self, sample: int) -> Moment | None:
        """See `Timing`."""
        return self._came.find(sample)

    def sounded(self, sample: int) -> Moment | None:
        """See `Timing`."""
        return self._sent.find(sample)
