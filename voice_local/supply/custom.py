"""Adds custom models: inspected, copied among the installed ones with digest and licence, and given
a profile."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
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
from voice_local.models.folder import home
from voice_local.models.names import (
    model_name,
    safe_path,
)
from voice_local.supply import store

CLASSIFIERS = {"intent": "intent_distilbert", "emotion": "emotion"}
"""Adapters of classifiers that answer one question, by stage."""


def add(
    path: Path,
    stage: str,
    license: str,
    root: Path,
    name: str | None = None,
    profile: str | None = None,
    base: str = "tiny",
) -> dict[str, Any]:
    """Installs the model at `path` for `stage` under `root` and writes a profile that uses it
    beside those of `base`.

    Raises:
        ConfigError: an unknown stage or base, or an invalid name. ModelMissingError: nothing
            is at `path`.
        ModelFormatError: the stage cannot use it. OutputError: a place cannot be written.
    """
    _check_request(path, stage, license, base)
    name = name or path.name
    profile = profile or f"own-{name.rsplit('.', 1)[0]}"
    _check_names(name, profile)
    if path.is_file() and stage == "llm" and not name.endswith(".gguf"):
        name += ".gguf"
    architecture = _install(path, stage, license, root, name)
    files = {
        key: about
        for key, about in store.manifest_of(root).files.items()
        if key == name or key.startswith(f"{name}/")
    }
    _write_profile(profile, base, stage, name, architecture, root)
    return {
        "name": name,
        "stage": stage,
        "architecture": architecture,
        "license": license,
        "profile": profile,
        "bytes": sum(int(about["bytes"]) for about in files.values()),
        "sha256": next(iter(files.values()))["sha256"] if len(files) == 1 else _joined(files),
        "profile_file": str(own_profile(profile)),
    }


def _check_request(path: Path, stage: str, license: str, base: str) -> None:
    if stage not in STAGES:
        raise ConfigError(f"unknown stage {stage!r}", f"one of: {', '.join(STAGES)}")
    if base not in PROFILES:
        raise ConfigError(f"unknown profile {base!r}", f"one of: {', '.join(PROFILES)}")
    if not license.strip():
        raise ConfigError("a model needs a licence", "give --license, an SPDX name or LicenseRef-…")
    if not path.exists():
        raise ModelMissingError(
            f"there is nothing at {path}", "give a GGUF file or a model's folder"
        )


def _check_names(name: str, profile: str) -> None:
    try:
        model_name(name)
        if safe_path(profile) in PROFILES or "/" in profile or "/" in name:
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"{name!r} or {profile!r} is not a plain name, or is taken",
            "give --name and --profile with letters, digits, dots and dashes",
        ) from None


def _install(path: Path, stage: str, license: str, root: Path, name: str) -> str:
    """Copies the model among the installed ones; its architecture."""
    about = {"stage": stage, "license": license, "source": f"own: {path.name}"}
    store.writable(root)
    with tempfile.TemporaryDirectory(dir=root / store.INCOMING) as work:
        copy = Path(work) / Path(name).name
        try:
            if path.is_dir():
                shutil.copytree(path, copy, symlinks=True, ignore=shutil.ignore_patterns(".*"))
            else:
                shutil.copyfile(path, copy)
        except OSError as error:
            raise ModelFormatError(
                f"{path} cannot be copied ({' '.join(str(error).split())[:80]})",
                "a model must consist of plain files",
            ) from None
        try:
            return store.put(root, name, copy, about)
        except ModelFormatError as error:
            # The caller knows the model by its own path, not by the copy's.
            raise ModelFormatError(
                error.cause.replace(str(copy), str(path)), error.remedy
            ) from None


def _joined(files: dict[str, dict[str, Any]]) -> str:
    """One digest for several files: of their sums, as sha256sum lists them."""
    lines = "".join(f"{about['sha256']}  {name}\n" for name, about in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _write_profile(
    profile: str, base: str, stage: str, name: str, architecture: str, root: Path
) -> None:
    adapter = {
        "bark": "tts_bark",
        "understanding": "understanding",
        "onnx": CLASSIFIERS.get(stage),
    }.get(architecture)
    # A model that tells both serves both stages.
    sections = tuple(CLASSIFIERS) if architecture == "understanding" else (stage,)
    lines = [
        f"# Made by `models add`. Everything else is as in profile {base}.",
        f'base = "{base}"',
    ]
    if root != home():
        lines.append(f'models_dir = "{root.resolve()}"')
    for section in sections:
        lines += [
            "",
            f"[{section}]",
            f'model = "{name}"',
            *([f'adapter = "{adapter}"'] if adapter else []),
        ]
    target = own_profile(profile)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write {target} ({error.strerror})",
            "set XDG_CONFIG_HOME to a place that can be written",
        ) from None
