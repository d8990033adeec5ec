"""What is read piece by piece: hexadecimal numbers, hardware addresses, ports, IBANs, formulas of
chemistry, models of aircraft and processors, forms of tax law."""

from __future__ import annotations

import re

from voice_local.text.speech import initials
from voice_local.text.speech.numbers import (
    cardinal,
    digits,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_HEX = re.compile(r"(?<![\w.])0[xX](?P<value>[0-9A-Fa-f]{1,32})(?!\w)")
_HARDWARE = re.compile(r"(?<![\w:])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){2,7}(?![\w:])")
_PORT = re.compile(
    r"(?<![\w.])(?P<host>localhost|(?P<a>\d{1,3})\.(?P<b>\d{1,3})\.(?P<c>\d{1,3})\.(?P<d>\d{1,3})):"
    r"(?P<port>\d{2,5})(?![\w.:/]\w|\w)"
)
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?:\s[A-Z0-9]{4}){2,7}(?:\s[A-Z0-9]{1,4})?(?![\w-])")
_ELEMENTS = (
    "He|Li|Be|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Ti|Cr|Mn|Fe|Co|Ni|Cu|Zn|Br|Ag|Sn|Ba|Pt|Au|Hg|Pb|H|B|C|N|O|"
    "F|P|S|K|I|U"
)
_FORMULA = re.compile(rf"(?<![\w.-])(?:(?:{_ELEMENTS})(?:[2-9]|[1-9]\d)?){{2,8}}(?![\w-])")
_ATOM = re.compile(rf"({_ELEMENTS})(\d*)")
_PROCESSOR = re.compile(
    r"(?<![\w-])i(?P<family>[3579])-(?P<model>\d{4,5})(?P<kind>[A-Z]{0,2})(?![\w-])"
)
_AIRCRAFT = re.compile(
    r"(?:(?<=\bBoeing )(?P<bare>7\d7)(?!\w)|(?<![\w.,$€£/-])(?P<type>7[0-8]7))"
    r"(?:-(?P<variant>[1-9]00))?(?![\w%]|[-.,]\d)"
)
_PAGES = re.compile(r"\b(?i:pages?|pp\.?|rooms?|lines?|from|between|numbers?)\s$")
_TAX = re.compile(
    r"(?<![\w.,$€£-])(?P<section>401|403|457|501|529)\((?P<part>[a-z])\)(?:\((?P<item>\d)\))?"
)
_EMPLOYER = re.compile(r"(?<![\w.,-])\d{2}-\d{7}(?![\w-])")


def _spelled(text: str) -> str:
    return " ".join(digits(char) if char.isdigit() else char.upper() for char in text)


def _hex(match: re.Match[str], reading: Reading) -> str:
    """ "0x1F" → "zero X one F"."""
    return f"zero X {_spelled(match['value'])}"


def _hardware(match: re.Match[str], reading: Reading) -> str | None:
    """ "00:1A:2B" → "zero zero, one A, two B"; three or more pairs, and no time of day."""
    if not re.search("[A-Fa-f]", match[0]) and match[0].count(":") < 4:
        return None
    return ", ".join(_spelled(pair) for pair in match[0].split(":"))


def _port(match: re.Match[str], reading: Reading) -> str:
    host = " dot ".join(digits(match[part]) for part in "abcd") if match["a"] else "localhost"
    return f"{host} colon {digits(match['port'])}"


def _iban(match: re.Match[str], reading: Reading) -> str | None:
    if sum(char.isdigit() for char in match[0]) < 8:
        return None
    return ", ".join(map(_spelled, match[0].split()))


def _formula(match: re.Match[str], reading: Reading) -> str | None:
    """ "H2SO4" → "H two S O four"; words and codes without a count of atoms are left alone."""
    atoms = _ATOM.findall(match[0])
    counts = [count for _, count in atoms if count]
    if not counts or len(atoms) < 2 or (len(counts) == 1 and len(counts[0]) > 1):
        return None
    return " ".join(
        initials.spell(atom) + (f" {cardinal(int(count))}" if count else "")
        for atom, count in atoms
    )


def _processor(match: re.Match[str], reading: Reading) -> str:
    kind = f" {initials.spell(match['kind'])}" if match["kind"] else ""
    return f"I {cardinal(int(match['family']))} {digits(match['model'])}{kind}"


def _aircraft(match: re.Match[str], reading: Reading) -> str | None:
    """ "737-800" → "seven thirty seven eight hundred"."""
    written = match["bare"] or match["type"]
    if not (match["bare"] or match["variant"]) or _PAGES.search(match.string, 0, match.start()):
        return None
    variant = f" {cardinal(int(match['variant']))}" if match["variant"] else ""
    return f"seven {'oh ' if written[1] == '0' else ''}{cardinal(int(written[1:]))}{variant}"


def _tax(match: re.Match[str], reading: Reading) -> str:
    """ "401(k)" → "four oh one K"."""
    high, low = divmod(int(match["section"]), 100)
    item = f" {cardinal(int(match['item']))}" if match["item"] else ""
    said = f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"
    return f"{said} {match['part'].upper()}{item}"


def _employer(match: re.Match[str], reading: Reading) -> str:
    return ", ".join(map(digits, match[0].split("-")))


RULES = (
    Rule(_HEX, _hex),
    Rule(_HARDWARE, _hardware),
    Rule(_PORT, _port),
    Rule(_IBAN, _iban),
    Rule(_FORMULA, _formula),
    Rule(_PROCESSOR, _processor),
    Rule(_AIRCRAFT, _aircraft),
    Rule(_TAX, _tax),
    Rule(_EMPLOYER, _employer),
)
