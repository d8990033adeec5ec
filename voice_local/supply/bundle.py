"""Makes bundles: one folder or tar with models, their lock, licences, wheels, an installer, sums, a
signature and an SBOM.

Wheels may be fetched for it; nothing else is.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from voice_local.engine import requirements
from voice_local.errors import (
    BundleError,
    ModelMissingError,
    OutputError,
)
from voice_local.models.digests import digest
from voice_local.models.folder import (
    Manifest,
    read_manifest,
    save_manifest,
    tiny_folder,
)
from voice_local.models.lock import (
    LOCK_NAME,
    Entry,
    Lock,
    read_lock,
)
from voice_local.models.paths import found
from voice_local.supply import (
    agreement,
    archive,
    licenses,
    sbom,
    signing,
    store,
    wheelhouse,
)
from voice_local.supply.bundle_format import (
    ABOUT,
    INSTALLER,
    LICENSES,
    MODELS,
    SBOM,
    SIGNATURE,
    SUMS,
    SYSTEM,
    TOP,
    WHEELS,
    check_licenses,
    write_sums,
)
from voice_local.supply.compatibility import check_compatibility
from voice_local.supply.lock_file import write_lock

EMBEDDED: dict[str, tuple[Literal["stt", "llm", "tts", "intent", "vad"], str]] = {
    "silero-vad": ("vad", "MIT"),
    "tiny-classifier": ("intent", "Apache-2.0"),
    "tiny-llm": ("llm", "Apache-2.0"),
    "tiny-stt": ("stt", "Apache-2.0"),
    "tiny-tts": ("tts", "Apache-2.0"),
}
"""Stage and licence of each embedded model."""
Note = Callable[[str], None]


def make_bundle(
    profile: str, root: Path, lock: Path, out: Path, with_wheels: bool, key: Path | None, note: Note
) -> dict[str, Any]:
    """Writes a bundle of `profile`'s models (from `root`) to `out`, a folder or, if it ends in
    .tar, a tar; its description.

    Raises:
        ModelMissingError: models are not installed. OutputError: `out` exists already or cannot
            be written.
        BundleError: a licence's text is missing, wheels cannot be got. ConfigError: no such key.
    """
    _refuse_existing(out)
    if key is not None:
        signing.check_key(key)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise OutputError(
            f"cannot write {out} ({error.strerror})", "choose another --out"
        ) from None
    try:
        folder = work / "bundle"
        (folder / MODELS).mkdir(parents=True)
        note(f"copying the models of profile {profile}")
        entries = (
            _embedded(folder) if profile == "tiny" else _installed(profile, root, lock, folder)
        )
        about = _complete(folder, profile, entries, with_wheels, note)
        if key is not None:
            signing.sign(folder / SUMS, folder / SIGNATURE, key)
        if out.suffix == ".tar":
            archive.pack(folder, work / out.name, TOP)
            folder = work / out.name
        _refuse_existing(out)
        os.replace(folder, out)
    except OSError as error:
        raise OutputError(
            f"cannot write {out} ({error.strerror or error})",
            "free disk space, or choose another --out",
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return about


def _refuse_existing(out: Path) -> None:
    if found(out) is not None or out.is_symlink():
        raise OutputError(f"{out} already exists", "choose another --out, or delete it")


def _complete(
    folder: Path, profile: str, entries: Sequence[Entry], with_wheels: bool, note: Note
) -> dict[str, Any]:
    """Puts everything but the signature beside the copied models; the bundle's description."""
    lock = Lock(models=tuple(entries))
    write_lock(folder / LOCK_NAME, lock)
    _licenses(folder, entries)
    wheels: list[dict[str, str]] = []
    packages: list[str] = []
    if with_wheels:
        needed = (*requirements.needed(requirements.adapters(profile)), "server")
        wheels = wheelhouse.make(folder / WHEELS, note, needed)
        agreement.libraries(lock, folder / WHEELS)
        packages = wheelhouse.system_packages(folder / SYSTEM, note)
    (folder / INSTALLER).write_text(wheelhouse.installer(), encoding="utf-8")
    (folder / INSTALLER).chmod(0o755)
    manifest = read_manifest(folder / MODELS)
    about = {
        "format": 1,
        "profile": profile,
        "voice_local": version("voice-local"),
        "platform": platform.machine(),
        "python": platform.python_version(),
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "wheelhouse": with_wheels,
        "system": packages,
        "models": sorted(manifest.models),
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (folder / SBOM).write_text(
        json.dumps(sbom.make(manifest, wheels, about), indent=1) + "\n", encoding="utf-8"
    )
    write_sums(folder)
    return about


def _embedded(folder: Path) -> list[Entry]:
    """Copies the models that came with the package; their lock entries, each file named."""
    source = tiny_folder()
    manifest = read_manifest(source)
    for name in manifest.files:
        _copy(source, name, manifest, folder)
    models = {
        name: {
            "stage": stage,
            "license": license,
            "source": f"voice-local {version('voice-local')}",
            "architecture": check_compatibility(stage, folder / MODELS / name),
        }
        for name, (stage, license) in EMBEDDED.items()
    }
    save_manifest(folder / MODELS, Manifest(manifest.files, models))
    return [
        Entry(
            name=name,
            stage=stage,
            license=license,
            profiles=("tiny",),
            memory_gb=0.1,
            digests="checked here",
            confirmed=True,
            files=agreement.files_of(manifest, name),
        )
        for name, (stage, license) in EMBEDDED.items()
    ]


def _installed(profile: str, root: Path, lock: Path, folder: Path) -> list[Entry]:
    """Copies a real profile's installed models; their entries of the lock."""
    entries = read_lock(lock).of(profile)
    manifest = store.manifest_of(root)
    carried = [entry for entry in entries if entry.kind != "library"]
    missing = [entry.name for entry in carried if entry.name not in manifest.models]
    if missing or not entries:
        raise ModelMissingError(
            f"not installed: {', '.join(missing) or f'any model of {profile}'}",
            f"voice-local models download --profile {profile}",
        )
    kept: dict[str, dict[str, Any]] = {}
    for entry in carried:
        for name, about in manifest.files.items():
            if store.of_model(name, entry.name):
                _copy(root, name, manifest, folder)
                kept[name] = about
    save_manifest(
        folder / MODELS,
        Manifest(kept, {entry.name: manifest.models[entry.name] for entry in carried}),
    )
    return entries


def _copy(root: Path, name: str, manifest: Manifest, folder: Path) -> None:
    """Copies `root/name` into the bundle.

    Raises:
        BundleError: it is not the one its manifest names.
    """
    target = folder / MODELS / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if (root / name).is_file():
        shutil.copyfile(root / name, target)
    if not target.is_file() or digest(target) != manifest.files[name]["sha256"]:
        raise BundleError(
            f"{root / name} is not the one its manifest names", "voice-local models verify"
        )


def _licenses(folder: Path, entries: Sequence[Entry]) -> None:
    """Puts the text of each licence beside the models.

    Raises:
        BundleError: one is neither known nor came with its model.
    """
    (folder / LICENSES).mkdir()
    for name in sorted({entry.license for entry in entries}):
        text = licenses.text(name)
        if text is not None:
            (folder / LICENSES / f"{name}.txt").write_text(text, encoding="utf-8")
    check_licenses(folder, entries)
