"""Chapters and verses: "Psalm 23:4", "1 Cor. 13:4-7"."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import cardinal
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_BOOKS = (
    "Genesis Exodus Leviticus Numbers Deuteronomy Joshua Judges Ruth Samuel Kings Chronicles Ezra "
    "Nehemiah Esther Job Psalms? Proverbs Ecclesiastes Isaiah Jeremiah Lamentations Ezekiel Daniel "
    "Hosea Joel Amos Obadiah Jonah Micah Nahum Habakkuk Zephaniah Haggai Zechariah Malachi Matthew "
    "Mark Luke John Acts Romans Corinthians Galatians Ephesians Philippians Colossians "
    "Thessalonians Timothy Titus Philemon Hebrews James Peter Jude Revelation Sirach Wisdom Surah? "
    "Qur'?an"
).split()
_SHORT = {
    "Gen": "Genesis",
    "Ex": "Exodus",
    "Exod": "Exodus",
    "Lev": "Leviticus",
    "Num": "Numbers",
    "Deut": "Deuteronomy",
    "Josh": "Joshua",
    "Judg": "Judges",
    "Sam": "Samuel",
    "Kgs": "Kings",
    "Chr": "Chronicles",
    "Chron": "Chronicles",
    "Neh": "Nehemiah",
    "Ps": "Psalm",
    "Prov": "Proverbs",
    "Eccl": "Ecclesiastes",
    "Isa": "Isaiah",
    "Jer": "Jeremiah",
    "Lam": "Lamentations",
    "Ezek": "Ezekiel",
    "Dan": "Daniel",
    "Hos": "Hosea",
    "Zech": "Zechariah",
    "Mal": "Malachi",
    "Matt": "Matthew",
    "Mt": "Matthew",
    "Mk": "Mark",
    "Lk": "Luke",
    "Jn": "John",
    "Rom": "Romans",
    "Cor": "Corinthians",
    "Gal": "Galatians",
    "Eph": "Ephesians",
    "Phil": "Philippians",
    "Col": "Colossians",
    "Thess": "Thessalonians",
    "Tim": "Timothy",
    "Heb": "Hebrews",
    "Jas": "James",
    "Pet": "Peter",
    "Rev": "Revelation",
}
_NAMES = frozenset("Dan Tim Sam Phil Matt Josh Ex Num Mal Pet Col Rev Gen".split())
"""Short names of books that are names of people too, or words."""

_BIBLE = re.compile(r"\b(?i:bible|verses?|scripture|psalms?|gospel|testament|chapter|read|see)\b")
_VERSE = re.compile(
    rf"(?:(?P<part>\b[123])\s)?\b(?:(?P<book>{'|'.join(_BOOKS)})|(?P<short>{'|'.join(_SHORT)})\.?)"
    r"\s(?P<chapter>\d{1,3}):(?P<verse>[1-9]\d{0,2})(?:[-–](?P<last>\d{1,3}))?(?![\w:]|-\d|\.\d)"
    r"(?!\s?[AaPp]\.?[Mm]\b)"
)
_PARTS = {"1": "First ", "2": "Second ", "3": "Third "}


def _verse(match: re.Match[str], reading: Reading) -> str | None:
    """ "Psalm 23:4" → "Psalm twenty three four"; "Dan 5:30" is a time."""
    sure = match["part"] or match["last"] or len(match["verse"]) != 2
    if match["short"] in _NAMES and not sure and not _BIBLE.search(match.string):
        return None
    book = match["book"] or _SHORT[match["short"]]
    last = f" to {cardinal(int(match['last']))}" if match["last"] else ""
    chapter, verse = cardinal(int(match["chapter"])), cardinal(int(match["verse"]))
    return f"{_PARTS.get(match['part'] or '', '')}{book} {chapter} {verse}{last}"


RULES = (Rule(_VERSE, _verse),)
