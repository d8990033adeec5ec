"""The machine's real sound devices: what the microphone hears and what is in the air meanwhile, by
their time stamps."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Any

import numpy as np

from voice_local.audio.clocks import (
    Follower,
    Marks,
    Moment,
)
from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Audio,
)
from voice_local.config import AudioSettings
from voice_local.errors import AudioDeviceError
from voice_local.local.cards import (
    Block,
    Pull,
)
from voice_local.local.portaudio import (
    hushed,
    in_time,
    library,
    named,
    present,
    refusal,
)
from voice_local.local.streams import Streams

LATEST_S = 0.2
"""Recorded sound that is older when its turn comes is dropped: the delay would stay for the rest of
the conversation."""

LEAD_S = 0.02
"""The echo canceller is given what is played so much early: time stamps may be wrong by as much, an
echo never early."""

TOGETHER = 4
"""So many recorded blocks are handed over in one at most: a conversation's frame is no longer."""

RETRY_S = 1.0
LOOK_S = 0.5
STALLED_LOOKS = 6
"""A device that has done nothing at so many looks, `LOOK_S` apart, has gone away. A process that
stood still is none."""

CLOSE_S = 2.0
"""A device that cannot be closed or opened in this time is left behind."""


def devices() -> list[dict[str, Any]]:
    """Every device: index, name, input and output channels, default rate.

    Raises:
        AudioDeviceError: PortAudio is not there.
    """
    return [
        {
            "index": i,
            "name": d["name"],
            "inputs": d["max_input_channels"],
            "outputs": d["max_output_channels"],
            "sample_rate": d["default_samplerate"],
        }
        for i, d in enumerate(library().query_devices())
    ]


def play(samples: Audio, sample_rate: int, device: str | None = None) -> None:
    """Plays `samples` (mono, at `sample_rate` Hz) through the loudspeaker to their end.

    Raises:
        AudioDeviceError: it cannot be opened.
    """
    present("output", device, sample_rate)
    sound = library()
    try:
        with hushed():
            sound.play(samples, sample_rate, device=named(device))
        sound.wait()
    except (sound.PortAudioError, ValueError) as error:
        raise refusal(error) from None


class DeviceCard:
    """Microphone and loudspeaker; reopened when one of them goes away. See `SoundCard` and
    `TimedCard`.

    Attributes:
        dropped_ms: recorded sound that came too late and was dropped, in all.
        reopened: how often the devices have come back.

    Raises:
        AudioDeviceError: there is no such device, or it does not take the rate.
    """

    def __init__(self, settings: AudioSettings) -> None:
        self._settings = settings
        present("input", settings.input_device, settings.sample_rate)
        present("output", settings.output_device, settings.sample_rate)
        self.ended, self.lost, self.overruns = False, False, 0
        self.dropped_ms = 0.0
        self.reopened = 0
        self._stuck = False  # a stream could not be closed
        self._arrived = asyncio.Event()
        self._sounded, self._pulled = Marks(settings.sample_rate), 0

    def sounded(self, sample: int) -> Moment | None:
        """See `TimedCard`."""
        return self._sounded.find(sample)

    def _mark(self, frames: int, moment: Moment) -> None:
        self._sounded.add(self._pulled, moment)
        self._pulled += frames

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`.

        Raises:
            AudioDeviceError: a device cannot be opened at the start. One that goes away later is
                waited for.
        """
        loop = asyncio.get_running_loop()

        def arrived() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._arrived.set)

        opening = partial(Streams, self._settings, pull, arrived, self._mark)
        with hushed():
            streams = opening()
        try:
            while True:
                async with aclosing(self._until_lost(streams)) as recorded:  # type: ignore[type-var]
                    async for block in recorded:
                        yield block
                self.lost = True
                await self._close(streams)
                streams = await self._reopen(opening)
                self.lost = False
        finally:
            await self._close(streams)

    async def _until_lost(self, streams: Streams) -> AsyncIterator[Block]:
        """Blocks, until one of the two does nothing any more. Nobody is woken for less than a
        conversation's next frame."""
        frame = FRAME_SAMPLES * self._settings.sample_rate // SAMPLE_RATE
        count, before = self._settings.sample_rate * self._settings.block_ms // 1000, self.overruns
        played = Follower(streams.playout, self._settings.sample_rate)
        reference = Follower(streams.playout, self._settings.sample_rate, LEAD_S)
        watch, read = _Watch(streams), 0
        while not watch.lost():
            while streams.waiting:
                recorded, captured_s = streams.waiting.popleft()
                if time.monotonic() - captured_s > LATEST_S:
                    self.dropped_ms += self._settings.block_ms
                    continue
                for _ in range(
                    min(len(streams.waiting), TOGETHER - 1)
                ):  # what waits costs less in one piece
                    recorded += streams.waiting.popleft()[0]
                microphone = np.frombuffer(recorded, dtype=np.float32)
                read += len(microphone)
                yield Block(
                    microphone,
                    played.take(captured_s, len(microphone)),
                    reference.take(captured_s, len(microphone)),
                    captured_s,
                )
            self.overruns = before + streams.overruns
            self._arrived.clear()
            streams.wanted = -(-(frame - read % frame) // count)
            if len(streams.waiting) >= streams.wanted:
                continue  # it came meanwhile
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._arrived.wait()

    async def _close(self, streams: Streams) -> None:
        try:
            await in_time(streams.close, CLOSE_S)
        except TimeoutError:
            # Its sound server died under it, and PortAudio waits for that server for ever: so would
            # its clean-up.
            self._stuck = True
            atexit.unregister(library()._exit_handler)

    async def _reopen(self, opening: Callable[[], Streams]) -> Streams:
        sound = library()
        while True:
            try:
                with hushed():
                    if not self._stuck:
                        # PortAudio knows only the devices it found when it was initialized.
                        sound._terminate()
                        sound._initialize()
                    streams = await in_time(opening, CLOSE_S, undo=Streams.close)
            except (AudioDeviceError, TimeoutError):
                await asyncio.sleep(RETRY_S)
                continue
            self.reopened += 1
            return streams


class _Watch:
    """Whether both directions go on."""

    def __init__(self, streams: Streams) -> None:
        self._streams, self._idle = streams, [0, 0]
        self._looked, self._before = time.monotonic(), (streams.captured, streams.pulled)

    def lost(self) -> bool:
        """True once one has done nothing at `STALLED_LOOKS` looks on end, at least `LOOK_S`
        apart."""
        if time.monotonic() - self._looked >= LOOK_S:
            now = (self._streams.captured, self._streams.pulled)
            self._idle = [
                idle + 1 if new == old else 0
                for idle, new, old in zip(self._idle, now, self._before, strict=True)
            ]
            self._looked, self._before = time.monotonic(), now
        return max(self._idle) >= STALLED_LOOKS
