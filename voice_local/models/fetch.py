"""Downloads what the lock names, checks it against the lock, converts what has to be, and puts it among the models."""

from __future__ import annotations

import fnmatch
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Protocol

import psutil

from voice_local.errors import ConfigError, DownloadError, LicenseError, LockError, OutputError
from voice_local.models import archive, store
from voice_local.models.convert import convert
from voice_local.models.digests import digest
from voice_local.models.formats import BARE
from voice_local.models.hub import Found, Hub, RemoteFile
from voice_local.models.lock import Entry, Lock, LockedFile, pinned, safe_path

SPARE = 1.2
PARALLEL = 4
GIB = float(1 << 30)


class Reporter(Protocol):
    """Shows progress: `begin` a model of so many bytes, `advance`, a `note` for a person."""

    def begin(self, name: str, total: int) -> None:
        """A model's files begin to come."""

    def advance(self, count: int) -> None:
        """So many more bytes are there (or fewer, when some have to be fetched again)."""

    def note(self, line: str) -> None:
        """Something worth telling."""


def check(entries: Sequence[Entry], accepted: Sequence[str], root: Path, memory_gb: float | None) -> list[Entry]:
    """Those of `entries` that are not installed yet, after everything that can be known before the first byte.

    `memory_gb`: what this machine has for models; None not to ask.

    Raises:
        LockError: an entry is unlocked. LicenseError: a licence is not accepted. ConfigError: too little disk or memory.
    """
    for entry in entries:
        if not entry.locked:
            raise LockError(f"{entry.name} is not locked: its files have never been seen from here",
                            f"on a machine with access run: voice-local models lock {entry.name}")
        if entry.acceptance and entry.name not in accepted:
            raise LicenseError(f"{entry.name} comes under {entry.license}, which has to be accepted",
                               f"read it (voice-local models licenses), then add --accept-license {entry.name}")
    known = store.manifest_of(root).models
    missing = [entry for entry in entries if known.get(entry.name, {}).get("source") != source_of(entry)]
    store.writable(root)
    # Zips are unpacked and pickles rewritten beside themselves before they go.
    wanted = sum(left(entry, root) + (2 * entry.size if entry.kind != "as_is" else 0) for entry in missing) * SPARE
    free = shutil.disk_usage(root).free
    if wanted > free:
        raise ConfigError(f"the models need {wanted / GIB:.1f} GiB on the disk of {root}, {free / GIB:.1f} are free",
                          "make room, or choose another disk with --models-dir")
    need = sum(entry.memory_gb for entry in entries) * SPARE
    if memory_gb is not None and need > memory_gb:
        raise ConfigError(f"these models need {need:.1f} GiB of memory to run, this machine has {memory_gb:.1f}",
                          "choose a smaller --profile; for another machine add --elsewhere")
    return missing


def machine_memory_gb(card_gb: float, profile: str | None) -> float:
    """What a profile's models can take here: the card's memory for the profiles of a card, else the machine's."""
    return card_gb if profile in ("gpu", "gpu-large") else psutil.virtual_memory().total / GIB


def incoming(entry: Entry, root: Path) -> Path:
    """Where the files of `entry` gather until they are all there and right."""
    return root / store.INCOMING / f"{entry.name}@{(entry.revision or entry.files[0].sha256)[:12]}"


def left(entry: Entry, root: Path) -> int:
    """Bytes of `entry` still to come."""
    folder = incoming(entry, root)
    there = sum(file.bytes for file in entry.files if (folder / file.path).is_file())
    there += sum(path.stat().st_size for path in folder.rglob("*.incomplete"))
    return max(0, entry.size - there)


def source_of(entry: Entry) -> str:
    """Where it is from, in one line."""
    return f"{entry.repository}@{entry.revision}" if entry.repository else f"{entry.url}#sha256={entry.files[0].sha256}"


def download(entries: Sequence[Entry], root: Path, hub: Hub, reporter: Reporter) -> None:
    """Fetches, checks, converts and installs each; what is there already of a cut download is kept.

    Raises:
        DownloadError, LicenseError, ModelFormatError, OutputError.
    """
    for entry in entries:
        folder = incoming(entry, root)
        folder.mkdir(parents=True, exist_ok=True)
        reporter.begin(entry.name, entry.size)
        _fetch_all(entry, folder, hub, reporter)
        try:
            install(entry, folder, root, reporter)
        except OSError as error:
            raise OutputError(f"{entry.name} cannot be put into {root} ({error.strerror or error})",
                              "make room and run the same command again; what was fetched is kept") from None
        shutil.rmtree(folder, ignore_errors=True)


def _fetch_all(entry: Entry, folder: Path, hub: Hub, reporter: Reporter) -> None:
    """All files of `entry`, several at a time; the first failure, or Ctrl-C, ends them all at their next piece."""
    lock, stopped = threading.Lock(), threading.Event()

    def advance(count: int) -> None:
        if stopped.is_set():
            raise DownloadError("stopped", "run the same command again; it goes on where it was")
        with lock:
            reporter.advance(count)

    pool = ThreadPoolExecutor(PARALLEL)
    try:
        jobs = [pool.submit(_one, entry, file, folder, hub, advance) for file in entry.files]
        for job in as_completed(jobs):
            job.result()
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)


def _one(entry: Entry, file: LockedFile, folder: Path, hub: Hub, advance: Callable[[int], None]) -> None:
    """Fetches one file and compares it with the lock; a wrong one is thrown away."""
    target = folder / file.path
    if target.is_file() and target.stat().st_size == file.bytes:
        advance(file.bytes)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.repository:
            hub.fetch(entry.repository, str(entry.revision), file.path, folder, advance)
        else:
            hub.fetch_url(entry.url, target, advance)
    found = digest(target)
    if target.stat().st_size != file.bytes or found != file.sha256:
        target.unlink()
        raise DownloadError(f"{entry.name}: {file.path} is not the file that the lock names "
                            f"(sha256 {found[:12]}…, wanted {file.sha256[:12]}…); it was thrown away",
                            "try again, or another mirror; if it stays so the publisher changed it: tell us, do not use it")


def install(entry: Entry, folder: Path, root: Path, reporter: Reporter) -> None:
    """Turns the checked files in `folder` into the model `entry.name` under `root`.

    Raises:
        ModelFormatError, BundleError, DownloadError.
    """
    source = folder
    if entry.url:
        source = folder / ".unpacked"
        shutil.rmtree(source, ignore_errors=True)
        archive.unpack(folder / entry.files[0].path, source)
    licenses = [path for path in sorted(source.rglob("*")) if path.name.split(".")[0].upper() in BARE]
    if entry.kind != "as_is":
        reporter.note(f"{entry.name}: converting, in a process of its own without network")
        convert(entry.kind, source, folder / ".converted")
        source = folder / ".converted"
    elif entry.name.endswith(".gguf"):
        found = [path for path in sorted(source.rglob("*.gguf"))]
        if len(found) != 1:
            raise DownloadError(f"{entry.name}: wanted one GGUF, found {len(found)}", "correct `wanted` in the lock")
        source = found[0]
    for path in licenses:
        store.keep_license(root, entry.name, path)
    architecture = store.put(root, entry.name, source, {"stage": entry.stage, "license": entry.license,
                                                        "source": source_of(entry)})
    reporter.note(f"{entry.name}: installed ({architecture}, {entry.license})")


def fill_in(entry: Entry, hub: Hub, folder: Path, reporter: Reporter) -> tuple[Entry, Found | None]:
    """`entry` with its revision and files as they are now at the source (small files and zips are fetched to be hashed).

    Raises:
        DownloadError, LicenseError, LockError: nothing at the source is wanted, or its licence is another than the entry's.
    """
    if entry.url:
        reporter.begin(entry.name, 0)
        target = hub.fetch_url(entry.url, folder / Path(entry.url).name, reporter.advance)
        file = LockedFile(path=Path(entry.url).name, bytes=target.stat().st_size, sha256=digest(target))
        return entry.model_copy(update={"files": (file,), "confirmed": True}), None
    found = hub.find(entry.repository, entry.revision)
    try:
        for remote in found.files:
            safe_path(remote.path)
    except ValueError as error:
        raise LockError(f"{entry.name}: its publisher has a file that cannot be: {error}", "do not use it") from None
    wanted = [file for file in found.files if any(fnmatch.fnmatch(file.path, pattern) for pattern in entry.wanted)]
    if not wanted:
        raise LockError(f"{entry.name}: nothing in {entry.repository} is called {', '.join(entry.wanted)}",
                        "correct `wanted` in the lock")
    if found.license and found.license.lower() != entry.license.lower():
        raise LockError(f"{entry.name}: its publisher says {found.license}, the lock {entry.license}",
                        "read the licence and correct the lock")
    reporter.begin(entry.name, sum(file.bytes for file in wanted if file.sha256 is None))
    files = [_known(entry, file, found.revision, hub, folder, reporter) for file in wanted]
    filled = entry.model_copy(update={"revision": pinned(found.revision), "files": tuple(files),
                                      "acceptance": entry.acceptance or found.gated, "confirmed": bool(found.license)})
    return filled, found


def _known(entry: Entry, file: RemoteFile, revision: str, hub: Hub, folder: Path, reporter: Reporter) -> LockedFile:
    if file.sha256 is not None:
        return LockedFile(path=file.path, bytes=file.bytes, sha256=file.sha256)
    path = hub.fetch(entry.repository, revision, file.path, folder / entry.name, reporter.advance)
    return LockedFile(path=file.path, bytes=path.stat().st_size, sha256=digest(path))


def lock_all(lock: Lock, names: Sequence[str], hub: Hub, folder: Path, reporter: Reporter,
             again: bool = False, keep: Callable[[Lock], None] = lambda lock: None,
             ) -> tuple[Lock, list[tuple[Entry, Found | None]]]:
    """`lock` with the entries `names` (all when none) filled in, each kept at once; those locked already only `again`.

    Raises:
        LockError, DownloadError, LicenseError.
    """
    done = []
    for entry in lock.of(None, names):
        if entry.locked and not again:
            continue
        filled, found = fill_in(entry.model_copy(update={"revision": None}) if again else entry, hub, folder, reporter)
        lock = lock.with_entry(filled)
        keep(lock)
        done.append((filled, found))
    return lock, done
