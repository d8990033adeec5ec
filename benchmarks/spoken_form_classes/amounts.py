"""Money, shares and other numbers."""

from __future__ import annotations

from random import Random

from benchmarks.spoken_form_classes.form import Form, suffix


def dollars(rng: Random) -> Form:
    whole, cents = rng.randint(2, 99), rng.randint(11, 99)
    carrier = rng.choice(
        ("The bill comes to ${}.", "It was ${} last week.", "You still owe ${} for the book.")
    )
    return Form(
        "dollars",
        carrier.format(f"{whole}.{cents}"),
        (
            f"${whole}.{cents}",
            f"{whole} dollars {cents}",
            f"{whole} dollars {cents} cents",
            f"{whole} dollars and {cents}",
        ),
    )


def euros_and_pounds(rng: Random) -> Form:
    whole, cents = rng.randint(2, 99), rng.randint(11, 99)
    sign, name, small = rng.choice((("€", "euros", "cents"), ("£", "pounds", "pence")))
    written = rng.choice(
        (
            f"{sign}{whole}.{cents}",
            f"{whole},{cents} €" if sign == "€" else f"{sign}{whole}.{cents}",
        )
    )
    return Form(
        "euros and pounds",
        f"The price is {written} in all.",
        (
            f"{sign}{whole}.{cents}",
            f"{whole} {name} {cents}",
            f"{whole} {name} {cents} {small}",
            f"{whole} {name} and {cents} {small}",
            f"{whole}.{cents} {name}",
        ),
    )


def other_money(rng: Random) -> Form:
    amount = rng.randint(3, 95) * 10
    sign, name = rng.choice((("₹", "rupees"), ("¥", "yen"), ("₺", "lira")))
    return Form("other money", f"The fee is {sign}{amount}.", (f"{amount} {name}",))


def large_money(rng: Random) -> Form:
    whole, tenth = rng.randint(2, 9), rng.randint(1, 9)
    scale = rng.choice(("million", "billion"))
    return Form(
        "large money",
        f"The house costs ${whole}.{tenth} {scale}.",
        (f"{whole}.{tenth} {scale} dollars",),
    )


def percent(rng: Random) -> Form:
    value = rng.choice((str(rng.randint(2, 99)), f"{rng.randint(1, 9)}.{rng.randint(1, 9)}"))
    return Form(
        "percent",
        rng.choice(("Your discount is {}% today.", "About {} % of them came back.")).format(value),
        (f"{value} percent", f"{value}%"),
    )


def number_range(rng: Random) -> Form:
    first = rng.randint(3, 60)
    last = first + rng.randint(2, 30)
    return Form(
        "number range",
        rng.choice(("Read pages {}–{} please.", "It takes {}-{} minutes.")).format(first, last),
        (f"{first} to {last}",),
    )


def ordinal(rng: Random) -> Form:
    value = rng.randint(2, 99)
    nth = f"{value}{suffix(value)}"
    return Form("ordinal", f"This is the {nth} time.", (f"the {nth} time",))


def large_number(rng: Random) -> Form:
    value = rng.choice(
        (rng.randint(1_010, 9_990), rng.randint(10_001, 99_999), rng.randint(2, 9) * 1_000_000)
    )
    return Form("large number", f"There were {value:,} people.", (f"{value} people",))


def decimal(rng: Random) -> Form:
    value = f"{rng.randint(0, 20)}.{rng.randint(1, 9)}{rng.choice(('', rng.randint(1, 9)))}"
    return Form(
        "decimal",
        f"The answer is {value} exactly.",
        (value, f"point {value[2:]}" if value[0] == "0" else value),
    )


def fraction(rng: Random) -> Form:
    top, bottom, name = rng.choice(
        (
            (3, 4, "quarters"),
            (2, 3, "thirds"),
            (2, 5, "fifths"),
            (5, 8, "eighths"),
            (3, 8, "eighths"),
            (4, 5, "fifths"),
        )
    )
    if rng.random() < 0.6:
        return Form(
            "fraction", f"Add {top}/{bottom} cup of sugar.", (f"{top} {name}", f"{top}/{bottom}")
        )
    whole = rng.randint(2, 9)
    return Form(
        "fraction",
        f"Add {whole} {top}/{bottom} cups of sugar.",
        (f"{whole} and {top} {name}", f"{whole} and {top}/{bottom}", f"{whole} {top}/{bottom}"),
    )


def arithmetic(rng: Random) -> Form:
    a, b = rng.randint(11, 40), rng.randint(2, 10)
    sign, word, value = rng.choice(
        (("+", "plus", a + b), ("-", "minus", a - b), ("×", "times", a * b))
    )
    return Form(
        "arithmetic",
        f"We know that {a} {sign} {b} = {value}.",
        tuple(f"{a} {word} {b} {equals} {value}" for equals in ("equals", "is", "equal")),
    )


def roman(rng: Random) -> Form:
    number, letters = rng.choice(
        ((2, "II"), (3, "III"), (4, "IV"), (6, "VI"), (7, "VII"), (8, "VIII"))
    )
    if rng.random() < 0.5:
        return Form(
            "Roman numeral",
            f"Open the book at Chapter {letters} now.",
            (f"chapter {number}", f"chapter {letters}"),
        )
    name = rng.choice(("Henry", "Edward", "Charles"))
    return Form(
        "Roman numeral",
        f"It was built by {name} {letters} himself.",
        (
            f"{name} the {number}{suffix(number)}",
            f"{name} {number}{suffix(number)}",
            f"{name} {letters}",
        ),
    )


def hash_number(rng: Random) -> Form:
    value = rng.randint(2, 99)
    return Form(
        "number sign",
        f"She lives in apartment #{value} upstairs.",
        (f"number {value}", f"apartment #{value}"),
    )
