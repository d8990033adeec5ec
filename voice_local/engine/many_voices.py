"""One TTS stage of several engines: the voice of the settings, and others that are loaded when they
are first asked for.

What may be asked for is the catalogue (`voice_local.engine.voices`). A second model costs nothing
before its language is heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from voice_local.config import Settings
from voice_local.engine import loader, voices
from voice_local.engine.api import (
    SpeechChunk,
    StageKind,
    Synthesize,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
    TtsStage,
)
from voice_local.errors import (
    StageError,
    TextInputError,
    VoiceLocalError,
)
from voice_local.models.folder import ModelFolder
from voice_local.text.pronunciations import Pronunciations
from voice_local.text.speech.speakable import speakable


class ManyVoices:
    """A `TtsStage`. A name without an engine is one of the settings' own model.

    Raises:
        ConfigError, ModelError: the voice of the settings cannot be loaded, or one of another
            language is not there.
        TextInputError: the model of the settings has no such voice; the error lists those it has.
    """

    spec: ClassVar[StageSpec] = StageSpec(StageKind.TTS)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        self._settings, self._models, self._threads = settings, models, threads
        tts = settings.tts
        self._others = {
            language: voices.find(name, settings)
            for language, name in tts.voices_by_language.items()
            if name
        }
        self._found = {voice.full: voice for voice in self._others.values()}
        self._main: TtsStage = loader.build(tts.adapter, settings, models, threads)
        if tts.voice is not None and tts.voice not in self._main.voices():
            names = ", ".join(self._main.voices()[: voices.SHOWN])
            raise TextInputError(f"unknown voice {tts.voice!r}", f"one of: {names}; {voices.LIST}")
        self._pronunciations = Pronunciations.load(tts.pronunciations)
        self._pronunciations.require(self._main.spec.takes_phones, tts.adapter)
        self._stages: dict[tuple[str, str], TtsStage] = {
            (tts.adapter, voices.bare(tts.model)): self._main
        }

    def voices(self) -> list[str]:
        """Names that `synthesize` takes: those of the settings' model, then those of other
        languages."""
        return [*self._main.voices(), *(voice.full for voice in self._others.values())]

    def language(self, voice: str | None) -> str:
        """What `voice` speaks, ISO 639-1."""
        if voice is None or "/" not in voice:
            return self._settings.tts.language
        return voices.find(voice, self._settings).language

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """As the adapter that has the voice; every text is given to it in words (`speakable`). An
        empty text only loads the voice.

        Raises:
            TextInputError: an unknown voice. StageError: its model cannot be loaded.
        """
        stage, name = self._stage_of(request.voice)
        words = speakable(
            request.text,
            self.language(request.voice),
            day_first=self._settings.tts.day_first,
            pronunciations=self._pronunciations,
        )
        if words:
            yield from stage.synthesize(Synthesize(words, name), cancelled)

    def _stage_of(self, voice: str | None) -> tuple[TtsStage, str | None]:
        if voice is None or "/" not in voice:
            return self._main, voice
        try:
            found = self._found.setdefault(
                voice, self._found.get(voice) or voices.find(voice, self._settings)
            )
            key = found.adapter, found.model
            if key not in self._stages:
                changes = {"adapter": found.adapter, "model": found.place, "voice": found.name}
                settings = self._settings.model_copy(
                    update={"tts": self._settings.tts.model_copy(update=changes)}
                )
                self._stages[key] = loader.build(
                    found.adapter, settings, self._models, self._threads
                )
        except TextInputError:
            raise
        except VoiceLocalError as error:
            raise StageError(error.cause, error.remedy) from error
        return self._stages[key], found.name

    def describe(self) -> dict[str, str]:
        """The settings' voice; `notes` name what is loaded beside it, or would be."""
        about = self._main.describe()
        waiting = [
            f"{language} {voice.full}"
            for language, voice in self._others.items()
            if (voice.adapter, voice.model) not in self._stages
        ]
        deferred = [f"loaded when heard: {', '.join(waiting)}"] if waiting else []
        return {**about, "notes": "; ".join([about.get("notes", ""), *deferred])}
