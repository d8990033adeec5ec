"""The table of spoken forms against itself: each of its readings is recognized as right, and
another's is not."""

from __future__ import annotations

import pytest

from benchmarks.spoken_form_table import TABLE, draw
from benchmarks.spoken_forms import Matcher

pytestmark = pytest.mark.unit
pytest.importorskip("whisper_normalizer")


@pytest.mark.parametrize("seed", range(5))
def test_readings_are_right_and_others_are_not(seed: int) -> None:
    matcher, forms = Matcher(), draw(seed, 2 * len(TABLE))
    for form, other in zip(forms, [*forms[1:], forms[0]], strict=True):
        for reading in form.readings:
            assert matcher.right(form, f"So it is {reading} then."), (form, reading)
        assert not matcher.right(form, "So it is then.")
        if form.kind != other.kind:
            assert not matcher.right(form, f"So it is {other.readings[0]} then."), (form, other)


def test_a_draw_can_be_had_again_and_takes_the_classes_in_turn() -> None:
    assert draw(5, 120) == draw(5, 120) != draw(6, 120)
    kinds = [form.kind for form in draw(5, 120)]
    assert len(set(kinds)) == len(TABLE) >= 24
    assert {kinds.count(kind) for kind in kinds} <= {3, 4}


@pytest.mark.parametrize(
    ("heard", "right"),
    [
        ("Your code is 0042.", True),
        ("Your code is 0-0-4-2.", True),
        ("Your code is oh oh four two.", True),
        ("Your code is 42.", False),
        ("Your code is 00421.", False),
    ],
)
def test_zeros_are_heard(heard: str, right: bool) -> None:
    form = next(form for form in draw(1, 200) if form.kind == "code with zeros")
    assert Matcher().right(type(form)(form.kind, form.text, ("0 0 4 2",)), heard) is right
