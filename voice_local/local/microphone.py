"""From a sound card's blocks to the frames a conversation hears: echo taken out, 16 kHz, 32 ms."""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from voice_local.audio.echo import EchoCanceller
from voice_local.audio.echo_detector import EchoDetector
from voice_local.audio.level import dbfs
from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Audio,
)
from voice_local.config import AudioSettings

PLAYING_DBFS = -45.0
NO_ECHO_DB = -40.0
"""A microphone that stays so far under the loudspeaker hears none of it: a headset, another
room."""

REST_AFTER, QUIET_DBFS = 100, -50.0
"""Blocks of 10 ms without any sound played, and the peak under which the microphone counts as
quiet."""

EVIDENCE = 35
"""Blocks of 10 ms with sound playing before that is decided."""


class NoEcho:
    """Whether there is anything to cancel. A canceller also dulls who speaks over the assistant:
    headsets are spared it.

    Decided when two in three of the blocks in which sound was played were quiet; revoked when
    half of the last two seconds of them are not. A user's voice cannot do that: the assistant falls
    silent for it long before.
    """

    def __init__(self) -> None:
        self._ratios: deque[float] = deque(maxlen=200)
        self._echo_free = False

    def push(self, microphone: Audio, played: Audio) -> bool:
        """Takes 10 ms of both; true while there is no echo."""
        loud = dbfs(float(np.sqrt((played**2).mean())))
        if loud > PLAYING_DBFS:
            self._ratios.append(dbfs(float(np.sqrt((microphone**2).mean()))) - loud)
            if len(self._ratios) >= EVIDENCE:
                share = 50 if self._echo_free else 65
                self._echo_free = float(np.percentile(self._ratios, share)) < NO_ECHO_DB
        return self._echo_free


class Rest:
    """Whether there has been nothing to cancel for so long that the canceller may rest: it costs
    half of idle listening.

    It begins only while the microphone is quiet as well: no word is half cancelled and half not.
    """

    def __init__(self) -> None:
        self._silent = 0
        self._resting = False

    def push(self, microphone: Audio, played: Audio) -> bool:
        """Takes 10 ms of both; true while it rests."""
        self._silent = 0 if played.any() else self._silent + 1
        if self._silent == 0:
            self._resting = False
        elif self._silent >= REST_AFTER and dbfs(float(np.abs(microphone).max())) < QUIET_DBFS:
            self._resting = True
        return self._resting

    def goes_on(self, played: Audio) -> bool:
        """Whether it rests already and stays so while `played` sounds, whatever the microphone
        hears; any length."""
        return self._resting and not played.any()


class MicrophonePath:
    """One microphone's way; `level` is the last block's peak, 0..1."""

    def __init__(self, settings: AudioSettings) -> None:
        self._echo = EchoCanceller(settings.sample_rate) if settings.echo_cancel else None
        self._no_echo, self._rest = NoEcho(), Rest()
        self._resampler = soxr.ResampleStream(settings.sample_rate, SAMPLE_RATE, 1, dtype="float32")
        self._block = settings.sample_rate // 100
        self._kept = np.zeros(0, dtype=np.float32)
        self._detector = EchoDetector(settings.sample_rate)
        self.level = 0.0

    def push(self, microphone: Audio, played: Audio, muted: bool = False) -> list[Audio]:
        """Takes what was recorded while `played` sounded, or a little after; the frames that have
        become whole.

        `muted`: it is silence that comes out. Only the echo canceller hears it, to know the room
        afterwards.
        """
        self.level = float(np.abs(microphone).max()) if len(microphone) and not muted else 0.0
        if self._echo and not self._rest.goes_on(played):
            starts = range(0, len(microphone), self._block)
            microphone = np.concatenate(
                [
                    self._without_echo(
                        self._echo, microphone[i : i + self._block], played[i : i + self._block]
                    )
                    for i in starts
                ]
            )
        if muted:
            microphone = np.zeros_like(microphone)
        self._kept = np.concatenate([self._kept, self._resampler.resample_chunk(microphone)])
        whole = len(self._kept) // FRAME_SAMPLES * FRAME_SAMPLES
        frames = [self._kept[i : i + FRAME_SAMPLES] for i in range(0, whole, FRAME_SAMPLES)]
        self._detector.push_played(played)
        for frame in frames:
            self._detector.push_recorded(frame)
        self._kept = self._kept[whole:]
        return frames

    def echo_ratio(self, seconds: float) -> float:
        """The part (0..1) of the energy in the frames of the last `seconds` that was played."""
        return self._detector.share(seconds)

    def _without_echo(self, canceller: EchoCanceller, microphone: Audio, played: Audio) -> Audio:
        if self._rest.push(microphone, played):
            return microphone
        cleaned = canceller.process(
            microphone, played
        )  # always: it must know the room when it is needed
        return microphone if self._no_echo.push(microphone, played) else cleaned
