"""The table of `benchmarks.spoken_forms`: classes of written forms, each with the readings that are
right.

A class draws its parts (an hour, an amount, letters) and builds from them both the written text and
its right readings, in digits and plain words. Nothing here asks the normalizer under test, so the
table cannot agree with its mistakes.
"""

from __future__ import annotations

import calendar
import string
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

MONTHS = tuple(calendar.month_name)[1:]
FIRST_NAMES = ("david", "maria", "peter", "susan", "laura", "robert", "anna", "martin")
LAST_NAMES = ("miller", "wilson", "baker", "cooper", "mason", "parker", "taylor", "hunter")
DOMAINS = ("example", "garden", "sunshine", "coffee", "orange")
CODE_LETTERS = "BDFGHJKLMNPRSTVXZ"
"""Without letters that sound like words ("U", "C", "Y") or like digits ("O", "I"), which no
listener could tell apart.

For the same reason there is no "₩" (won, one) and no room 727K (thousand): both stood here at
first.
"""


@dataclass(frozen=True)
class Form:
    """A written text and the readings of its special part that a listener would accept, before
    normalization."""

    kind: str
    text: str
    readings: tuple[str, ...]


def suffix(number: int) -> str:
    """st, nd, rd or th."""
    return (
        "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )


def _day(rng: Random) -> int:
    return rng.randint(2, 28)


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


def number_range(rng: Random) -> Form:
    first = rng.randint(3, 60)
    last = first + rng.randint(2, 30)
    return Form(
        "number range",
        rng.choice(("Read pages {}–{} please.", "It takes {}-{} minutes.")).format(first, last),
        (f"{first} to {last}",),
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


def local_phone(rng: Random) -> Form:
    parts = f"{rng.randint(200, 999)}", f"{rng.randint(200, 999)}", f"{rng.randint(0, 9999):04d}"
    written = rng.choice(("{}-{}-{}", "({}) {}-{}", "{}.{}.{}")).format(*parts)
    return Form("phone", f"Call us at {written}.", (" ".join("".join(parts)),))


def foreign_phone(rng: Random) -> Form:
    parts = (
        str(rng.choice((44, 49, 33, 61))),
        str(rng.randint(20, 99)),
        f"{rng.randint(2000, 9999)}",
        f"{rng.randint(0, 9999):04d}",
    )
    digits = " ".join("".join(parts))
    return Form(
        "foreign phone",
        f"The number is +{' '.join(parts)}.",
        (digits, f"plus {digits}", f"+{digits}"),
    )


def zero_code(rng: Random) -> Form:
    code = "0" * rng.randint(1, 2) + str(rng.randint(11, 99))
    code += "" if len(code) == 4 else str(rng.randint(1, 9))
    return Form("code with zeros", f"Your code is {code}.", (" ".join(code),))


def letter_code(rng: Random) -> Form:
    letters = "".join(rng.sample(CODE_LETTERS, 2))
    digits = f"{rng.randint(1000, 9999)}"
    return Form(
        "letter code",
        f"Your order is {letters}{rng.choice(('', '-'))}{digits}.",
        (" ".join(letters + digits),),
    )


def room(rng: Random) -> Form:
    number, letter = rng.randint(101, 989), rng.choice("BDFGH")
    return Form("room", f"Go to Room {number}{letter} now.", (f"{' '.join(str(number))} {letter}",))


def email(rng: Random) -> Form:
    first, last, domain = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES), rng.choice(DOMAINS)
    end = rng.choice(("com", "org", "net"))
    return Form(
        "e-mail",
        f"Write to {first}.{last}@{domain}.{end} please.",
        (
            f"{first} dot {last} at {domain} dot {end}",
            f"{first} {last} {domain} {end}",
            f"{first} {last} at {domain} {end}",
            f"{first} dot {last} at {domain} {end}",
            f"{first} {last} at {domain} dot {end}",
        ),
    )


def address(rng: Random) -> Form:
    domain, end = rng.choice(DOMAINS), rng.choice(("com", "org", "net"))
    before, after = rng.choice(
        (("https://www.", "/help?x=1"), ("www.", ""), ("https://", ""), ("", ""))
    )
    return Form(
        "web address",
        f"Visit {before}{domain}.{end}{after} now.",
        (f"{domain} dot {end}", f"{domain} {end}"),
    )


def initialism(rng: Random) -> Form:
    word = rng.choice(
        (
            "FBI",
            "BBC",
            "USA",
            "PDF",
            "API",
            "CEO",
            "HTML",
            "GPS",
            "DVD",
            "ATM",
            "CNN",
            "MRI",
            "TV",
            "UK",
        )
    )
    return Form("initialism", f"The {word} was new to them.", (" ".join(word), word))


def word_acronym(rng: Random) -> Form:
    word = rng.choice(("NASA", "NATO", "UNESCO", "UNICEF"))
    return Form("acronym", f"She works for {word} in town.", (word,))


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


def abbreviation(rng: Random) -> Form:
    street, name, number = (
        rng.choice(("Elm", "Oak", "Park", "Mill")),
        rng.choice(LAST_NAMES).title(),
        rng.randint(3, 19),
    )
    return rng.choice(
        (
            Form("abbreviation", f"Turn left on {street} St. then stop.", (f"{street} street",)),
            Form("abbreviation", f"Walk down {street} Ave. to the end.", (f"{street} avenue",)),
            Form("abbreviation", f"Dr. {name} is here.", (f"doctor {name}",)),
            Form(
                "abbreviation",
                f"Bring fruit, e.g. apples, to Mrs. {name}.",
                (f"for example apples to mrs {name}",),
            ),
            Form(
                "abbreviation",
                f"We need approx. {number} chairs vs. none.",
                (
                    f"approximately {number} chairs versus none",
                    f"approximately {number} chairs vs none",
                ),
            ),
        )
    )


def accent(rng: Random) -> Form:
    written, said = rng.choice(
        (
            ("crème brûlée", "creme brulee"),
            ("café", "cafe"),
            ("jalapeño", "jalapeno"),
            ("piñata", "pinata"),
            ("façade", "facade"),
            ("naïve", "naive"),
            ("fiancée", "fiancee"),
        )
    )
    return Form("accent", f"They talked about the {written} again.", (said,))


def hash_number(rng: Random) -> Form:
    value = rng.randint(2, 99)
    return Form(
        "number sign",
        f"She lives in apartment #{value} upstairs.",
        (f"number {value}", f"apartment #{value}"),
    )


def digit_code(rng: Random) -> Form:
    code = "".join(rng.choice(string.digits[1:]) for _ in range(4))
    return Form("digit code", f"Your PIN is {code}.", (" ".join(code), f"{code[0]}.{code[1:]}"))


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
