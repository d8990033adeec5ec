"""The endpointer on the sample clock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
)
from voice_local.config_vad import VadSettings
from voice_local.conversation.input.endpointing import (
    Endpointer,
    Event,
    Pause,
    Resumed,
    SpeechEnded,
    SpeechStarted,
)
from voice_local.conversation.input.endpointing_delay import endpointing_delay_ms

pytestmark = pytest.mark.unit
FRAME_MS = 32


def run(pattern: str, settings: VadSettings | None = None) -> list[Event]:
    """One frame a character: `#` speech, `.` silence; each frame's samples hold its own number."""
    endpointer = Endpointer(settings or VadSettings())
    events: list[Event] = []
    for number, char in enumerate(pattern):
        frame = np.full(FRAME_SAMPLES, number / 10_000, dtype=np.float32)
        events += endpointer.push(frame, 0.9 if char == "#" else 0.05)
    return events + endpointer.flush()


def test_one_utterance() -> None:
    events = run("." * 20 + "#" * 30 + "." * 30)
    assert [type(e) for e in events] == [SpeechStarted, Pause, SpeechEnded]
    ended = events[-1]
    assert isinstance(ended, SpeechEnded)
    assert ended.start == 20 * FRAME_SAMPLES
    assert ended.end == 50 * FRAME_SAMPLES
    assert (ended.committed - ended.end) * 1000 // SAMPLE_RATE == 320, "300 ms in whole frames"
    first, last = round(float(ended.audio[0]) * 10_000), round(float(ended.audio[-1]) * 10_000)
    assert 20 - first >= 300 // FRAME_MS, "the pre-roll keeps the first syllable"
    assert 50 <= last <= 57, "some silence stays after the last word"


def test_a_click_is_no_turn() -> None:
    assert run("." * 20 + "##" + "." * 40) == []


def test_a_pause_shorter_than_the_window_joins() -> None:
    events = run("." * 10 + "#" * 20 + "." * 6 + "#" * 20 + "." * 30)
    assert [type(e) for e in events] == [SpeechStarted, Pause, Resumed, Pause, SpeechEnded]


def test_a_gap_shorter_than_a_pause_is_nothing() -> None:
    events = run("." * 10 + "#" * 20 + "." + "#" * 20 + "." * 30)
    assert [type(e) for e in events] == [SpeechStarted, Pause, SpeechEnded]


def committed_after_ms(complete_prob: float | None) -> int:
    """Silence until the end of a turn whose sentence is believed finished with that probability."""
    endpointer = Endpointer(VadSettings())
    for _ in range(20):
        endpointer.push(np.full(FRAME_SAMPLES, 0.1, dtype=np.float32), 0.9)
    endpointer.set_end_of_turn_probability(complete_prob)
    for number in range(1, 100):
        if any(
            isinstance(e, SpeechEnded)
            for e in endpointer.push(np.zeros(FRAME_SAMPLES, dtype=np.float32), 0.0)
        ):
            return number * FRAME_MS
    raise AssertionError("never committed")


def test_the_window_follows_the_finished_sentence() -> None:
    assert [committed_after_ms(p) for p in (None, 0.8, 0.5, 0.99, 0.01)] == [
        320,
        320,
        480,
        160,
        1216,
    ]
    windows = [endpointing_delay_ms(VadSettings(), p / 100) for p in range(101)]
    assert windows == sorted(windows, reverse=True)
    assert len({round(w) for w in windows}) > 50, "a curve, not steps"


def test_belief_is_forgotten_when_speech_goes_on() -> None:
    endpointer = Endpointer(VadSettings())
    for probability in [0.9] * 10 + [0.0] * 3 + [0.9] * 5:
        endpointer.push(np.full(FRAME_SAMPLES, 0.1, dtype=np.float32), probability)
        if probability == 0.0:
            endpointer.set_end_of_turn_probability(0.99)
    assert endpointer.window_ms == 300


def test_longest_turn_is_cut() -> None:
    events = run("#" * 100, VadSettings(max_turn_s=2.0))
    ended = [e for e in events if isinstance(e, SpeechEnded)]
    assert ended[0].cut
    assert len(ended) == 2
    kept = np.concatenate([e.audio for e in ended])
    assert len(np.unique(kept)) == 100, "nothing of what was said is lost"


def test_a_window_as_short_as_a_pause() -> None:
    events = run(
        "." * 10 + "#" * 20 + "." * 30,
        VadSettings(eager_end_of_turn_ms=64, endpointing_delay_ms=64),
    )
    assert [type(e) for e in events] == [SpeechStarted, SpeechEnded]


def test_near_the_longest_turn_a_pause_ends_it() -> None:
    events = run("#" * 58 + "..." + "#" * 20 + "." * 30, VadSettings(max_turn_s=2.0))
    assert [type(e) for e in events] == [
        SpeechStarted,
        Pause,
        SpeechEnded,
        SpeechStarted,
        Pause,
        SpeechEnded,
    ]
    first = events[2]
    assert isinstance(first, SpeechEnded) and first.cut and first.end == 58 * FRAME_SAMPLES
    early = run("#" * 50 + "..." + "#" * 4 + "." * 30, VadSettings(max_turn_s=2.0))
    assert [type(e) for e in early] == [SpeechStarted, Pause, Resumed, Pause, SpeechEnded]


def test_nothing_between_two_utterances_is_lost() -> None:
    events = run("." * 10 + "#" * 20 + "." * 11 + "#" * 20 + "." * 30)
    first, second = (e for e in events if isinstance(e, SpeechEnded))
    kept = np.unique(np.concatenate([first.audio, second.audio]))
    np.testing.assert_allclose(np.diff(kept), 1e-4, rtol=1e-2, err_msg="frame after frame")


def test_without_a_pre_roll() -> None:
    (ended,) = (
        e
        for e in run("." * 10 + "#" * 20 + "." * 30, VadSettings(pre_roll_ms=0))
        if isinstance(e, SpeechEnded)
    )
    assert ended.audio[0] <= np.float32(11 / 10_000), "at most its first frame is missing"


def test_what_was_before_can_be_left_out() -> None:
    endpointer = Endpointer(VadSettings())
    for number in range(40):
        endpointer.push(np.full(FRAME_SAMPLES, number / 10_000, dtype=np.float32), 0.9)
    endpointer.forget_before(30 * FRAME_SAMPLES + 100)
    heard = endpointer.so_far()
    assert heard[0] == np.float32(30 / 10_000) and len(heard) == 10 * FRAME_SAMPLES
    assert endpointer.length_ms == pytest.approx(
        (40 * FRAME_SAMPLES - 30 * FRAME_SAMPLES - 100) / 16
    )


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
        assert following is None or following.sample >= end.committed - FRAME_SAMPLES
