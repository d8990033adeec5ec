"""Verifies bundles and installs their models; needs no network and executes nothing of what it is
given."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from voice_local.errors import (
    BundleError,
    OutputError,
)
from voice_local.models.digests import digest
from voice_local.models.folder import Manifest
from voice_local.models.lock import (
    LOCK_NAME,
    read_lock,
)
from voice_local.models.paths import found
from voice_local.supply import (
    agreement,
    archive,
    placing,
    signing,
    store,
    wheelhouse,
)
from voice_local.supply.agreement import COPY_AGAIN
from voice_local.supply.bundle_format import (
    MODELS,
    SIGNATURE,
    SUMS,
    UNSUMMED,
    WHEELS,
    check_licenses,
    read_about,
    read_sums,
)


@contextmanager
def opened(bundle: Path, beside: Path | None = None) -> Iterator[Path]:
    """The folder of `bundle`, a tar unpacked for as long as the block lasts.

    Raises:
        BundleError, InputError: it is none. OSError: there is no room to unpack it.
    """
    there = found(bundle)
    if there is not None and S_ISDIR(there.st_mode):
        yield bundle
        return
    if there is None or not S_ISREG(there.st_mode):
        raise BundleError(f"there is no bundle at {bundle}", "give its folder or its tar")
    place = beside or bundle.parent
    with tempfile.TemporaryDirectory(
        prefix=placing.WORK, dir=place if os.access(place, os.W_OK) else None
    ) as folder:
        archive.unpack(bundle, Path(folder) / "all")
        inside = [path for path in (Path(folder) / "all").iterdir()]
        yield inside[0] if len(inside) == 1 and inside[0].is_dir() else Path(folder) / "all"


def verify_bundle(bundle: Path, signer: Path | None) -> dict[str, Any]:
    """Verifies that a bundle matches its description, executing none of it. `signer`: the key that
    must have signed it.

    Raises:
        BundleError, ModelError: the first thing that is wrong. OutputError: there is no room to
            unpack it.
    """
    try:
        with opened(bundle) as folder:
            return _verified(folder, signer)[0]
    except OSError as error:
        raise OutputError(
            f"{bundle} cannot be unpacked ({error.strerror or error})",
            "free disk space beside it, or unpack it elsewhere (tar xf) and give its folder",
        ) from None


def _verified(folder: Path, signer: Path | None) -> tuple[dict[str, Any], Manifest]:
    """`_compared`.

    Raises:
        BundleError: also where a part of it cannot be read.
    """
    try:
        return _compared(folder, signer)
    except OSError as error:
        raise BundleError(
            f"{error.filename or folder} cannot be read ({error.strerror or error})", COPY_AGAIN
        ) from None


def _compared(folder: Path, signer: Path | None) -> tuple[dict[str, Any], Manifest]:
    """(What is shown to a person, the verified manifest)."""
    sums = read_sums(folder)
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise BundleError(f"{name} in the bundle is a link or a device", COPY_AGAIN)
        if path.is_file() and name not in sums and name not in UNSUMMED:
            raise BundleError(f"{name} is in the bundle and not in its {SUMS}", COPY_AGAIN)
    signature = signing.check(folder / SUMS, folder / SIGNATURE, signer)
    for name, wanted in sums.items():
        path = folder / name
        if not path.is_file():
            raise BundleError(f"{name} is missing from the bundle", COPY_AGAIN)
        if digest(path) != wanted:
            raise BundleError(
                f"{name} is not the one that {SUMS} names (sha256 differs)", COPY_AGAIN
            )
    about = read_about(folder)
    lock = read_lock(folder / LOCK_NAME)
    manifest = store.verify(folder / MODELS, strict=True)
    agreement.models(lock, manifest)
    check_licenses(folder, lock.models)
    wheelhouse.check(folder / WHEELS, bool(about.get("wheelhouse")))
    if about.get("wheelhouse"):
        agreement.libraries(lock, folder / WHEELS)
    facts = {
        "models": sorted(manifest.models),
        "files": len(sums),
        "profile": about["profile"],
        "signature": signature,
    }
    return facts, manifest


def import_bundle(
    bundle: Path, signer: Path | None, root: Path, note: placing.Note = placing.nobody
) -> dict[str, Any]:
    """Verifies a bundle and installs its models under `root`; what is there stays until all is
    copied and compared.

    Raises:
        BundleError, ModelError: it does not match its description. OutputError, ConfigError:
            `root` cannot be written, or is full.
    """
    with placing.changing(root, note):
        try:
            with opened(bundle, root / store.INCOMING) as folder:
                result, manifest = _verified(folder, signer)
                store.adopt(folder / MODELS, manifest, root)
        except OSError as error:
            raise OutputError(
                f"cannot write to {root} ({error.strerror or error})",
                "free disk space there, or choose another with --models-dir; nothing was replaced",
            ) from None
    return result
