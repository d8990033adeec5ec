"""Adds custom models: inspected, copied among the installed ones with digest and licence, and given
a profile."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from voice_local.config import (
    PROFILES,
    STAGES,
)
from voice_local.config_files import own_profile
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
    ModelMissingError,
    OutputError,
)
from voice_local.models.digests import digest
from voice_local.models.names import (
    model_name,
    safe_path,
)
from voice_local.models.paths import FULL, found
from voice_local.supply import own_profile as profiles
from voice_local.supply import placing, store
from voice_local.supply.compatibility import check_compatibility

LONGEST = 200
"""Characters of a name: a file system takes some more."""
PLAIN = "a model must consist of plain files"


def add(
    path: Path,
    stage: str,
    license: str,
    root: Path,
    name: str | None = None,
    profile: str | None = None,
    base: str = "tiny",
    note: placing.Note = placing.nobody,
) -> dict[str, Any]:
    """Installs the model at `path` for `stage` under `root` and writes a profile that uses it
    beside those of `base`. The same model again is put in order; a profile of it stays.

    Raises:
        ConfigError: an unknown stage or base, an invalid name, or one that something else has.
        ModelMissingError: nothing is at `path`. InputError: it cannot be looked at.
        ModelFormatError: the stage cannot use it. OutputError: a place cannot be written.
    """
    _check_request(stage, license, base)
    files = _files(path, stage)
    name = name or path.name
    profile = profile or f"own-{name.rsplit('.', 1)[0]}"
    _check_names(name, profile, root)
    if path.is_file() and stage == "llm" and not name.endswith(".gguf"):
        name += ".gguf"
    with placing.changing(root, note):
        profile_stays = profiles.is_there(profile, stage, name, root)
        _refuse_another(root, name, files)
        known = store.manifest_of(root).models.get(name, {})
        fetched = "identity" in known  # as the lock names it: it stays known as that
        own = {"stage": stage, "license": license, "source": f"own: {path.name}"}
        about = known if fetched else own
        architecture = _install(path, files, root, name, about)
        entries = {
            key: entry
            for key, entry in store.manifest_of(root).files.items()
            if key == name or key.startswith(f"{name}/")
        }
        if not profile_stays:
            profiles.write(profile, base, stage, name, architecture, root)
    return {
        "name": name,
        "stage": stage,
        "architecture": architecture,
        "license": about["license"],
        "profile": profile,
        "bytes": sum(int(entry["bytes"]) for entry in entries.values()),
        "sha256": next(iter(entries.values()))["sha256"] if len(entries) == 1 else _joined(entries),
        "profile_file": str(own_profile(profile)),
        "profile_made": not profile_stays,
    }


def _check_request(stage: str, license: str, base: str) -> None:
    if stage not in STAGES:
        raise ConfigError(f"unknown stage {stage!r}", f"one of: {', '.join(STAGES)}")
    if base not in PROFILES:
        raise ConfigError(f"unknown profile {base!r}", f"one of: {', '.join(PROFILES)}")
    if not license.strip():
        raise ConfigError("a model needs a licence", "give --license, an SPDX name or LicenseRef-…")


def _check_names(name: str, profile: str, root: Path) -> None:
    try:
        model_name(name)
        if safe_path(profile) in PROFILES or "/" in profile or "/" in name:
            raise ValueError
        if max(len(name), len(profile)) > LONGEST:
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"{name[:LONGEST]!r} or {profile[:LONGEST]!r} is not a plain name, too long or taken",
            "give --name and --profile with letters, digits, dots and dashes",
        ) from None
    try:
        str(root.resolve()).encode()
    except UnicodeEncodeError:
        raise ConfigError(
            f"no profile can name {str(root)!r}: it is no UTF-8", "choose another --models-dir"
        ) from None


def _files(path: Path, stage: str) -> dict[str, Path]:
    """The files of the model at `path` by their place in it ("" where it is one file), before any
    of them is copied.

    Raises:
        ModelMissingError, InputError: there is nothing, or it cannot be looked at.
        ModelFormatError: something in it is no plain file or nothing that a model is made of, or
            `stage` cannot use it.
    """
    there = found(path)
    if there is None:
        raise ModelMissingError(
            f"there is nothing at {path}", "give a GGUF file or a model's folder"
        )
    try:
        if S_ISREG(there.st_mode):
            if stage != "llm":
                check_compatibility(stage, path)
            elif _start(path) != b"GGUF":
                raise ModelFormatError(f"{path} is no GGUF file", "the llm stage reads GGUF")
            return {"": path}
        if not S_ISDIR(there.st_mode):
            raise ModelFormatError(f"{path} is neither a file nor a folder", PLAIN)
        files = _inside(path)
        check_compatibility(stage, path)
        return files
    except OSError as error:
        raise _unreadable(path, error) from None


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _inside(path: Path) -> dict[str, Path]:
    """The files of a folder, hidden ones left out, each looked into."""
    files: dict[str, Path] = {}
    for folder, folders, names in os.walk(path, onerror=_refuse):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for one in sorted(names) + [one for one in folders if os.path.islink(f"{folder}/{one}")]:
            if not one.startswith("."):
                file = Path(folder) / one
                key = str(file.relative_to(path))
                store.inspect(key, file)
                files[key] = file
    return files


def _refuse(error: OSError) -> None:
    """What os.walk would pass over."""
    raise error


def _unreadable(path: Path, error: OSError) -> ModelFormatError:
    return ModelFormatError(
        f"{error.filename or path} cannot be read ({error.strerror or error})", PLAIN
    )


def _refuse_another(root: Path, name: str, files: Mapping[str, Path]) -> None:
    """Raises:
    ConfigError: what is called `name` in `root` is not the model of `files`.
    """
    theirs = {
        key.removeprefix(name).lstrip("/"): entry["sha256"]
        for key, entry in store.manifest_of(root).files.items()
        if key == name or key.startswith(f"{name}/")
    }
    place = root / name
    try:
        if not theirs and place.is_dir():  # its manifest was lost
            theirs = {
                str(file.relative_to(place)): digest(file)
                for file in place.rglob("*")
                if file.is_file()
            }
        elif not theirs and place.exists():
            theirs = {"": digest(place)}
        if store.CARD not in files:
            theirs.pop(store.CARD, None)  # somebody wrote it about the model: it stays
        same = not theirs or theirs == {key: digest(file) for key, file in files.items()}
    except OSError as error:
        raise _unreadable(place, error) from None
    if not same:
        raise ConfigError(
            f"another model called {name} is in {root}",
            "give yours other names: --name NAME --profile NAME; the other one stays as it is",
        )


def _install(
    path: Path, files: Mapping[str, Path], root: Path, name: str, about: dict[str, Any]
) -> str:
    """Copies the model among the installed ones; its architecture."""
    try:
        need, free = (
            sum(file.stat().st_size for file in files.values()),
            shutil.disk_usage(root).free,
        )
        if need > free:
            raise OutputError(
                f"{path} needs {need / 2**30:.1f} GiB on the disk of {root}, {free / 2**30:.1f} "
                f"are free",
                "free disk space, or choose another disk with --models-dir",
            )
        with placing.work_folder(root) as work:
            copy = work / name
            for key, file in files.items():
                target = copy / key if key else copy
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
            try:
                return store.put(root, name, copy, about)
            except ModelFormatError as error:
                # The caller knows the model by its own path, not by the copy's.
                raise ModelFormatError(
                    error.cause.replace(str(copy), str(path)), error.remedy
                ) from None
    except OSError as error:
        if error.errno in FULL or str(error.filename or "").startswith(str(root)):
            raise OutputError(
                f"cannot write to {root} ({error.strerror})",
                "free disk space, or choose another with --models-dir",
            ) from None
        raise _unreadable(path, error) from None


def _joined(files: dict[str, dict[str, Any]]) -> str:
    """One digest for several files: of their sums, as sha256sum lists them."""
    lines = "".join(f"{about['sha256']}  {name}\n" for name, about in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
