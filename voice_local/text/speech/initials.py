"""Words in capitals: spelled out (FBI), read as a word (NASA), or only emphasized (STOP)."""

from __future__ import annotations

import re

from voice_local.text.sentence_ends import starts_sentence
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)

WORDS = frozenset(
    "NASA NATO UNESCO UNICEF OPEC AIDS COVID RAM ROM PIN SIM ZIP LAN WAN FIFA UEFA NAFTA SWAT FEMA "
    "OSHA NASDAQ IKEA LEGO BIOS LASER RADAR SONAR SCUBA CAPTCHA YOLO LOL ANZAC ASEAN INTERPOL GIF "
    "IBAN LIDAR MIDI SARS MERS NOAA DARPA CERN PETA SAP SEAL AWACS BASIC COBOL FORTRAN HUD UNIX "
    "LINUX VISA SPAM TASER WASP YAML TOML MOMA GESTAPO BREXIT EBITDA JAVA NIMBY OLED SMART TED "
    "TESLA".split()
)
"""Acronyms that are read as a word."""

_SPELLED = frozenset(
    "UCLA YMCA YWCA ASAP ICAO IMAP IMDB SATA ACLU AARP UNHCR EBIT AFAIK IIRC ICBM MIDS NYSE NHL "
    "USMC USCIS UPS IEEE ISO USA USSR EU AI IT ID IP IQ US UK UN UAE EUR USD AOL ABC ACE CIA FAA "
    "FDA FAQ UFO VIP DIY EOD ETA IPA IRA IRS IOU IUD OED SEO CEO CFO CTO COO API APU CPU GPU URL "
    "UI UX USB AC AM PM ADD ADA IBM IOC IMF OCR OCD IV EV AR VR AWS USPS NBA NFL ESA ECB BBQ SUV "
    "AKA ATM GMO OS PC TV DVD CD DJ MP MD ER UV HR PR QA ROI SOS".split()
)
"""Initialisms that are spelled out although they could be read as a word."""

_WORDS_TOO = frozenset(("IT", "US", "WHO", "AM", "ADD", "ACE", "UPS"))
"""Those of `_SPELLED` that are ordinary words in a text that is all in capitals."""

_BEFORE_S = frozenset(
    "HE HERE HOW IT LET NOW SHE THAT THERE WHAT WHEN WHERE WHO WHY EVERYONE ONE".split()
)
"""Words with "'s" for "is" or "us", which are not spelled out before it."""

_LOUD = frozenset(
    "NOT AND ALL ANY ARE BIG BUT BUY CAN DAY DID END FEW FOR GET GOT HAD HAS HER HIM HIS HOW ITS "
    "LET LOT MAN MAY NEW NOT NOW OFF OLD ONE OUR OUT OWN PAY PUT RUN SAW SAY SEE SET SHE TEN THE "
    "TOO TOP TRY TWO USE WAS WAY WHY WIN WON YES YET YOU BAD SAD HOT DOG CAT CAR BOY WAR SIX RED "
    "FUN MOM DAD GOD OUT ASK EAT FAR KEY LOW MEN MET ODD PER SIT SUN TAX AIR ART BED BOX NO SO DO "
    "IF IS IN ON TO OF AT BE MY WE HE GO UP OR AN AS BY ME OH HI HEY WOW HA AH AW UH".split()
)
"""Short ordinary words, which are only emphasized by capitals."""

_RESPELLED = {
    "JPEG": "jay peg",
    "JPG": "jay peg",
    "MPEG": "em peg",
    "JSON": "jason",
    "ASCII": "askey",
    "OK": "okay",
    "OKAY": "okay",
    "CRUD": "crud",
    "SQLITE": "S Q lite",
    "BTW": "by the way",
    "FYI": "for your information",
    "IMHO": "in my humble opinion",
    "IMO": "in my opinion",
    "TBD": "to be determined",
    "IIRC": "if I recall correctly",
    "AFAIK": "as far as I know",
    "WIFI": "why fie",
    "WWII": "World War two",
    "WWI": "World War one",
}
_ONSET = (
    r"(?:b[lr]?|c[hlr]?|chr|d[rw]?|f[lr]?|g[hlnr]?|h|j|k[nlr]?|l|m|n|p[hlrs]?|q(?=u)|r|"
    r"s[chklmnpqtw]?|s(?:ch|cr|hr|pl|pr|tr|kr)|t[hrw]?|thr|v|w[hr]?|x|y|z)?"
)
_CODA = (
    r"(?:b|bs|c|ck|cks|cs|ct|cts|d|ds|f|ff|ffs|fs|ft|fts|g|gh|ghs|ght|ghts|gn|gns|gs|h|k|ks|l|ld|"
    r"lds|lf|lk|lks|ll|lls|lm|lp|lps|ls|lt|lts|m|mb|mbs|mn|mp|mps|ms|n|nc|nch|nd|nds|ng|ngs|nk|nks|"
    r"nn|ns|nt|nth|nts|p|ph|phs|ps|pt|pts|r|rb|rbs|rc|rch|rld|rlds|rsts|lth|lths|mpt|mpts|ngth|"
    r"ngths|rsk|rsks|rd|rds|rf|rg|rk|rks|rl|rls|rm|rms|rn|rns|rp|rps|rr|rs|rst|rt|rth|rts|rts|rv|s|"
    r"sh|sk|sks|sm|sms|sp|ss|st|sts|t|tch|th|ths|ts|tt|v|w|wd|wk|wks|wl|wls|wn|wns|ws|x|xt|y|ys|z|"
    r"zz)?"
)
_PRONOUNCEABLE = re.compile(
    rf"{_ONSET}[aeiouy]{{1,3}}(?:[b-df-hj-np-tv-z]{{1,4}}[aeiouy]{{1,3}})*{_CODA}"
)
_CAPITALS = re.compile(r"(?<![\w&.])(?P<word>[A-Z]{2,})(?P<s>['’]?s)?(?![\w&]|\.[A-Za-z])")
_CONTRACTION = re.compile(r"(?<![\w&.])(?P<word>[A-Z]+)['’](?P<tail>T|S|RE|LL|VE|D|M|ALL|CLOCK)\b")
_AND = re.compile(r"\b(?P<a>[A-Z]{1,4})\s?&\s?(?P<b>[A-Z]{1,4})(?P<s>s)?\b")
_DOTTED = re.compile(
    r"(?<![\w.])(?P<letters>[A-Za-z](?:\.[A-Za-z])+)(?P<dot>\.)?(?P<s>['’]s)?(?![\w])"
)
_INITIAL = re.compile(r"(?<![\w.'’])(?P<letter>[A-Z])\.(?=\s?[A-Z][\w.])")
_TAIL = re.compile(r"\b(?P<head>[a-z]+)(?P<word>[A-Z]{2,})\b")
_HYPHEN = re.compile(r"(?<=\b[A-Z]{2})-(?=[A-Z]\b)|(?<=\b[A-Z]{3})-(?=[A-Z]\b)")
_PHD = re.compile(r"\bPh\.?\s?D\b(?P<dot>\.)?")
_LABELLED = re.compile(
    r"\b(?i:plan|vitamin|grade|type|option|class|group|team|section|part|appendix|room|gate|"
    r"hepatitis|figure|table|step|exhibit|level|block|building|platform|answer|point)$"
)
SHORTEST_WORD = 4


def spell(letters: str) -> str:
    """ "FBI" → "F B I"."""
    return " ".join(char for char in letters.upper() if char.isalpha())


def is_word(letters: str) -> bool:
    """Whether a word in capitals is read as a word and not spelled out."""
    capitals = letters.upper()
    if capitals in WORDS or capitals in _LOUD:
        return True
    return (
        len(capitals) >= SHORTEST_WORD and capitals not in _SPELLED and _is_pronounceable(letters)
    )


def _is_pronounceable(letters: str) -> bool:
    return _PRONOUNCEABLE.fullmatch(letters.lower()) is not None


def said_as_word(capitals: str) -> str:
    """ "NASA" → "Nasa", "STOP" → "stop", since some front ends spell out anything in capitals."""
    return capitals.capitalize() if capitals in WORDS else capitals.lower()


def _loud(match: re.Match[str]) -> bool:
    """Whether most of the text is in capitals, so that they do not mark initialisms."""
    words = re.findall(r"[A-Za-z]{2,}", match.string)
    capitals = [word for word in words if word.isupper()]
    plain = [word for word in capitals if is_word(word) and word not in WORDS]
    return (
        len(capitals) >= 3 and len(capitals) > 0.7 * len(words) and len(plain) >= len(capitals) / 2
    )


def _capitals(match: re.Match[str], reading: Reading) -> str | None:
    word, tail = match["word"], match["s"] or ""
    if word in _RESPELLED:
        return _RESPELLED[word] + tail
    if word in _WORDS_TOO and re.search(r"\bTHE\s$", match.string[: match.start()]):
        return spell(word) + ("'s" if tail else "")  # "THE US AND UK AGREE"
    loud = _loud(match) and (word in _WORDS_TOO or _is_pronounceable(word))
    if word in WORDS and not loud:
        return said_as_word(word) + tail
    if is_word(word) or (loud and (word not in _SPELLED or word in _WORDS_TOO)):
        return word.lower() + tail
    return spell(word) + ("'s" if tail else "")


def _contraction(match: re.Match[str], reading: Reading) -> str:
    """ "DON'T" → "don't", "FBI'S" → "F B I's"."""
    word, tail = match["word"], match["tail"].lower()
    if tail != "s":
        return f"{word if word == 'I' else word.lower()}'{tail}"
    loud = len(word) > 3 and word not in _SPELLED and _loud(match)
    known = word in _BEFORE_S or is_word(word) or word == "I" or loud
    return f"{said_as_word(word) if known else spell(word)}'s"


def _and(match: re.Match[str], reading: Reading) -> str:
    return f"{spell(match['a'])} and {spell(match['b'])}{chr(39) + 's' if match['s'] else ''}"


def _dotted(match: re.Match[str], reading: Reading) -> str | None:
    letters = match["letters"].replace(".", "")
    if letters.lower() in ("eg", "ie") or (
        letters.islower() and match["dot"] is None and letters not in ("am", "pm")
    ):
        return None
    stop = "." if match["dot"] and _sentence_may_end(match) else ""
    return spell(letters) + ("'s" if match["s"] else "") + stop


def _sentence_may_end(match: re.Match[str]) -> bool:
    """Whether the full stop of an initialism can end a sentence.

    After "U.S." a capital is more likely a name, unless the word is one that begins sentences.
    """
    following = match.string[match.end() :]
    if re.match(r"[\"')\]”’]*\s*$", following):
        return True
    if match["letters"].islower():
        return re.match(r"[\"')\]”’]*\s+[A-Z]", following) is not None
    return following[:1].isspace() and starts_sentence(f"{following.lstrip()} ") is True


def _initial(match: re.Match[str], reading: Reading) -> str | None:
    """An initial in a name ("J. K. Rowling", "Harry S. Truman"); not "Plan B. Then" or "you and I.
    Then"."""
    before = match.string[: match.start()].rstrip()
    beside = re.match(r"\s?[A-Z]\.", match.string[match.end() :]) or re.search(
        r"(?:^|[^\w.])[A-Z]\.$", before
    )
    if not beside and (match["letter"] == "I" or _LABELLED.search(before)):
        return None
    named = not before or re.search(
        r"\b[A-Z][a-z]+$|[,;:(\"“]$|\b(?:by|of|and|to|with|from|author|president)$", before
    )
    return match["letter"] if beside or named else None


def _tail(match: re.Match[str], reading: Reading) -> str | None:
    head = match["head"]
    return (
        f"{head.upper() if len(head) == 1 else head} {spell(match['word'])}"
        if not is_word(match["word"])
        else None
    )


def _phd(match: re.Match[str], reading: Reading) -> str:
    return "P H D" + (
        "." if match["dot"] and re.match(r"\s*$", match.string[match.end() :]) else ""
    )


def _hyphen(match: re.Match[str], reading: Reading) -> str:
    return " "


RULES = (
    Rule(_HYPHEN, _hyphen),
    Rule(_PHD, _phd),
    Rule(_CONTRACTION, _contraction),
    Rule(_AND, _and),
    Rule(_DOTTED, _dotted),
    Rule(_INITIAL, _initial),
    Rule(_TAIL, _tail),
    Rule(_CAPITALS, _capitals),
)
