"""The voices of each model, from the lock and the manifests; nothing is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from voice_local import extras
from voice_local.engine.catalog import voice_engines
from voice_local.errors import ModelError
from voice_local.models import packaged
from voice_local.models.folder import (
    STORE,
    Manifest,
    home,
    read_manifest,
    tiny_folder,
)
from voice_local.models.lock import Entry
from voice_local.text import espeak
from voice_local.text.languages import (
    KOKORO,
    base,
)

TINY = "tiny:"
"""Before the name of an embedded model."""

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
        return voice_engines()[self.engine]

    @property
    def ready(self) -> bool:
        """Whether it can speak here."""
        return self.place is not None and not self.needs


def hibari(entry: Entry) -> Voice:
    """The voice that the library hibari-tts brings."""
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


def kokoro(entry: Entry, folders: Folders) -> Iterator[Voice]:
    """Kokoro's voices, a file each."""
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


def joe(entry: Entry, folders: Folders) -> Voice:
    """Piper's joe, converted for Coqui."""
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


class Folders:
    """The folders that models are looked for in: `own`, the shared one, the embedded one.

    `model`: one whose voices are looked for too, whatever its manifest says of it.
    """

    def __init__(self, own: Path, model: str) -> None:
        self._model = model
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
                    yield from _voices_in(voice, folder / model, presets)


def _voices_in(voice: Voice, folder: Path, presets: list[str]) -> Iterator[Voice]:
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
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return
