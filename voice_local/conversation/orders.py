"""Order numbers as people write and say them."""

from __future__ import annotations

import re

DIGITS = {"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
          "seven": "7", "eight": "8", "nine": "9"}
_CODE = re.compile(r"\b([A-Za-z]{1,4})(-?| )(\d{2,10})\b(?![.,]\d)")
_HASH = re.compile(r"#\s?(\d{2,10})\b")
_PLAIN = re.compile(r"(?<![\w$€£.,-])(\d{4,10})\b(?![.,]\d|\s*(?:dollars?|euros?|pounds?|cents?))")
NO_LETTERS = frozenset(
    "is was in for my at on to the no of due code id it i a and buy got pay paid up only need over than cost want by or be "
    "about with has have had are from took sent room year age page may till".split())
"""Words that stand before numbers without being part of an order number ("in 2024")."""
_CONNECTIVES = {"dash", "hyphen", "minus"}
SHORTEST = 3
"""Letters and digits that a spoken code must have together."""


def order_number(text: str) -> str | None:
    """The order number in `text`, as "AB1234": written ("AB-1234", "#1234") or spoken ("a b one two three four").

    "double five" and "triple seven" count as said; None when there is no number.
    """
    for match in _CODE.finditer(text):
        letters, between, digits = match.groups()
        if between != " " or letters.lower() not in NO_LETTERS:
            return letters.upper() + digits
    written = _HASH.search(text) or _PLAIN.search(text)
    if written:
        return written.group(1)
    best = ""
    for run in _runs(re.findall(r"[a-z']+", text.lower())):
        code = "".join(run)
        if len(code) >= SHORTEST and sum(char.isdigit() for char in code) >= 2 and len(code) > len(best):
            best = code
    return best or None


def _runs(words: list[str]) -> list[list[str]]:
    """Stretches of single letters and digit words."""
    runs: list[list[str]] = [[]]
    times = 1
    for index, word in enumerate(words):
        if word in ("double", "triple") and index + 1 < len(words):
            times = 2 if word == "double" else 3
            continue
        if word in DIGITS:
            runs[-1] += [DIGITS[word]] * times
        elif len(word) == 1 and not _is_article(words, index):
            runs[-1] += [word.upper()] * times
        elif word not in _CONNECTIVES:
            runs.append([])
        times = 1
    return runs


def _is_article(words: list[str], index: int) -> bool:
    """"a" and "i" are words unless a letter or digit follows."""
    if words[index] not in ("a", "i"):
        return False
    following = next((word for word in words[index + 1 :] if word not in _CONNECTIVES), "")
    return not (len(following) == 1 or following in DIGITS or following in ("double", "triple"))


def spoken_number(code: str) -> str:
    """"AB1234" → "A B 1 2 3 4": to be read letter by letter."""
    return " ".join(code)
