"""What is read character by character: telephone numbers, codes, serial numbers, versions."""

from __future__ import annotations

import re

from voice_local.text.speech import initials
from voice_local.text.speech.numbers import (
    cardinal,
    digits,
    year,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_FOREIGN = re.compile(r"(?<![\w+])\+(?P<digits>\d{1,3}(?:[\s\u00a0.-]?\(?\d{1,5}\)?){1,6})(?![\w])")
_LOCAL = re.compile(
    r"(?<![\w.,+-])(?!\d\d-\d\d-(?:19|20)\d\d\b)(?:(?:1[\s.-])?(?:\(\d{3}\)[\s.-]?|\d{3}[.-]|"
    r"\d{3}\s(?=\d{3}[-\s]\d{4}\b))\d{3}[\s.-]\d{4}"
    r"|\d{3}-\d{4}|\(?0\d{2,4}\)?[\s-]\d{3,4}[\s-]?\d{3,4}|0\d{1,4}(?:[\s-]\d{2,4}){2,4})(?![\w]|"
    r"[-.]\d)"
)
_VANITY = re.compile(r"(?<![\w.,+-])1-(?P<area>8\d\d)-(?P<word>[A-Z]+(?:-[A-Z]+)*)\b")
_EXTENSION = re.compile(r"\b(?:ext\.?|extension|x)\s?(?P<digits>\d{1,6})\b", re.IGNORECASE)
_CHAIN = re.compile(
    r"(?<![\w.,-])\d+(?:-\d+){2,}(?![\w]|[-.]\d)|(?<![\w.,-])\d{4}(?:\s\d{4}){2,4}(?![\w]|[-.]\d)"
)
_EMERGENCY = re.compile(
    r"(?<![\w.,$€£-])(?P<always>911|988)(?![\w%]|[-.,]\d)"
    r"|(?i:(?<=\bcall )|(?<=\bdial )|(?<=\bring )|(?<=\bphone )|(?<=\btext )|(?<=\bcontact ))"
    r"(?P<digits>\d{3}\s\d{3}|\d{3,6})\b(?![-.,]\d|\s(?:[a-z]+s|people|men|women|children)\b)"
)
_ALSO_CALLED = re.compile(
    r"(?<![\w.,$€£-])(?P<digits>\d{3,6})(?![\w%°]|[-.,:/]\d|\s[a-z]{3,}s\b|\s?(?:[kmc]?m|k?g|l|ft)\b)"
)
_JOINED = re.compile(
    r"(?<![\w.,$€£-])(?P<first>\d{3,6}),?\s(?:or\s|and\s)?(?:text\s|call\s|dial\s)?$"
)
_CALLED = re.compile(
    r"\b(?:[Cc]all|[Dd]ial|[Rr]ing|[Pp]hone|[Tt]ext|CALL|DIAL|TEXT)\s[^.!?]{0,60}$"
)
_SENT_TO = re.compile(r"\b[Tt]ext\s[\"']?[A-Z]\w*[\"']?\sto\s$")
_SHORT_NUMBERS = frozenset(
    "000 061 066 101 105 108 110 111 112 113 114 115 116 117 118 119 120 122 123 211 311 411 511 "
    "611 711 811 911 988 995 997 998 999".split()
)
"""Short telephone numbers: of emergencies, and of services in the United States."""

_BEHIND_WORD = re.compile(
    r"\b(?i:(?P<word>code|pin|passcode|password|otp|order|ticket|reference|account|confirmation|"
    r"tracking|invoice|zip|postcode|flight|serial|booking|member(?:ship)?|room|gate|bus|highway|"
    r"extension|ending in|ends in|digits)(?P<between>(?:\s(?:codes?|numbers?|no\.?|id|is|are|was|"
    r"will be|now)|:|\s?#)*))\s?(?P<digits>\d{3,})\b(?![-.,:/]\d|%|\s(?!is\b|was\b|has\b|does\b|"
    r"needs\b)[a-z]+s\b)"
)
_ZEROS = re.compile(r"(?<![\w.,:$€£/-])(?<!\d )0\d+(?![\w%]|[-.,:/]\d)")
_LONG = re.compile(r"(?<![\w.,$€£-])\d{7,}(?![\w%]|[-.,]\d)")
_VERSION = re.compile(
    r"(?<![\w.,-])(?P<v>[vV])?(?P<parts>\d+(?:\.\d+){2,})(?![\w]|[-,]\d)|\b(?P<short>[vV])"
    r"(?P<number>\d+(?:\.\d+)?)\b(?!-)"
)
_SCREEN_LINES = re.compile(r"\b(?P<a>\d{1,2})(?P<b>\d\d)(?P<kind>[pi])\b")
_CODE = re.compile(
    r"(?<![\w$€£.#/@-])#?(?P<code>(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)"
    r"(?![\w/@]|-\w)"
)
_HASH = re.compile(r"(?<![\w&])#\s?(?P<digits>\d+)(?![\w]|[-.,]\d)")
_RUNS = re.compile(r"\d+|[A-Za-z]+")


def _groups(text: str) -> str:
    """Digits with a comma, for a short pause, between groups that were written separately."""
    return ", ".join(digits(group) for group in re.findall(r"\d+", text))


def _foreign(match: re.Match[str], reading: Reading) -> str | None:
    count = sum(char.isdigit() for char in match["digits"])
    return f"plus {_groups(match['digits'])}" if 7 <= count <= 15 else None


def _local(match: re.Match[str], reading: Reading) -> str:
    return _groups(match[0])


def _vanity(match: re.Match[str], reading: Reading) -> str:
    words = ", ".join(match["word"].lower().split("-"))
    area = match["area"]
    return f"one, {f'{cardinal(int(area))}' if area.endswith('00') else digits(area)}, {words}"


def _extension(match: re.Match[str], reading: Reading) -> str | None:
    if match[0][0] in "xX" and not re.search(r"\d{4}[\s.,]*$", match.string[: match.start()]):
        return None
    return f"extension {digits(match['digits'])}"


def _also_called(match: re.Match[str], reading: Reading) -> str | None:
    """Further short numbers to call: "dial 112 or 999", "911, 411", "text HOME to 50409"."""
    value, before = match["digits"], match.string[: match.start()]
    if _SENT_TO.search(before):
        return digits(value)
    joined, called = _JOINED.search(before), _CALLED.search(before)
    if called:
        return digits(value) if value in _SHORT_NUMBERS or (joined and len(value) > 3) else None
    known = joined and joined["first"] in ("911", "112", "988") and value in _SHORT_NUMBERS
    ahead = re.match(r",?\s(?:or\s|and\s)?(?:911|112|999)\b", match.string[match.end() :])
    return digits(value) if known or (ahead and value in _SHORT_NUMBERS) else None


def _emergency(match: re.Match[str], reading: Reading) -> str:
    return digits(match["always"] or match["digits"])


def _behind_word(match: re.Match[str], reading: Reading) -> str | None:
    if match["word"].lower() == "order" and not match["between"] and match["digits"].endswith("00"):
        return None  # "order 500 more"
    said = match[0][: match.start("digits") - match.start()]
    return f"{apply_hash(said)}{digits(match['digits'])}"


def apply_hash(text: str) -> str:
    """ "order #" → "order number "."""
    text = re.sub(r"\bno\.?(?=\s*$)", "number", text)
    text = text.replace("#", " number ")
    return re.sub(r"\s+", " ", text if text[-1:].isspace() else f"{text} ")


def _zeros(match: re.Match[str], reading: Reading) -> str:
    """Digits with leading zeros: "0042"; "007" is "oh oh seven"."""
    said = digits(match[0])
    return said.replace("zero zero", "oh oh") if re.fullmatch(r"00[1-9]", match[0]) else said


def _long(match: re.Match[str], reading: Reading) -> str | None:
    return None if match[0].endswith("000") else digits(match[0])


def _version(match: re.Match[str], reading: Reading) -> str | None:
    if match["parts"] and not match["v"] and re.fullmatch(r"\d{1,3}(?:\.\d{3}){2}", match["parts"]):
        return None  # 1.000.000 is a number
    parts = (match["parts"] or match["number"]).split(".")
    point = " dot " if len(parts) > 3 else " point "
    said = point.join(
        digits(part) if len(part) > 2 or part.startswith("0") else cardinal(int(part))
        for part in parts
    )
    return f"version {said}" if match["v"] or match["short"] else said


def _screen_lines(match: re.Match[str], reading: Reading) -> str:
    low = cardinal(int(match["b"])) if match["b"] != "00" else "hundred"
    return f"{cardinal(int(match['a']))} {low} {match['kind'].upper()}"


def _hash(match: re.Match[str], reading: Reading) -> str:
    value = match["digits"]
    one_by_one = len(value) > 3 or value.startswith("0")
    return f"number {digits(value) if one_by_one else cardinal(int(value))}"


def _code(match: re.Match[str], reading: Reading) -> str | None:
    """A word of letters and digits: "AB-1234" is spelled out, "30-minute" and "COVID-19" not."""
    parts = match["code"].split("-")
    if any(len(part) > 24 for part in parts):
        return digits(match["code"]) or None
    spelled = any(_is_spelled(part) for part in parts)
    said = [_part(part, spelled, match["code"]) for part in parts]
    words = " ".join(said) if spelled else _hyphened(parts, said)
    return f"number {words}" if match[0].startswith("#") and not spelled else words


def _hyphened(parts: list[str], said: list[str]) -> str:
    text = said[0]
    for before, part, words in zip(parts, parts[1:], said[1:], strict=False):
        text += (" " if part.isdigit() or before.isdigit() else "-") + words
    return text


def _is_spelled(part: str) -> bool:
    """Whether the letters of `part` are no word and so are spelled out."""
    letters = re.sub(r"\d", "", part)
    if not letters or (part.isalpha() and not part.isupper()):
        return False
    if part.isupper():
        return not initials.is_word(letters)
    return re.fullmatch(r"[A-Za-z]{3,}\d{1,2}", part) is None


def _part(part: str, spelled: bool, code: str) -> str:
    if part.isalpha():
        if not part.isupper():
            return part
        return initials.said_as_word(part) if initials.is_word(part) else initials.spell(part)
    letters = "".join(char for char in code if char.isalpha())
    groups = len(re.findall(r"\d+", code))
    said = []
    for run in _RUNS.findall(part):
        if run.isalpha():
            word = (run.isupper() and initials.is_word(run)) or (
                len(run) > 2 and not run.isupper() and not run.islower()
            )
            keep = word or (len(run) > 2 and run.islower() and re.search("[aeiouy]", run))
            said.append(
                initials.said_as_word(run)
                if word and run.isupper()
                else run
                if keep
                else initials.spell(run)
            )
        elif not spelled or (
            len(run) <= 2 and not run.startswith("0") and (groups > 1 or len(letters) == 1)
        ):
            said.append(
                year(int(run)) if len(run) <= 4 and not run.startswith("0") else digits(run)
            )
        else:
            said.append(digits(run))
    return " ".join(said)


PHONES = (
    Rule(_VANITY, _vanity),
    Rule(_FOREIGN, _foreign),
    Rule(_LOCAL, _local),
    Rule(_EXTENSION, _extension),
)
CHAINS = (
    Rule(_CHAIN, _local),
    Rule(_EMERGENCY, _emergency),
    Rule(_ALSO_CALLED, _also_called),
    Rule(_BEHIND_WORD, _behind_word),
    Rule(_VERSION, _version),
    Rule(_SCREEN_LINES, _screen_lines),
    Rule(_ZEROS, _zeros),
    Rule(_LONG, _long),
)
CODES = (Rule(_CODE, _code), Rule(_HASH, _hash))
