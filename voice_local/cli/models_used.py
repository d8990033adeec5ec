"""`models list --profile` of a profile that the lock does not name: tiny, or one of a person's
own."""

from __future__ import annotations

from pathlib import Path

from voice_local import config
from voice_local.cli import models_list
from voice_local.cli.models_list import EMBEDDED, MISSING, OWN, Row
from voice_local.models.folder import (
    STORE,
    embedded,
    embedded_folder,
    home,
    profile_folder,
    tiny_folder,
)
from voice_local.models.lock import Lock
from voice_local.supply import store

LICENSE = "Apache-2.0"
"""Of embedded models whose manifest names none."""


def rows(profile: str, models_dir: Path | None, lock: Lock, path: Path) -> tuple[Path, list[Row]]:
    """(The folder of `profile`'s models, what its stages use of that folder, of the lock at `path`
    and of the embedded models; installed first).

    Raises:
        ConfigError: an unknown profile, or one that cannot be read.
    """
    settings = config.load(profile, models_dir=models_dir)
    root = profile_folder(profile, settings.models_dir)
    stages: dict[str, str] = {}
    for stage in config.STAGES:
        stages.setdefault(getattr(settings, stage).model, stage)
    found = [_row(model, stage, profile, root, lock, path) for model, stage in stages.items()]
    return root, models_list.in_order(found)


def _row(model: str, stage: str, profile: str, root: Path, lock: Lock, path: Path) -> Row:
    """The row of what the settings call `model`."""
    if inside := embedded(model):
        folder, name = embedded_folder(inside[0]), inside[1]
    elif model.startswith(STORE):
        folder, name = home(), model.removeprefix(STORE)
    else:
        folder, name = root, model
    manifest = store.manifest_of(folder)
    if inside or folder == tiny_folder():
        name = name.split("/")[0]
        license = manifest.models.get(name, {}).get("license") or LICENSE
        about = {"stage": stage, "license": license}
        return Row(name, None, EMBEDDED, models_list.on_disk(manifest, name), about, (profile,))
    entry = next((entry for entry in lock.models if entry.name == name), None)
    if entry is not None:
        return models_list.of_lock(entry, manifest, path)
    known = next(
        (one for one in manifest.models if name == one or name.startswith(f"{one}/")), None
    )
    if known is None:
        return Row(name, None, MISSING, 0, {"stage": stage}, (profile,))
    count = models_list.on_disk(manifest, known)
    return Row(known, None, OWN, count, manifest.models[known], (profile,))
