"""Text for the front ends (grapheme-to-phoneme converters) of voices: phones, and the name of the
letter A, which they take for the article."""

from __future__ import annotations

import re

from voice_local.text.pronunciations import Pronunciations

_NUMBER_WORD = "zero|one|two|three|four|five|six|seven|eight|nine|ten|oh|double|triple"
_LETTER_A = re.compile(
    rf"(?<=\b[B-HJ-Z] )A\b|(?<=\b[A-Z] I )A\b|\bA(?= (?:[A-Z]\b|(?:{_NUMBER_WORD})\b))|(?<=[a-z] "
    rf")A\b"
)
_MISAKI = {
    "eɪ": "A",
    "aɪ": "I",
    "oʊ": "O",
    "əʊ": "Q",
    "aʊ": "W",
    "ɔɪ": "Y",
    "tʃ": "ʧ",
    "t͡ʃ": "ʧ",
    "dʒ": "ʤ",
    "d͡ʒ": "ʤ",
    "ɝ": "ɜɹ",
    "ɚ": "əɹ",
    "g": "ɡ",
    "r": "ɹ",
    "ː": "",
    "͡": "",
    ".": "",
}
_STRESS = re.compile(r"(?P<mark>[ˈˌ])(?P<onset>[^AIOQWYaeiouæɑɒɔəɛɜɪʊʌᵻˈˌ ]+)")


def with_letter_a(text: str, written: str) -> str:
    """`text`, after `speakable`, with the letter A in codes and initialisms ("A B one", "C I A")
    replaced by `written`.

    `written` depends on the front end: gruut reads "ae" as the name of the letter, hibari and
    espeak-ng "eh".
    """
    return _LETTER_A.sub(written, text)


def for_hibari(text: str, pronunciations: Pronunciations) -> str:
    """`text`, after `speakable`, for the front end of hibari and Kokoro: phones in its link
    notation, `[word](/phones/)`."""
    return pronunciations.with_phones(
        with_letter_a(text, "eh"), lambda word, phones: f"[{word}](/{misaki(phones)}/)"
    )


def misaki(phones: str) -> str:
    """IPA in the alphabet of misaki, which hibari and Kokoro use: one letter for each diphthong,
    stress marks before the vowel."""
    for sounds, letter in _MISAKI.items():
        phones = phones.replace(sounds, letter)
    return _STRESS.sub(r"\g<onset>\g<mark>", phones)
