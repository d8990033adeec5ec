"""In which languages the assistant answers, and which voice says what."""

from __future__ import annotations

from voice_local.config import TtsSettings
from voice_local.text.languages import (
    base,
    listed,
    named,
)

CANNED = "en"
"""The language of everything that is said without the LLM."""


class Languages:
    """The voices of one assistant: its own, and those of the other recognised languages."""

    def __init__(self, tts: TtsSettings) -> None:
        others = {language: name for language, name in tts.voices_by_language.items() if name}
        self._voices: dict[str, str | None] = {tts.language: tts.voice, **others}
        self._own = tts.language

    def speaks(self, language: str | None) -> bool:
        """Whether there is a voice for it. `language`: ISO 639, None where it is not known."""
        return language is None or base(language) in self._voices

    def voice(self, language: str | None) -> str | None:
        """What `Engine.synthesize` is to be given for text in `language`; None: its own voice."""
        return self._voices.get(base(language or self._own), self._voices[self._own])

    def is_own(self, language: str | None) -> bool:
        """Whether `language` is what its own voice speaks."""
        return language is None or base(language) == self._own

    def refusal(self, language: str) -> str:
        """What it says to somebody who speaks `language`, for which there is no voice."""
        return f"I heard {named(language)}. I can speak {listed(self._voices)}."
