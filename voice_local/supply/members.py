"""Takes named members out of untrusted packages, straight to their place in a model's file.

Only what is named is unpacked; each must be a plain file of the size that the lock names, and not a
byte more is written.
"""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_IFMT, S_IFREG
from typing import IO

from voice_local.errors import DownloadError
from voice_local.supply.archive import BROKEN

CHUNK = 1 << 20
SPARE_BYTES = 64 << 20
"""How much more than what is wanted of it an archive within a package may hold."""
NOT_IT = "do not use it; try another source (--from) or another index"


@dataclass(frozen=True)
class Piece:
    """A member (or a member `inner` of the zip that it is), its size, and where it goes: file and
    offset in bytes."""

    member: str
    inner: str | None
    bytes: int
    target: Path
    offset: int


def unpack(archive: Path, pieces: Sequence[Piece]) -> None:
    """Copies every piece out of `archive` (a wheel or a tgz) to its place.

    Raises:
        DownloadError: a member is missing, a link, twice there, or of another size; or the archive
            is broken.
        OSError: the place cannot be written.
    """
    if zipfile.is_zipfile(archive):
        _zip(archive, archive.name, pieces)
    else:
        _tar(archive, pieces)


def _zip(archive: Path, name: str, pieces: Sequence[Piece]) -> None:
    try:
        packed = zipfile.ZipFile(archive)
    except BROKEN as error:
        raise _broken(name, error) from None
    with packed:
        nested: dict[str, list[Piece]] = {}
        for piece in pieces:
            if piece.inner is None:
                _copy(_open(packed, name, piece.member, piece.bytes), name, piece)
            else:
                nested.setdefault(piece.member, []).append(piece)
        for member, inside in nested.items():
            _nested(packed, name, member, inside)


def _nested(packed: zipfile.ZipFile, name: str, member: str, pieces: Sequence[Piece]) -> None:
    """The pieces of a zip that is itself a member, by way of a file of its own beside the first
    target."""
    most = sum(piece.bytes for piece in pieces) + SPARE_BYTES
    with tempfile.NamedTemporaryFile(dir=pieces[0].target.parent, prefix=".nested-") as file:
        size = _info(packed, name, member).file_size
        if size > most:
            raise DownloadError(
                f"{member} in {name} would unpack to {size:,} bytes, more than {most:,}", NOT_IT
            )
        inner = Path(file.name)
        _copy(_open(packed, name, member, size), name, Piece(member, None, size, inner, 0))
        _zip(
            inner,
            f"{name}/{member}",
            [
                Piece(str(piece.inner), None, piece.bytes, piece.target, piece.offset)
                for piece in pieces
            ],
        )


def _info(packed: zipfile.ZipFile, name: str, member: str) -> zipfile.ZipInfo:
    found = [info for info in packed.infolist() if info.filename == member]
    if len(found) != 1:
        raise DownloadError(f"{name} holds {member} {len(found)} times, wanted once", NOT_IT)
    kind = S_IFMT(found[0].external_attr >> 16)
    if kind not in (0, S_IFREG) or found[0].is_dir():
        raise DownloadError(f"{member} in {name} is a link or a folder", NOT_IT)
    return found[0]


def _open(packed: zipfile.ZipFile, name: str, member: str, size: int) -> IO[bytes]:
    info = _info(packed, name, member)
    _sized(name, member, info.file_size, size)
    try:
        return packed.open(info)
    except BROKEN as error:
        raise _broken(name, error) from None


def _tar(archive: Path, pieces: Sequence[Piece]) -> None:
    """One pass, as a compressed tar wants it; no archive within one."""
    left = {piece.member: piece for piece in pieces}
    try:
        with tarfile.open(archive, "r:*") as packed:
            for member in packed:
                piece = left.pop(member.name, None)
                if piece is None:
                    continue
                if not member.isreg():
                    raise DownloadError(
                        f"{member.name} in {archive.name} is a link or a folder", NOT_IT
                    )
                _sized(archive.name, member.name, member.size, piece.bytes)
                source = packed.extractfile(member)
                assert source is not None
                _copy(source, archive.name, piece)
                if not left:
                    break
    except tarfile.TarError as error:
        raise _broken(archive.name, error) from None
    if left:
        raise DownloadError(f"{archive.name} holds {min(left)} 0 times, wanted once", NOT_IT)


def _sized(name: str, member: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise DownloadError(
            f"{member} in {name} is of {found:,} bytes, the lock says {wanted:,}", NOT_IT
        )


def _copy(source: IO[bytes], name: str, piece: Piece) -> None:
    """Copies what the member says it holds, and not a byte more."""
    piece.target.parent.mkdir(parents=True, exist_ok=True)
    piece.target.touch()
    with source, piece.target.open("r+b") as file:
        file.seek(piece.offset)
        left = piece.bytes
        while left > 0 and (chunk := _read(source, name, min(CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)
        if left or _read(source, name, 1):
            raise DownloadError(f"{piece.member} in {name} is not as long as it says", NOT_IT)


def _read(source: IO[bytes], name: str, count: int) -> bytes:
    """Reading alone: an error of the disk that is written to must not look like a broken
    archive."""
    try:
        return source.read(count)
    except BROKEN as error:
        raise _broken(name, error) from None


def _broken(name: str, error: BaseException) -> DownloadError:
    return DownloadError(f"{name} cannot be unpacked ({' '.join(str(error).split())[:80]})", NOT_IT)
