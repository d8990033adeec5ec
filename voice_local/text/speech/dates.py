"""Dates, years and decades."""

from __future__ import annotations

import calendar
import re

from voice_local.text.speech import numbers
from voice_local.text.speech.numbers import (
    BEFORE,
    TO,
    ordinal,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
    ends_sentence,
)
from voice_local.text.speech.times import clock

MONTHS = tuple(calendar.month_name)[1:]
SHORT_MONTHS = {**{name[:3]: name for name in MONTHS}, "Sept": "September"}
_NAMES = {
    **{name: name for name in MONTHS},
    **SHORT_MONTHS,
    **{name.lower(): name for name in MONTHS if name not in ("March", "May")},
}
_LONGEST_FIRST = "|".join(sorted(_NAMES, key=len, reverse=True))
_MONTH = rf"(?P<month>{_LONGEST_FIRST})\b(?:(?<!ary)(?<![ymnhlre]e)(?<!er)\.(?=.))?"
_ISO = re.compile(
    r"(?<![\w.,/-])(?P<year>\d{4})(?P<between>[-/])(?P<month>\d{1,2})(?P=between)(?P<day>\d{1,2})"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
    r"(?![\w/]|-\d)"
)
_YEAR_MONTH = re.compile(r"(?<![\w.,/-])(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9])(?![\w/]|-\d)")
_NUMERIC = re.compile(
    r"(?<![\w.,/-])(?P<a>\d{1,2})(?P<between>[-/.])(?P<b>\d{1,2})(?P=between)(?P<year>\d{4}|\d{2})"
    r"(?![\w/]|[-.]\d)"
)
_DAY_AFTER_WORD = re.compile(
    r"(?i:(?<=\bon )|(?<=\bby )|(?<=\buntil )|(?<=\btill )|(?<=\bsince )|(?<=\bdue )|"
    r"(?<=\bbefore )|(?<=\bdated ))(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\w/%]|[.,]\d)"
)
_DAY_BY_FORM = re.compile(
    r"(?<![\w.,$€£/-])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\w/%]|[-.,]\d)"
    r"(?:(?=\s(?:is|was|falls)\s[A-Z][a-z])|(?<=\b0\d/\d\d)|(?<=\b[01]\d/0\d))"
)
"""A day that nothing announces: "12/25 is Christmas", "03/15"."""

_MONTH_DAY = re.compile(
    rf"\b{_MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{TO}(?P<last>\d{{1,2}})(?:st|nd|rd|th)?)?"
    rf"(?![\w:%]|[.,]\d)(?:,?\s(?P<year>[12]\d{{3}})(?![\w,]\d|\w))?"
)
_DAY_MONTH = re.compile(
    rf"(?P<the>\b[Tt]he\s)?{BEFORE}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{TO}(?P<last>\d{{1,2}})"
    rf"(?:st|nd|rd|th)?)?\s(?:of\s)?{_MONTH}(?:,?\s(?P<year>[12]\d{{3}})(?![\w,]\d|\w))?(?!\w)"
)
_MONTH_YEAR = re.compile(rf"\b{_MONTH},?\s(?:of\s)?(?P<year>[12]\d{{3}})(?![\w,]\d|\w)")
_MONTH_ALONE = re.compile(r"\b(?P<month>Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.(?!\w)")
_ANY_MONTH = "|".join([*SHORT_MONTHS, *MONTHS])
_MONTH_RANGE = re.compile(rf"\b(?P<a>{_ANY_MONTH})\.?{TO}(?P<b>{_ANY_MONTH})\b\.?(?!\s\d{{1,2}}\b)")
_DAY_RANGE = re.compile(
    rf"(?:(?<=\d)|(?<=\d(?:st|nd|rd|th)))(?:\s[-–—]\s|[-–—])(?=(?:{_ANY_MONTH})\b\.?\s\d)"
    rf"|(?<=[a-z])(?:\s[-–—]\s|[-–—])(?=\d{{1,2}}\s(?:{_ANY_MONTH})\b)"
)
"""Between two days, each with its month: "Aug 15–Sept 3"."""

_DECADE = re.compile(
    r"(?<![\w.,])(?P<value>(?:1\d|20)\d0)['’]?s\b"
    r"|(?<![\w.,])['’‘](?P<short>\d0)s\b|(?<![\w.,])(?P<apart>[1-9]0)['’]s\b"
    r"|(?i:(?<=\bthe )|(?<=\bhis )|(?<=\bher )|(?<=\btheir )|(?<=\bmy )|(?<=\bearly )|(?<=\blate )|"
    r"(?<=\bmid-)|(?<=\bmid ))(?P<bare>[1-9]0)s\b"
    r"|(?<![\w.,])(?P<styled>[2-9]0)s\b(?=\s(?:music|rock|pop|movies?|films?|fashion|hits?|songs?|"
    r"style|kids?|era|TV|bands?|party|hair|sound|disco|cars?|throwback)\b)"
)
_YEAR_RANGE = re.compile(
    rf"(?<![\w.,$€£/-])(?P<a>1[1-9]\d\d|20\d\d){TO}(?P<b>1[1-9]\d\d|20\d\d|\d\d)(?![\w%/]|[-.,]\d)"
)
_TWO_YEARS = re.compile(r"(?<![\w.,$€£/-])(?P<a>(?:19|20)\d\d)/(?P<b>\d\d)(?![\w/-]|[.,]\d)")
_YEAR = re.compile(r"(?<![\w.,$€£:/])(?<!\d-)(?P<year>1[1-9]\d\d|20\d\d)(?![\w%:/]|[-.,]\d)")
_SHORT_YEAR = re.compile(r"(?<![\w.,])['’‘](?P<year>\d\d)\b(?!\s?['\"′″])")
_COUNTED = re.compile(
    r"\s(?!(?:was|is|has|its|this|as|does|plus|less|sales|results|news|series|always|perhaps|"
    r"across|besides)\b)(?:[a-z]+\s)?[a-z]{2,}(?<!ss)s\b"
)
_BEFORE_YEAR = re.compile(
    r"\b(?i:in|since|by|until|till|during|year|circa|spring|summer|autumn|fall|winter|early|"
    r"late)\s$"
)


def date_words(year: int | None, month: int, day: int) -> str | None:
    """ "May twelfth, twenty twenty four"; None if there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(2000, month)[1]):
        return None
    return f"{MONTHS[month - 1]} {ordinal(day)}" + (
        "" if year is None else f", {numbers.year(year)}"
    )


def _iso(match: re.Match[str], reading: Reading) -> str | None:
    day = date_words(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None or match["hour"] is None:
        return day
    return (
        f"{day}, {clock(int(match['hour']), int(match['minute']))}"
        if int(match["hour"]) < 24
        else None
    )


def _year_month(match: re.Match[str], reading: Reading) -> str:
    return f"{MONTHS[int(match['month']) - 1]} {numbers.year(int(match['year']))}"


def _numeric(match: re.Match[str], reading: Reading) -> str | None:
    parts = match.groupdict()
    a, b, written = int(parts["a"]), int(parts["b"]), parts.get("year")
    year = None if written is None else int(written)
    if year is not None and len(written or "") == 2:
        year += 1900 if year > 50 else 2000
    day_first = reading.day_first or parts.get("between") == "."
    day, month = (a, b) if day_first else (b, a)
    return date_words(year, month, day) or (
        None if parts.get("between") == "." else date_words(year, day, month)
    )


def _tail(match: re.Match[str]) -> str:
    return f", {numbers.year(int(match['year']))}" if match["year"] else ""


def _days(match: re.Match[str]) -> str | None:
    days = [int(text) for text in (match["day"], match["last"]) if text]
    return " to ".join(map(ordinal, days)) if all(1 <= day <= 31 for day in days) else None


def _month_day(match: re.Match[str], reading: Reading) -> str | None:
    days = _days(match)
    return None if days is None else f"{_NAMES[match['month']]} {days}{_tail(match)}"


def _day_month(match: re.Match[str], reading: Reading) -> str | None:
    days = _days(match)
    return (
        None
        if days is None
        else f"{match['the'] or 'the '}{days} of {_NAMES[match['month']]}{_tail(match)}"
    )


def _month_year(match: re.Match[str], reading: Reading) -> str:
    return f"{_NAMES[match['month']]} {numbers.year(int(match['year']))}"


def _month_alone(match: re.Match[str], reading: Reading) -> str:
    return _NAMES[match["month"]] + _full_stop(match)


def _month_range(match: re.Match[str], reading: Reading) -> str:
    return " to ".join(_NAMES[match[part]] for part in ("a", "b")) + _full_stop(match)


def _full_stop(match: re.Match[str]) -> str:
    return "." if match[0].endswith(".") and ends_sentence(match) else ""


def _day_range(match: re.Match[str], reading: Reading) -> str | None:
    """ "to" between two days; None where no day stands before."""
    before = re.search(
        r"([A-Za-z]+)\.?(?:\s\d{1,2}(?:st|nd|rd|th)?(?:,?\s\d{4})?)?$",
        match.string[: match.start()],
    )
    return " to " if before and before[1] in _NAMES else None


def _decade(match: re.Match[str], reading: Reading) -> str:
    return numbers.decade(next(int(value) for value in match.groups() if value))


def _year_range(match: re.Match[str], reading: Reading) -> str:
    last = match["b"]
    until = numbers.year(int(last)) if len(last) == 4 else numbers.cardinal(int(last))
    return f"{numbers.year(int(match['a']))} to {until}"


def _two_years(match: re.Match[str], reading: Reading) -> str:
    return f"{numbers.year(int(match['a']))} {numbers.cardinal(int(match['b']))}"


def _year(match: re.Match[str], reading: Reading) -> str | None:
    """A year; None where the number counts something ("2024 people")."""
    counted = _COUNTED.match(match.string, match.end()) and not _BEFORE_YEAR.search(
        match.string[: match.start()]
    )
    return None if counted else numbers.year(int(match["year"]))


def _short_year(match: re.Match[str], reading: Reading) -> str:
    value = int(match["year"])
    return f"oh {numbers.cardinal(value)}" if value < 10 else numbers.cardinal(value)


RULES = (
    Rule(_MONTH_RANGE, _month_range),
    Rule(_DAY_RANGE, _day_range),
    Rule(_ISO, _iso),
    Rule(_YEAR_MONTH, _year_month),
    Rule(_NUMERIC, _numeric),
    Rule(_DAY_AFTER_WORD, _numeric),
    Rule(_DAY_BY_FORM, _numeric),
    Rule(_MONTH_DAY, _month_day),
    Rule(_DAY_MONTH, _day_month),
    Rule(_MONTH_YEAR, _month_year),
    Rule(_DECADE, _decade),
    Rule(_TWO_YEARS, _two_years),
)
"""Rules that come before those of times and numbers."""

YEARS = (Rule(_YEAR_RANGE, _year_range), Rule(_YEAR, _year), Rule(_SHORT_YEAR, _short_year))
NAMES = (
    Rule(_MONTH_RANGE, _month_range),
    Rule(_MONTH_ALONE, _month_alone),
)
