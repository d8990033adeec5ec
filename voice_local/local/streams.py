"""One stream from a microphone and one to a loudspeaker, through PortAudio, each with a clock of
its own.

Two streams, for one that does both takes a block in for each block out: what piles up in a stall
then stays as delay. The callbacks only move bytes and read the clock.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from voice_local.audio.clocks import (
    ArrivalClock,
    Moment,
    Playout,
)
from voice_local.config import AudioSettings
from voice_local.local.cards import Pull
from voice_local.local.portaudio import (
    library,
    named,
    refusal,
)

WAITING_S = 5.0
"""So much recorded sound may wait at most while the process is busy with something else; its oldest
goes first."""


class Streams:
    """Both, started.

    `arrived` is called, from a thread of PortAudio's, when `wanted` blocks are waiting;
    `sounded(frames, moment)` when `frames` more have been pulled, the first of which is in the air
    at `moment`.

    Attributes:
        waiting: recorded blocks: float32 bytes, and when the first sample was in the air
            (`time.monotonic()`).
        wanted: how many blocks whoever reads has use for.
        playout: what is played, by when it is in the air.
        captured, pulled: samples so far.
        overruns: how often the sound server or the device lost recorded sound.

    Raises:
        AudioDeviceError: one of them cannot be opened.
    """

    def __init__(
        self,
        settings: AudioSettings,
        pull: Pull,
        arrived: Callable[[], object],
        sounded: Callable[[int, Moment], object],
    ) -> None:
        self.playout = Playout(settings.sample_rate)
        self.waiting: deque[tuple[bytes, float]] = deque(
            maxlen=int(WAITING_S * 1000 / settings.block_ms)
        )
        self.captured = self.pulled = self.overruns = 0
        self.wanted = 1
        self._microphone = ArrivalClock(settings.sample_rate)
        self._pull, self._arrived, self._sounded = pull, arrived, sounded
        self._streams: list[Any] = []
        sound, block = library(), settings.sample_rate * settings.block_ms // 1000
        self._silence = bytes(4 * block)
        try:
            # The loudspeaker first: what it plays is known by the time the microphone hears it.
            for kind, device, callback in (
                (sound.RawOutputStream, settings.output_device, self._play),
                (sound.RawInputStream, settings.input_device, self._record),
            ):
                self._streams.append(
                    kind(
                        samplerate=settings.sample_rate,
                        blocksize=block,
                        channels=1,
                        dtype="float32",
                        device=named(device),
                        latency="low",
                        callback=callback,
                    )
                )
                self._streams[-1].start()
        except (sound.PortAudioError, ValueError) as error:
            self.close()
            raise refusal(error) from None

    def close(self) -> None:
        """Ends both. May block for ever if the sound server has died."""
        for stream in self._streams:
            stream.close()

    def _record(self, recorded: Any, frames: int, stamps: Any, status: Any) -> None:
        if status.input_overflow:
            self.overruns += 1
            self._microphone.lost()
        self._microphone.stamp(self.captured + frames, time.monotonic())
        self.waiting.append((bytes(recorded), self._microphone.at(self.captured)))
        self.captured += frames
        if len(self.waiting) >= self.wanted:
            self._arrived()

    def _play(self, playing: Any, frames: int, stamps: Any, status: Any) -> None:
        now, latency_s = time.monotonic(), stamps.outputBufferDacTime - stamps.currentTime
        played = self._pull(frames)
        data = played.tobytes()
        playing[:] = data
        sounds_s = self.playout.push(played, now + latency_s, data == self._silence)
        self._sounded(frames, Moment(sounds_s, (sounds_s - now) * 1000))
        self.pulled += frames
