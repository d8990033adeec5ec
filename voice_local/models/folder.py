"""A profile's model folder and its manifest. Nothing is opened before its digest was checked."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice_local.base_folders import base_folder
from voice_local.errors import (
    ModelDigestError,
    ModelFormatError,
    ModelMissingError,
)
from voice_local.models import formats
from voice_local.models.digests import (
    digest,
    remembered,
)
from voice_local.models.names import safe_path
from voice_local.models.paths import shortened, write_whole
from voice_local.models.shipped import shipped

MANIFEST = "manifest.json"
STORE = "store:"
"""Before a model's name: it is looked up among those of the real profiles."""

REMEDY = "restore it (git checkout models, or install the package again)"
"""Of the folders that come with this package."""

RENEW = (
    "delete that file, then fetch the models again (voice-local models download --profile small) "
    "and add your own again (voice-local models add PATH --stage STAGE --license LICENSE)"
)
"""Of a manifest in a person's own folder: both list again what lies there."""

EMBEDDED = ("tiny", "small")
"""Folders of models that come with this package; `tiny:NAME` and `small:NAME` are models in
them."""

RENAMED = {
    "ears": "tiny-stt",
    "understanding": "tiny-classifier",
    "mind/mind.gguf": "tiny-llm/model.gguf",
    "mind": "tiny-llm",
    "voice": "tiny-tts",
}
"""Embedded models by the name that settings and profiles of earlier versions may still have."""


def embedded_folder(name: str) -> Path:
    """One of `EMBEDDED`: package data when installed, `models/NAME` in a checkout."""
    return shipped(name)


def tiny_folder() -> Path:
    """The models of the profile tiny."""
    return embedded_folder("tiny")


def embedded(model: str) -> tuple[str, str] | None:
    """(folder of `EMBEDDED`, model in it) of a name like `tiny:tiny-stt`; None for a model that is
    installed like any other."""
    folder, colon, name = model.partition(":")
    return (folder, name) if colon and folder in EMBEDDED else None


def home() -> Path:
    """Where real profiles' models live unless settings say otherwise."""
    return base_folder("XDG_DATA_HOME", ".local/share") / "voice_local" / "models"


def profile_folder(profile: str, models_dir: Path | None) -> Path:
    """The folder of `profile`'s models, which real profiles share; `models_dir` names it
    outright."""
    if models_dir is not None:
        return models_dir
    return tiny_folder() if profile == "tiny" else home()


@dataclass(frozen=True)
class Manifest:
    """What a folder of models should hold.

    Attributes:
        files: size and sha256 by relative path.
        models: what is known of each model by name (`stage`, `license`, `source`, `architecture`);
            may be empty.
    """

    files: dict[str, dict[str, Any]]
    models: dict[str, dict[str, Any]]


def read_manifest(root: Path) -> Manifest:
    """The manifest of `root`.

    Raises:
        ModelMissingError, ModelFormatError: there is none, or it cannot be read, is none or names
            paths that it must not.
    """
    path = root / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        files = {safe_path(str(name)): _sized(about) for name, about in content["files"].items()}
        return Manifest(
            files,
            {
                safe_path(str(name)): dict(about)
                for name, about in (content.get("models") or {}).items()
            },
        )
    except (FileNotFoundError, NotADirectoryError):
        raise ModelMissingError(
            f"{root} has no {MANIFEST}", "give a folder of models that has one"
        ) from None
    except OSError as error:
        raise ModelFormatError(
            f"{shortened(path)} cannot be read ({error.strerror})",
            "check the name, and who may read it",
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        ours = root in [embedded_folder(name) for name in EMBEDDED]
        raise ModelFormatError(
            f"{path} is not a model manifest", REMEDY if ours else RENEW
        ) from None


def _sized(about: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest says of a file.

    Raises:
        ValueError: not its size and its digest.
    """
    size = about["bytes"]
    if type(size) is not int or size < 0 or not isinstance(about["sha256"], str):
        raise ValueError("a file needs its size and its digest")
    return dict(about)


class ModelFolder:
    """Files of one profile. Names like `small:understanding/…` and `store:joe/…` are looked up in
    `EMBEDDED` and `STORE`.

    Nothing is handed out before its digest was compared, its structure looked at, and nothing
    through links.

    Raises (on construction and look-up):
        ModelMissingError, ModelDigestError, ModelFormatError.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._checked: set[str] = set()
        if not os.path.isdir(root):
            raise ModelMissingError(
                f"model directory {root} does not exist",
                "use --profile tiny, or fetch models: voice-local models download --profile small",
            )
        self._remedy = (
            REMEDY if root in [embedded_folder(name) for name in EMBEDDED] else formats.REFETCH
        )
        known = read_manifest(root)
        self.manifest, self._models = known.files, known.models

    def file(self, name: str) -> Path:
        """The path of `name`, checked."""
        if elsewhere := _elsewhere(name):
            return elsewhere[0].file(elsewhere[1])
        about = self.manifest.get(name)
        path = self.root / name
        if about is None:
            raise self._not_listed(name)
        if not os.path.isfile(path):
            raise ModelMissingError(f"model file {path} is missing", self._remedy)
        if name not in self._checked:
            if path.resolve() != self.root.resolve() / name:
                raise ModelFormatError(
                    f"model file {path} is reached through a link", "copy the file itself there"
                )
            try:
                same = path.stat().st_size == about["bytes"] and remembered(path) == about["sha256"]
            except OSError as error:
                raise ModelMissingError(
                    f"model file {path} cannot be read ({error.strerror})", "check who may read it"
                ) from None
            if not same:
                raise ModelDigestError(
                    f"model file {path} is not the one its manifest names (sha256 differs)",
                    self._remedy,
                )
            formats.inspect(path)
            self._checked.add(name)
        return path

    def properties(self, name: str) -> dict[str, float]:
        """What was measured of model `name` and is kept with it; empty where nothing is known."""
        if elsewhere := _elsewhere(name):
            return elsewhere[0].properties(elsewhere[1])
        found = self._models.get(name, {}).get("properties")
        return dict(found) if isinstance(found, dict) else {}

    def folder(self, name: str) -> Path:
        """The folder `name`, every file in it checked; one that the manifest does not list could be
        read too."""
        if elsewhere := _elsewhere(name):
            return elsewhere[0].folder(elsewhere[1])
        inside = [entry for entry in self.manifest if entry.startswith(f"{name}/")]
        if not inside:
            raise self._not_listed(name)
        for entry in inside:
            self.file(entry)
        for path in (self.root / name).rglob("*"):
            plain = path.is_dir() and not path.is_symlink()
            if not plain and str(path.relative_to(self.root)) not in self.manifest:
                raise ModelDigestError(
                    f"{path} is not in the manifest of {self.root}",
                    "delete it, or fetch the model again",
                )
        return self.root / name

    def _not_listed(self, name: str) -> ModelMissingError:
        return renamed(name, self.manifest) or ModelMissingError(
            f"{name} is not in the manifest of {self.root}", "check the profile's model names"
        )


def renamed(name: str, files: Iterable[str]) -> ModelMissingError | None:
    """The refusal of `name`, which a folder with `files` does not have, by an old name of a model
    that it has; None where it is none."""
    for old, new in RENAMED.items():
        here = any(file == new or file.startswith(f"{new}/") for file in files)
        if here and (name == old or name.startswith(f"{old}/")):
            return ModelMissingError(
                f"the embedded model {old} is called {new} now",
                f"write {new} instead of {old} in the settings or the profile",
            )
    return None


def _elsewhere(name: str) -> tuple[ModelFolder, str] | None:
    """The other folder that `name` is to be looked up in, and its name there."""
    if inside := embedded(name):
        return ModelFolder(embedded_folder(inside[0])), inside[1]
    return (ModelFolder(home()), name.removeprefix(STORE)) if name.startswith(STORE) else None


def write_manifest(
    root: Path, models: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """Makes the manifest of all files under `root` (the manifest itself and hidden ones aside).

    `models` None: what an older manifest knows of the models stays.
    """
    if models is None and (root / MANIFEST).is_file():
        models = read_manifest(root).models
    files = {
        str(path.relative_to(root)): {"sha256": digest(path), "bytes": path.stat().st_size}
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != MANIFEST and not _hidden(path, root)
    }
    save_manifest(
        root, Manifest(files, {name: dict(about) for name, about in (models or {}).items()})
    )
    return files


def save_manifest(root: Path, manifest: Manifest) -> None:
    """Writes it whole or not at all. Who changes what another process may change too holds
    `placing.changing`."""
    content: dict[str, Any] = {"format": 1, "files": manifest.files}
    if manifest.models:
        content["models"] = manifest.models
    write_whole(root / MANIFEST, json.dumps(content, indent=2) + "\n")


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)
