"""The loudspeaker: order, pauses, cuts, and how much of an answer has been heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_local.audio.types import Audio
from voice_local.conversation.output.played_words import words_until
from voice_local.conversation.output.speech_queue import (
    FADE_S,
    SEGMENT_GAP_S,
    SpeechQueue,
)
from voice_local.engine.api import SpeechChunk

pytestmark = pytest.mark.unit
RATE = 16_000
GAP = int(SEGMENT_GAP_S * RATE)
FADE = int(FADE_S * RATE)


def ramp(count: int, start: float = 0.1) -> Audio:
    """Sound in which no two samples are alike."""
    return np.linspace(start, start + 0.3, count, dtype=np.float32)


def chunk(samples: Audio, rate: int = RATE) -> SpeechChunk:
    """A piece of it."""
    return SpeechChunk(samples, rate)


def speaking(*segments: tuple[Audio, str], rate: int = RATE) -> SpeechQueue:
    """A loudspeaker with all of an answer."""
    loudspeaker = SpeechQueue(rate)
    generation = loudspeaker.begin()
    for samples, text in segments:
        assert loudspeaker.feed(generation, chunk(samples), text)
    loudspeaker.finish(generation)
    return loudspeaker


def test_clauses_sound_in_order_with_a_gap_between() -> None:
    first, second = ramp(500), ramp(700, 0.5)
    loudspeaker = speaking((first, "One."), (second, "Two."))
    played = np.concatenate([loudspeaker.pull(160) for _ in range(30)])
    whole = np.concatenate([first, np.zeros(GAP), second])
    np.testing.assert_array_equal(played[: len(whole)], whole)
    assert not played[len(whole) :].any() and loudspeaker.pulled == 4800
    assert loudspeaker.played_text() == "One. Two."


def test_a_piece_of_the_same_clause_follows_without_a_gap() -> None:
    first, second = ramp(500), ramp(700, 0.5)
    loudspeaker = speaking((first, "One two."), (second, ""))
    np.testing.assert_array_equal(loudspeaker.pull(1200), np.concatenate([first, second]))
    assert loudspeaker.played_text() == "One two."


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_pieces_are_resampled_as_one(rate: int) -> None:
    sound = (0.3 * np.sin(np.arange(rate) / rate * 2 * np.pi * 440)).astype(np.float32)
    whole, pieces = SpeechQueue(48_000), SpeechQueue(48_000)
    whole.feed(whole.begin(), chunk(sound, rate), "One two.")
    generation, late = pieces.begin(), chunk(sound[:500], rate)
    for begin, end, text in (
        (0, rate // 2, "One two."),
        (rate // 2, rate * 3 // 4, ""),
        (rate * 3 // 4, rate, ""),
    ):
        pieces.feed(
            generation, SpeechChunk(sound[begin:end], rate, end == rate, 1 - end / rate), text
        )
        assert not pieces.feed(generation - 1, late, "Late."), (
            "an older turn's sound does not get in between"
        )
    assert pieces.queued_s == whole.queued_s == 1.0
    np.testing.assert_allclose(pieces.pull(48_000), whole.pull(48_000), atol=1e-5)


def test_of_a_clause_that_is_still_coming_only_what_sounded_counts() -> None:
    loudspeaker = SpeechQueue(RATE)
    generation = loudspeaker.begin()
    loudspeaker.feed(
        generation, SpeechChunk(ramp(RATE // 2), RATE, False, 1.5), "one two three four"
    )
    loudspeaker.pull(RATE)
    assert loudspeaker.played_text() == "one", "a quarter of it, and the rest is not there yet"
    loudspeaker.feed(generation, SpeechChunk(ramp(RATE * 3 // 2), RATE), "")
    assert loudspeaker.played_text() == "one"
    loudspeaker.pull(2 * RATE)
    assert loudspeaker.played_text() == "one two three four"


def test_a_gap_comes_also_when_the_clause_before_has_been_heard() -> None:
    loudspeaker = SpeechQueue(RATE)
    generation = loudspeaker.begin()
    loudspeaker.feed(generation, chunk(ramp(500)), "One.")
    loudspeaker.pull(800)
    loudspeaker.feed(generation, chunk(ramp(700)), "Two.")
    assert loudspeaker.queued_s == pytest.approx((GAP + 700) / RATE)


def test_an_older_generation_is_dropped() -> None:
    loudspeaker = SpeechQueue(RATE)
    old = loudspeaker.begin()
    loudspeaker.feed(old, chunk(ramp(500)), "Old.")
    new = loudspeaker.begin()
    assert loudspeaker.queued_s == 0 and loudspeaker.played_text() == ""
    assert not loudspeaker.feed(old, chunk(ramp(500)), "Late.")
    loudspeaker.finish(old)
    assert loudspeaker.busy and not loudspeaker.drained, "the new one has not ended"
    assert not loudspeaker.pull(1000).any()
    assert loudspeaker.feed(new, chunk(ramp(100)), "New.")
    assert loudspeaker.pull(100).all()


def test_after_a_cut_nothing_more_is_taken() -> None:
    loudspeaker = SpeechQueue(RATE)
    generation = loudspeaker.begin()
    loudspeaker.feed(generation, chunk(ramp(500)), "One.")
    loudspeaker.pause()
    loudspeaker.flush()
    assert loudspeaker.drained and not loudspeaker.paused
    assert not loudspeaker.feed(generation, chunk(ramp(500)), "Two.")
    assert not loudspeaker.pull(1000).any()


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(1, 900), st.sampled_from(["pause", "resume"])), max_size=30))
def test_a_pause_loses_and_doubles_nothing(steps: list[int | str]) -> None:
    first, second = ramp(2000), ramp(1500, 0.5)
    whole = np.concatenate([first, np.zeros(GAP, dtype=np.float32), second])
    loudspeaker = speaking((first, "One."), (second, "Two."))
    heard, pauses = [np.zeros(0, dtype=np.float32)], 0
    for step in steps:
        if isinstance(step, int):
            part = loudspeaker.pull(step)
            if not loudspeaker.paused:
                heard.append(part)
            else:
                assert not part[FADE:].any(), "all but the fade is silence"
        elif step == "pause":
            pauses += not loudspeaker.paused
            loudspeaker.pause()
        else:
            loudspeaker.resume()
    loudspeaker.resume()
    heard.append(loudspeaker.pull(len(whole)))
    played = np.concatenate(heard)
    assert int((played[: len(whole)] != whole).sum()) <= pauses * FADE, "fades only"
    assert not played[len(whole) :].any() and loudspeaker.drained


def test_a_pause_fades_out_and_in() -> None:
    loudspeaker = speaking((np.full(4000, 0.5, dtype=np.float32), "One."))
    loudspeaker.pull(1000)
    loudspeaker.pause()
    loudspeaker.pause()
    out = loudspeaker.pull(500)
    assert out[0] == 0.5 and np.abs(np.diff(out)).max() < 0.01 and not out[FADE:].any()
    assert not loudspeaker.pull(500).any(), "it fades once"
    loudspeaker.resume()
    back = loudspeaker.pull(500)
    assert back[0] == 0 and np.abs(np.diff(back)).max() < 0.01 and (back[FADE:] == 0.5).all()


@pytest.mark.parametrize(
    ("samples", "heard"),
    [
        (0, ""),
        (300, ""),
        (400, "aaa"),
        (800, "aaa bbb"),
        (1200, "aaa bbb ccc"),
        (1599, "aaa bbb ccc"),
        (1600, "aaa bbb ccc ddd"),
        (1600 + GAP + 499, "aaa bbb ccc ddd"),
        (1600 + GAP + 1000, "aaa bbb ccc ddd eee"),
    ],
)
def test_a_cut_tells_the_words_heard(samples: int, heard: str) -> None:
    loudspeaker = speaking((ramp(1600), "aaa bbb ccc ddd"), (ramp(1000), "eee"))
    loudspeaker.pull(samples)
    assert loudspeaker.played_text() == heard
    assert loudspeaker.flush().played_text == heard


def test_no_word_is_heard_in_a_gap() -> None:
    loudspeaker = speaking((ramp(1600), "One."), (ramp(3200), "Yes indeed."))
    loudspeaker.pull(1600 + GAP)
    assert loudspeaker.played_text() == "One."


def test_words_of_a_clause_in_pieces_are_heard_over_all_of_them() -> None:
    loudspeaker = speaking((ramp(1600), "aaa bbb ccc ddd"), (ramp(1600), ""))
    loudspeaker.pull(1600)
    assert loudspeaker.played_text() == "aaa bbb"


def test_recent_segments_outlive_their_turn() -> None:
    loudspeaker = speaking(*[(ramp(100), str(number)) for number in range(8)])
    loudspeaker.pull(3 * 100 + 2 * GAP)
    loudspeaker.flush()
    loudspeaker.begin()
    assert loudspeaker.recent_segments() == ["0", "1", "2"], "only what began to sound"
    longer = speaking(*[(ramp(100), str(number)) for number in range(8)])
    longer.pull(8 * (100 + GAP))
    assert longer.recent_segments() == ["2", "3", "4", "5", "6", "7"]


def test_pieces_do_not_push_out_recent_segments() -> None:
    loudspeaker = speaking((ramp(100), "All is well."), *[(ramp(100), "")] * 6)
    loudspeaker.pull(1000)
    assert "All is well." in loudspeaker.recent_segments()


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet="abc.,", min_size=1, max_size=6), max_size=12),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_words_until(words: list[str], one: float, other: float) -> None:
    text = " ".join(words)
    assert words_until(text, 0) == "" and words_until(text, 1) == text
    early, late = (words_until(text, part) for part in sorted((one, other)))
    assert words[: len(early.split())] == early.split() and late.startswith(early)


def test_first_audible_is_the_devices_time_of_the_first_sound() -> None:
    loudspeaker = SpeechQueue(RATE)
    loudspeaker.pull(480)
    generation = loudspeaker.begin()
    loudspeaker.feed(
        generation, chunk(np.concatenate([np.zeros(1600, dtype=np.float32), ramp(1600)])), "One."
    )
    for _ in range(10):
        loudspeaker.pull(160)
    assert loudspeaker.first_audible is None, "silence is no sound"
    for _ in range(10):
        loudspeaker.pull(160)
    assert loudspeaker.first_audible == 480 + 1600
    loudspeaker.begin()
    assert loudspeaker.first_audible is None


def test_first_audible_counts_from_inside_a_block() -> None:
    loudspeaker = speaking((np.concatenate([np.zeros(800, dtype=np.float32), ramp(1600)]), "One."))
    loudspeaker.pull(2400)
    assert loudspeaker.first_audible == 800


def test_queued_busy_and_drained() -> None:
    loudspeaker = SpeechQueue(RATE)
    assert loudspeaker.drained
    generation = loudspeaker.begin()
    assert loudspeaker.busy, "more may come"
    loudspeaker.feed(generation, chunk(ramp(RATE)), "One.")
    assert loudspeaker.queued_s == 1.0
    loudspeaker.pull(RATE // 4)
    assert loudspeaker.queued_s == 0.75
    loudspeaker.finish(generation)
    assert loudspeaker.busy and not loudspeaker.drained, "not yet heard"
    loudspeaker.pull(RATE)
    assert loudspeaker.drained and loudspeaker.queued_s == 0


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_sound_is_played_at_the_devices_rate(rate: int) -> None:
    loudspeaker = SpeechQueue(rate)
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)).astype(np.float32)
    loudspeaker.feed(loudspeaker.begin(), chunk(tone, 24_000), "One.")
    assert loudspeaker.queued_s == pytest.approx(1.0, abs=0.001)
    spectrum = np.abs(np.fft.rfft(loudspeaker.pull(rate)))
    assert int(spectrum.argmax()) == 440


def test_nothing_of_an_answer_that_was_cut_is_there_to_be_sent() -> None:
    """Clients that get whole segments would play those again that they have played."""
    loudspeaker = speaking((ramp(500), "One."), (ramp(700), "Two."))
    loudspeaker.pull(900)
    before, whole = loudspeaker.whole_segments()
    assert len(whole) == 2 and loudspeaker.sounds_on
    loudspeaker.flush()
    after, whole = loudspeaker.whole_segments()
    assert after > before and whole == [] and not loudspeaker.sounds_on


def test_a_segment_that_goes_on_sounds_on() -> None:
    loudspeaker = SpeechQueue(RATE)
    generation = loudspeaker.begin()
    loudspeaker.feed(generation, SpeechChunk(ramp(500), RATE, False, 0.5), "One.")
    loudspeaker.pull(800)
    assert loudspeaker.queued_s == 0 and loudspeaker.sounds_on
    loudspeaker.feed(generation, SpeechChunk(ramp(500), RATE), "")
    loudspeaker.pull(800)
    assert not loudspeaker.sounds_on


def test_a_segment_of_which_the_rest_was_lost_is_over() -> None:
    """A voice that failed: nothing more is waited for, and the next segment can be sent."""
    loudspeaker = SpeechQueue(RATE)
    generation = loudspeaker.begin()
    loudspeaker.feed(generation, SpeechChunk(ramp(500), RATE, True, 0.5), "One.")
    loudspeaker.feed(generation, SpeechChunk(ramp(500), RATE), "Two.")
    assert len(loudspeaker.whole_segments()[1]) == 2
    loudspeaker.pull(4000)
    assert not loudspeaker.sounds_on
