"""Single characters: signs are put into words, accents removed, and characters that no English
voice can read left out."""

from __future__ import annotations

import re
import unicodedata

_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "…": "...",
        "\u200b": "",
        "\u200c": "",
        "\u200d": "",
        "\ufeff": "",
        "\u00ad": "",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "。": ". ",
        "，": ", ",
        "！": "! ",
        "？": "? ",
        "；": "; ",
        "：": ": ",
        "、": ", ",
        "¿": "",
        "¡": "",
        "℃": "°C",
        "℉": "°F",
        "μ": "µ",
        "％": "%",
        "＋": "+",
        "＝": "=",
        "＄": "$",
        "⁄": "/",
        "∕": "/",
        "∶": ":",
        "→": "->",
        "⇒": "->",
        "➜": "->",
        "➔": "->",
    }
)
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_FRACTIONS = frozenset("½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚")
_KEPT_WHOLE = _FRACTIONS | frozenset("²³µΩ°ºª™®©№")
_LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "Æ": "Ae",
    "œ": "oe",
    "Œ": "Oe",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "th",
    "Ð": "Th",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
    "ŋ": "ng",
}
_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "θ": "theta",
    "λ": "lambda",
    "π": "pi",
    "σ": "sigma",
    "τ": "tau",
    "φ": "phi",
    "ω": "omega",
    "Δ": "delta",
    "Σ": "sigma",
    "Ω": "omega",
    "µ": "micro",
    "Φ": "phi",
    "Π": "pi",
}
_SYMBOLS = {
    "∞": "infinity",
    "∈": "in",
    "∪": "union",
    "∩": "intersection",
    "∑": "sum of",
    "∫": "integral of",
    "∂": "partial",
    "∀": "for all",
    "∃": "there exists",
    "⊂": "subset of",
    "∅": "the empty set",
    "∠": "angle",
    "∝": "proportional to",
    "∴": "therefore",
}
_LOANWORDS = {
    "crème": "crem",
    "brûlée": "broo lay",
    "café": "cafe",
    "résumé": "rezzoomay",
    "rosé": "ro zay",
    "pâté": "pah tay",
    "exposé": "expo zay",
    "jalapeño": "hala peenyo",
    "piñata": "peen yahta",
    "façade": "facade",
    "naïve": "naive",
    "fiancé": "fiancee",
    "fiancée": "fiancee",
    "cliché": "klee shay",
    "voilà": "voila",
    "déjà": "dayzhah",
    "touché": "too shay",
    "sauté": "sawtay",
    "purée": "puree",
    "entrée": "ontray",
    "soufflé": "soo flay",
    "née": "nay",
    "décor": "decor",
    "à": "ah",
    "über": "oober",
    "fête": "fate",
    "crêpe": "crepe",
    "première": "premiere",
    "matinée": "matinee",
    "niño": "neen yo",
    "niña": "neen ya",
    "josé": "ho zay",
    "beyoncé": "bee on say",
    "andré": "on dray",
    "chloé": "klo ee",
    "chloë": "klo ee",
    "pokémon": "Pokemon",
}
"""Spellings that an English voice pronounces correctly; with the accents merely removed it would
not."""

_ACCENTED = re.compile(r"[^\W\d_]+")
_VULGAR = re.compile(r"(?<=\d)\s?(?=[¼-¾⅐-⅞])")
_LETTERS_OVER = re.compile(r"(?<=[A-Za-z])∕(?=[A-Za-z])")
_SMILEY = re.compile(
    r"(?<!\w)(?:(?:[:;]|(?<!\S)[=8])[-'^o]?[)(DPpO/\\|*]+|(?<!\S)[xX]D+|<3|\^_?\^|:'\(|[(][:;])(?!\w)"
)
_WORDS = (
    (re.compile(r"(?<=\w)\s*(?:->|=>|-->)\s*(?=\w)"), " to "),
    (re.compile(r"->|=>|-->|<-+|<="), lambda m: " at most " if m[0] == "<=" else ", "),
    (re.compile(r"(?<=[A-Za-z])[²]"), " squared "),
    (re.compile(r"(?<=[A-Za-z])[³]"), " cubed "),
    (re.compile(r"(?<![\w-])(?P<grade>[A-FO])[-−](?=[\s.,;!?)]|$)"), r"\g<grade> minus "),
    (re.compile(r"(?<=\w)\\(?=\w)|(?<=\w:)\\(?=\w)"), " backslash "),
    (re.compile(r"≥|>="), " at least "),
    (re.compile(r"≤"), " at most "),
    (re.compile(r"≠|!==?"), " not equal to "),
    (re.compile(r"±|\+/-|\+-"), " plus or minus "),
    (re.compile(r"[≈∼~](?=\s*[\dA-Za-z$€£])"), " about "),
    # "ten euros - two euros = eight euros"
    (re.compile(r"(?<=\w) [-–−] (?=[^.!?=]*\s=\s)"), " minus "),
    (re.compile(r"(?<=\S)\s*=+\s*(?=[^\s=])"), " equals "),
    (re.compile(r"(?<=\w)\s*<\s*(?=\w)(?![\w-]*\s?/?>)"), " less than "),
    (re.compile(r"(?<=\w) > (?=\w)|(?<=\b\w)>(?=\w\b)"), " greater than "),
    (re.compile(r"(?<=[\w%)])\s*\+\s*(?=[\w($€£])|(?<!\S)\+(?=\w)"), " plus "),
    (re.compile(r"(?<=\w)\+"), " plus "),
    (
        re.compile(r"(?<=\w)\s*[×÷]\s*(?=\w)"),
        lambda m: " times " if "×" in m[0] else " divided by ",
    ),
    (re.compile(r"&"), " and "),
    (re.compile(r"(?<=\w)\s*@\s*(?=\w)"), " at "),
    (re.compile(r"%"), " percent "),
    (re.compile(r"√\s*"), " square root of "),
    (re.compile(r"∛\s*"), " cube root of "),
    (re.compile(r"[∞∈∪∩∑∫∂∀∃⊂∅∠∝∴]"), lambda m: f" {_SYMBOLS[m[0]]} "),
    (re.compile(r"[°º]"), " degrees "),
    (re.compile(r"(?<=\w)/(?=\w)"), " slash "),
    (re.compile(r"\s/\s"), ", "),
    (re.compile(r"№"), " number "),
    (re.compile(r"§"), " section "),
    (re.compile(r"(?<=[A-Za-z])_(?=[A-Za-z])"), " "),
    (re.compile(r"\s+[-–—]+\s+|\s*[–—]+\s*|\s--+\s*"), ", "),
)
_NO_SPEECH = re.compile(r"[^A-Za-z'\"().,?!;:\s-]+")
_LOOSE_HYPHEN = re.compile(r"(?<![A-Za-z])-+|-+(?![A-Za-z])")
_LOOSE_QUOTE = re.compile(r"(?<![A-Za-z.,?!])'(?![A-Za-z])")


def plain(text: str) -> str:
    """`text` with one form of each sign and digit, for the rules: of quotes, fractions and digits
    of other scripts."""
    text = _LETTERS_OVER.sub(" over ", text)
    text = re.sub(
        r"\^([23])(?!\d)",
        lambda match: "²³"[int(match[1]) - 2],
        _VULGAR.sub(" ", text.translate(_PLAIN)),
    )
    said = []
    for char in text:
        if char.isascii() or char in _KEPT_WHOLE or char.isalpha() or char in "\u00a0\u2009\u202f":
            said.append(
                unicodedata.normalize("NFKC", char).replace("⁄", "/")
                if char in _FRACTIONS
                else char
            )
        elif char in _SUBSCRIPTS:
            said.append(str(_SUBSCRIPTS.index(char)))
        elif (value := unicodedata.decimal(char, None)) is not None:
            said.append(str(value))
        else:
            whole = unicodedata.normalize("NFKC", char)
            said.append(
                whole
                if whole.isascii() and unicodedata.category(char) not in ("No", "So")
                else char
            )
    return unicodedata.normalize("NFC", "".join(said))


def unaccented(text: str) -> str:
    """`text` with English letters only; words in other scripts are left out."""
    return _ACCENTED.sub(lambda match: _word(match[0]), text)


def _word(word: str) -> str:
    if word.isascii():
        return word
    known = _LOANWORDS.get(word.lower()) or _LOANWORDS.get(word.lower().removesuffix("s"))
    if known:
        return known + ("s" if word.lower() not in _LOANWORDS else "")
    if len(word) == 1 and word in _GREEK:
        return f" {_GREEK[word]} "
    said = word.replace("ñ", "ny").replace("Ñ", "Ny")
    said = re.sub(r"(?<=[bcdfgklmnprstvz])ée?(?P<s>s?)$", r"ay\g<s>", said)
    letters = "".join(_LETTERS.get(char, char) for char in said)
    kept = "".join(
        char for char in unicodedata.normalize("NFKD", letters) if char.isascii() and char.isalpha()
    )
    return kept if 2 * len(kept) >= len(word) else " "


def spoken_signs(text: str) -> str:
    """`text` with the signs that are read out in words, and without emoticons."""
    text = _SMILEY.sub(" ", text)
    for sign, words in _WORDS:
        text = sign.sub(words, text)
    return text


def without_stars(text: str) -> str:
    """`text` without the stars and hearts that markup leaves in, for languages without rules."""
    return re.sub(r"\s*[★☆♥]+", "", text).lstrip()


def only_speech(text: str) -> str:
    """The letters, apostrophes and punctuation of `text`; empty where it has no letters."""
    text = _LOOSE_QUOTE.sub(" ", _LOOSE_HYPHEN.sub(" ", _NO_SPEECH.sub(" ", text)))
    text = re.sub(r"\(\s*\)|\"\s*\"", " ", text)
    text = re.sub(r"\s+(?=[.,?!;:)])|(?<=\()\s+", "", " ".join(text.split()))
    text = re.sub(r"[,;:]+(?=[.,?!;:])", "", text)
    text = re.sub(r"^[\s.,?!;:]+", "", text)
    return text.strip() if any(char.isalpha() for char in text) else ""
