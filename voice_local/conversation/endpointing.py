"""When a turn begins and when it is over: a pure state machine on the sample clock, fed with speech probabilities.

quiet → starting → speaking → pausing → quiet. Frames are 32 ms of 16 kHz mono with Silero's probability.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from voice_local.config import VadSettings
from voice_local.engine.protocol import SAMPLE_RATE, Audio


@dataclass(frozen=True)
class SpeechStarted:
    """Speech has lasted long enough to count. `sample`: where it began."""

    sample: int


@dataclass(frozen=True)
class Pause:
    """The first silent frame after speech. `sample`: where the silence began."""

    sample: int


@dataclass(frozen=True)
class Resumed:
    """Speech went on before the commit window had passed."""

    sample: int


@dataclass(frozen=True)
class SpeechEnded:
    """The commit window has passed in silence, or the turn reached its longest.

    Attributes:
        audio: the utterance with its pre-roll and up to 200 ms after its last voiced frame; 16 kHz.
        start, end: first and one past the last voiced sample.
        committed: sample at which this was known; `committed - end` is the waiting.
        cut: true when the longest turn was reached while the person still spoke.
    """

    audio: Audio
    start: int
    end: int
    committed: int
    cut: bool = False


Event = SpeechStarted | Pause | Resumed | SpeechEnded


class Endpointer:
    """One conversation's turn detector."""

    def __init__(self, settings: VadSettings) -> None:
        self._settings = settings
        self._clock = 0
        self._ring: deque[Audio] = deque()
        self._ring_samples = settings.pre_roll_ms * SAMPLE_RATE // 1000
        self._kept: list[Audio] = []
        self._state = "quiet"
        self._start = self._end = self._voiced = 0

    def push(self, frame: Audio, probability: float) -> list[Event]:
        """Takes one frame; what it brought about, in order."""
        settings, began = self._settings, self._clock
        self._clock += len(frame)
        events: list[Event] = []
        voiced = probability >= (settings.threshold if self._state in ("quiet", "starting") else
                                 settings.release_threshold)
        if self._state in ("quiet", "starting"):
            self._remember(frame)
            if voiced:
                if self._state == "quiet":
                    self._state, self._start, self._voiced = "starting", began, 0
                self._voiced += len(frame)
                if self._voiced * 1000 >= settings.min_speech_ms * SAMPLE_RATE:
                    self._state, self._end = "speaking", self._clock
                    self._kept, self._ring = list(self._ring), deque()
                    events.append(SpeechStarted(self._start))
            else:
                self._state = "quiet"
            return events
        self._kept.append(frame)
        if voiced:
            if self._state == "pausing":
                self._state = "speaking"
                events.append(Resumed(began))
            self._end = self._clock
        elif self._state == "speaking":
            self._state = "pausing"
            events.append(Pause(self._end))
        silent_ms = (self._clock - self._end) * 1000 // SAMPLE_RATE
        too_long = self._clock - self._start >= settings.max_turn_s * SAMPLE_RATE
        if silent_ms >= settings.commit_window_ms or too_long:
            events.append(self._finish(cut=too_long and self._state == "speaking"))
        return events

    def flush(self) -> list[Event]:
        """The sound has ended: what was being said is over."""
        return [self._finish(cut=False)] if self._state in ("speaking", "pausing") else []

    def _remember(self, frame: Audio) -> None:
        self._ring.append(frame)
        wanted = self._ring_samples + (self._voiced + len(frame) if self._state == "starting" else 0)
        while sum(map(len, self._ring)) - len(self._ring[0]) >= wanted:
            self._ring.popleft()

    def _finish(self, cut: bool) -> SpeechEnded:
        audio = np.concatenate(self._kept)
        surplus = self._clock - self._end - SAMPLE_RATE // 5
        if surplus > 0:
            audio = audio[:-surplus]
        ended = SpeechEnded(audio, self._start, self._end, self._clock, cut)
        self._state, self._kept, self._voiced = "quiet", [], 0
        return ended
