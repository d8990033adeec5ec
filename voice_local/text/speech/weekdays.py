"""Short names of the days of the week: ranges ("Mon–Fri"), lists ("Fri & Sat"), alone."""

from __future__ import annotations

import calendar
import re

from voice_local.text.speech.dates import SHORT_MONTHS
from voice_local.text.speech.numbers import TO
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

DAYS = tuple(calendar.day_name)
_SHORT = {
    **{name[:3]: name for name in DAYS},
    "Tues": "Tuesday",
    "Weds": "Wednesday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
}
_ANY_SHORT = "|".join(sorted(_SHORT, key=len, reverse=True))
_ANY = rf"(?:{_ANY_SHORT}|{'|'.join(DAYS)})\b"
_RANGE = re.compile(
    rf"\b(?P<a>{_ANY_SHORT}|{'|'.join(DAYS)})\.?{TO}(?P<b>{_ANY_SHORT}|{'|'.join(DAYS)})\b"
    r"(?:\.(?=,|\s[a-z\d]))?"
)
_IN_LIST = re.compile(
    rf"\b(?P<day>{_ANY_SHORT})\b\.?(?:(?=,?\s?(?:,|&|/|and\b|or\b)\s?{_ANY})|"
    r"(?=:\s(?:\d|[Cc]losed|[Oo]pen|off\b|noon)))"
    r"|(?:(?<=&\s)|(?<=,\s)|(?<=and\s)|(?<=or\s)|(?<=[&/]))"
    rf"(?P<next>{_ANY_SHORT})\b"
)
_DAY_BEFORE = re.compile(rf"{_ANY}\.?,?\s?(?:&|/|and\s|or\s)?$")
_AFTER_WORD = re.compile(
    r"(?:(?<=\b[Oo]n )|(?<=\b[Nn]ext )|(?<=\b[Tt]his )|(?<=\b[Ll]ast )|(?<=\b[Ee]very )|"
    rf"(?<=\bby )|(?<=\buntil ))(?P<day>{_ANY_SHORT})\b(?!\s[A-Z]|-)"
    r"(?:\.(?=,|\s[a-z\d]))?"
)
_ALONE = re.compile(
    rf"\b(?P<day>{_ANY_SHORT})(?:\.(?=,?\s)|(?=,?\s(?:\d|{'|'.join(SHORT_MONTHS)})))|\b"
    r"(?P<safe>Tues?|Thurs?|Thu|Fri)\b(?=\.\s*$|[^.]|$)"
)


def _range(match: re.Match[str], reading: Reading) -> str:
    return " to ".join(_SHORT.get(match[part], match[part]) for part in ("a", "b"))


def _in_list(match: re.Match[str], reading: Reading) -> str | None:
    """ "Sat & Sun", "Mon, Wed or Fri", "Sat: closed"."""
    if match["next"] and not _DAY_BEFORE.search(match.string, 0, match.start()):
        return None
    return _SHORT[match["day"] or match["next"]]


def _after_word(match: re.Match[str], reading: Reading) -> str:
    return _SHORT[match["day"]]


def _alone(match: re.Match[str], reading: Reading) -> str:
    return _SHORT[match["day"] or match["safe"]]


RULES = (
    Rule(_RANGE, _range),
    Rule(_IN_LIST, _in_list),
    Rule(_AFTER_WORD, _after_word),
    Rule(_ALONE, _alone),
)
