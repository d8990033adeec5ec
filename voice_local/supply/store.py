"""The folder in which installed models lie: putting one in, and proving that all in it are
whole."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from voice_local.errors import (
    ModelDigestError,
    ModelFormatError,
    ModelMissingError,
    OutputError,
)
from voice_local.models import formats
from voice_local.models.digests import digest
from voice_local.models.folder import (
    MANIFEST,
    Manifest,
    read_manifest,
    save_manifest,
)
from voice_local.supply import weights
from voice_local.supply.compatibility import check_compatibility

INCOMING = ".incoming"
LICENSES = "licenses"
CARD = "README.md"


def manifest_of(root: Path) -> Manifest:
    """The manifest of `root`, an empty one where there is none yet.

    Raises:
        ModelFormatError: what lies there is none.
    """
    return read_manifest(root) if (root / MANIFEST).exists() else Manifest({}, {})


def put(root: Path, name: str, source: Path, about: dict[str, Any]) -> str:
    """Moves the model at `source` (a file or a folder on the same disk) to `root/name` and lists
    it; its architecture.

    Every file is inspected first; what is there of that name is replaced, and only once all is
    well. A README.md there stays, unless the model brings one: somebody wrote it about the model.

    Raises:
        ModelFormatError: a file of it is none that a model is made of, or its stage cannot use it.
    """
    card = root / name / CARD
    if (
        source.is_dir()
        and card.is_file()
        and not card.is_symlink()
        and not (source / CARD).exists()
    ):
        shutil.copyfile(card, source / CARD)
    files = (
        [source]
        if source.is_file()
        else sorted(path for path in source.rglob("*") if not path.is_dir())
    )
    for path in files:
        formats.inspect(path)
        weights.finite(path)
    architecture = check_compatibility(str(about["stage"]), source)
    manifest = manifest_of(root)
    kept = {
        key: value
        for key, value in manifest.files.items()
        if key != name and not key.startswith(f"{name}/")
    }
    others = {key: known for key, known in manifest.models.items() if key != name}
    new = {
        name if path == source else f"{name}/{path.relative_to(source)}": {
            "sha256": digest(path),
            "bytes": path.stat().st_size,
        }
        for path in files
    }
    save_manifest(root, Manifest(kept, others))  # true also if this is killed on the way
    target = root / name
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(source, target)
    save_manifest(
        root,
        Manifest(
            dict(sorted({**kept, **new}.items())),
            dict(sorted({**others, name: {**about, "architecture": architecture}}.items())),
        ),
    )
    return architecture


def keep_license(root: Path, name: str, text: Path) -> None:
    """Keeps a licence text that came with model `name`, listed like every other file.

    Raises:
        ModelFormatError: it is no text.
    """
    formats.inspect(text)
    target = root / LICENSES / name / text.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(text, target)
    manifest = manifest_of(root)
    entry = {"sha256": digest(target), "bytes": target.stat().st_size}
    save_manifest(
        root, Manifest({**manifest.files, str(target.relative_to(root)): entry}, manifest.models)
    )


def verify(
    root: Path, progress: Callable[[str], None] = lambda name: None, strict: bool = False
) -> Manifest:
    """Proves that `root` holds what its manifest says, no more and no less, and that each model
    fits its stage.

    Nothing of it is executed. `progress` gets each file's name before it is read. `strict`: there
    must be models, each file must belong to one, and no download may be unfinished.

    Raises:
        ModelMissingError, ModelDigestError, ModelFormatError: the first thing that is wrong.
    """
    manifest = read_manifest(root)
    _only_listed(root, manifest, strict)
    if strict:
        _all_belong(root, manifest)
    for name, about in manifest.files.items():
        progress(name)
        _verify_file(root / name, about)
    for name, known in manifest.models.items():
        _verify_architecture(root / name, known)
    return manifest


def _only_listed(root: Path, manifest: Manifest, strict: bool) -> None:
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            raise ModelFormatError(f"{path} is a link", "copy the file itself there")
        if path.is_dir() or name == MANIFEST or (name.split("/")[0] == INCOMING and not strict):
            continue
        if name not in manifest.files:
            raise ModelDigestError(f"{path} is not in the manifest", "delete it")


def _all_belong(root: Path, manifest: Manifest) -> None:
    if not manifest.models:
        raise ModelFormatError(f"the manifest of {root} names no models", "do not use it")
    for name in manifest.files:
        if not any(of_model(name, model) for model in manifest.models):
            raise ModelFormatError(f"{root / name} belongs to none of the models", "do not use it")


def _verify_file(path: Path, about: Mapping[str, Any]) -> None:
    if not path.is_file():
        raise ModelMissingError(f"model file {path} is missing", "copy or fetch the models again")
    if path.stat().st_size != about.get("bytes") or digest(path) != about.get("sha256"):
        raise ModelDigestError(
            f"model file {path} is not the one its manifest names (sha256 differs)",
            "copy or fetch the models again",
        )
    formats.inspect(path)
    weights.finite(path)


def _verify_architecture(path: Path, known: Mapping[str, Any]) -> None:
    architecture = check_compatibility(str(known.get("stage")), path)
    if known.get("architecture", architecture) != architecture:
        raise ModelFormatError(
            f"{path} is a {architecture}, its manifest says {known['architecture']}",
            "copy or fetch the models again",
        )


def adopt(source: Path, manifest: Manifest, root: Path) -> None:
    """Installs every model of the proved `manifest` from `source`: copied and compared first, then
    put in place one by one.

    Raises:
        ModelDigestError: a copy is not what was proved. OSError: the disk.
    """
    need = sum(int(about["bytes"]) for about in manifest.files.values())
    if need > shutil.disk_usage(root).free:
        raise OSError(errno.ENOSPC, "no space left for the models")
    with tempfile.TemporaryDirectory(prefix="adopting-", dir=root / INCOMING) as folder:
        work = Path(folder)
        for name, about in manifest.files.items():
            target = work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)
            if digest(target) != about["sha256"]:
                raise ModelDigestError(
                    f"{name} changed while it was copied",
                    "try again with a copy that does not change",
                )
        for model, known in manifest.models.items():
            _replace(root, work, model, known, manifest)


def _replace(root: Path, work: Path, model: str, known: dict[str, Any], manifest: Manifest) -> None:
    """Moves one model and its licences from `work` to `root`, the manifest at each step true of
    what is there."""
    before = manifest_of(root)
    kept = {name: about for name, about in before.files.items() if not of_model(name, model)}
    models = {name: about for name, about in before.models.items() if name != model}
    save_manifest(root, Manifest(kept, models))
    for place in (model, f"{LICENSES}/{model}"):
        target = root / place
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        elif target.exists() or target.is_symlink():
            target.unlink()
        if (work / place).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(work / place, target)
    new = {name: about for name, about in manifest.files.items() if of_model(name, model)}
    save_manifest(
        root,
        Manifest(
            dict(sorted({**kept, **new}.items())), dict(sorted({**models, model: known}.items()))
        ),
    )


def of_model(name: str, model: str) -> bool:
    """Whether file `name` is part of `model`."""
    return name == model or name.startswith((f"{model}/", f"{LICENSES}/{model}/"))


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
        raise OutputError(
            f"cannot write to {root} ({error.strerror})", "choose another with --models-dir"
        ) from None
