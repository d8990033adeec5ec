"""Bundles: one folder or tar with models, their lock, licences, wheels, an installer, sums, a
signature and an SBOM.

`make` may fetch wheels; `verify` and `bring_in` need no network and execute nothing of what they
are given.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from voice_local import extras
from voice_local.errors import (
    BundleError,
    ModelMissingError,
    OutputError,
)
from voice_local.models import (
    agreement,
    archive,
    licenses,
    sbom,
    signing,
    store,
    wheelhouse,
)
from voice_local.models.agreement import COPY_AGAIN
from voice_local.models.digests import digest
from voice_local.models.fits import fits
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
    write_lock,
)

ABOUT, SUMS, SIGNATURE, SBOM = "bundle.json", "SHA256SUMS", "SHA256SUMS.sig", "sbom.cdx.json"
MODELS, LICENSES, WHEELS, SYSTEM, INSTALLER = "models", "licenses", "wheels", "system", "install.sh"
UNSUMMED = (SUMS, SIGNATURE)
TOP = "kit"
"""The folder that a tar unpacks to."""
EMBEDDED: dict[str, tuple[Literal["stt", "llm", "tts", "intent", "vad"], str]] = {
    "silero-vad": ("vad", "MIT"),
    "tiny-classifier": ("intent", "Apache-2.0"),
    "tiny-llm": ("llm", "Apache-2.0"),
    "tiny-stt": ("stt", "Apache-2.0"),
    "tiny-tts": ("tts", "Apache-2.0"),
}
"""Stage and licence of each embedded model."""
Note = Callable[[str], None]


def make(
    profile: str, root: Path, lock: Path, out: Path, with_wheels: bool, key: Path | None, note: Note
) -> dict[str, Any]:
    """Writes a bundle of `profile`'s models (from `root`) to `out`, a folder or, if it ends in
    .tar, a tar.

    Raises:
        ModelMissingError: models are not installed. OutputError: `out` is there already or cannot
            be written.
        BundleError: a licence's text is missing, wheels cannot be got. ConfigError: no such key.
    """
    if out.exists():
        raise OutputError(f"{out} is there already", "choose another --out, or take it away")
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
        write_lock(folder / LOCK_NAME, Lock(models=tuple(entries)))
        _licenses(folder, entries)
        needed = extras.needed(extras.adapters(profile))
        wheels = wheelhouse.make(folder / WHEELS, note, needed) if with_wheels else []
        if with_wheels:
            agreement.libraries(Lock(models=tuple(entries)), folder / WHEELS)
        packages = wheelhouse.system_packages(folder / SYSTEM, note) if with_wheels else []
        (folder / INSTALLER).write_text(wheelhouse.installer(), encoding="utf-8")
        (folder / INSTALLER).chmod(0o755)
        manifest = read_manifest(folder / MODELS)
        about = {
            "format": 1,
            "profile": profile,
            "voice_local": version("voice-local"),
            "platform": platform.machine(),
            "python": platform.python_version(),
            "made": _now(),
            "wheelhouse": with_wheels,
            "system": packages,
            "models": sorted(manifest.models),
        }
        (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        (folder / SBOM).write_text(
            json.dumps(sbom.make(manifest, wheels, about), indent=1) + "\n", encoding="utf-8"
        )
        write_sums(folder)
        if key is not None:
            signing.sign(folder / SUMS, folder / SIGNATURE, key)
        if out.suffix == ".tar":
            archive.pack(folder, out, TOP)
        else:
            shutil.move(folder, out)
    except OSError as error:
        raise OutputError(
            f"cannot write {out} ({error.strerror or error})", "make room, or choose another --out"
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return about


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


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
            "architecture": fits(stage, folder / MODELS / name),
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
    _check_licenses(folder, entries)


def _check_licenses(folder: Path, entries: Sequence[Entry]) -> None:
    for entry in entries:
        own = list((folder / MODELS / store.LICENSES / entry.name).glob("*"))
        if not own and not (folder / LICENSES / f"{entry.license}.txt").is_file():
            raise BundleError(
                f"the text of {entry.name}'s licence ({entry.license}) is missing",
                "put it into the model's repository list (`wanted` in the lock), or do not pass "
                "this on",
            )


def write_sums(folder: Path) -> None:
    """Writes SHA256SUMS, in the form that sha256sum reads."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and str(path.relative_to(folder)) not in UNSUMMED
    )
    lines = [f"{digest(path)}  {path.relative_to(folder)}" for path in files]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")


@contextmanager
def opened(bundle: Path, beside: Path | None = None) -> Iterator[Path]:
    """The folder of `bundle`, a tar unpacked for as long as the block lasts.

    Raises:
        BundleError: it is none.
    """
    if bundle.is_dir():
        yield bundle
        return
    if not bundle.is_file():
        raise BundleError(f"there is no bundle at {bundle}", "give its folder or its tar")
    place = beside or bundle.parent
    with tempfile.TemporaryDirectory(
        prefix=".bundle-", dir=place if os.access(place, os.W_OK) else None
    ) as folder:
        archive.unpack(bundle, Path(folder) / "all")
        inside = [path for path in (Path(folder) / "all").iterdir()]
        yield inside[0] if len(inside) == 1 and inside[0].is_dir() else Path(folder) / "all"


def verify(bundle: Path, signer: Path | None) -> dict[str, Any]:
    """Proves that a bundle is what it claims to be, executing none of it. `signer`: the key that
    must have signed it.

    Raises:
        BundleError, ModelError: the first thing that is wrong.
    """
    with opened(bundle) as folder:
        return _verified(folder, signer)[0]


def _verified(folder: Path, signer: Path | None) -> tuple[dict[str, Any], Manifest]:
    """(What a person is told, the manifest that was proved)."""
    sums = _read_sums(folder)
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BundleError(f"{name} in the bundle is a link or a device", COPY_AGAIN)
        if path.is_file() and name not in sums and name not in UNSUMMED:
            raise BundleError(f"{name} is in the bundle and not in its {SUMS}", COPY_AGAIN)
    told = signing.check(folder / SUMS, folder / SIGNATURE, signer)
    for name, wanted in sums.items():
        path = folder / name
        if not path.is_file():
            raise BundleError(f"{name} is missing from the bundle", COPY_AGAIN)
        if digest(path) != wanted:
            raise BundleError(
                f"{name} is not the one that {SUMS} names (sha256 differs)", COPY_AGAIN
            )
    about = _about(folder)
    lock = read_lock(folder / LOCK_NAME)
    manifest = store.verify(folder / MODELS, strict=True)
    agreement.models(lock, manifest)
    _check_licenses(folder, lock.models)
    wheelhouse.check(folder / WHEELS, bool(about.get("wheelhouse")))
    if about.get("wheelhouse"):
        agreement.libraries(lock, folder / WHEELS)
    told_of = {
        "models": sorted(manifest.models),
        "files": len(sums),
        "profile": about["profile"],
        "signature": told,
    }
    return told_of, manifest


def _read_sums(folder: Path) -> dict[str, str]:
    from voice_local.models.names import safe_path

    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        pairs = [line.split("  ", 1) for line in lines]
        return {safe_path(name): told for told, name in pairs}
    except (OSError, ValueError):
        raise BundleError(
            f"{folder} is no bundle (it has no readable {SUMS})",
            "give the folder or tar that was made",
        ) from None


def _about(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about["format"] != 1 or not isinstance(about["profile"], str):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise BundleError(f"{folder / ABOUT} is not a bundle's description", COPY_AGAIN) from None
    return dict(about)


def bring_in(bundle: Path, signer: Path | None, root: Path) -> dict[str, Any]:
    """Verifies a bundle and installs its models under `root`; what is there stays until all is
    copied and compared.

    Raises:
        BundleError, ModelError: it is not what it claims. OutputError, ConfigError: `root` cannot
            be written, or is full.
    """
    store.writable(root)
    try:
        with opened(bundle, root / store.INCOMING) as folder:
            result, manifest = _verified(folder, signer)
            store.adopt(folder / MODELS, manifest, root)
    except OSError as error:
        raise OutputError(
            f"cannot write to {root} ({error.strerror or error})",
            "make room there, or choose another with --models-dir; nothing was replaced",
        ) from None
    return result


__all__ = ["bring_in", "make", "opened", "verify", "write_sums"]
