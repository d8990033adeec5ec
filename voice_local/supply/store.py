"""The folder in which installed models lie: putting some in, and proving that all in it are
whole. Who puts some in holds `placing.changing`."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from voice_local.errors import (
    ModelDigestError,
    ModelFormatError,
    ModelMissingError,
)
from voice_local.models import formats
from voice_local.models.digests import digest
from voice_local.models.folder import (
    MANIFEST,
    Manifest,
    read_manifest,
)
from voice_local.models.names import safe_path
from voice_local.supply import placing, weights
from voice_local.supply.compatibility import check_compatibility

INCOMING = placing.INCOMING
LICENSES = "licenses"
CARD = "README.md"


def manifest_of(root: Path) -> Manifest:
    """The manifest of `root`, an empty one where there is none yet.

    Raises:
        ModelFormatError: what lies there is none.
    """
    try:
        return read_manifest(root)
    except ModelMissingError:
        return Manifest({}, {})


def put(
    root: Path, name: str, source: Path, about: dict[str, Any], licenses: Sequence[Path] = ()
) -> str:
    """Moves the model at `source` (a file or a folder on the same disk) to `root/name` and lists
    it, with the texts of `licenses` that came with it; its architecture.

    Every file is inspected first; what is there of that name is replaced, and only once all is
    well. A README.md there stays, unless the model brings one: somebody wrote it about the model.

    Raises:
        ModelFormatError: a file of it is none that a model is made of, or its stage cannot use it.
            OSError: the disk; all is as it was.
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
        {name: source}
        if source.is_file()
        else {
            f"{name}/{path.relative_to(source)}": path
            for path in sorted(source.rglob("*"))
            if not path.is_dir()
        }
    )
    texts = {f"{LICENSES}/{name}/{text.name}": text for text in licenses}
    for key, path in {**files, **texts}.items():
        inspect(key, path)
        weights.finite(path)
    architecture = check_compatibility(str(about["stage"]), source)
    new = {
        key: {"sha256": digest(path), "bytes": path.stat().st_size}
        for key, path in {**files, **texts}.items()
    }
    moves: dict[str, Path | None] = {name: source}
    with placing.work_folder(root) as work:
        for number, (key, text) in enumerate(texts.items()):
            moves[key] = work / str(number)
            shutil.copyfile(text, work / str(number))
        before = manifest_of(root)
        kept = {
            key: value
            for key, value in before.files.items()
            if key not in new and key != name and not key.startswith(f"{name}/")
        }
        others = {key: known for key, known in before.models.items() if key != name}
        listed = {**others, name: {**about, "architecture": architecture}}
        placing.place(root, moves, Manifest(kept, others), _sorted({**kept, **new}, listed))
    return architecture


def inspect(key: str, path: Path) -> None:
    """Looks into the file at `path`, which is to be listed as `key`.

    Raises:
        ModelFormatError: it is none that a model is made of, or has a name that cannot be listed.
    """
    try:
        safe_path(key)
    except ValueError:
        raise ModelFormatError(
            f"{path} has a name that files of models do not have",
            "rename it, with letters, digits, dots and dashes",
        ) from None
    formats.inspect(path)


def _sorted(files: Mapping[str, Any], models: Mapping[str, Any]) -> Manifest:
    return Manifest(dict(sorted(files.items())), dict(sorted(models.items())))


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
    try:
        _only_listed(root, manifest, strict)
        if strict:
            _all_belong(root, manifest)
        for name, about in manifest.files.items():
            progress(name)
            _verify_file(root / name, about)
    except OSError as error:
        raise ModelMissingError(
            f"{error.filename or root} cannot be read ({error.strerror})", "check who may read it"
        ) from None
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
    if path.stat().st_size != about["bytes"] or digest(path) != about["sha256"]:
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
    all put in place at once, or none.

    Raises:
        ModelDigestError: a copy is not what was proved. OSError: the disk; all is as it was.
    """
    need = sum(int(about["bytes"]) for about in manifest.files.values())
    if need > shutil.disk_usage(root).free:
        raise OSError(errno.ENOSPC, "no space left for the models")
    with placing.work_folder(root) as work:
        for name, about in manifest.files.items():
            target = work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)
            if digest(target) != about["sha256"]:
                raise ModelDigestError(
                    f"{name} changed while it was copied",
                    "try again with a copy that does not change",
                )
        before = manifest_of(root)
        kept = {
            name: about
            for name, about in before.files.items()
            if not any(of_model(name, model) for model in manifest.models)
        }
        others = {
            name: known for name, known in before.models.items() if name not in manifest.models
        }
        moves = {
            name: work / name if (work / name).exists() else None
            for model in manifest.models
            for name in (model, f"{LICENSES}/{model}")
        }
        placing.place(
            root,
            moves,
            Manifest(kept, others),
            _sorted({**kept, **manifest.files}, {**others, **manifest.models}),
        )


def of_model(name: str, model: str) -> bool:
    """Whether file `name` is part of `model`."""
    return name == model or name.startswith((f"{model}/", f"{LICENSES}/{model}/"))
