"""Typed text as a recognizer would write it: lower-case words, no digits, no punctuation."""

from __future__ import annotations

import re

_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*\b|\b[A-Z]{1,4}-?\d{2,}\b|#\d+")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_MONEY = re.compile(r"[$€£](\d+)(?:\.(\d{2}))?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ORDINAL = re.compile(r"\b(\d+)(st|nd|rd|th)\b", re.IGNORECASE)


def to_spoken(text: str) -> str:
    """Digits, codes, prices and times in words; letters in lower case; punctuation gone.

    Order codes are spelled ("AB-1234" → "a b one two three four"), numbers read ("25" → "twenty five").
    """
    if any(char.isdigit() for char in text):
        text = _numbers(text)
    text = text.replace("’", "'").lower()
    text = re.sub(r"\b([ap])\.m\.?", r"\1 m", text)
    text = re.sub(r"[^\w' ]+", " ", text)
    return " ".join(word.strip("'_") for word in text.split() if word.strip("'_"))


def _numbers(text: str) -> str:
    from num2words import num2words

    def words(number: str) -> str:
        value = float(number) if "." in number else int(number)
        return str(num2words(value)).replace("-", " ").replace(",", "").replace(" and ", " ")

    def clock(match: re.Match[str]) -> str:
        hour, minute = match.group(1), match.group(2)
        return words(hour) + (" o'clock" if minute == "00" else f" {words(minute)}")

    def money(match: re.Match[str]) -> str:
        cents = f" {words(match.group(2))}" if match.group(2) and match.group(2) != "00" else ""
        return f"{words(match.group(1))} dollars{cents}"

    def ordinal(match: re.Match[str]) -> str:
        return str(num2words(int(match.group(1)), to="ordinal")).replace("-", " ")

    def spell(match: re.Match[str]) -> str:
        return " ".join(words(c) if c.isdigit() else c for c in match.group(0) if c.isalnum())

    text = _CLOCK.sub(clock, text)
    text = _MONEY.sub(money, text)
    text = _ORDINAL.sub(ordinal, text)
    text = _CODE.sub(spell, text)
    return _NUMBER.sub(lambda m: f" {words(m.group(0))} " if len(m.group(0)) < 16 else
                       " ".join(words(d) for d in m.group(0) if d.isdigit()), text)
