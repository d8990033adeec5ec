"""Where the benchmark's models lie: a model folder as profiles have, a model in it whole or not at
all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from voice_local.errors import (
    BenchmarkError,
    ModelError,
)
from voice_local.models.digests import digest
from voice_local.models.folder import (
    Manifest,
    read_manifest,
    save_manifest,
)


def models_of(folder: Path) -> Path:
    """The model folder inside the work folder `folder`."""
    return folder / "models"


def publish(root: Path, name: str, stage: str, build: Callable[[Path], None]) -> int:
    """Lets `build` make a file or folder at a hidden place, moves it to `root`/`name` and enters it
    in the manifest.

    Returns its bytes.
    """
    root.mkdir(parents=True, exist_ok=True)
    hidden, place = root / f".making-{name}", root / name
    for left in root.glob(".making-*"):  # of a run that was cut off
        _remove(left)
    try:
        build(hidden)
        _remove(place)
        os.replace(hidden, place)
    finally:
        _remove(hidden)
    files: dict[str, dict[str, Any]] = {
        str(path.relative_to(root)): {"sha256": digest(path), "bytes": path.stat().st_size}
        for path in ([place] if place.is_file() else sorted(place.rglob("*")))
        if path.is_file()
    }
    try:
        known = read_manifest(root)
    except ModelError:
        # The first, or one that was cut off: every model's step looks for itself in it.
        known = Manifest({}, {})
    kept = {
        file: about
        for file, about in known.files.items()
        if file != name and not file.startswith(f"{name}/")
    }
    about = {
        "stage": stage,
        "license": "none: random numbers",
        "source": "made by voice-local's gpu benchmark",
    }
    save_manifest(root, Manifest({**kept, **files}, {**known.models, name: about}))
    return sum(int(entry["bytes"]) for entry in files.values())


def bytes_of(root: Path, name: str) -> int:
    """Bytes of the model `name` if all of its files are there as large as the manifest has them,
    else 0."""
    try:
        listed = read_manifest(root).files
    except ModelError:
        return 0
    own = {
        file: int(about["bytes"])
        for file, about in listed.items()
        if file == name or file.startswith(f"{name}/")
    }
    whole = all(
        (root / file).is_file() and (root / file).stat().st_size == size
        for file, size in own.items()
    )
    return sum(own.values()) if whole else 0


def make_room(folder: Path, need_gb: float) -> None:
    """Makes the work folder.

    Raises:
        BenchmarkError: it cannot be written, or its disk is too full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free / 1e9
        there = (
            sum(path.stat().st_size for path in models_of(folder).rglob("*") if path.is_file())
            / 1e9
        )
    except OSError as error:
        raise BenchmarkError(
            f"cannot write {folder} ({error.strerror})", "choose another: --folder DIR"
        ) from None
    if free + there < need_gb:
        raise BenchmarkError(
            f"{folder} has {free:.1f} GB free, the models take {need_gb:.1f}",
            "choose a larger disk: --folder DIR",
        )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
