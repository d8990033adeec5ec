"""Roman numerals: of rulers ("Louis XIV"), of parts ("Chapter IV"), of centuries, and alone."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    cardinal,
    ordinal,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_ROMAN = r"(?P<roman>M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))"
RULERS = (
    "Henry Louis Elizabeth George Charles Edward James William Richard Pius Benedict Francis "
    "Gregory Innocent Leo Clement Urban Alexander Nicholas Peter Catherine Frederick Wilhelm "
    "Philip Ferdinand Alfonso Juan Carlos Napoleon Ramses Ramesses Ptolemy Cleopatra Mary Margaret "
    "Christian Gustav Oscar Haakon Harald Olav Albert Leopold Baudouin Victor Umberto Rudolf Otto "
    "Maximilian Joseph Franz Stephen John Paul Sixtus Julius Boniface Celestine Adrian Constantine "
    "Theodosius Justinian Darius Xerxes Artaxerxes Murad Mehmed Selim Suleiman Ivan Boris Vladimir "
    "Alexios Basil Mohammed Hassan Abdullah Rama Sancho Pedro Manuel Afonso Beatrix Joanna "
    "Isabella Eric Erik Magnus Sigismund Casimir Vladislav Wenceslas Robert David Malcolm Kenneth"
).split()
PARTS = (
    "Chapter Part Volume Vol Act Scene Section Article Book Figure Table Phase Type Level Stage "
    "Class Grade Unit Title Appendix Episode Season Mark Apollo War Bowl Schedule Annex Lesson "
    "Step Tier Factor Category Division Group Region Zone Psalm Canto Sonata Symphony Olympiad "
    "Corps Fantasy Rocky Godfather Wars Quest Thrones Saturn Gemini Windows Schengen Basel"
).split()
_RULER = re.compile(
    rf"\b(?P<name>(?:{'|'.join(RULERS)}|(?:King|Queen|Pope|Emperor|Tsar|Czar|Sultan|Pharaoh|Duke|"
    rf"Prince|Princess)\s[A-Z][a-z]+))\s(?=[IVX]){_ROMAN}\b(?!\.\w)(?P<s>['’]s)?"
)
_PART = re.compile(
    rf"\b(?P<name>{'|'.join([*PARTS, *(part.lower() for part in PARTS)])})\s(?=[IVXLCM]){_ROMAN}\b"
    rf"(?![.'’]\w)"
)
_SHORT_PARTS = {
    "vol": "volume",
    "ch": "chapter",
    "sec": "section",
    "fig": "figure",
    "pt": "part",
    "art": "article",
    "bk": "book",
    "op": "opus",
}
_SHORT_PART = re.compile(
    rf"(?<![\w.])(?P<name>(?i:{'|'.join(_SHORT_PARTS)}))\.\s(?=[IVXL]){_ROMAN}\b(?![.'’]\w)"
)
_CENTURY = re.compile(
    rf"(?<![\w.])(?=[IVX]){_ROMAN}(?:th|st|nd|rd)?\s(?P<name>century|centuries)\b"
)
_LONE = re.compile(
    r"(?<![\w.])(?P<roman>X{0,2}(?:IX|VI{1,3}|I{2,3})|X{1,2}IV|X{1,2}V|X{1,2}I)(?![\w]|"
    r"\.\w)(?!['’]s)"
)
_SPELLED = frozenset(("CD", "DC", "MC", "CM", "MD", "CC", "MM"))
_NUMERALS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_VERBS = re.compile(r"\s(?!(?:was|is|of|and|died|reigned|ruled|became|had|in|who|at|to|on)\b)[a-z]")


def roman(letters: str) -> int:
    """ "XIV" → 14."""
    values = [_NUMERALS[letter] for letter in letters]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _ruler(match: re.Match[str], reading: Reading) -> str | None:
    letters = match["roman"]
    if not letters or (match["name"] == "Malcolm" and letters == "X"):
        return None
    if letters in ("I", "V", "X") and _VERBS.match(match.string, match.end()):
        return None  # "Henry I think"
    return f"{match['name']} the {ordinal(roman(letters))}{match['s'] or ''}"


def _part(match: re.Match[str], reading: Reading) -> str | None:
    letters = match["roman"]
    if not letters or (match["name"].islower() and letters in ("I", "C", "D", "L", "M", "X", "V")):
        return None
    if letters in ("I", "C", "D", "L", "M") and _VERBS.match(match.string, match.end()):
        return None
    if letters in _SPELLED or re.match(r"\s[A-Z0-9](?!\w)", match.string[match.end() :]):
        return None
    return f"{match['name']} {cardinal(roman(letters))}"


def _short_part(match: re.Match[str], reading: Reading) -> str | None:
    """ "vol. II" → "volume two"; not "See fig. I think"."""
    letters = match["roman"]
    if not letters or (letters == "I" and re.match(r"\s\w", match.string[match.end() :])):
        return None
    name = _SHORT_PARTS[match["name"].lower()]
    return f"{name.capitalize() if match['name'][0].isupper() else name} {cardinal(roman(letters))}"


def _century(match: re.Match[str], reading: Reading) -> str | None:
    return f"{ordinal(roman(match['roman']))} {match['name']}" if match["roman"] else None


def _lone(match: re.Match[str], reading: Reading) -> str | None:
    letters = match["roman"]
    return None if not letters or letters in ("XI", "XV", "VI") else cardinal(roman(letters))


SHORT_PARTS = (Rule(_SHORT_PART, _short_part),)
"""Rules that come before those of abbreviations."""

RULES = (
    Rule(_RULER, _ruler),
    Rule(_PART, _part),
    Rule(_CENTURY, _century),
    Rule(_LONE, _lone),
)
