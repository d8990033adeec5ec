"""Names of units by their symbols: "kg" → kilogram, kilograms."""

from __future__ import annotations

from voice_local.text.speech.numbers import plural

_PREFIXES = {
    "k": "kilo",
    "c": "centi",
    "m": "milli",
    "µ": "micro",
    "n": "nano",
    "M": "mega",
    "G": "giga",
    "T": "tera",
    "d": "deci",
    "h": "hecto",
}


def _made(symbol: str, name: str, prefixes: str) -> dict[str, tuple[str, str]]:
    """Symbol → (singular, plural) of a unit with each of the prefixes."""
    return {
        f"{prefix}{symbol}": (f"{_PREFIXES[prefix]}{name}", f"{_PREFIXES[prefix]}{plural(name)}")
        for prefix in prefixes
    }


def _same(**names: str) -> dict[str, tuple[str, str]]:
    return {symbol: (name, plural(name)) for symbol, name in names.items()}


UNITS: dict[str, tuple[str, str]] = {
    **_same(
        m="meter",
        g="gram",
        l="liter",
        L="liter",
        s="second",
        h="hour",
        V="volt",
        W="watt",
        J="joule",
        N="newton",
        t="ton",
        yd="yard",
        yds="yard",
        mi="mile",
        nmi="nautical mile",
        oz="ounce",
        lb="pound",
        gal="gallon",
        qt="quart",
        tsp="teaspoon",
        tbsp="tablespoon",
        hr="hour",
        min="minute",
        sec="second",
        yr="year",
        yrs="year",
        mo="month",
        wk="week",
        ha="hectare",
        cal="calorie",
        kcal="kilocalorie",
        px="pixel",
        bar="bar",
        Pa="pascal",
        mph="mile per hour",
        mpg="mile per gallon",
        kph="kilometer per hour",
        kmh="kilometer per hour",
        kt="knot",
        kn="knot",
        psi="pound per square inch",
        rpm="revolution per minute",
        bpm="beat per minute",
        fps="frame per second",
        dpi="dot per inch",
        kbps="kilobit per second",
        Mbps="megabit per second",
        Gbps="gigabit per second",
        KB="kilobyte",
        kb="kilobit",
        Mb="megabit",
        Gb="gigabit",
        KiB="kibibyte",
        MiB="mebibyte",
        GiB="gibibyte",
        dB="decibel",
        mAh="milliampere hour",
        Ah="ampere hour",
        Wh="watt hour",
        kWh="kilowatt hour",
        MWh="megawatt hour",
        GWh="gigawatt hour",
        cc="cubic centimeter",
        ppl="person",
        pcs="piece",
        doz="dozen",
        mcg="microgram",
        mol="mole",
        mmol="millimole",
        µmol="micromole",
        atm="atmosphere",
        ly="light year",
    ),
    **_made("m", "meter", "kcmµnd"),
    **_made("g", "gram", "kmµ"),
    **_made("l", "liter", "cmdµ"),
    **_made("L", "liter", "cmd"),
    **_made("s", "second", "mµn"),
    **_made("V", "volt", "km"),
    **_made("W", "watt", "kmMG"),
    **_made("J", "joule", "kM"),
    **_made("N", "newton", "k"),
    **_made("Pa", "pascal", "hkM"),
    **_made("B", "byte", "kMGT"),
    **_made("Ω", "ohm", "kM"),
    "Ω": ("ohm", "ohms"),
    "mA": ("milliampere", "milliamperes"),
    "lbs": ("pound", "pounds"),
    "hrs": ("hour", "hours"),
    "mins": ("minute", "minutes"),
    "secs": ("second", "seconds"),
    "ft": ("foot", "feet"),
    "in": ("inch", "inches"),
    "″": ("inch", "inches"),
    "′": ("foot", "feet"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "hp": ("horsepower", "horsepower"),
    "Nm": ("newton meter", "newton meters"),
    "mmHg": ("millimeter of mercury", "millimeters of mercury"),
    "mbar": ("millibar", "millibars"),
    "ppm": ("part per million", "parts per million"),
    "x": ("time", "times"),
    "X": ("time", "times"),
    "×": ("time", "times"),
}
"""Symbol → (singular, plural); the plural of units with "per" is wrong here, see `plural_of`."""

_EXACT = frozenset({"atm", "hp", "ly", "mol", "Nm"})
"""Symbols that are others, or words, in another case: "1 ATM"."""

_BY_LOWER = {
    symbol.lower(): symbol for symbol in reversed(UNITS) if len(symbol) > 1 and symbol not in _EXACT
}
WITH_DOT = {"c": ("cup", "cups"), "pt": ("pint", "pints")}
"""Symbols that are units only with a full stop, within a sentence."""

GLUED_ONLY = frozenset({"x", "X", "×", "N", "J", "in"})
"""Symbols that are no units after a blank ("3 in a row"), unless a dot or "per" follows; of `N` and
`in`, see also `units`."""


def unit_key(symbol: str) -> str | None:
    """The key of a symbol in `UNITS`; None for an unknown one.

    Case only matters where it distinguishes units ("Mb", "MB").
    """
    symbol = symbol.replace("μ", "µ")
    if symbol in UNITS:
        return symbol
    return _BY_LOWER.get(symbol.lower()) if len(symbol) > 1 else None


def names_of(symbol: str) -> tuple[str, str] | None:
    """(singular, plural) of a unit that may stand after a blank; None for other words."""
    key = unit_key(symbol)
    return None if key is None or key in GLUED_ONLY else (UNITS[key][0], plural_of(*UNITS[key]))


def plural_of(one: str, many: str) -> str:
    """The plural of a unit: "mile per hour" → "miles per hour"."""
    head, per_word, tail = one.partition(" per ")
    return f"{plural(head)}{per_word}{tail}" if per_word else many


def per(symbol: str) -> str:
    """The name of a unit after "per": "h" → "hour", "month" → "month"."""
    square = symbol.endswith("²")
    key = unit_key(symbol.rstrip("²"))
    name = UNITS[key][0] if key else symbol.rstrip("²").lower()
    return f"square {name}" if square else name
