"""Every voice under one name, `engine/voice`: what it speaks, which adapter and model make its
sound, whether it is here.

The voice decides the engine, not the profile. Nothing is loaded or imported to tell: the lock and
the manifests know.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from voice_local import extras
from voice_local.config import (
    Settings,
    TtsSettings,
)
from voice_local.errors import (
    ConfigError,
    ModelError,
    ModelMissingError,
    TextInputError,
)
from voice_local.models import packaged
from voice_local.models.folder import (
    STORE,
    Manifest,
    home,
    profile_folder,
    read_manifest,
    tiny_folder,
)
from voice_local.models.lock import (
    Entry,
    read_lock,
    shipped_lock,
)
from voice_local.text import espeak
from voice_local.text.languages import (
    KOKORO,
    base,
)

TINY = "tiny:"
"""Before the name of an embedded model."""

ADAPTERS = {
    "hibari": "tts_hibari",
    "kokoro": "tts_kokoro",
    "coqui": "tts_coqui",
    "bark": "tts_bark",
}
"""By engine, in the order in which a voice is looked for."""

LIST = "all of them: voice-local voices"
SHOWN = 12
"""So many names of voices stand in a refusal."""

KOKORO_MODEL, JOE_MODEL, HIBARI_MODEL = "kokoro-82m-int8", "coqui-joe", "hibari"
EMBEDDED = "tiny-tts"
OWN_LICENSE = "Apache-2.0"
"""Of the embedded voice, whose manifest names none."""


@dataclass(frozen=True)
class Voice:
    """One voice.

    Attributes:
        engine, name: together what a person calls it by.
        language: BCP 47.
        model: its model's name among the installed ones.
        license: of the model, SPDX.
        bytes: of the model, with all of its voices.
        place: what `tts.model` has to be for it; None where the model is not installed.
        command: what fetches the model; empty where nothing does.
        needs: the program that it cannot speak without and that is not installed; empty where it
            can.
    """

    engine: str
    name: str
    language: str
    model: str
    license: str
    bytes: int
    place: str | None
    command: str
    needs: str = ""

    @property
    def full(self) -> str:
        """`engine/name`."""
        return f"{self.engine}/{self.name}"

    @property
    def adapter(self) -> str:
        """Of the stage that makes its sound."""
        return ADAPTERS[self.engine]

    @property
    def ready(self) -> bool:
        """Whether it can speak here."""
        return self.place is not None and not self.needs


def catalogue(settings: Settings) -> list[Voice]:
    """Every voice that is installed or can be fetched, the embedded one included; of the folder of
    `settings` first."""
    folders = _Folders(settings)
    lock = {entry.name: entry for entry in read_lock(shipped_lock()).models}
    found = [
        _hibari(lock[HIBARI_MODEL]),
        *_kokoro(lock[KOKORO_MODEL], folders),
        _joe(lock[JOE_MODEL], folders),
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
    """`settings` with the voice that a person asked for, and with voices for what else may be
    heard.

    `engine` alone: its first voice that is installed.

    Raises:
        ConfigError: an unknown engine. TextInputError, ModelMissingError, ConfigError: as `find`;
            of a voice that the settings name, too.
    """
    if engine is not None and engine not in ADAPTERS:
        raise ConfigError(f"unknown engine {engine!r}", f"one of: {', '.join(ADAPTERS)}")
    name = voice
    if engine and voice and "/" not in voice:
        name = f"{engine}/{voice}"
    elif engine and not voice and ADAPTERS[engine] != settings.tts.adapter:
        name = _first(engine, settings)
        if name is None:  # nothing of it is installed: its adapter tells what it looked for
            settings = _with(settings, adapter=ADAPTERS[engine], model=engine, voice=None)
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
    """Raises TextInputError where the model of `settings` is known to have no voice of the name
    that stands there."""
    voices = [voice for voice in catalogue(settings) if _is_of(voice, settings)]
    name = settings.tts.voice
    if name is not None and voices and name not in [voice.name for voice in voices]:
        raise TextInputError(
            f"unknown voice {name!r}", f"{_near(name, voices)}{_some(voices)}{LIST}"
        )


def with_languages(settings: Settings) -> Settings:
    """`settings` with a voice for each other language that may be heard and can be spoken, in
    `tts.voices_by_language`.

    What stands there already stays; an empty name takes a language out.

    Raises:
        TextInputError, ModelMissingError, ConfigError: a voice that stands there cannot speak, as
            `find`.
    """
    tts, heard = settings.tts, settings.stt.language
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
        wanted = heard in ("auto", language) or language == "en"
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


def _hibari(entry: Entry) -> Voice:
    there = packaged.present(entry.name)
    return Voice(
        "hibari",
        "heart",
        "en-US",
        entry.name,
        entry.license,
        entry.size,
        entry.name if there else None,
        extras.remedy("small"),
    )


def _kokoro(entry: Entry, folders: _Folders) -> Iterator[Voice]:
    place, missing = folders.place(entry.name), "" if espeak.available() else espeak.PROGRAM
    for file in entry.files:
        name = Path(file.path).stem
        if file.path.startswith("voices/") and name[0] in KOKORO:
            language = KOKORO[name[0]]
            yield Voice(
                "kokoro",
                name,
                language,
                entry.name,
                entry.license,
                entry.size,
                place,
                _fetch(entry),
                "" if base(language) == "en" else missing,
            )


def _joe(entry: Entry, folders: _Folders) -> Voice:
    return Voice(
        "coqui",
        "joe",
        "en-US",
        entry.name,
        entry.license,
        entry.size,
        folders.place(entry.name),
        _fetch(entry),
        "" if espeak.available() else espeak.PROGRAM,
    )


def _fetch(entry: Entry) -> str:
    return f"voice-local models download {entry.alias or entry.name}"


class _Folders:
    """The folders that models are looked for in: that of the settings, the shared one, the embedded
    one."""

    def __init__(self, settings: Settings) -> None:
        own = profile_folder(settings.profile, settings.models_dir)
        self._model = bare(settings.tts.model)
        places = {"": own, STORE: home(), TINY: tiny_folder()}
        self._manifests: dict[str, tuple[Path, Manifest]] = {}
        for prefix, folder in places.items():
            if folder.resolve() not in [known.resolve() for known, _ in self._manifests.values()]:
                try:
                    self._manifests[prefix] = folder, read_manifest(folder)
                except ModelError:
                    continue

    def place(self, model: str) -> str | None:
        """What `tts.model` has to be for `model`; None where it is not installed."""
        return next(
            (
                f"{prefix}{model}"
                for prefix, (_, manifest) in self._manifests.items()
                if model in manifest.models
                or any(name.startswith(f"{model}/") for name in manifest.files)
            ),
            None,
        )

    def others(self) -> Iterator[Voice]:
        """The voices of installed models that the lock does not name as `KOKORO_MODEL` and
        `JOE_MODEL`."""
        for prefix, (folder, manifest) in self._manifests.items():
            listed = [
                name for name, about in manifest.models.items() if about.get("stage") == "tts"
            ]
            for model in dict.fromkeys((*listed, EMBEDDED, self._model)):
                files = {
                    name: about
                    for name, about in manifest.files.items()
                    if name.startswith(f"{model}/")
                }
                if files and model not in (KOKORO_MODEL, JOE_MODEL):
                    license = str(manifest.models.get(model, {}).get("license") or OWN_LICENSE)
                    size = sum(int(about["bytes"]) for about in files.values())
                    voice = Voice(
                        "coqui", "", "en-US", model, license, size, f"{prefix}{model}", ""
                    )
                    presets = [name.split("/")[-2] for name in files if "/presets/" in name]
                    yield from _told(voice, folder / model, presets)


def _told(voice: Voice, folder: Path, presets: list[str]) -> Iterator[Voice]:
    """A voice for each that the Coqui model or the Bark in `folder` has; none for another kind of
    model."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") == "bark":
            yield from (
                replace(voice, engine="bark", name=name)
                for name in (*dict.fromkeys(sorted(presets)), "none")
            )
        elif (folder / "voice.json").is_file():
            about = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
            language = str(config.get("phoneme_language") or "en").lower()
            for name in about["voices"]:
                yield replace(
                    voice, name=str(name), language="en-US" if language == "en-us" else language
                )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return
