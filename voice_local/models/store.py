"""The folder in which installed models lie: putting one in, and proving that all in it are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voice_local.errors import ModelDigestError, ModelFormatError, ModelMissingError, OutputError
from voice_local.models import formats
from voice_local.models.digests import digest
from voice_local.models.fits import fits
from voice_local.models.folder import MANIFEST, Manifest, read_manifest, save_manifest

INCOMING = ".incoming"
LICENSES = "licenses"


def manifest_of(root: Path) -> Manifest:
    """The manifest of `root`, an empty one where there is none yet.

    Raises:
        ModelFormatError: what lies there is none.
    """
    return read_manifest(root) if (root / MANIFEST).exists() else Manifest({}, {})


def put(root: Path, name: str, source: Path, about: dict[str, Any]) -> str:
    """Moves the model at `source` (a file or a folder on the same disk) to `root/name` and lists it; its architecture.

    Every file is looked at first; what is there of that name is replaced, and only once all is well.

    Raises:
        ModelFormatError: a file of it is none that a model is made of, or its stage cannot use it.
    """
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if not path.is_dir())
    for path in files:
        formats.look(path)
        formats.finite(path)
    architecture = fits(str(about["stage"]), source)
    manifest = manifest_of(root)
    kept = {key: value for key, value in manifest.files.items() if key != name and not key.startswith(f"{name}/")}
    for path in files:
        key = name if path == source else f"{name}/{path.relative_to(source)}"
        kept[key] = {"sha256": digest(path), "bytes": path.stat().st_size}
    target = root / name
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(source, target)
    models = {**manifest.models, name: {**about, "architecture": architecture}}
    save_manifest(root, Manifest(dict(sorted(kept.items())), dict(sorted(models.items()))))
    return architecture


def keep_license(root: Path, name: str, text: Path) -> None:
    """Keeps a licence text that came with model `name`, listed like every other file."""
    target = root / LICENSES / name / text.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(text, target)
    manifest = manifest_of(root)
    entry = {"sha256": digest(target), "bytes": target.stat().st_size}
    save_manifest(root, Manifest({**manifest.files, str(target.relative_to(root)): entry}, manifest.models))


def verify(root: Path, told: Callable[[str], None] = lambda name: None) -> Manifest:
    """Proves that `root` holds what its manifest says, no more and no less, and that each model fits its stage.

    Nothing of it is executed. `told` hears each file's name before it is read.

    Raises:
        ModelMissingError, ModelDigestError, ModelFormatError: the first thing that is wrong.
    """
    manifest = read_manifest(root)
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            raise ModelFormatError(f"{path} is a link", "copy the file itself there")
        if path.is_dir() or name == MANIFEST or name.split("/")[0] == INCOMING:
            continue
        if name not in manifest.files:
            raise ModelDigestError(f"{path} is not in the manifest", "take it away")
    for name, about in manifest.files.items():
        told(name)
        path = root / name
        if not path.is_file():
            raise ModelMissingError(f"model file {path} is missing", "copy or fetch the models again")
        if path.stat().st_size != about.get("bytes") or digest(path) != about.get("sha256"):
            raise ModelDigestError(f"model file {path} is not the one its manifest names (sha256 differs)",
                                   "copy or fetch the models again")
        formats.look(path)
        formats.finite(path)
    for name, about in manifest.models.items():
        architecture = fits(str(about.get("stage")), root / name)
        if about.get("architecture", architecture) != architecture:
            raise ModelFormatError(f"{root / name} is a {architecture}, its manifest says {about['architecture']}",
                                   "copy or fetch the models again")
    return manifest


def writable(root: Path) -> None:
    """Raises:
        OutputError: nothing can be written under `root`.
    """
    try:
        (root / INCOMING).mkdir(parents=True, exist_ok=True)
        probe = root / INCOMING / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(f"cannot write to {root} ({error.strerror})", "choose another with --models-dir") from None
