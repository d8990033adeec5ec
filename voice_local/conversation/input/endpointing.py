"""When a turn begins and when it is over: a pure state machine on the sample clock, fed with speech
probabilities.

quiet → starting → speaking → pausing → quiet. Frames are 32 ms of 16 kHz mono with Silero's
probability. Silero says "silence" about 100 ms after the last sound; the sound's level tells it
sooner, but also of every closure within a word. So a fall of the level (`Dip`) lets the words be
looked for, and Silero alone decides.
"""

from __future__ import annotations

import bisect
from collections import deque
from dataclasses import dataclass
from enum import Enum

import numpy as np

from voice_local.audio.level import (
    audible_span,
    dbfs,
)
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.config_vad import VadSettings
from voice_local.conversation.input.endpointing_delay import endpointing_delay_ms


@dataclass(frozen=True)
class SpeechStarted:
    """Speech has lasted long enough to count. `sample`: where it began."""

    sample: int


@dataclass(frozen=True)
class Pause:
    """Silence has lasted `eager_end_of_turn_ms`: time to start a speculative response.

    `sample`: where the silence began.
    """

    sample: int


@dataclass(frozen=True)
class Dip:
    """It has been quiet by its level for `eager_end_of_turn_ms`, but not yet by Silero.

    `sample`: where the sound ended.
    """

    sample: int


@dataclass(frozen=True)
class Resumed:
    """Speech went on after a `Pause`, before the commit window had passed."""

    sample: int


@dataclass(frozen=True)
class SpeechEnded:
    """The commit window has passed in silence, or the turn reached its longest.

    Attributes:
        audio: the utterance with its pre-roll and up to 200 ms after its last voiced frame; 16 kHz.
        start, end: first and one past the last voiced sample.
        committed: sample at which this was known; `committed - end` is the waiting.
        cut: true when the turn grew too long: at its first pause near the longest, else there, in
            the middle of a word.
    """

    audio: Audio
    start: int
    end: int
    committed: int
    cut: bool = False


Event = SpeechStarted | Dip | Pause | Resumed | SpeechEnded

QUIET_DB = 25.0
"""So far under the loud fifth of its frames an utterance counts as quiet. After 64 ms of that the
words of 100 recorded orders were asked for 58 ms after their end (median; 141 by Silero's silence),
and 1.9 times before it."""

LOUD_PART = 0.8


class _State(Enum):
    """QUIET: nobody speaks. STARTING: there is a voice, for less than `min_speech_ms`. PAUSING: the
    utterance may be over."""

    QUIET, STARTING, SPEAKING, PAUSING = range(4)


class Endpointer:
    """One conversation's turn detector.

    Attributes:
        settings: may be changed at any time.
        delay_override_ms: silence that ends the current utterance, or the next one, whatever
            its probability of being finished; None: by that probability.
    """

    def __init__(self, settings: VadSettings) -> None:
        self.settings = settings
        self._clock = 0
        self._ring: deque[Audio] = deque()
        self._kept: list[Audio] = []
        self._state = _State.QUIET
        self._start = self._end = self._voiced = self._sound_end = 0
        self._levels: list[float] = []  # of the utterance's frames, sorted
        self._dipped = False
        self._complete: float | None = None
        self.delay_override_ms: float | None = None

    @property
    def clock(self) -> int:
        """Samples taken so far."""
        return self._clock

    @property
    def speaking(self) -> bool:
        """Whether an utterance has begun and is not over."""
        return self._state in (_State.SPEAKING, _State.PAUSING)

    @property
    def start(self) -> int:
        """The first voiced sample of the current utterance, or of the last one."""
        return self._start

    @property
    def voiced_end(self) -> int:
        """One past the last voiced sample of the utterance so far."""
        return self._end

    @property
    def sound_end(self) -> int:
        """One past the last sample that was voiced and not quiet: all the words that there may be
        are before it."""
        return self._sound_end

    @property
    def length_ms(self) -> float:
        """From the utterance's first to its last voiced sample so far."""
        return (self._end - self._start) * 1000 / SAMPLE_RATE

    def so_far(self) -> Audio:
        """The utterance until now, with its pre-roll and at most 200 ms after its last voiced
        frame."""
        audio = np.concatenate(self._kept)
        surplus = self._clock - self._end - SAMPLE_RATE // 5
        return audio[:-surplus] if surplus > 0 else audio

    def set_end_of_turn_probability(self, probability: float | None) -> None:
        """Takes the finished-sentence probability of the words so far; None: nothing is known."""
        self._complete = probability

    @property
    def window_ms(self) -> float:
        """Silence that ends the utterance, by what is believed of it."""
        return (
            endpointing_delay_ms(self.settings, self._complete)
            if self.delay_override_ms is None
            else self.delay_override_ms
        )

    def push(self, frame: Audio, probability: float) -> list[Event]:
        """Takes one frame; what it brought about, in order."""
        settings, began = self.settings, self._clock
        self._clock += len(frame)
        events: list[Event] = []
        voiced = probability >= (
            settings.threshold
            if self._state in (_State.QUIET, _State.STARTING)
            else settings.neg_threshold
        )
        if self._state in (_State.QUIET, _State.STARTING):
            self._remember(frame)
            if voiced:
                if self._state == _State.QUIET:
                    self._state, self._start, self._voiced = _State.STARTING, began, 0
                self._voiced += len(frame)
                if self._voiced * 1000 >= settings.min_speech_ms * SAMPLE_RATE:
                    self._state, self._end = _State.SPEAKING, self._clock
                    self._kept, self._ring = list(self._ring), deque()
                    self._levels = sorted(map(_level, self._kept))
                    self._sound_end, self._dipped = self._clock, False
                    events.append(SpeechStarted(self._start))
            else:
                self._state = _State.QUIET
            return events
        self._kept.append(frame)
        if voiced:
            if self._state == _State.PAUSING:
                self._state, self._complete = _State.SPEAKING, None
                events.append(Resumed(began))
            self._end = self._clock
        self._follow_level(frame, voiced)
        silent_ms = (self._clock - self._end) * 1000 / SAMPLE_RATE
        lasted, longest = self._clock - self._start, settings.max_turn_s * SAMPLE_RATE
        paused_late = self._state == _State.PAUSING and lasted >= LATE * longest
        if silent_ms >= self.window_ms or paused_late or lasted >= longest:
            events.append(self._finish(cut=silent_ms < self.window_ms))
        elif self._state == _State.SPEAKING and silent_ms >= settings.eager_end_of_turn_ms:
            self._state = _State.PAUSING
            events.append(Pause(self._end))
        elif (
            self._state == _State.SPEAKING
            and not self._dipped
            and self._quiet_ms >= settings.eager_end_of_turn_ms
        ):
            self._dipped = True
            events.append(Dip(self._sound_end))
        return events

    @property
    def _quiet_ms(self) -> float:
        return (self._clock - self._sound_end) * 1000 / SAMPLE_RATE

    def _follow_level(self, frame: Audio, voiced: bool) -> None:
        level = _level(frame)
        bisect.insort(self._levels, level)
        loud = self._levels[int(LOUD_PART * (len(self._levels) - 1))]
        if voiced and level >= loud * 10 ** (-QUIET_DB / 20):
            self._sound_end, self._dipped = self._clock, False

    def forget_before(self, sample: int) -> None:
        """Leaves what was recorded before `sample` out of the utterance, which then begins there at
        the latest."""
        while (
            len(self._kept) > 1
            and self._clock - sum(map(len, self._kept)) + len(self._kept[0]) <= sample
        ):
            self._kept.pop(0)
        self._start = max(self._start, min(sample, self._end))

    def flush(self) -> list[Event]:
        """The sound has ended: what was being said is over."""
        return [self._finish(cut=False)] if self._state in (_State.SPEAKING, _State.PAUSING) else []

    def clear(self) -> None:
        """Forgets the current utterance."""
        self._state, self._kept, self._voiced, self._complete = _State.QUIET, [], 0, None
        self._ring.clear()

    def _remember(self, frame: Audio) -> None:
        self._ring.append(frame)
        wanted = self.settings.pre_roll_ms * SAMPLE_RATE // 1000 + (
            self._voiced + len(frame) if self._state == _State.STARTING else 0
        )
        while self._ring and sum(map(len, self._ring)) - len(self._ring[0]) >= wanted:
            self._ring.popleft()

    def _finish(self, cut: bool) -> SpeechEnded:
        ended = SpeechEnded(self.so_far(), self._start, self._end, self._clock, cut)
        surplus = self._clock - self._end - SAMPLE_RATE // 5
        if surplus > 0:  # heard by nobody yet: a soft beginning of what comes next may be in it
            self._ring.append(np.concatenate(self._kept)[-surplus:])
        self._state, self._kept, self._voiced, self._complete, self.delay_override_ms = (
            _State.QUIET,
            [],
            0,
            None,
            None,
        )
        return ended


LATE = 0.9
"""From this part of the longest turn on its first pause ends it, so that no word is cut."""


def _level(frame: Audio) -> float:
    return float(np.sqrt((frame**2).mean()))


def last_audible(event: SpeechEnded) -> int:
    """The sample of the last audible sound, by energy: 40 dB under the utterance's loudest."""
    peak = dbfs(float(np.abs(event.audio).max()))
    _, end = audible_span(event.audio, SAMPLE_RATE, max(-60.0, peak - 40))
    kept_after_end = min(event.committed - event.end, SAMPLE_RATE // 5)
    return event.end + kept_after_end - (len(event.audio) - end if end else 0)
