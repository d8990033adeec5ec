"""Text → phones in Kokoro's alphabet, and phones → pieces short enough to be heard soon.

The alphabet is misaki's, Kokoro's own front end. English comes from hibari's port of it, with
hibari's table of tokens (that of Kokoro's config.json); other languages from espeak-ng, written as
misaki's `EspeakG2P` writes them.
"""

from __future__ import annotations

import itertools
import json
import re
from importlib import resources
from typing import Any

from voice_local.text import espeak
from voice_local.text.pronounce import for_hibari
from voice_local.text.pronunciations import Pronunciations

ESPEAK = {"es": "es", "fr": "fr-fr", "hi": "hi", "it": "it", "pt": "pt-br"}
"""espeak-ng's voice by language (ISO 639-1), as Kokoro was trained."""

_TIED = {
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^z": "ʣ",
    "d^ʒ": "ʤ",
    "e^ɪ": "A",
    "o^ʊ": "O",
    "ə^ʊ": "Q",
    "s^s": "S",
    "t^s": "ʦ",
    "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y",
}
"""Phones that misaki writes as one letter."""

MOST = 510
"""Phones that the model takes at once."""

ENDS = '.,!?;:…—"”)'
_SENTENCE, _CLAUSE = re.compile(r"[.!?…]+[\"”)]*\s+"), re.compile(r"[,;:—]+[\"”)]*\s+")


class Phones:
    """The front ends, each loaded when its language is first asked for.

    Attributes:
        table: the model's token by phone.
    """

    def __init__(self, pronunciations: Pronunciations | None = None) -> None:
        self._pronunciations = pronunciations or Pronunciations()
        self.table: dict[str, int] = json.loads(
            resources.files("hibari").joinpath("assets", "vocab.json").read_text(encoding="utf-8")
        )
        self._english: dict[bool, Any] = {}

    def of(self, text: str, language: str) -> str:
        """The phones of `text`, of which every character is in `table`. `language`: as in a voice's
        catalogue entry.

        Raises:
            ConfigError: it needs espeak-ng, which is not installed.
        """
        if language.startswith("en"):
            text = for_hibari(text, self._pronunciations)
            found = " ".join(
                self._g2p(language == "en-GB")(line) for line in text.splitlines() if line.strip()
            )
        else:
            found = in_alphabet(espeak.phones(text, ESPEAK[language[:2]]))
        return " ".join("".join(char for char in found if char in self.table).split())

    def _g2p(self, british: bool) -> Any:
        if british not in self._english:
            from hibari.g2p import G2P

            self._english[british] = G2P(british=british)
        return self._english[british]


def in_alphabet(phones: str) -> str:
    """espeak-ng's `phones` in Kokoro's alphabet."""
    phones = phones.replace("«", "“").replace("»", "”")
    for tied, letter in _TIED.items():
        phones = phones.replace(tied, letter)
    return phones.replace(espeak.TIE, "").replace("-", "")


def pieces(phones: str, first: int, growth: float) -> list[str]:
    """`phones` in pieces of about `first` phones, then `growth` times as many as in the one before,
    at most `MOST`.

    They part where a sentence or a clause ends, else before an unstressed word that follows a
    stressed one: there a phrase
    begins in all of these languages. A piece without punctuation at its end gets a comma: read back
    by Whisper base, what Kokoro puts after it is taken for a word's end otherwise ("numbers and"
    for "number and").
    """
    found, left, wanted = [], phones.strip(), float(first)
    while len(left) > min(MOST, 1.5 * wanted):
        cut = _cut(left, min(wanted, MOST / 1.6))
        if cut is None:
            break
        found.append(_closed(left[:cut].strip()))
        left = left[cut:].strip()
        wanted = growth * len(found[-1])
    while len(left) > MOST:  # no place was good
        cut = left.rfind(" ", 1, MOST) if " " in left[1:MOST] else MOST
        found.append(left[:cut].strip())
        left = left[cut:].strip()
    return [piece for piece in [*found, left] if piece]


def _closed(piece: str) -> str:
    return piece if piece[-1] in ENDS else f"{piece},"


def _cut(phones: str, wanted: float) -> int | None:
    """The best place from 0.5 to 1.6 times `wanted`, of which as much again is left; None where
    there is none."""
    low, high = int(0.5 * wanted), int(min(1.6 * wanted, len(phones) - 0.5 * wanted))
    for places in (_ends(_SENTENCE, phones), _ends(_CLAUSE, phones), _phrases(phones)):
        within = [place for place in places if low <= place <= high]
        if within:
            return min(within, key=lambda place: abs(place - wanted))
    return None


def _ends(marks: re.Pattern[str], phones: str) -> list[int]:
    return [match.end() for match in marks.finditer(phones)]


def _phrases(phones: str) -> list[int]:
    """Where an unstressed word follows a stressed one."""
    words = [(match.start(), "ˈ" in match.group()) for match in re.finditer(r"\S+", phones)]
    return [
        start
        for (_, before), (start, stressed) in itertools.pairwise(words)
        if before and not stressed
    ]
