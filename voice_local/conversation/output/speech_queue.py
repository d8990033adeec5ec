"""What is waiting to be played, and what has been: sound in order, with the words it says.

A device's callback (any thread) pulls; the conversation feeds. Only sound of the generation that is
current is taken: late work of an older turn is dropped here at the latest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import numpy as np
import soxr

from voice_local.audio.level import SILENCE_DBFS, audible_span
from voice_local.audio.types import Audio
from voice_local.conversation.output.played_words import words_until
from voice_local.conversation.output.queued_speech import PlaybackPosition, QueuedSegment, Taken
from voice_local.conversation.phrases import FILLERS
from voice_local.engine.api import SpeechChunk

SEGMENT_GAP_S = 0.12
RECENT_SEGMENTS = 6
KEPT_GENERATIONS = 8
"""Answers of which a client may yet say how much of them it has played."""

FADE_S = 0.005
"""A pause fades this fast, so that it does not click."""


class SpeechQueue:
    """One conversation's output at `sample_rate` Hz: the one source of what was played.

    `text_only`: nothing sounds in this conversation; what is shown counts as played.

    Attributes:
        text_only: as given; may be changed between answers.
        pulled: samples taken by the device since the start, silence included: the output's clock.
        first_audible: `pulled` when the first audible sample of the current generation's answer was
            taken; None before. What is said to gain time is no answer yet.
        underruns: how often an answer that had begun to sound ran dry before its end.
        on_change: called when there is more to take, no more to come, or what waited is gone.
    """

    def __init__(self, sample_rate: int, *, text_only: bool = False) -> None:
        self.sample_rate, self.text_only = sample_rate, text_only
        self.pulled = 0
        self.first_audible: int | None = None
        self.underruns = 0
        self._dry = False
        self._lock = threading.Lock()
        self._generation = 0
        self._paused = self._fading = False
        self._fade = int(FADE_S * sample_rate)
        self._finished = True
        self._waiting: deque[QueuedSegment] = deque()
        self._done: list[QueuedSegment] = []
        self._lengths: dict[int, list[tuple[str, int]]] = {}
        self._recent: deque[str] = deque(maxlen=RECENT_SEGMENTS)
        self.on_change: Callable[[], None] = lambda: None
        # Of a segment of which more is to come; the feeder's alone.
        self._resampler: soxr.ResampleStream | None = None

    def begin(self) -> int:
        """Starts a new generation and forgets all older sound; its number."""
        self._resampler = None
        with self._lock:
            self._keep_lengths()
            self._generation += 1
            self._paused, self._finished, self.first_audible = False, False, None
            self._waiting.clear()
            self._done = []
            return self._generation

    def feed(self, generation: int, chunk: SpeechChunk, text: str) -> bool:
        """Adds a segment's sound (a piece without `text` goes on with the one before); false if its
        turn is over."""
        if generation != self._generation:
            return False
        samples = self._resampled(chunk, bool(text))
        rest = max(int(not chunk.is_final), int(chunk.remaining_s * self.sample_rate))
        with self._lock:
            if generation != self._generation:
                return False
            if not text and (self._waiting or self._done):
                self._go_on(samples, rest, more=not chunk.is_final)
                self.on_change()
                return True
            lead = int(SEGMENT_GAP_S * self.sample_rate) if self._waiting or self._done else 0
            samples = np.concatenate([np.zeros(lead, dtype=np.float32), samples])
            filler = text in FILLERS
            self._waiting.append(
                QueuedSegment(
                    text, samples, lead, rest=rest, more=not chunk.is_final, filler=filler
                )
            )
        self.on_change()
        return True

    def _resampled(self, chunk: SpeechChunk, begins: bool) -> Audio:
        """At the device's rate; what joins a piece to the next is kept until that comes."""
        if chunk.sample_rate == self.sample_rate:
            return chunk.samples
        if begins or self._resampler is None:
            self._resampler = soxr.ResampleStream(
                chunk.sample_rate, self.sample_rate, 1, dtype="float32"
            )
        last = chunk.is_final
        samples = self._resampler.resample_chunk(chunk.samples, last=last)
        if last:
            self._resampler = None
        return np.asarray(samples, dtype=np.float32)

    def _go_on(self, samples: Audio, rest: int, *, more: bool) -> None:
        """Adds to the last segment, which may have sounded already."""
        if not self._waiting:
            self._waiting.append(self._done.pop())
        segment = self._waiting[-1]
        segment.rest, segment.more = rest, more
        segment.samples = np.concatenate([segment.samples, samples])
        if segment.resumed is not None:
            segment.resumed = np.concatenate([segment.resumed, samples])

    def show(self, generation: int, text: str) -> bool:
        """Takes a segment without sound; false if its turn is over."""
        with self._lock:
            if generation != self._generation:
                return False
            if self.text_only:
                self._done.append(QueuedSegment(text, np.zeros(0, dtype=np.float32)))
            return True

    def finish(self, generation: int) -> None:
        """Nothing more will come in this generation."""
        with self._lock:
            if generation == self._generation:
                self._finished = True
        self.on_change()

    def pull(self, count: int) -> Audio:
        """The next `count` samples; silence where there is nothing."""
        out = np.zeros(count, dtype=np.float32)
        with self._lock:
            self._fill(out)
            self.pulled += count
        return out

    def take(self, count: int) -> Taken:
        """At most `count` of the next samples, none where there is nothing: for a client that plays
        them itself."""
        out = np.zeros(count, dtype=np.float32)
        with self._lock:
            filled = self._fill(out)
            self.pulled += filled
            return Taken(self._generation, out[:filled])

    def whole_segments(self) -> tuple[int, list[Audio]]:
        """The current answer's number and those of its segments whose sound is all there."""
        with self._lock:
            whole: list[Audio] = []
            for segment in (*self._done, *self._waiting):
                if segment.more:
                    break
                whole.append(segment.samples[segment.lead :])
            return self._generation, whole

    def _fill(self, out: Audio) -> int:
        """Plays into `out`; how many samples of it are speech."""
        count, filled = len(out), 0
        fades, self._fading = self._paused and self._fading, False
        if fades and self._waiting:
            segment = self._waiting[0]
            tail = segment.samples[segment.played : segment.played + min(count, self._fade)]
            out[: len(tail)] = tail * np.linspace(1, 0, len(tail), dtype=np.float32)
            return len(tail)
        while filled < count and self._waiting and not self._paused:
            segment = self._waiting[0]
            if segment.played == 0:
                self._recent.append(segment.text)
            part = segment.samples[segment.played : segment.played + count - filled]
            out[filled : filled + len(part)] = part
            if self.first_audible is None and not segment.filler:
                silent, end = audible_span(part, self.sample_rate, SILENCE_DBFS)
                if end:
                    self.first_audible = self.pulled + filled + silent
            segment.played += len(part)
            filled += len(part)
            if segment.played >= len(segment.samples):
                self._done.append(self._waiting.popleft())
        begun = self.first_audible is not None and not self._finished and not self._paused
        dry = filled < count and begun
        self.underruns += dry and not self._dry
        self._dry = dry
        return filled

    def pause(self) -> None:
        """Falls silent, fading, and keeps its place: the faded sound is played again on
        `resume`."""
        with self._lock:
            if self._paused:
                return
            self._paused = self._fading = True
            if self._waiting:
                segment = self._waiting[0]
                samples = segment.samples.copy()
                part = samples[segment.played : segment.played + self._fade]
                part *= np.linspace(0, 1, len(part), dtype=np.float32)
                segment.resumed = samples

    def resume(self) -> None:
        """Resumes where it stopped."""
        with self._lock:
            self._paused = False
            if self._waiting and self._waiting[0].resumed is not None:
                self._waiting[0].samples, self._waiting[0].resumed = self._waiting[0].resumed, None
        self.on_change()

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self._paused

    def flush(self) -> PlaybackPosition:
        """Ends the current generation at once; what of it was played."""
        with self._lock:
            position = PlaybackPosition(self._played_words(), self.pulled)
            self._keep_lengths()
            self._generation += 1
            self._paused, self._finished = False, True
            self._waiting.clear()
            self._done = []
        self.on_change()
        return position

    def played_text(self) -> str:
        """The current generation's words that have sounded, to the word."""
        with self._lock:
            return self._played_words()

    def sounding(self) -> tuple[str, str]:
        """(the current generation's words that have sounded, the rest of the segment that sounds
        now): what to show."""
        with self._lock:
            segment = self._waiting[0] if self._waiting and self._waiting[0].played else None
            rest = segment.text.split()[len(segment.played_text().split()) :] if segment else []
            return self._played_words(), " ".join(rest)

    def recent_segments(self) -> list[str]:
        """The segments that began to sound last, of whatever turn: what an echo could hold."""
        with self._lock:
            return list(self._recent)

    def text_until(self, generation: int, seconds: float) -> str | None:
        """The words of an answer in its first `seconds` of sound, for a client that plays it
        itself; None where that answer is no longer known."""
        with self._lock:
            self._keep_lengths()
            known = self._lengths.get(generation)
        if known is None:
            return None
        left, words = seconds * self.sample_rate, []
        for text, length in known:
            words.append(words_until(text, min(1.0, max(0.0, left / max(1, length)))))
            left -= length
        return " ".join(part for part in words if part)

    def _keep_lengths(self) -> None:
        segments = [*self._done, *self._waiting]
        self._lengths[self._generation] = [(one.text, len(one.samples)) for one in segments]
        while len(self._lengths) > KEPT_GENERATIONS:
            del self._lengths[min(self._lengths)]

    def _played_words(self) -> str:
        begun = [*self._done, *([self._waiting[0]] if self._waiting else [])]
        parts = [segment.played_text() for segment in begun if not segment.filler]
        return " ".join(part for part in parts if part)

    @property
    def queued_s(self) -> float:
        """Seconds of sound that wait."""
        with self._lock:
            return sum(len(c.samples) - c.played for c in self._waiting) / self.sample_rate

    @property
    def sounds_on(self) -> bool:
        """Whether sound waits, or more is to come of a segment that has begun."""
        with self._lock:
            return bool(self._waiting) or bool(self._done and self._done[-1].more)

    @property
    def busy(self) -> bool:
        """Whether sound of the current generation is playing, waiting, paused or yet to come."""
        with self._lock:
            return bool(self._waiting) or not self._finished

    @property
    def drained(self) -> bool:
        """Whether all of a finished generation has been pulled."""
        return not self.busy
