"""Numbers with a unit."""

from __future__ import annotations

from random import Random

from benchmarks.spoken_form_classes.form import Form


def temperature(rng: Random) -> Form:
    value = rng.randint(2, 39)
    sign, scale = (
        rng.choice(("", "-")),
        rng.choice((("°C", "Celsius"), ("°F", "Fahrenheit"), (" degrees", ""))),
    )
    said = [f"{sign}{value} degrees {scale[1]}".strip(), f"{sign}{value} {scale[1][:1]}".strip()]
    if sign:
        said += [text.replace("-", "minus ") for text in said]
    return Form(
        "temperature",
        f"It is {sign}{value}{scale[0]} outside.",
        tuple(said if scale[1] else said[::2]),
    )


def metric(rng: Random) -> Form:
    short, long = rng.choice(
        (
            ("kg", "kilograms"),
            ("km", "kilometers"),
            ("cm", "centimeters"),
            ("ml", "milliliters"),
            ("mg", "milligrams"),
        )
    )
    value, gap = rng.randint(2, 95), rng.choice(("", " "))
    return Form(
        "metric unit",
        f"It says {value}{gap}{short} on the sign.",
        (f"{value} {long}", f"{value} {short}"),
    )


def imperial(rng: Random) -> Form:
    short, long = rng.choice(
        (
            ("ft.", "feet"),
            ("lbs", "pounds"),
            ("oz", "ounces"),
            ("mph", "miles per hour"),
            ("sq ft", "square feet"),
        )
    )
    value = rng.randint(2, 95)
    return Form(
        "imperial unit",
        f"It is {value} {short} by now.",
        (
            f"{value} {long}",
            f"{value} {short.strip('.')}",
            *((f"£{value}",) if long == "pounds" else ()),
        ),
    )


def compound_unit(rng: Random) -> Form:
    short, long = rng.choice(
        (
            ("km/h", "kilometers per hour"),
            ("m²", "square meters"),
            ("MB", "megabytes"),
            ("GHz", "gigahertz"),
            ("kWh", "kilowatt hours"),
            ("m/s", "meters per second"),
        )
    )
    value = rng.randint(2, 95)
    return Form(
        "compound unit",
        f"It shows {value} {short} now.",
        (f"{value} {long}", f"{value} {short.replace('²', '2')}"),
    )
