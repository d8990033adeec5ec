"""Numbers: the pattern of their written forms (`NUMBER`), and their words, from `num2words`."""

from __future__ import annotations

import re

NUMBER = (
    r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?"  # 1,000.50 and Indian 1,00,000
    # 1.000.000 and 1.200,50
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?!\d)|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"
    # thousands separated by no-break spaces or apostrophes: 5'000
    r"|\d{1,3}(?:[\u00a0\u2009\u202f']\d{3})+(?!\d)(?:[.,]\d+)?"
    r"|\d{1,3}(?: 000)+(?!\d)"
    r"|(?<!,)\d+,\d{1,2}(?![\d,])"  # 27,50
    r"|\d+(?:\.\d+)?|\.\d+)"
)
SIGN = r"(?:(?<![\w.,)\]%°])[-−+±])"
TO = r"(?:\s[-–—]\s|[-–—])"
"""What stands between the two ends of a range."""

BEFORE = r"(?<![\w.,$€£])"
"""A lookbehind: a number does not begin within a word, another number or a price."""

DIGIT_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LONGEST = 15
"""Most digits of a number that is read by its value and not digit by digit."""


def cardinal(value: int) -> str:
    """1234 → "one thousand two hundred thirty four"."""
    from num2words import num2words

    words = str(num2words(abs(value))).replace("-", " ").replace(",", "").replace(" and ", " ")
    return f"minus {words}" if value < 0 else words


def ordinal(value: int) -> str:
    """21 → "twenty first"."""
    from num2words import num2words

    return (
        str(num2words(value, to="ordinal")).replace("-", " ").replace(",", "").replace(" and ", " ")
    )


def year(value: int) -> str:
    """1999 → "nineteen ninety nine", 1905 → "nineteen oh five", 2005 → "two thousand five"."""
    high, low = divmod(value, 100)
    if not 1000 <= value <= 9999 or (high % 10 == 0 and low < 10):
        return cardinal(value)
    if low == 0:
        return f"{cardinal(high)} hundred"
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def decade(value: int) -> str:
    """1990 → "nineteen nineties", 90 → "nineties"; a multiple of ten."""
    high, low = divmod(value, 100)
    if value < 100:
        return plural(cardinal(low)) if low else "two thousands"
    if low == 0:
        return f"{cardinal(value)}s" if high % 10 == 0 else f"{cardinal(high)} hundreds"
    return f"{cardinal(high)} {plural(cardinal(low))}"


def plural(word: str) -> str:
    """ "ninety" → "nineties", "six" → "sixes", "inch" → "inches"."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def digits(text: str) -> str:
    """ "0042" → "zero zero four two"; characters other than digits are left out."""
    return " ".join(DIGIT_NAMES[int(char)] for char in text if char in "0123456789")


def canonical(written: str) -> str:
    """A match of `NUMBER` as digits with at most one decimal point: "1.200,50" → "1200.50"."""
    text = re.sub(r"[ \u00a0\u2009\u202f']", "", written)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}", text):
        return text.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return text.replace(",", ".")
    return text.replace(",", "")


def spoken(written: str) -> str:
    """The words of a match of `NUMBER`; digit by digit with leading zeros or over `LONGEST`
    digits."""
    text = canonical(written)
    whole, _, part = text.partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and whole.startswith("0") and not part):
        return digits(text) if not part else f"{digits(whole)} point {digits(part)}"
    words = cardinal(int(whole)) if whole else ""
    return f"{words} point {digits(part)}".strip() if part else words


def sign_words(sign: str | None) -> str:
    """ "-" → "minus ", with the blank; empty without a sign."""
    return {None: "", "": "", "+": "plus ", "±": "plus or minus "}.get(sign, "minus ")


def signed(sign: str | None, written: str) -> str:
    """As `spoken`, after the words of its sign."""
    return sign_words(sign) + spoken(written)


def ranged(sign: str | None, first: str, last: str | None) -> str:
    """ "5" and "10" → "five to ten"."""
    return signed(sign, first) + (f" to {spoken(last)}" if last else "")


def is_one(written: str) -> bool:
    """Whether the number is 1, so that its noun is in the singular."""
    return canonical(written).lstrip("0") in ("1", "1.0", "1.00")
