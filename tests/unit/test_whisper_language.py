"""The language of a sound of which Whisper's own guess is unsure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from voice_local.stages.stt.whisper_guard import Decoding
from voice_local.stages.stt.whisper_language import decide

pytestmark = pytest.mark.unit


def decodings(
    asked: list[tuple[str, int]], **logprobs: float | str
) -> Callable[[str, int], Decoding]:
    """Words in each language of the mean log-probability given, or a loop for a text."""

    def decoded(language: str, beams: int) -> Decoding:
        asked.append((language, beams))
        given = logprobs[language]
        if isinstance(given, str):
            return Decoding(given, (1,), -0.1, 0.1, True)
        return Decoding("words", (1,), given, 0.1, True)

    return decoded


def test_a_sure_guess_is_believed_at_once() -> None:
    asked: list[tuple[str, int]] = []
    assert decide([("de", 0.81), ("en", 0.1)], "en", decodings(asked)) == "de" and asked == []


def test_the_conversation_s_language_stays_without_a_rival() -> None:
    asked: list[tuple[str, int]] = []
    assert (
        decide([("en", 0.6), ("ar", 0.2), ("la", 0.1)], "en", decodings(asked)) == "en"
        and asked == []
    )
    assert decide([("nn", 0.09), ("cy", 0.08)], "en", decodings(asked)) == "en" and asked == []


def test_the_conversation_s_language_stays_where_its_words_make_sense() -> None:
    asked: list[tuple[str, int]] = []
    assert decide([("en", 0.47), ("ar", 0.39)], "en", decodings(asked, en=-0.37, ar=-1.5)) == "en"
    assert asked == [("en", 1)]
    assert decide([("la", 0.67), ("en", 0.2)], "en", decodings(asked, en=-0.26, la=-0.7)) == "en"


def test_what_makes_more_sense_is_believed() -> None:
    asked: list[tuple[str, int]] = []
    assert decide([("en", 0.41), ("de", 0.37)], "en", decodings(asked, en=-1.16, de=-0.95)) == "de"
    assert ("de", 5) in asked and ("en", 5) in asked
    assert (
        decide(
            [("es", 0.34), ("it", 0.32), ("fr", 0.25)],
            "en",
            decodings(asked, en=-0.18, es=-0.41, it=-0.25, fr=-0.1),
        )
        == "fr"
    )
    assert decide([("la", 0.67), ("hu", 0.1)], "en", decodings(asked, en=-0.26, la=-0.7)) == "en"


def test_nothing_that_makes_sense_leaves_it_as_it_was() -> None:
    asked: list[tuple[str, int]] = []
    assert decide([("nn", 0.56), ("ja", 0.1)], "en", decodings(asked, en=-1.7, nn=-1.6)) == "en"
    loop = (
        "la la la la la la la la la la la la la la la la la la la la la la la la la la la la la la"
    )
    assert decide([("ms", 0.49), ("en", 0.33)], "en", decodings(asked, en=-1.2, ms=loop)) == "en"
    assert decide([("en", 0.5), ("de", 0.3)], "de", decodings(asked, en=-0.3, de=-1.2)) == "en"


def test_a_language_that_a_voice_speaks_is_tried_before_one_that_none_does() -> None:
    asked: list[tuple[str, int]] = []
    guesses = [("th", 0.82), ("fr", 0.02), ("cs", 0.01)]
    spoken = frozenset({"en", "fr"})
    assert decide(guesses, "en", decodings(asked, en=-1.4, fr=-0.5, th=-1.3), spoken) == "fr"
    assert decide([("de", 0.98), ("fr", 0.02)], "en", decodings(asked), spoken) == "de", (
        "surely another"
    )
    told = decide(
        [("de", 0.9), ("fr", 0.02)], "en", decodings(asked, en=-1.4, fr=-1.2, de=-0.3), spoken
    )
    assert told == "de", "its words make most sense"
