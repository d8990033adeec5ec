"""Parses durations and times of day as people say and recognizers transcribe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from voice_local.skills.abilities.spoken_numbers import SMALL, TENS

_ONE = "|".join(SMALL)
_TEN = "|".join(TENS)
NUMBER = (
    rf"(?:\d+(?:\.\d+)?|(?:{_TEN})(?: (?:{_ONE}))?|(?:(?:a|one) )?hundred(?: and (?:{_TEN}|"
    rf"{_ONE}))?|{_ONE}|an?)"
)
"""The pattern of a number: digits, words up to "a hundred and ninety", "a"."""

_UNITS = {
    "second": 1,
    "sec": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "hr": 3600,
    "day": 86_400,
    "week": 604_800,
}
UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)"
_UNIT = UNIT.replace("(?:", "(")
_HALF = re.compile(rf"\b({NUMBER}) and (?:a )?(half|quarter) {_UNIT}\b")
_AND_HALF = re.compile(rf"\b({NUMBER}) {_UNIT} and (?:a )?(half|quarter)\b")
_PART = re.compile(
    r"\b(half(?: of)?(?: an?)?|(?:a )?quarter(?: of)?(?: an?)?|three quarters of an?) (hour|minute|"
    r"day)\b"
)
_LOWER = rf"(?:[1-5]\d|(?:twenty|thirty|forty|fifty)(?: (?:{_ONE}))?|{'|'.join(list(SMALL)[10:])})"
_AND_SO_MANY = re.compile(  # "one minute thirty", "an hour and twenty"
    rf"\b({NUMBER}) (hour|minute)s?(?: and)? ({_LOWER})(?= |$)"
    rf"(?! ?(?:(?:{_ONE}) )?(?:{UNIT}|[ap]m|o'clock|percent|half)\b)"
)
_PLAIN = re.compile(rf"\b({NUMBER}|a couple of|a few) ?{_UNIT}\b")
DURATION = re.compile(
    re.sub(
        r"\((?!\?)",
        "(?:",  # without groups
        rf"(?:{_HALF.pattern}|{_AND_HALF.pattern}|{_PART.pattern}|{_AND_SO_MANY.pattern}|"
        rf"{_PLAIN.pattern})"
        rf"(?:(?: and)? (?:{_AND_HALF.pattern}|{_PART.pattern}|{_PLAIN.pattern}))*",
    )
)
"""The pattern of a duration."""

LONGEST = timedelta(days=31)


def number(words: str) -> float:
    """The value of a match of `NUMBER`."""
    if words in ("a", "an"):
        return 1
    if re.fullmatch(r"\d+(?:\.\d+)?", words):
        return float(words)
    hundreds, found, rest = words.partition("hundred")
    small = rest if found else hundreds
    return (100 if found else 0) + sum(
        SMALL.get(word, 0) + TENS.get(word, 0) for word in small.split()
    )


def duration(words: str) -> timedelta | None:
    """The duration in `words`, which are a result of `words.spelled`; None for none."""
    found = DURATION.search(words)
    if found is None:
        return None
    text, seconds = found.group(0), 0.0

    def take(pattern: re.Pattern[str], value: object) -> None:
        nonlocal text, seconds
        while match := pattern.search(text):
            seconds += value(match)  # type: ignore[operator]
            text = text[: match.start()] + " , " + text[match.end() :]

    def part(name: str) -> float:
        return 0.75 if name.startswith("three") else 0.5 if name.startswith("half") else 0.25

    take(_HALF, lambda m: (number(m[1]) + part(m[2])) * unit(m[3]))
    take(_AND_HALF, lambda m: (number(m[1]) + part(m[3])) * unit(m[2]))
    take(_PART, lambda m: part(m[1].removeprefix("a ")) * unit(m[2]))
    take(_AND_SO_MANY, lambda m: number(m[1]) * unit(m[2]) + number(m[3]) * unit(m[2]) / 60)
    take(
        _PLAIN,
        lambda m: (
            {"a couple of": 2, "a few": 3}.get(m[1], 0) * unit(m[2]) or number(m[1]) * unit(m[2])
        ),
    )
    try:
        return timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        return 2 * LONGEST  # too long in any case


def in_minutes(words: str) -> timedelta | None:
    """Of a timer whose length is a number alone ("for ten"); None for other words."""
    found = re.fullmatch(
        rf"(?:for |about |maybe |say |let us say |make it )*({NUMBER})(?: or so)?", words.strip()
    )
    if found is None or found[1] in ("a", "an"):
        return None
    return timedelta(minutes=min(number(found[1]), 100_000))  # too long in any case


def unit(name: str) -> int:
    """The seconds of a unit such as "minutes" or "hrs"."""
    return _UNITS[name.rstrip("s")] if name.rstrip("s") in _UNITS else _UNITS[name]


_HOUR = rf"(?:\d{{1,2}}|{'|'.join(list(SMALL)[1:13])})"
_MINUTE = (
    rf"(?:oh (?:{'|'.join(list(SMALL)[1:10])})|(?:{_TEN})(?: (?:{_ONE}))?|"
    rf"{'|'.join(list(SMALL)[10:])}|[0-5]\d)"
)
_DAYTIME = (
    r"(?: ?(?P<half>[ap]m)| (?:o'clock )?(?:in the |this |tomorrow |in )?(?P<part>morning|"
    r"afternoon|evening)| (?P<night>tonight|at night))?"
)
CLOCK = (
    rf"(?:(?P<noon>noon|midday|midnight)|(?P<before>half|(?:a )?quarter|{NUMBER}(?: minutes?)?) "
    rf"(?P<way>past|to|after|before|till) (?P<of>{_HOUR})(?: o'clock)?{_DAYTIME}|(?P<hour>{_HOUR})"
    rf"(?:(?::| )(?P<minute>{_MINUTE})|(?P<sharp> o'clock))?"
    + _DAYTIME.replace("half>", "half2>").replace("part>", "part2>").replace("night>", "night2>")
    + ")"
)
"""The pattern of a time of day, with groups for `_clock`."""

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
DAY = (
    rf"(?:the day after tomorrow|tomorrow(?: (?:morning|afternoon|evening|night))?|today|tonight|"
    rf"this (?:morning|afternoon|evening)|(?:on |next |this )?(?:{'|'.join(_DAYS)})(?: (?:morning|"
    rf"afternoon|evening|night))?)"
)
"""The pattern of a day: "tomorrow", "next friday"."""

_AT = re.compile(
    rf"\b(?:(?P<day1>{DAY}) )?(?P<at>at|by|for|(?<=alarm )to) (?:about )?{CLOCK}(?: "
    rf"(?P<day2>{DAY}))?(?= |$)".replace("(?P<day1>", "(?P<dayone>").replace(
        "(?P<day2>", "(?P<daytwo>"
    )
)
_BARE = re.compile(rf"^(?:(?P<dayone>{DAY}) )?{CLOCK}(?: (?P<daytwo>{DAY}))?$")
_SURE = re.compile(rf"\b(?:(?P<dayone>{DAY}) )?{CLOCK}(?: (?P<daytwo>{DAY}))?(?= |$)")


@dataclass(frozen=True)
class Moment:
    """A time in a text.

    Attributes:
        when: timezone-aware, in the future.
        start, end: its place in the text, including the preposition.
    """

    when: datetime
    start: int
    end: int


def moment(words: str, now: datetime) -> Moment | None:
    """The next time after `now` that `words` (see `words.spelled`) name: "tomorrow at 7", "half
    past six", "11am"; None for none.

    A time without AM, PM or a word such as "evening" is the next of the two.
    """
    for found in _AT.finditer(words):
        if (when := _when(found, now)) is not None:
            return Moment(when, found.start(), found.end())
    found_bare = _BARE.match(words)
    if found_bare and (when := _when(found_bare, now)) is not None:
        return Moment(when, 0, len(words))
    for found in _SURE.finditer(words):  # without "at" only what is certainly a time
        sure = any(found[name] for name in ("noon", "way", "half2", "sharp", "part2", "night2"))
        if (sure or ":" in found.group(0)) and (when := _when(found, now)) is not None:
            return Moment(when, found.start(), found.end())
    return None


def _when(found: re.Match[str], now: datetime) -> datetime | None:
    clock = _clock(found)
    if clock is None:
        return None
    hour, minute, half = clock
    day = " ".join(filter(None, (found["dayone"], found["daytwo"]))) or ""
    part = found["part"] or found["part2"] or ("night" if found["night"] or found["night2"] else "")
    part = part or next(
        (name for name in ("morning", "afternoon", "evening", "night") if name in day), ""
    )
    if found["noon"] is None and half is None and part and hour <= 12:
        late = part in ("afternoon", "evening") or (part == "night" and 6 <= hour < 12)
        hour = hour % 12 + (12 if late and not (part == "evening" and hour == 12) else 0)
        half = "told"
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    ambiguous = (
        half is None
        and found["noon"] is None
        and hour <= 12
        and not (found["hour"] or "").startswith("0")
    )
    shift = _days(day, now)
    if shift is not None:
        when = today + timedelta(days=shift)
        if ambiguous and shift == 0 and when <= now:
            when += timedelta(hours=12)
        return (
            when
            if when > now
            else when + timedelta(days=7)
            if shift == 0 and "day" in day and "to" not in day
            else None
        )
    while today <= now:
        today += timedelta(hours=12 if ambiguous and hour != 12 else 24)
    return today


def _clock(found: re.Match[str]) -> tuple[int, int, str | None] | None:
    if found["noon"]:
        return (0 if found["noon"] == "midnight" else 12), 0, None
    half = found["half"] or found["half2"]
    if found["way"]:
        hour = int(number(found["of"]))
        before = found["before"].removeprefix("a ").removesuffix(" minutes").removesuffix(" minute")
        minutes = 30 if before == "half" else 15 if before == "quarter" else int(number(before))
        if found["way"] in ("to", "before", "till"):
            hour, minutes = hour - 1, 60 - minutes
    else:
        hour = int(number(found["hour"]))
        minutes = _minutes(found["minute"])
    if not (0 <= hour <= 24 and 0 <= minutes < 60):
        return None
    if half:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour % 24, minutes, half


def _minutes(words: str | None) -> int:
    return 0 if not words else int(number(words.removeprefix("oh ")))


def _days(day: str, now: datetime) -> int | None:
    """Days from today to `day`; None for an empty one."""
    if not day:
        return None
    if "day after" in day:
        return 2
    if "tomorrow" in day:
        return 1
    for index, name in enumerate(_DAYS):
        if name in day:
            return (index - now.weekday()) % 7 + (
                7 if "next" in day and index == now.weekday() else 0
            )
    return 0
