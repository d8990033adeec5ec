"""Mathematics as people write it: functions, powers, Greek letters, `$…$`, terms such as "2x"; in
forms that the rules of numbers read, or in words."""

from __future__ import annotations

import re

from voice_local.text.speech.numbers import (
    NUMBER,
    cardinal,
    spoken,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−⁺ⁿ", "0123456789--+n")
_RAISED = re.compile(r"(?<=[\w)])[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+")
_NOTED = re.compile(r"(?:[A-Za-z]{4,}|(?<!\d)(?:1[5-9]|20)\d\d)$")
_GREEK = "αβγδεθλπστφωΔΣΦΠ"
_GREEK_TOKEN = re.compile(
    rf"(?<![^\W_])(?=[A-Za-z\d]*[{_GREEK}])[A-Za-z\d{_GREEK}]{{2,5}}(?![^\W_²³])"
)
_BESIDE_GREEK = re.compile(rf"(?<=[A-Za-z\d])(?=[{_GREEK}])|(?<=[{_GREEK}])(?=[A-Za-z\d{_GREEK}])")
_DOLLARS = re.compile(r"(?<![\w$\\])(?P<mark>\$\$?)(?P<inside>[^$\n]{1,160}?)(?P=mark)(?![\w$])")
_PROSE = re.compile(
    r"(?<![A-Za-z\\])(?!(?:sin|cos|tan|log|lim|max|min|mod|area)\b)[A-Za-z]{3,}|"
    r"\b(?:an|as|at|by|if|in|is|of|on|or|so|to|us|we)\b"
)
_LETTERS_OVER = re.compile(r"(?<=[A-Za-z])/(?=[A-Za-z])")
_FUNCTIONS = {
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "log": "log",
    "ln": "natural log",
    "exp": "exponential",
    "sqrt": "square root",
}
_FUNCTION = re.compile(
    rf"(?<![\w'’.-])(?:(?P<name>{'|'.join(_FUNCTIONS)})(?P<base>\d{{1,2}})?\((?P<inside>[^()]{{1,24}})\)"
    r"|(?P<letter>[fghPEFG])\((?![^()]*[a-z]{2})(?P<of>[^()]{1,16})\))"
)
_POWER = re.compile(
    r"(?P<before>\d|\)|(?<![A-Za-z])[A-Za-z]|(?<=\d[A-Za-z])[A-Za-z])\s?\^\s?"
    rf"(?:\((?P<inside>[^()]{{1,20}})\)|(?P<plain>[-−+]?(?:\d+|[a-z{_GREEK}]{{1,2}}\b)))"
)
_SUM_FROM = re.compile(
    r"(?P<sign>[∑Σ∫])_?\(?(?P<low>(?:[a-z]=)?[-−]?[\w∞]{1,6})\)?\^\(?(?P<high>[\w∞]{1,6})\)?\s?"
)
_HALF_OF = re.compile(r"(?<![\d/])1/2(?=[A-Za-z]{1,3}[²³])")
_MATH = re.compile(r"[=√∛²³^×÷±≈≤≥π∑∫]|to the power of")
_MINUS = re.compile(
    r"(?<=[²³)])\s?[-−–]\s?(?=\(?\d|\(?[a-z]\b|√)"
    r"|(?:(?<=\b[a-z])|(?<=\d[a-z]))\s[-−–]\s(?=\d|[b-z]\b|a\b(?!\s[a-z])|√)"
    r"|(?:(?<=\b[a-z])|(?<=\d[a-z]))[-−](?=\d)"
    r"|(?<=\d)\s[-−–]\s(?=[b-z]\b|√)"
    r"|(?:(?<=[=(])|(?<=[=(±] ))[-−](?=\d*[a-z]\b|√|\()"
)
_OVER = re.compile(
    r"(?<=\))\s?/\s?(?=[\w√(])|(?<=[²³])(?:\s/\s(?=[\w√(])|/(?=\d))|(?<=[a-z\d])\s/\s(?=\(|\d*[a-z]\b)"
    r"|(?<=\b[A-Za-z])(?<!\d\s[A-Za-z])/(?=[A-Za-z]\b)"
)
_TIMES = re.compile(r"(?<=[\w)])\s\*\s(?=[\w(√])")
_TERM = re.compile(
    rf"(?<![\w.,$€£])(?P<count>{NUMBER})(?P<letters>[xyzabn]{{1,2}}|ac)(?P<power>[²³])?(?![\w'’])"
)
_BEHIND_TERM = re.compile(
    r"\)?\s?=|\s?[²³^×<>≤≥≈±]|\s?\+\s?(?:\d|\(|[a-z]\b|√)|\s?[-−–/*]\s(?:\d(?![\d.]*x\s[a-z]{3})|\(|[b-z]\b|√)|\s(?:minus|over)\s|"
    r"[-−]\d+(?![\d.]*x\b)"
)
_BEFORE_TERM = re.compile(
    r"(?:[=+×*±√]\s?|(?:sine|cosine|tangent|log|\b[fgh]) of |(?:[²³)]|\b[a-z])\s?[-−–/]\s?|"
    r"\b(?:minus|over)\s)$"
)
_SOLVED = re.compile(r"\b(?i:solve|equation|simplify|factor|expand|variable|slope)\b")
_COMPARED = re.compile(r"\s(?:\w+er|as|more|less|per|a|the)\b")
_FACTORIAL = re.compile(
    r"(?<![\w.,$€£'’])(?P<number>\d{1,3}|[a-z])!(?=\s?[=+×*/÷<>≤≥≈^)]|\s[-−–]\s?\d)"
    r"|(?<=[=+×*/÷]\s)(?P<last>\d{1,3})!"
)
_SCIENTIFIC = re.compile(
    r"(?<![\w.,$€£-])(?P<base>\d+\.\d+[eE]|\d+e|\d+E(?=[-−+]))(?P<power>[-−+]?\d{1,3})(?![\w-]|\.\d)"
)
_MODULO = re.compile(r"(?<=\d)\s%\s(?=\d+\s?=)")
_UNIT_BEHIND = re.compile(r"(?<=\d\s)(?P<unit>m|s|g|kg|km|J|W|N|V|Pa|Hz)\b(?![/²³'’])")
_AFTER_POWER = re.compile(r"(?:\^|to the power of (?:minus )?)\d+\s$")
_UNITS = {
    "m": "meters",
    "s": "seconds",
    "g": "grams",
    "kg": "kilograms",
    "km": "kilometers",
    "J": "joules",
    "W": "watts",
    "N": "newtons",
    "V": "volts",
    "Pa": "pascals",
    "Hz": "hertz",
}


def plain(text: str) -> str:
    """`text` with functions, powers and the like in forms that the other rules read."""
    text = _RAISED.sub(_raised, _DOLLARS.sub(_undollared, text.replace("∆", "Δ")))
    text = _SUM_FROM.sub(_sum_from, _HALF_OF.sub("one half ", text))
    text = _GREEK_TOKEN.sub(lambda match: _BESIDE_GREEK.sub(" ", match[0]), text)
    text = _POWER.sub(_power, _FUNCTION.sub(_function, _FUNCTION.sub(_function, text)))
    if _MATH.search(text):
        text = _TIMES.sub(" × ", _OVER.sub(" over ", _MINUS.sub(" minus ", text)))
    return text


def _undollared(match: re.Match[str]) -> str:
    """What stands between dollar signs, if it is no part of a sentence between two prices."""
    inside = match["inside"]
    if inside != inside.strip() or _PROSE.search(inside):
        return match[0]
    return _LETTERS_OVER.sub(" over ", inside)


def _raised(match: re.Match[str]) -> str:
    """A power; the number of a note behind a word or a year is left out."""
    if match[0] in ("²", "³"):
        return match[0]
    noted = match[0] == "¹" or _NOTED.search(match.string, 0, match.start())
    return "" if noted else f"^{match[0].translate(_SUPERSCRIPTS)}"


def _sum_from(match: re.Match[str]) -> str:
    name = "integral" if match["sign"] == "∫" else "sum"
    low = match["low"].replace("=", " equals ")
    return f"{name} from {low} to {match['high']} of "


def _function(match: re.Match[str]) -> str:
    """ "f(x)" → "f of x"."""
    if match["letter"]:
        return f"{match['letter']} of {match['of']}"
    base = f" {match['base']}" if match["base"] else ""
    return f"{_FUNCTIONS[match['name']]}{base} of {match['inside']}"


def _power(match: re.Match[str]) -> str:
    """ "x^n" → "x to the power of n"; powers of plain numbers are read by the rules of sums."""
    before, power = match["before"], match["inside"] or match["plain"]
    if power in ("2", "3"):
        return f"{before}{'²' if power == '2' else '³'}"
    if before.isdigit() and power.isdecimal():
        return f"{before}^{power}"
    return f"{before} to the power of {re.sub('^[-−]', 'minus ', power)}"


def _term(match: re.Match[str], reading: Reading) -> str | None:
    """ "2x" in an equation; "2x faster" is left to the rules of units."""
    before, behind = match.string[: match.start()], match.string[match.end() :]
    known = match["power"] or _BEHIND_TERM.match(behind) or _BEFORE_TERM.search(before)
    if not known and not _SOLVED.search(match.string):
        return None
    if not match["power"] and _COMPARED.match(behind):
        return None
    power = {"²": " squared", "³": " cubed"}.get(match["power"] or "", "")
    return f"{spoken(match['count'])} {' '.join(match['letters'])}{power}"


def _factorial(match: re.Match[str], reading: Reading) -> str:
    written = match["number"] or match["last"]
    return f"{cardinal(int(written)) if written.isdigit() else written} factorial"


def _scientific(match: re.Match[str], reading: Reading) -> str:
    """ "1.6e-19" → "one point six times ten to the power of minus nineteen"."""
    sign = "minus " if match["power"][0] in "-−" else ""
    power = cardinal(int(match["power"].lstrip("-−+")))
    return f"{spoken(match['base'][:-1])} times ten to the power of {sign}{power}"


def _modulo(match: re.Match[str], reading: Reading) -> str:
    return " mod "


def _unit(match: re.Match[str], reading: Reading) -> str | None:
    """ "10^-6 m" → "... meters"."""
    behind = _AFTER_POWER.search(match.string, 0, match.start())
    return _UNITS[match["unit"]] if behind else None


RULES = (
    Rule(_SCIENTIFIC, _scientific),
    Rule(_FACTORIAL, _factorial),
    Rule(_MODULO, _modulo),
    Rule(_UNIT_BEHIND, _unit),
    Rule(_TERM, _term),
)
