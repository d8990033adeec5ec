"""A profile's model folder and its manifest. Nothing is opened before its digest was checked."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import voice_local
from voice_local.errors import ModelDigestError, ModelFormatError, ModelMissingError

MANIFEST = "manifest.json"
REMEDY = "restore it (git checkout models/tiny, or install the package again)"


def tiny_folder() -> Path:
    """The embedded models: package data when installed, `models/tiny` in a checkout."""
    package = Path(voice_local.__file__).parent
    shipped = package / "_models" / "tiny"
    return shipped if shipped.is_dir() else package.parent / "models" / "tiny"


def home() -> Path:
    """Where real profiles' models live unless settings say otherwise."""
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "voice_local" / "models"


def profile_folder(profile: str, models_dir: Path | None) -> Path:
    """The folder of `profile`'s models; `models_dir` names it outright."""
    if models_dir is not None:
        return models_dir
    return tiny_folder() if profile == "tiny" else home() / profile


def digest(path: Path) -> str:
    """sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ModelFolder:
    """Files of one profile. A name like `tiny:understanding/…` is looked up among the embedded models.

    Raises (on construction and look-up):
        ModelMissingError, ModelDigestError, ModelFormatError.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._checked: set[str] = set()
        if not root.is_dir():
            raise ModelMissingError(f"model directory {root} does not exist", "use --profile tiny, or install the models")
        self.manifest = self._read_manifest()

    def _read_manifest(self) -> dict[str, dict[str, Any]]:
        path = self.root / MANIFEST
        try:
            files = json.loads(path.read_text(encoding="utf-8"))["files"]
            return {str(name): dict(about) for name, about in files.items()}
        except FileNotFoundError:
            raise ModelMissingError(f"{self.root} has no {MANIFEST}", "give a folder of voice-local models") from None
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            raise ModelFormatError(f"{path} is not a model manifest", REMEDY) from None

    def file(self, name: str) -> Path:
        """The path of `name`, its digest checked."""
        if name.startswith("tiny:"):
            return ModelFolder(tiny_folder()).file(name.removeprefix("tiny:"))
        about = self.manifest.get(name)
        path = self.root / name
        if about is None:
            raise ModelMissingError(f"{name} is not in the manifest of {self.root}", "check the profile's model names")
        if not path.is_file():
            raise ModelMissingError(f"model file {path} is missing", REMEDY)
        if name not in self._checked:
            if path.stat().st_size != about.get("bytes") or digest(path) != about.get("sha256"):
                raise ModelDigestError(f"model file {path} is not the one its manifest names (sha256 differs)", REMEDY)
            self._checked.add(name)
        return path

    def folder(self, name: str) -> Path:
        """The folder `name`, every file that the manifest lists in it checked."""
        if name.startswith("tiny:"):
            return ModelFolder(tiny_folder()).folder(name.removeprefix("tiny:"))
        inside = [entry for entry in self.manifest if entry.startswith(f"{name}/")]
        if not inside:
            raise ModelMissingError(f"{name} is not in the manifest of {self.root}", "check the profile's model names")
        for entry in inside:
            self.file(entry)
        return self.root / name


def write_manifest(root: Path) -> dict[str, dict[str, Any]]:
    """Makes the manifest of all files under `root` (the manifest itself aside)."""
    files = {str(path.relative_to(root)): {"sha256": digest(path), "bytes": path.stat().st_size}
             for path in sorted(root.rglob("*")) if path.is_file() and path.name != MANIFEST}
    text = json.dumps({"format": 1, "files": files}, indent=2) + "\n"
    (root / MANIFEST).write_text(text, encoding="utf-8")
    return files
