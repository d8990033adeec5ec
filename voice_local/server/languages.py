"""The languages that this server hears and speaks."""

from __future__ import annotations

from voice_local.config import Settings
from voice_local.text.languages import NAMES, base


def heard_languages(settings: Settings) -> list[str]:
    """Codes of the languages that are recognized."""
    language = settings.stt.language
    return sorted(NAMES) if language == "auto" else [base(language)]


def spoken_languages(settings: Settings) -> list[str]:
    """Codes of the languages that answers are spoken and written in."""
    tts = settings.tts
    others = [language for language, name in tts.voices_by_language.items() if name]
    return sorted({tts.language, *others})
