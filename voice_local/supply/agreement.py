"""Whether the parts of a bundle agree: its lock with its models, and with the libraries that bring
models of their own."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from voice_local.errors import BundleError
from voice_local.models.folder import Manifest
from voice_local.models.lock import (
    Entry,
    Lock,
    LockedFile,
)
from voice_local.models.sources import LibrarySource
from voice_local.supply import store
from voice_local.supply.archive import BROKEN

COPY_AGAIN = "copy it again from where it was made; do not use this one"
CHUNK = 1 << 20


def files_of(manifest: Manifest, name: str) -> tuple[LockedFile, ...]:
    """The files of model `name` as a lock names them."""
    return tuple(
        LockedFile(
            path=key.removeprefix(f"{name}/") if key != name else Path(key).name,
            bytes=about["bytes"],
            sha256=about["sha256"],
        )
        for key, about in manifest.files.items()
        if key == name or key.startswith(f"{name}/")
    )


def models(lock: Lock, manifest: Manifest) -> None:
    """Lock and manifest name the same models, under the same licences, with the same files;
    libraries bring their own.

    Raises:
        BundleError: they do not.
    """
    carried = [entry for entry in lock.models if entry.kind != "library"]
    if {entry.name for entry in carried} != set(manifest.models):
        raise BundleError("the bundle's lock and its models differ", COPY_AGAIN)
    for entry in carried:
        known = manifest.models[entry.name]
        same = known.get("license") == entry.license and known.get("stage") == entry.stage
        if entry.sources:
            same = same and entry.locked and known.get("identity") == entry.identity
        if same and entry.kind == "as_is" and not entry.archive:
            one = entry.name.endswith(".gguf")  # kept under a name of ours, its licence apart
            theirs = {
                ("" if one else file.path, file.bytes, file.sha256)
                for file in entry.files
                if not one or file.path.endswith(".gguf")
            }
            same = theirs == {
                ("" if one else file.path, file.bytes, file.sha256)
                for file in files_of(manifest, entry.name)
                if file.path != store.CARD or file.path in {one.path for one in entry.files}
            }
        if not same:
            raise BundleError(
                f"the bundle's lock and its files differ for {entry.name}",
                COPY_AGAIN,
            )


def libraries(lock: Lock, wheels: Path) -> None:
    """Every model that a library brings lies, as the lock names it, in the library's wheel in the
    folder `wheels`.

    Raises:
        BundleError: it does not.
    """
    for entry in lock.models:
        for source in entry.sources:
            if isinstance(source, LibrarySource):
                _in_wheel(entry, source, wheels)


def _in_wheel(entry: Entry, source: LibrarySource, wheels: Path) -> None:
    name = source.package.replace("-", "_")
    found = [
        path
        for path in wheels.glob("*.whl")
        if path.name.lower().startswith(f"{name}-{source.version}-".lower())
    ]
    if len(found) != 1:
        raise BundleError(
            f"the library that brings {entry.name} ({source.package}=={source.version}) is not in "
            f"the bundle",
            f"where the bundle is made: pip install '{source.package}=={source.version}', then "
            f"make it again",
        )
    try:
        with zipfile.ZipFile(found[0]) as packed:
            for file in entry.files:
                same = (
                    packed.getinfo(file.path).file_size == file.bytes
                    and _digest(packed, file.path) == file.sha256
                )
                if not same:
                    raise BundleError(
                        f"{file.path} in {found[0].name} is not the file that the lock names",
                        COPY_AGAIN,
                    )
    except (*BROKEN, KeyError) as error:
        raise BundleError(
            f"{found[0].name} cannot be read ({' '.join(str(error).split())[:80]})", COPY_AGAIN
        ) from None


def _digest(packed: zipfile.ZipFile, member: str) -> str:
    """sha256 of a member; zipfile reads no more of it than it says it holds."""
    summed = hashlib.sha256()
    with packed.open(member) as file:
        while piece := file.read(CHUNK):
            summed.update(piece)
    return summed.hexdigest()
