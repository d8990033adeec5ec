"""The table of danger words that ships."""

from __future__ import annotations

import math

import pytest

from voice_local.stages.classify.danger_words import (
    DangerWords,
    features,
)

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def table() -> DangerWords:
    """As shipped."""
    return DangerWords()


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("grandad's choking on a sausage and going purple", True),
        ("flames are coming out of the tumble dryer", True),
        ("she swallowed a whole bottle of tablets", True),
        ("there's a man with a knife in the shop", True),
        ("what shall we have for dinner", False),
        ("he choked in the final again", False),
        ("my brother was fired from the gas company", False),
        ("could you tell me about volcanoes", False),
    ],
)
def test_it_tells_dangers_from_what_has_their_words(
    table: DangerWords, text: str, danger: bool
) -> None:
    assert (table.log_odds(text) > 0) is danger


def test_a_models_opinion_counts_half(table: DangerWords) -> None:
    text = "the ladder slipped"
    alone = math.log(table.chance(text, None) / (1 - table.chance(text, None)))
    assert alone == pytest.approx(table.log_odds(text) / 2)
    both = table.chance(text, 0.9)
    assert math.log(both / (1 - both)) == pytest.approx(alone + math.log(9) / 2)


def test_texts_without_letters_and_certain_models_are_taken(table: DangerWords) -> None:
    assert features("") == features("12 34") != features("a")
    for text in ("", "112", "…"):
        assert 0 < table.chance(text, 0.0) < table.chance(text, 1.0) < 1
