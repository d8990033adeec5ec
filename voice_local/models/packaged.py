"""Models that an installed Python library brings: found without importing it, compared with the
lock.

Nothing of the library runs here: its file is looked up in the list that its installer keeps.
"""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from voice_local import extras
from voice_local.errors import (
    ConfigError,
    ModelDigestError,
    ModelError,
    ModelMissingError,
)
from voice_local.models.digests import remembered
from voice_local.models.lock import (
    Entry,
    read_lock,
    shipped_lock,
)
from voice_local.models.sources import LibrarySource


def packaged_file(name: str, lock: Path | None = None) -> Path:
    """The file of model `name` in its installed library, the one that the lock (default: the
    shipped) names.

    Raises:
        ConfigError: the library is not installed, or in another version.
        ModelMissingError: the library has no such file. ModelDigestError: the file is another.
        LockError: the lock names no such model, or it comes with no library.
    """
    entry, source = _entry(name, lock)
    file = entry.files[0]
    path = Path(str(_installed(source).locate_file(file.path)))
    if not path.is_file():
        raise ModelMissingError(
            f"{path} is missing from the installed {source.package}",
            f"pip install --force-reinstall --no-deps '{source.package}=={source.version}'",
        )
    if path.stat().st_size != file.bytes or remembered(path) != file.sha256:
        raise ModelDigestError(
            f"{path} is not the file that the lock names (sha256 differs)",
            f"pip install --force-reinstall --no-deps '{source.package}=={source.version}'",
        )
    return path


def present(name: str, lock: Path | None = None) -> bool:
    """Whether model `name` comes with a library that is installed here in the right version; its
    file is not read."""
    try:
        _installed(_entry(name, lock)[1])
    except (ModelError, ConfigError):
        return False
    return True


def verify_all(lock: Path | None = None) -> dict[str, str]:
    """The files, by model, of every library of the lock that is installed here, each compared with
    the lock.

    Raises:
        ModelMissingError, ModelDigestError: one is not what the lock names.
    """
    names = [
        entry.name for entry in read_lock(lock or shipped_lock()).models if entry.kind == "library"
    ]
    return {name: str(packaged_file(name, lock)) for name in names if present(name, lock)}


def _entry(name: str, lock: Path | None) -> tuple[Entry, LibrarySource]:
    entry = read_lock(lock or shipped_lock()).of(None, [name])[0]
    source = next((one for one in entry.sources if isinstance(one, LibrarySource)), None)
    if source is None or not entry.files:
        raise ModelMissingError(
            f"{name} comes with no library", f"voice-local models download {name}"
        )
    return entry, source


def _installed(source: LibrarySource) -> Distribution:
    try:
        found = distribution(source.package)
    except PackageNotFoundError:
        raise ConfigError(
            f"{source.package} is not installed here", extras.remedy("small")
        ) from None
    if found.version != source.version:
        raise ConfigError(
            f"{source.package} {found.version} is installed, its model was checked with "
            f"{source.version}",
            f"pip install '{source.package}=={source.version}'",
        )
    return found
