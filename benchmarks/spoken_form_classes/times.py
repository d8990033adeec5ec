"""Times of day, dates and years."""

from __future__ import annotations

import calendar
from random import Random

from benchmarks.spoken_form_classes.form import Form, suffix

MONTHS = tuple(calendar.month_name)[1:]


def dates(year: int | None, month: int, day: int) -> tuple[str, ...]:
    """Readings of a day, with or without its year."""
    name, tail = MONTHS[month - 1], "" if year is None else f" {year}"
    nth = f"{day}{suffix(day)}"
    return tuple(
        f"{said}{tail}"
        for said in (
            f"{name} {nth}",
            f"{name} {day}",
            f"{name} the {nth}",
            f"{nth} of {name}",
            f"{day} of {name}",
            f"{nth} {name}",
            f"{day} {name}",
        )
    )


def _day(rng: Random) -> int:
    return rng.randint(2, 28)


def clock_24(rng: Random) -> Form:
    hour, minute = rng.randint(13, 22), rng.choice((10, 15, 20, 25, 30, 35, 40, 45, 50, 55))
    return Form(
        "24-hour clock",
        f"Please come at {hour}:{minute} tomorrow.",
        (f"{hour} {minute}", f"{hour - 12} {minute} pm", f"{hour}.{minute}", f"{hour}-{minute}"),
    )


def clock_12(rng: Random) -> Form:
    hour, half = rng.randint(1, 12), rng.choice(("am", "pm"))
    minute = rng.choice((None, rng.randint(1, 9), rng.randint(10, 59)))
    mark = rng.choice((half, f" {half}", f" {half[0]}.{half[1]}.", half.upper()))
    digits = f"{hour}" if minute is None else f"{hour}:{minute:02d}"
    told = (
        f"{hour}" if minute is None else f"{hour} 0{minute}" if minute < 10 else f"{hour} {minute}"
    )
    return Form(
        "12-hour clock",
        f"The alarm is set for {digits}{mark}",
        (f"{told} {half}", f"{told} {half[0]} {half[1]}"),
    )


def opening_hours(rng: Random) -> Form:
    first, last = rng.randint(7, 11), rng.randint(1, 6)
    day = rng.choice(("Monday", "Tuesday", "Friday", "Sunday"))
    if rng.random() < 0.5:
        return Form(
            "time range", f"We are open {first}-{last} on {day}.", (f"{first} to {last} on {day}",)
        )
    return Form(
        "time range",
        f"We are open {first}am–{last}pm on {day}.",
        (f"{first} am to {last} pm on {day}",),
    )


def slashed_date(rng: Random) -> Form:
    month, day, year = rng.randint(1, 12), rng.randint(13, 28), rng.randint(2010, 2029)
    written = rng.choice((f"{month:02d}/{day}/{year}", f"{day}/{month:02d}/{year}"))
    return Form("slashed date", f"Your visit is on {written}.", dates(year, month, day))


def iso_date(rng: Random) -> Form:
    month, day, year = rng.randint(1, 12), _day(rng), rng.randint(2010, 2029)
    return Form(
        "ISO date", f"The contract ends on {year}-{month:02d}-{day:02d}.", dates(year, month, day)
    )


def named_date(rng: Random) -> Form:
    month, day, year = rng.randint(1, 12), _day(rng), rng.choice((None, rng.randint(1950, 2029)))
    name, tail = MONTHS[month - 1], "" if year is None else f" {year}"
    short = name if month == 5 else f"{name[:3]}."
    comma = tail.replace(" ", ", ")
    written = rng.choice(
        (
            f"{name} {day}{comma}",
            f"{name} {day}{suffix(day)}{comma}",
            f"{day} {name}{tail}",
            f"{short} {day}{comma}",
        )
    )
    return Form("named date", f"She was here on {written}.", dates(year, month, day))


def year(rng: Random) -> Form:
    value = rng.choice((rng.randint(1710, 1999), rng.randint(2000, 2029)))
    return Form("year", f"They moved here in {value}.", (f"in {value}",))


def decade(rng: Random) -> Form:
    value = rng.randint(192, 199) * 10
    short = rng.random() < 0.4
    written = f"'{value % 100}s" if short else f"{value}s"
    return Form(
        "decade",
        f"In the {written} it rained a lot.",
        (f"{value % 100}s",) if short else (f"{value}s",),
    )
