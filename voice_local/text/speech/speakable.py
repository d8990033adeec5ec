"""English text as people write it → words that any voice reads right."""

from __future__ import annotations

import re

from voice_local.text.markup import without_markup
from voice_local.text.pronunciations import Pronunciations
from voice_local.text.speech import (
    abbreviations,
    addresses,
    codes,
    dates,
    initials,
    money,
    roman,
    signs,
    sums,
    times,
    units,
)
from voice_local.text.speech.rules import (
    Reading,
    Rule,
    apply,
)

_NUMERIC: tuple[Rule, ...] = (
    *addresses.RULES,
    *codes.PHONES,
    *sums.SUMS,
    *dates.RULES,
    *times.RULES,
    *money.RULES,
    *sums.PARTS_OF_UNITS,
    *units.RULES,
    *sums.FRACTIONS,
    *sums.ORDINALS,
    *codes.CHAINS,
    *codes.CODES,
    *dates.YEARS,
    *sums.NUMBERS,
)
"""In order: what a rule takes, none after it sees."""

_WORDS: tuple[Rule, ...] = (
    *abbreviations.RULES,
    *roman.RULES,
    *dates.NAMES,
    *initials.RULES,
)
_DIGIT = re.compile(r"\d")
PASSES = 3
"""At most so many: what one rule wrote can make another's sense ("Saint St."). Nearly every text is
done after one."""

ENGLISH = "en"


def speakable(
    text: str,
    language: str = ENGLISH,
    *,
    day_first: bool = False,
    pronunciations: Pronunciations | None = None,
) -> str:
    """`text` as it is given to a voice: numbers, dates, codes, signs and abbreviations in words,
    markup and emoji gone.

    Sentence punctuation stays, for the pauses. English comes out as letters, apostrophes and
    punctuation alone: no digit, no sign, no letter that an English voice cannot read. Capitals that
    stand alone are names of letters ("F B I").

    `language`: ISO 639-1, also with a region ("en-gb"). Text in another than English only loses its
    markup. `day_first`: how 12/05/2024 is read; see `Reading`. `pronunciations`: respellings,
    applied before everything else.
    """
    text = re.sub(r"[ \t\r\n]+", " ", without_markup(text)).strip()
    if not is_english(language):
        return text
    for number in range(PASSES):
        taken = pronunciations.rules(again=number > 0) if pronunciations else ()
        before, text = text, _pass(text, taken, Reading(day_first=day_first))
        if text == before:
            break
    return text


def numbers_in_words(text: str) -> str:
    """`text` with everything that holds digits in words, as people say it; the rest as it is."""
    text = signs.plain(text)
    if not _DIGIT.search(text):
        return text
    return signs.spoken_signs(apply(text, _NUMERIC, Reading(brief_cents=True)))


def is_english(language: str) -> bool:
    """Whether a language's code, with or without a region, means English."""
    return language.lower().replace("_", "-").split("-")[0] == ENGLISH


def _rules(text: str) -> tuple[Rule, ...]:
    """Those for digits only where there are some."""
    numeric = (*abbreviations.BEFORE, *_NUMERIC) if _DIGIT.search(text) else addresses.RULES
    return (*numeric, *_WORDS)


def _pass(text: str, taken: tuple[Rule, ...], reading: Reading) -> str:
    text = signs.plain(text)
    return signs.only_speech(
        signs.unaccented(signs.spoken_signs(apply(text, (*taken, *_rules(text)), reading)))
    )
