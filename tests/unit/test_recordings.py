"""Where recordings are cut: at pauses, never losing or doubling a frame of speech."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_local.audio import stretches as cutting
from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.scripted import ScriptedEngine
from voice_local.conversation.input import recordings
from voice_local.engine.api import Transcript
from voice_local.models.properties import RecognizerProperties

pytestmark = pytest.mark.unit
RUNS = st.lists(st.tuples(st.integers(1, 700), st.integers(1, 60)), min_size=1, max_size=12)
"""(frames with speech, frames without) one after the other."""


TINY = RecognizerProperties(longest_s=9.0, join_s=0.8, sure_logprob=-0.2)


class _Loud:
    """Speech where the samples are loud."""

    def stream(self) -> _Loud:
        return self

    def probability(self, frame: np.ndarray) -> float:
        return float(np.abs(frame).max() > 0.1)


def test_stretches_cover_all_speech_once() -> None:
    audio = np.zeros(16_000 * 30, dtype=np.float32)
    for second in (2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 25):
        audio[second * 16_000 : second * 16_000 + 12_000] = 0.5
    speech = cutting.probabilities(audio, _Loud())
    _, found, frames = zip(*cutting.stretches(audio, speech), strict=True)
    assert sum(frames) == sum(probability >= cutting.THRESHOLD for probability in speech)
    assert sum(float((piece > 0.1).sum()) for piece in found) == float((audio > 0.1).sum())
    assert max(len(piece) for piece in found) <= 10 * 16_000


@pytest.mark.parametrize(("logprob", "text"), [(-2.4, ""), (-0.1, "no")])
async def test_a_blip_is_believed_only_of_a_sure_recognizer(logprob: float, text: str) -> None:
    audio = np.zeros(16_000 * 3, dtype=np.float32)
    audio[16_384 : 16_384 + 1_000] = 0.5  # within two frames
    heard = Transcript("no", "en", 0.0, logprob)
    engine = ScriptedEngine(transcripts=[heard, heard])
    assert (await recordings.transcribe(engine, audio, _Loud(), TINY)).text == text


def numbered(probabilities: list[float]) -> Audio:
    """Sound whose every frame holds its own number, so that a piece tells where it is from."""
    return np.repeat(np.arange(1, len(probabilities) + 1, dtype=np.float32), FRAME_SAMPLES)


def cuts(
    runs: list[tuple[int, int]], longest_s: float, dips: tuple[int, ...] = ()
) -> list[tuple[int, int, int]]:
    """(first frame, last frame, frames with speech) of each stretch of such a recording; `dips`:
    frames less sure."""
    speech = [level for spoken, silent in runs for level in [0.9] * spoken + [0.1] * silent]
    for frame in dips:
        speech[frame] = 0.5
    found = cutting.stretches(numbered(speech), speech, longest_s)
    return [(int(piece[0]) - 1, int(piece[-1]) - 1, frames) for _, piece, frames in found]


@settings(deadline=None, max_examples=60)
@given(RUNS, st.sampled_from([0.03, 0.5, 2.0, 9.0, 28.0]))
def test_every_frame_of_speech_is_in_one_stretch(
    runs: list[tuple[int, int]], longest_s: float
) -> None:
    speech = [level for spoken, silent in runs for level in [0.9] * spoken + [0.1] * silent]
    audio = numbered(speech)
    found = list(cutting.stretches(audio, speech, longest_s))
    heard = np.concatenate([piece for _, piece, _ in found])
    assert (np.diff(heard) >= 0).all(), "in order"
    times = {
        number: int(count)
        for number, count in zip(*np.unique(heard, return_counts=True), strict=True)
    }
    assert all(
        times.get(frame + 1) == FRAME_SAMPLES
        for frame, level in enumerate(speech)
        if level > cutting.THRESHOLD
    )
    assert max(times.values()) <= FRAME_SAMPLES, "no sample comes twice"
    assert sum(frames for _, _, frames in found) == sum(
        level > cutting.THRESHOLD for level in speech
    )
    longest = max(len(piece) for _, piece, _ in found) / SAMPLE_RATE
    assert longest <= max(longest_s, FRAME_SAMPLES / SAMPLE_RATE) + 2 * cutting.PADDING_S


def test_it_is_cut_in_the_longest_pause_and_not_within_words() -> None:
    # 6 s, a pause of 0.13 s, 1.6 s, one of 0.64 s, 1.6 s, one of 0.32 s, 4 s: longer than 9 s
    # together.
    first, second = cuts([(190, 4), (50, 20), (50, 10), (125, 1)], 9.0)
    assert 190 + 4 + 50 <= first[1] < second[0] + 1 <= 190 + 4 + 50 + 20 + 1
    assert (first[2], second[2]) == (240, 175)


def test_speech_without_a_pause_is_cut_where_there_is_least_of_it() -> None:
    first, second = cuts([(400, 1)], 9.0, dips=(100, 240))
    assert (first[1], second[0]) == (239, 240), "within the last third of nine seconds: 187 to 281"


def test_a_closed_mouth_within_a_word_is_no_pause() -> None:
    first, _ = cuts([(200, 2), (200, 1)], 9.0, dips=(260,))
    assert first[1] == 259


def test_no_cut_leaves_a_syllable_alone() -> None:
    pieces = cuts([(290, 1)], 9.0)
    assert [frames for _, _, frames in pieces][-1] >= 31


def test_a_turn_that_fits_is_not_cut() -> None:
    assert len(cuts([(200, 20)] * 4, 28.5)) == 1
    assert len(cuts([(200, 26)] * 4, 28.5)) == 4, "a long pause parts all the same"


async def test_the_recognizer_gets_what_it_can_take() -> None:
    audio = np.full(SAMPLE_RATE * 40, 0.5, np.float32)
    for longest_s, count in ((9.0, 5), (28.0, 2)):
        engine = ScriptedEngine(transcripts=[Transcript("word", "en", 0.0, -0.1)] * 9)
        properties = RecognizerProperties(longest_s=longest_s)
        found = await recordings.transcribe(engine, audio, _Loud(), properties)
        assert count <= len(found.text.split()) <= count + 2
