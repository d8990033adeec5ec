"""Which of several decodings is believed, and where loops are cut."""

from __future__ import annotations

import pytest

from voice_local.stages.stt import whisper_guard
from voice_local.stages.stt.whisper_guard import Decoding

pytestmark = pytest.mark.unit


def decoding(text: str, logprob: float = -0.2, *, ended: bool = True, tokens: int = 5) -> Decoding:
    return Decoding(text, tuple(range(tokens)), logprob, 0.1, ended)


LOOP = decoding("na " * 60, -0.1, ended=False, tokens=60)


def test_a_text_that_repeats_itself_is_told_by_its_compression() -> None:
    assert LOOP.repeats and LOOP.loops and LOOP.doubtful
    plain = decoding(
        "Can I have a large iced coffee with a little bit of milk and a lot of brown sugar?", -0.2
    )
    assert not plain.repeats and not plain.doubtful
    assert decoding("no no no", -0.2).repeats is False, "people say so"
    assert whisper_guard.compression_ratio("") == 0.0


def test_unsure_words_are_tried_again() -> None:
    assert decoding("four", -0.4).doubtful and not decoding("four", -0.2).doubtful


def test_an_end_counts_more_than_sureness() -> None:
    ended = decoding("na " * 14, -0.4, tokens=14)
    assert whisper_guard.best([LOOP, ended]) is ended
    longer = decoding("na " * 22, -0.3, tokens=22)
    assert whisper_guard.best([LOOP, longer, ended]) is ended, (
        "of two that repeat themselves the shorter"
    )
    assert whisper_guard.best([decoding("a", -0.9), decoding("b", -0.2)]).text == "b"


def test_the_limit_of_tokens_follows_the_sound() -> None:
    assert whisper_guard.token_limit(0.4) < 24 < 250 < whisper_guard.token_limit(30.0)


def test_a_loop_is_cut_where_the_alignment_gives_no_time() -> None:
    starts = [0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1, 2.4] + [2.7] * 20
    ends = [start + 0.3 for start in starts[:9]] + [2.7] * 20
    assert whisper_guard.spoken_tokens(starts, ends, 2.8) == 9
    assert whisper_guard.spoken_tokens([0.0, 0.3, 0.6], [0.3, 0.6, 0.9], 0.9) == 3


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("eight, eight, eight, eight", "eight"),
        ("five six five six five", "five six"),
        ("no way", "no way"),
        ("", ""),
        ("Stop. stop! STOP", "Stop."),
    ],
)
def test_words_that_repeat_from_the_start_are_kept_once(text: str, kept: str) -> None:
    assert whisper_guard.once(text) == kept
