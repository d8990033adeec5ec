"""Archives and bundles: full disks are no broken archives, odd names end nothing, and nothing of a
person's is replaced."""

from __future__ import annotations

import io
import shutil
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.model_files import write_model
from voice_local.errors import (
    BundleError,
    ConfigError,
    InputError,
    OutputError,
)
from voice_local.supply import archive, bundle, convert, wheelhouse
from voice_local.supply.bundle_format import SUMS, read_sums
from voice_local.supply.bundle_import import import_bundle, verify_bundle

pytestmark = pytest.mark.unit


def quiet(line: str) -> None:
    """Nothing."""


def tar_of(path: Path, *names: str, content: bytes = b"content") -> Path:
    with tarfile.open(path, "w") as packed:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def zip_of(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name in names:
            packed.writestr(name, b"content")
    return path


def mislabelled_zip(path: Path) -> Path:
    """Its name is flagged as UTF-8 and is none."""
    zip_of(path, "xé.txt")
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    return path


@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_a_harmless_name_is_no_way_out(tmp_path: Path, pack: Any) -> None:
    names = ("Lizenz (é).txt", "a b/~weights, final!.bin", "café/ü.json")
    archive.unpack(pack(tmp_path / "a", *names), tmp_path / "out")
    assert {
        str(path.relative_to(tmp_path / "out"))
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    } == set(names)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a//x", "a/./x", "a\x1b[2J", "..\\x"])
@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_a_name_that_climbs_out_is_refused(tmp_path: Path, pack: Any, name: str) -> None:
    with pytest.raises(BundleError, match="outside of its folder"):
        archive.unpack(pack(tmp_path / "a", name), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_name_in_another_encoding_than_it_says_is_told(tmp_path: Path) -> None:
    packed = mislabelled_zip(tmp_path / "bundle.zip")
    with pytest.raises(BundleError, match="cannot be unpacked"):
        archive.unpack(packed, tmp_path / "out")
    with pytest.raises(BundleError, match="cannot be unpacked"):
        verify_bundle(packed, None)


def test_sums_that_name_an_odd_file_say_so(tmp_path: Path) -> None:
    (tmp_path / SUMS).write_text(f"{'0' * 64}  Lizenz (é).txt\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"names 'Lizenz \(é\)\.txt', which is no name"):
        read_sums(tmp_path)


@pytest.mark.parametrize("error", [28, 27, 122, 13, 30])
def test_a_full_disk_is_no_broken_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    packed = tar_of(tmp_path / "bundle.tar", "x.txt")
    write = Path.open

    def full(path: Path, mode: str = "r", *more: Any, **others: Any) -> Any:
        if mode == "xb":
            raise OSError(error, "of the place", str(path))
        return write(path, mode, *more, **others)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="of the place"):
        archive.unpack(packed, tmp_path / "out")
    with pytest.raises(OutputError, match="of the place"):
        verify_bundle(packed, None)
    with pytest.raises(OutputError, match="of the place"):
        import_bundle(packed, None, tmp_path / "root")


@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_room_is_asked_for_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Any
) -> None:
    packed = pack(tmp_path / "bundle.tar", "x.txt", "y.txt")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(OSError, match="are free"):
        archive.unpack(packed, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(OutputError, match="are free"):
        import_bundle(packed, None, tmp_path / "root")


def test_a_small_archive_of_much_is_asked_for_room_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as packed:
        member = tarfile.TarInfo("zeros")
        member.size = 1 << 20
        packed.addfile(member, io.BytesIO(bytes(1 << 20)))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 16))
    with pytest.raises(OSError, match="are free"):
        archive.unpack(tmp_path / "a.tar.gz", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_member_of_less_than_nothing_is_broken(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar", "x.txt")
    header = bytearray(path.read_bytes()[:512])
    header[124:136] = b"\xff" * 12  # -1, as GNU tar would write it
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(struct.unpack("512B", header))
    path.write_bytes(bytes(header) + bytes(1024))
    with pytest.raises(BundleError, match="cannot be unpacked"):
        archive.unpack(path, tmp_path / "out")


def test_a_bundle_that_cannot_be_looked_at(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300)
    for deed in (
        lambda: verify_bundle(long, None),
        lambda: import_bundle(long, None, tmp_path / "root"),
        lambda: bundle.make_bundle("tiny", tmp_path, tmp_path, long, False, None, quiet),
        lambda: convert.convert("bark_to_safetensors", tmp_path, long),
    ):
        with pytest.raises(InputError, match="File name too long"):
            deed()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_a_bundle_that_cannot_be_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    mine = tmp_path / "out.tar.partial"
    mine.write_text("mine")

    def stops(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(tarfile.TarFile, "add", stops)
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt):
        bundle.make_bundle("tiny", tmp_path, tmp_path, tmp_path / "out.tar", False, None, quiet)
    assert [path.name for path in tmp_path.iterdir()] == [mine.name] and mine.read_text() == "mine"
    with pytest.raises(type(error)):
        archive.pack(tmp_path, tmp_path.with_name("alone.tar"), "top")
    assert not tmp_path.with_name("alone.tar").exists()


def test_what_appears_in_the_place_of_a_bundle_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, pack = tmp_path / "out.tar", archive.pack

    def meanwhile(*names: Any) -> None:
        pack(*names)
        out.write_text("mine")

    monkeypatch.setattr(archive, "pack", meanwhile)
    with pytest.raises(OutputError, match="already exists"):
        bundle.make_bundle("tiny", tmp_path, tmp_path, out, False, None, quiet)
    assert out.read_text() == "mine"


def test_a_key_that_is_missing_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    monkeypatch.setattr(wheelhouse, "make", lambda *names: begun.append(names))
    with pytest.raises(ConfigError, match="there is no key at"):
        bundle.make_bundle(
            "tiny", tmp_path, tmp_path, tmp_path / "out", True, tmp_path / "key", begun.append
        )
    assert not begun and not list(tmp_path.iterdir())


def test_what_appears_in_the_place_of_a_conversion_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def meanwhile(kind: str, source: Path, work: Path, *_: Any) -> None:
        write_model(work / "model.gguf")
        write_model(out / "mine.gguf")

    probe = tmp_path / ".out.probe"
    probe.write_text("mine")
    monkeypatch.setattr(convert, "_run_child", meanwhile)
    with pytest.raises(OutputError, match="already exists"):
        convert.convert("bark_to_safetensors", tmp_path, out)
    assert [path.name for path in out.iterdir()] == ["mine.gguf"]
    assert probe.read_text() == "mine"
