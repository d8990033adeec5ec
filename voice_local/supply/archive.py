"""Unpacks zips and tars from untrusted sources: names that climb out, links, devices and bombs are
refused unread."""

from __future__ import annotations

import errno
import lzma
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO

from voice_local.errors import BundleError
from voice_local.models.names import inside
from voice_local.models.paths import FULL

LARGEST = 200 << 30
CHUNK = 1 << 20
BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    ValueError,
    ArithmeticError,
    struct.error,
)
"""What broken, encrypted and exotic archives raise; also names that are not in the encoding that
they claim."""

PLACE = FULL | {errno.EACCES, errno.EPERM}
"""Errors of the place that is written to, not of the archive."""


def unpack(archive: Path, folder: Path, largest: int = LARGEST) -> None:
    """Unpacks `archive` (zip, tar, tar.gz, tar.xz …) into the empty `folder`.

    Raises:
        BundleError: no archive, a member that must not be, or more than `largest` bytes.
            OSError: `folder` cannot be written, or there is too little room for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open("rb"):
            pass
    except OSError as error:
        raise BundleError(
            f"{archive} cannot be read ({error.strerror})", "check who may read it"
        ) from None
    try:
        if zipfile.is_zipfile(archive):
            _zip(archive, folder, largest)
        else:
            _tar(archive, folder, largest)
    except BROKEN as error:
        if isinstance(error, OSError) and error.errno in PLACE:
            raise
        reason = " ".join(str(error).split())[:80]
        raise BundleError(
            f"{archive} cannot be unpacked ({reason})", "copy it again and compare its size"
        ) from None


def _checked(name: str, archive: Path) -> str:
    try:
        return inside(name.removeprefix("./").rstrip("/"))
    except ValueError:
        raise BundleError(
            f"{archive} has an entry outside of its folder ({name!r})", "do not use it"
        ) from None


def _zip(archive: Path, folder: Path, largest: int) -> None:
    with zipfile.ZipFile(archive) as packed:
        _room(folder, min(largest, sum(member.file_size for member in packed.infolist())))
        total = 0
        for member in packed.infolist():
            name = _checked(member.filename, archive)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise BundleError(f"{archive} holds a link or a device ({name})", "do not use it")
            total = _counted(archive, total, member.file_size, largest)
            if not member.is_dir():
                with packed.open(member) as source:
                    _copy(source, folder / name, member.file_size)


def _tar(archive: Path, folder: Path, largest: int) -> None:
    _room(folder, archive.stat().st_size)
    with tarfile.open(archive) as packed:
        total = 0
        for member in packed:
            if member.name in (".", "./"):
                continue
            name = _checked(member.name, archive)
            if not (member.isreg() or member.isdir()):
                raise BundleError(f"{archive} holds a link or a device ({name})", "do not use it")
            total = _counted(archive, total, member.size, largest)
            _room(folder, member.size)
            source = packed.extractfile(member) if member.isreg() else None
            if source is not None:
                _copy(source, folder / name, member.size)
                if member.mode & stat.S_IXUSR:
                    (folder / name).chmod(0o755)


def _room(folder: Path, need: int) -> None:
    """Raises:
    OSError: fewer than `need` bytes are free.
    """
    free = shutil.disk_usage(folder).free
    if need > free:
        raise OSError(
            errno.ENOSPC, f"{need / 2**30:.1f} GiB are needed, {free / 2**30:.1f} are free"
        )


def _counted(archive: Path, total: int, more: int, largest: int) -> int:
    if more < 0:
        raise tarfile.ReadError("a member of less than no bytes")
    if total + more > largest:
        raise BundleError(f"{archive} would take more than {largest >> 30} GiB", "do not use it")
    return total + more


def _copy(source: IO[bytes], target: Path, size: int) -> None:
    """Copies what the member says it holds, and not a byte more."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        left = size
        while left > 0 and (piece := source.read(min(CHUNK, left))):
            file.write(piece)
            left -= len(piece)
        if left or source.read(1):
            raise tarfile.ReadError(f"{target.name} is not as long as it says")


def pack(folder: Path, archive: Path, name: str) -> None:
    """Writes `folder` as the new plain tar `archive` under the one top folder `name`, members
    sorted, owners and times left out. Nothing is left of a tar that cannot be finished.

    Raises:
        OSError: there is such a file already, or the disk.
    """

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = 0
        return member

    with archive.open("xb") as file:
        try:
            with tarfile.open(fileobj=file, mode="w") as packed:
                for path in sorted(folder.rglob("*")):
                    if path.is_file():
                        packed.add(
                            path,
                            f"{name}/{path.relative_to(folder)}",
                            recursive=False,
                            filter=plain,
                        )
        except BaseException:
            archive.unlink(missing_ok=True)
            raise
