"""Numbers that are not codes: times, dates, years, amounts, addresses, telephone numbers, counts.

Each kind is recognized by patterns of its wording. English.
"""

from __future__ import annotations

import re

from voice_local.text.code_words import (
    DIGITS,
    SCALES,
    TEENS,
    TENS,
)

BLANK = "\x00"
"""The character that replaces each character of a number that is not a code."""


def _any_of(words: str) -> str:
    """A pattern of alternatives from `words`, separated by blanks; `_` is a blank within a word."""
    return "|".join(word.replace("_", r"\s") for word in words.split())


_NAME = "|".join(sorted((*DIGITS, *TEENS, *TENS, *SCALES), key=len, reverse=True))
_SPOKEN = rf"(?:(?:{_NAME})\b)"
_SPELLED = rf"(?:(?:{_NAME}|double|triple|\d+)\b)"
_COUNT = rf"(?:\d+(?:[.,]\d+)?|(?:(?:{'|'.join(TENS)})[\s-])?{_SPOKEN})"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:19|20)\d\d\b"
_SIZES = _any_of(
    "kg kgs kilos? grams? mg lbs? oz ounces? cm mm km metres? meters? miles? feet ft inch(?:es)? "
    "ml litres? liters? gb mb tb k?hz k?w watts? volts? mph kmh percent degrees?"
)
_UNITS = _any_of(
    "minutes? mins? hours? hrs? seconds? secs? days? weeks? months? years? nights? weekends? times "
    "people persons? guests? adults? children kids items? pieces? pcs box(?:es)? bottles? packs? "
    "pairs? copies cups? sets? stars? points? floors? emails? calls? more others? different "
    "of_(?:us|them|those|these|the|my) o['’]?_?clock dollars? euros? pounds? cents? pence bucks "
    "quid usd eur gbp chf"
)
_AFTER_PLURALS = (
    r"(?!(?:is|was|has|does|as|yes|this|thanks|please|always|says|needs|arrives)\b)[a-z]{3,}s\b"
)
_NOT_NAMES = _any_of(
    "is was has have are been be on in at to by of for from the a an my your our it that this not "
    "no and or but i you we please thanks yet still now today with which who where when how what "
    "if so than then there"
)
_STREETS = _any_of(
    "street st road rd avenue ave lane drive boulevard blvd way court square place terrace close "
    "hill park gardens crescent alley row highway parkway mews walk grove"
)
_OTHERS = _any_of(
    "flight room bus train tram gate channel page chapter version windows route highway platform "
    "seat table apartment apt flat suite unit floor zip postcode postal pin extension iphone "
    "galaxy boeing airbus section article level lot house street door card account customer "
    "member(?:ship)? serial model area error dress promo voucher coupon discount loyalty passport "
    "licen[cs]e bank sort password passcode phone telephone mobile fax cell"
)
_WANTS = r"(?:to|i|we|you|they|could|would|will|must|can|let['’]?s)"

_ALWAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\S+@\S+|https?://\S+|www\.\S+",
        # Times.
        r"\b\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?\s?m\b\.?)?|\b24/7\b",
        rf"(?:\b\d{{1,4}}(?:[.:]\d\d)?|\b{_SPOKEN}(?:[\s-]{_SPOKEN})*)\s?(?:[ap]\.?\s?m\b\.?|"
        rf"o['’]?\s?clock)",
        rf"\b(?:half|quarter|{_SPOKEN}|\d+)\s(?:past|to)\s(?:\d{{1,2}}|{_SPOKEN})\b(?!\s{_SPELLED})"
        r"(?=\s?(?:$|[.,?!]|in\b|on\b))",
        r"\bbetween\s\S+\sand\s\S+",
        # Dates and years.
        r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b\d{1,2}/\d{1,2}\b",
        rf"\b{_MONTH}\s(?:the\s)?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s{_YEAR})?|\b\d{{1,2}}(?:st|nd|"
        rf"rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?|\b{_MONTH},?\s{_YEAR}",
        r"\b\d+(?:st|nd|rd|th)\b|\b\d{2,4}['’]?s\b",
        rf"\b(?:in|since|from|of|by|until|till|before|after|during|around|year|summer|winter|"
        rf"spring|autumn|fall|christmas|last|early|late|mid|back|year is|year was)\s{_YEAR}"
        rf"(?!\s\d)",
        rf"\b{_YEAR}(?=\s(?:order|purchase|delivery|model|edition|version|season)\b)",
        # Amounts, counts, sizes.
        r"[$€£¥₹]\s?\d[\d.,]*|\b\d[\d.,]*\s?(?:[€£$%]|percent\b)",
        r"\b\d+\.\d+\b(?!\.)",
        rf"\b{_COUNT}[\s-]?(?:{_SIZES})\b(?!-)",
        rf"\b{_COUNT}[\s-](?:year|month|week|day|hour|minute|second|night|{_UNITS})\b",
        r"\b(?:paid|pay|costs?|charged?|spent|worth|price|total|owed?|earn(?:ed)?)"
        r"(?:\s(?:me|us|was|is|of|about|only|over|nearly|almost|a|for))*\s\d[\d.,]*",
        r"\b(?:over|(?:is|was|it['’]?s|are|for|of|costs?|paid)\sabout|than|nearly|almost|around|"
        r"at least|at most|under|roughly|approximately|some|up to)\s\d[\d,]*\b",
        rf"\b{_WANTS}\s(?:please\s)?(?:order|buy|get|have|need|want)\s{_COUNT}\b",
        rf"\b(?:order|buy)\s{_COUNT}\s(?:more\b|of\b|{_AFTER_PLURALS})",
        r"\b\d{1,2}\s(?:for|of|out of|by|x)\s(?:my\s|the\s)?\d{1,2}\b",
        r"\b(?:card|visa|mastercard|account|amex)\s(?:number\s)?(?:that\s)?(?:ending|ends?)\s(?:in|"
        r"with|on)\s[\d\s]*\d",
        # Names and sizes with a letter: vitamins ("B12"), robots ("R2D2"), grams ("20 g"), and
        # thousands in the size of a picture or the length of a race ("4k", "10k").
        r"\bvitamins?\s[a-k]\s?\d{1,2}\b|\b\d+\s?g\b(?=\s?(?:of\b|$|[.,!?]))|\br2[\s-]?d2\b|"
        r"\bc[\s-]?3[\s-]?p[\s-]?o\b",
        r"(?<!order\s)(?<!number\s)(?<!code\s)(?<!\d\s)\b\d{1,3}k\b(?:\sones?\b)?",
        # Addresses.
        rf"\b(?:live[sd]?|living|address|moved?|located|staying|deliver(?:ed|y)?|ship(?:ped)?|"
        rf"sen[dt]|bring|come)(?:\s(?:is|it|them|back|my|me))*\s(?:at|to|is|in|"
        rf"number)(?:\s(?:number|no\.?|the))*\s(?:\d+[a-z]?\b|{_SPELLED}(?:[\s-]{_SPELLED})*)",
        rf"\b(?:{_OTHERS}),?\s(?:(?:number|code|no\.?|#|is|was|at|on|my|it['’]?s|:)\s?)*"
        rf"(?:[A-Za-z]{{0,4}}\s?\d[\w-]*(?:[\s-]\d+)*|{_SPELLED}(?:[\s-]{_SPELLED})*)",
        # Telephone numbers.
        r"\b(?:call|phone|ring|dial|text|reach|contact|telephone|mobile|cell|whatsapp|fax)"
        r"(?:\s(?:me|us|him|her|them|back|number|no|is|was|my|at|on|under|it['’]?s|the|police|"
        r":))*\s"
        rf"(?:\+?[\d(][\d\s().-]{{1,}}\d|{_SPELLED}(?:[\s,-]+{_SPELLED})+)",
        r"\+\d[\d\s().-]{6,}\d|\(\d{3}\)\s?\d{3}[-\s]\d{4}",
    )
)
_UNLESS_ORDER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b\d{3}[-.\s]\d{3}[-.\s]\d{4}\b|\b\d{3}[-\s]\d{4}\b",
        r"\b\d{1,3}(?:,\d{3})+\b",
        r"\b(?-i:\d+[kglmshxpdwva])\b",
        r"\b(?:at|by|until|till|before|after|around|past)\s\d{1,2}(?:\s\d\d)?\b(?!\s\d)",
        r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b",
        rf"\b(?:my|the|a|our|your)\s{_YEAR}(?=\s[a-z])",
        rf"\b\d+[a-z]?\s(?:(?!(?:{_NOT_NAMES})\b)[A-Za-z'’.]+\s){{1,3}}(?:{_STREETS})\b|"
        rf"\b\d+\s(?:street|road|avenue)\b",
        rf"\b{_SPELLED}(?:[\s-]{_SPELLED})*\s(?:(?!(?:{_NOT_NAMES})\b)[A-Za-z'’.]+\s){{1,2}}"
        r"(?:street|road|avenue|lane|drive)\b",
    )
)
_ORDER_BEFORE = re.compile(
    r"(?:\b(?:order|orders|reference|ref|code|confirmation|booking|reservation|tracking|invoice|"
    r"number|nr|no\.)|#)(?:\s(?:number|no\.?|nr|id|code|is|it['’]?s|was))*[\s:,#]*"
    r"(?:[A-Za-z][\s,-]+){0,4}$",
    re.IGNORECASE,
)


def without_others(text: str, asked: bool = False) -> str:
    """`text` with each character of the numbers that are not codes replaced by `BLANK`.

    `asked`: the text answers a question for a code; then only what is certainly something else is
    replaced.
    """
    for pattern in _ALWAYS:
        text = pattern.sub(_blank, text)
    if not asked:
        for pattern in _UNLESS_ORDER:
            text = pattern.sub(_blank_unless_order, text)
    return text


def _blank(match: re.Match[str]) -> str:
    return BLANK * len(match[0])


def _blank_unless_order(match: re.Match[str]) -> str:
    return match[0] if _ORDER_BEFORE.search(match.string[: match.start()]) else _blank(match)
