"""Every voice under one name, `engine/voice`: what it speaks, which adapter and model make its
sound, whether it is here.

The voice decides the engine, not the profile. Nothing is loaded or imported to tell: the lock and
the manifests know.
"""

from __future__ import annotations

import difflib
from typing import Any

from voice_local.config import (
    Settings,
    TtsSettings,
)
from voice_local.engine.catalog import voice_engines
from voice_local.engine.voice_models import (
    HIBARI_MODEL,
    JOE_MODEL,
    KOKORO_MODEL,
    TINY,
    Folders,
    Voice,
    hibari,
    joe,
    kokoro,
)
from voice_local.errors import (
    ConfigError,
    ModelMissingError,
    TextInputError,
)
from voice_local.models.folder import (
    STORE,
    profile_folder,
)
from voice_local.models.lock import (
    read_lock,
    shipped_lock,
)
from voice_local.text import espeak
from voice_local.text.languages import base

LIST = "all of them: voice-local voices"
SHOWN = 12
"""An error lists at most so many names of voices."""


def catalogue(settings: Settings) -> list[Voice]:
    """Every voice that is installed or can be fetched, the embedded one included; of the folder of
    `settings` first."""
    own = profile_folder(settings.profile, settings.models_dir)
    folders = Folders(own, bare(settings.tts.model))
    lock = {entry.name: entry for entry in read_lock(shipped_lock()).models}
    found = [
        hibari(lock[HIBARI_MODEL]),
        *kokoro(lock[KOKORO_MODEL], folders),
        joe(lock[JOE_MODEL], folders),
        *folders.others(),
    ]
    return list({voice.full: voice for voice in reversed(found)}.values())[::-1]


def find(name: str, settings: Settings) -> Voice:
    """The voice called `name`, `engine/voice` or a bare name that no two engines have, ready to
    speak.

    A bare name is looked for among the voices of the model of `settings` first.

    Raises:
        TextInputError: there is none, or there are several. ModelMissingError: its model is not
            installed.
        ConfigError: a program that it needs is not.
    """
    voices = catalogue(settings)
    found = [voice for voice in voices if voice.full == name]
    if "/" not in name:
        of_that_name = [voice for voice in voices if voice.name == name]
        found = [voice for voice in of_that_name if _is_of(voice, settings)] or of_that_name
    if not found:
        raise TextInputError(
            f"unknown voice {name!r}", f"{_near(name, voices)}{_some(voices)}{LIST}"
        )
    if len(found) > 1:
        raise TextInputError(
            f"{name!r} is a voice of several engines",
            f"one of: {', '.join(one.full for one in found)}",
        )
    if found[0].place is None:
        raise ModelMissingError(f"the voice {found[0].full} is not installed", found[0].command)
    if found[0].needs:
        raise ConfigError(
            f"the voice {found[0].full} needs {found[0].needs}, which is not installed",
            espeak.INSTALL,
        )
    return found[0]


def speaking(settings: Settings, voice: str | None = None, engine: str | None = None) -> Settings:
    """`settings` with the voice that a person asked for, and with voices for the other
    languages that are recognised.

    `engine` alone: its first voice that is installed.

    Raises:
        ConfigError: an unknown engine. TextInputError, ModelMissingError, ConfigError: as `find`;
            of a voice that the settings name, too.
    """
    if engine is not None and engine not in voice_engines():
        raise ConfigError(f"unknown engine {engine!r}", f"one of: {', '.join(voice_engines())}")
    name = voice
    if engine and voice and "/" not in voice:
        name = f"{engine}/{voice}"
    elif engine and not voice and voice_engines()[engine] != settings.tts.adapter:
        name = _first(engine, settings)
        if name is None:  # nothing of it is installed: its adapter tells what it looked for
            settings = _with(settings, adapter=voice_engines()[engine], model=engine, voice=None)
    elif not voice and "/" in (settings.tts.voice or ""):
        name = settings.tts.voice
    if name:
        chosen = find(name, settings)
        settings = _with(
            settings,
            adapter=chosen.adapter,
            model=str(chosen.place),
            voice=chosen.name,
            language=base(chosen.language),
        )
    else:
        _check_own(settings)
    return with_languages(settings)


def in_voice(settings: Settings, name: str) -> TtsSettings:
    """What a conversation speaks with in the voice `name`, by an engine that was loaded with
    `settings`.

    Raises:
        TextInputError, ModelMissingError, ConfigError: as `find`.
    """
    found = find(name, settings)
    tts = speaking(settings, found.full).tts
    others = {
        language: voice
        for language, voice in tts.voices_by_language.items()
        if language != tts.language
    }
    own = found.name if _is_of(found, settings) else found.full
    return tts.model_copy(update={"voice": own, "voices_by_language": others})


def _check_own(settings: Settings) -> None:
    """Raises TextInputError where the model of `settings` is known to have no voice of that
    name."""
    voices = [voice for voice in catalogue(settings) if _is_of(voice, settings)]
    name = settings.tts.voice
    if name is not None and voices and name not in [voice.name for voice in voices]:
        raise TextInputError(
            f"unknown voice {name!r}", f"{_near(name, voices)}{_some(voices)}{LIST}"
        )


def with_languages(settings: Settings) -> Settings:
    """`settings` with a voice for each other language that is recognised and can be spoken, in
    `tts.voices_by_language`.

    Entries that are there already stay; an empty name takes a language out.

    Raises:
        TextInputError, ModelMissingError, ConfigError: a voice that is named there cannot speak, as
            `find`.
    """
    tts, recognized = settings.tts, settings.stt.language
    given = {
        language: name and find(name, settings).full
        for language, name in tts.voices_by_language.items()
    }
    spoken = next(
        (
            base(voice.language)
            for voice in catalogue(settings)
            if _is_of(voice, settings) and voice.name == (tts.voice or voice.name)
        ),
        tts.language,
    )
    found: dict[str, str] = {}
    for voice in catalogue(settings):
        language = base(voice.language)
        wanted = recognized in ("auto", language) or language == "en"
        if voice.ready and wanted and language != spoken and language not in given:
            found.setdefault(language, voice.full)
    return _with(settings, language=spoken, voices_by_language={**found, **given})


def bare(model: str) -> str:
    """A model's name without the folder that it is looked for in."""
    return model.removeprefix(TINY).removeprefix(STORE)


def _with(settings: Settings, **changes: Any) -> Settings:
    return settings.model_copy(update={"tts": settings.tts.model_copy(update=changes)})


def _is_of(voice: Voice, settings: Settings) -> bool:
    return (voice.adapter, voice.model) == (settings.tts.adapter, bare(settings.tts.model))


def _first(engine: str, settings: Settings) -> str | None:
    voices = [voice for voice in catalogue(settings) if voice.engine == engine]
    ready = [voice for voice in voices if voice.ready] or voices
    return ready[0].full if ready else None


def _near(name: str, voices: list[Voice]) -> str:
    """Names like it, with what stands between them and the rest of the line."""
    names = {voice.full: voice.full for voice in voices} | {
        voice.name: voice.full for voice in voices
    }
    close = dict.fromkeys(names[one] for one in difflib.get_close_matches(name, names, 3, 0.6))
    return f"did you mean {' or '.join(close)}? " if close else ""


def _some(voices: list[Voice]) -> str:
    """The names of those that can speak here, as far as they fit a line."""
    ready = [voice.full for voice in voices if voice.ready]
    more = ", …" if len(ready) > SHOWN else ""
    return f"one of: {', '.join(ready[:SHOWN])}{more}; " if ready else ""
