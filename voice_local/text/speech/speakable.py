"""Text normalization: English text as people write it, in words that any voice reads correctly."""

from __future__ import annotations

import re

from voice_local.text.markup import without_markup
from voice_local.text.pronunciations import Pronunciations
from voice_local.text.speech import (
    abbreviations,
    addresses,
    algebra,
    codes,
    dates,
    dimensions,
    durations,
    initials,
    money,
    named_signs,
    places,
    roman,
    serials,
    signs,
    slashes,
    sums,
    temperatures,
    times,
    units,
    verses,
    weekdays,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
    apply,
)

_NUMERIC: tuple[Rule, ...] = (
    *addresses.RULES,
    *verses.RULES,
    *serials.RULES,
    *codes.PHONES,
    *algebra.RULES,
    *dimensions.RULES,
    *sums.SUMS,
    *named_signs.RULES,
    *slashes.NUMERIC,
    *durations.RULES,
    *dates.RULES,
    *times.RULES,
    *money.RULES,
    *sums.PARTS_OF_UNITS,
    *temperatures.RULES,
    *units.RULES,
    *sums.FRACTIONS,
    *sums.ORDINALS,
    *codes.CHAINS,
    *codes.CODES,
    *dates.YEARS,
    *sums.NUMBERS,
)
"""In order: the first rule that matches a part of the text replaces it."""

_WORDS: tuple[Rule, ...] = (
    *roman.SHORT_PARTS,
    *named_signs.WORDS,
    *units.BARE,
    *abbreviations.RULES,
    *slashes.WORDS,
    *roman.RULES,
    *dates.NAMES,
    *weekdays.RULES,
    *initials.RULES,
)
_DIGIT = re.compile(r"\d")
PASSES = 3
"""Most passes over a text. The output of one rule can be the input of another ("Saint St."); nearly
every text is finished after one pass."""

ENGLISH = "en"


def speakable(
    text: str,
    language: str = ENGLISH,
    *,
    day_first: bool = False,
    pronunciations: Pronunciations | None = None,
) -> str:
    """`text` as input for a voice: numbers, dates, codes, signs and abbreviations in words, without
    markup and emoji.

    Sentence punctuation is kept, for the pauses. English text consists of letters, apostrophes and
    punctuation only: no digits, no signs, no letters that an English voice cannot read. A single
    capital is the name of a letter ("F B I").

    `language`: ISO 639-1, also with a region ("en-gb"). From text in other languages than English
    only markup is removed. `day_first`: how 12/05/2024 is read; see `Reading`. `pronunciations`:
    respellings, which take precedence over all rules.
    """
    text = re.sub(r"[ \t\r\n]+", " ", without_markup(text)).strip()
    if not is_english(language):
        return signs.without_stars(text)
    for number in range(PASSES):
        taken = pronunciations.rules(again=number > 0) if pronunciations else ()
        before, text = text, _pass(text, taken, Reading(day_first=day_first))
        if text == before:
            break
    return text


def numbers_in_words(text: str) -> str:
    """`text` with everything that contains digits in words, as people say it; the rest as it is."""
    text = signs.plain(text)
    if not _DIGIT.search(text):
        return text
    return signs.spoken_signs(apply(text, _NUMERIC, Reading(brief_cents=True)))


def is_english(language: str) -> bool:
    """Whether a language code, with or without a region, is English."""
    return language.lower().replace("_", "-").split("-")[0] == ENGLISH


def _rules(text: str) -> tuple[Rule, ...]:
    """The rules for `text`; those for digits only where it has some."""
    numeric = (*abbreviations.BEFORE, *_NUMERIC) if _DIGIT.search(text) else addresses.RULES
    return (*places.RULES, *numeric, *_WORDS)


def _pass(text: str, taken: tuple[Rule, ...], reading: Reading) -> str:
    text = algebra.plain(signs.plain(text))
    return signs.only_speech(
        signs.unaccented(signs.spoken_signs(apply(text, (*taken, *_rules(text)), reading)))
    )
