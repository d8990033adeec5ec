"""The endpointer on the sample clock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_local.config import VadSettings
from voice_local.conversation.endpointing import Endpointer, Event, Pause, Resumed, SpeechEnded, SpeechStarted
from voice_local.engine.protocol import SAMPLE_RATE, VAD_FRAME

pytestmark = pytest.mark.unit
FRAME_MS = 32


def run(pattern: str, settings: VadSettings | None = None) -> list[Event]:
    """One frame a character: `#` speech, `.` silence; each frame's samples hold its own number."""
    endpointer = Endpointer(settings or VadSettings())
    events: list[Event] = []
    for number, char in enumerate(pattern):
        frame = np.full(VAD_FRAME, number / 10_000, dtype=np.float32)
        events += endpointer.push(frame, 0.9 if char == "#" else 0.05)
    return events + endpointer.flush()


def test_one_utterance() -> None:
    events = run("." * 20 + "#" * 30 + "." * 30)
    assert [type(e) for e in events] == [SpeechStarted, Pause, SpeechEnded]
    ended = events[-1]
    assert isinstance(ended, SpeechEnded)
    assert ended.start == 20 * VAD_FRAME
    assert ended.end == 50 * VAD_FRAME
    assert (ended.committed - ended.end) * 1000 // SAMPLE_RATE == 608
    first, last = round(float(ended.audio[0]) * 10_000), round(float(ended.audio[-1]) * 10_000)
    assert 20 - first >= 300 // FRAME_MS, "the pre-roll keeps the first syllable"
    assert 50 <= last <= 57, "some silence stays after the last word"


def test_a_click_is_no_turn() -> None:
    assert run("." * 20 + "##" + "." * 40) == []


def test_a_pause_shorter_than_the_window_joins() -> None:
    events = run("." * 10 + "#" * 20 + "." * 10 + "#" * 20 + "." * 30)
    assert [type(e) for e in events] == [SpeechStarted, Pause, Resumed, Pause, SpeechEnded]


def test_longest_turn_is_cut() -> None:
    events = run("#" * 100, VadSettings(max_turn_s=2.0))
    ended = [e for e in events if isinstance(e, SpeechEnded)]
    assert ended[0].cut
    assert len(ended) == 2


def test_end_of_sound_ends_the_turn() -> None:
    assert isinstance(run("." * 10 + "#" * 20)[-1], SpeechEnded)


@given(st.text(alphabet="#.", max_size=300))
def test_every_start_ends_and_nothing_overlaps(pattern: str) -> None:
    events = run(pattern)
    starts = [e for e in events if isinstance(e, SpeechStarted)]
    ends = [e for e in events if isinstance(e, SpeechEnded)]
    assert len(starts) == len(ends)
    for start, end, following in zip(starts, ends, [*starts[1:], None], strict=False):
        assert start.sample == end.start < end.end <= end.committed
        assert following is None or following.sample >= end.committed - VAD_FRAME
