"""The table of `benchmarks.spoken_forms`: classes of written forms, each with the readings that are
right.

A class draws its parts (an hour, an amount, letters) and builds from them both the written text and
its right readings, in digits and plain words. Nothing here asks the normalizer under test, so the
table cannot agree with its mistakes.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.spoken_form_classes.amounts import (
    arithmetic,
    decimal,
    dollars,
    euros_and_pounds,
    fraction,
    hash_number,
    large_money,
    large_number,
    number_range,
    ordinal,
    other_money,
    percent,
    roman,
)
from benchmarks.spoken_form_classes.codes import (
    digit_code,
    foreign_phone,
    letter_code,
    local_phone,
    room,
    zero_code,
)
from benchmarks.spoken_form_classes.form import Form
from benchmarks.spoken_form_classes.names import (
    abbreviation,
    accent,
    address,
    email,
    initialism,
    word_acronym,
)
from benchmarks.spoken_form_classes.times import (
    clock_12,
    clock_24,
    decade,
    iso_date,
    named_date,
    opening_hours,
    slashed_date,
    year,
)
from benchmarks.spoken_form_classes.units import compound_unit, imperial, metric, temperature

TABLE: tuple[Callable[[Random], Form], ...] = (
    dollars,
    euros_and_pounds,
    other_money,
    large_money,
    percent,
    clock_24,
    clock_12,
    opening_hours,
    number_range,
    slashed_date,
    iso_date,
    named_date,
    year,
    decade,
    ordinal,
    large_number,
    decimal,
    temperature,
    metric,
    imperial,
    compound_unit,
    local_phone,
    foreign_phone,
    zero_code,
    letter_code,
    digit_code,
    room,
    email,
    address,
    initialism,
    word_acronym,
    fraction,
    arithmetic,
    roman,
    abbreviation,
    accent,
    hash_number,
)


def draw(seed: int, count: int) -> list[Form]:
    """`count` forms, the classes in turn so that each has as many as the others, or one more."""
    rng = Random(seed)
    order = list(TABLE)
    rng.shuffle(order)
    return [order[number % len(order)](rng) for number in range(count)]
