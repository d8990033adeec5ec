"""Languages by their codes: their English names, and the languages of Kokoro's voices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NAMES = {
    "af": "Afrikaans",
    "am": "Amharic",
    "ar": "Arabic",
    "as": "Assamese",
    "az": "Azerbaijani",
    "ba": "Bashkir",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bo": "Tibetan",
    "br": "Breton",
    "bs": "Bosnian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fo": "Faroese",
    "fr": "French",
    "gl": "Galician",
    "gu": "Gujarati",
    "ha": "Hausa",
    "haw": "Hawaiian",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "ht": "Haitian Creole",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "jw": "Javanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "km": "Khmer",
    "kn": "Kannada",
    "ko": "Korean",
    "la": "Latin",
    "lb": "Luxembourgish",
    "ln": "Lingala",
    "lo": "Lao",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mg": "Malagasy",
    "mi": "Maori",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mn": "Mongolian",
    "mr": "Marathi",
    "ms": "Malay",
    "mt": "Maltese",
    "my": "Burmese",
    "ne": "Nepali",
    "nl": "Dutch",
    "nn": "Norwegian Nynorsk",
    "no": "Norwegian",
    "oc": "Occitan",
    "pa": "Punjabi",
    "pl": "Polish",
    "ps": "Pashto",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sa": "Sanskrit",
    "sd": "Sindhi",
    "si": "Sinhala",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sn": "Shona",
    "so": "Somali",
    "sq": "Albanian",
    "sr": "Serbian",
    "su": "Sundanese",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "tg": "Tajik",
    "th": "Thai",
    "tk": "Turkmen",
    "tl": "Tagalog",
    "tr": "Turkish",
    "tt": "Tatar",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
    "yi": "Yiddish",
    "yo": "Yoruba",
    "yue": "Cantonese",
    "zh": "Chinese",
}
"""English names of the languages that Whisper recognizes, by its codes (ISO 639)."""

KOKORO = {"a": "en-US", "b": "en-GB", "e": "es", "f": "fr", "h": "hi", "i": "it", "p": "pt"}
"""The language of a Kokoro voice by the first letter of its name. Japanese and Chinese are missing:
they need front ends that this package does not have."""


def language_code(name: str) -> str | None:
    """The code of a language that a client names: by a code, with or without a region, or in
    English; `auto` and an empty name stay; None: there is no such language."""
    wanted = name.strip().lower()
    if wanted in ("", "auto"):
        return wanted
    by_name = {english.lower(): code for code, english in NAMES.items()}
    code = by_name.get(wanted, base(wanted))
    return code if code in NAMES else None


def one_language(codes: Sequence[str]) -> str:
    """What a recognizer is told that may hear any of `codes`: the code where it is one, `auto`
    where they are several, empty where there is none."""
    different = dict.fromkeys(filter(None, codes))
    return "auto" if len(different) > 1 else next(iter(different), "")


def base(language: str) -> str:
    """The language code without its region: "en-GB" → "en"."""
    return language.split("-")[0]


def named(language: str) -> str:
    """The English name of `language`; the code itself for an unknown one."""
    return NAMES.get(base(language), language)


def listed(languages: Iterable[str]) -> str:
    """The names of `languages` in one phrase: "English, Spanish and French"."""
    names = [named(language) for language in languages]
    return (
        " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""
    )
