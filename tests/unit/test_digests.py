"""Digests are remembered as long as nothing about a file has changed, and no longer."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from voice_local.models import digests

pytestmark = pytest.mark.unit


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "large.bin"
    path.write_bytes(b"a" * digests.LARGE)
    return path


def test_a_second_look_does_not_read_again(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = digests.remembered(large)
    assert found == hashlib.sha256(large.read_bytes()).hexdigest()
    monkeypatch.setattr(digests, "digest", lambda path: "read again")
    assert digests.remembered(large) == found


def test_a_change_in_place_with_its_time_set_back_is_seen(large: Path) -> None:
    state = large.stat()
    digests.remembered(large)
    with large.open("r+b") as file:
        file.write(b"b")
    os.utime(large, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert (large.stat().st_size, large.stat().st_mtime_ns, large.stat().st_ino) == (
        state.st_size,
        state.st_mtime_ns,
        state.st_ino,
    )
    assert digests.remembered(large) == hashlib.sha256(large.read_bytes()).hexdigest()


def test_a_broken_or_forbidden_memory_is_no_obstacle(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests.cache_file().parent.mkdir(parents=True)
    for content in ("{", "[]", '{"x": 1}'):
        digests.cache_file().write_text(content)
        assert digests.remembered(large) == digests.digest(large)
    assert str(large) in json.loads(digests.cache_file().read_text())
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert digests.remembered(large) == digests.digest(large)


def test_small_files_are_read_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "small").write_bytes(b"a")
    digests.remembered(tmp_path / "small")
    assert not digests.cache_file().exists()


def test_a_full_disk_leaves_no_part_of_the_memory(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: str, **how: object) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert digests.remembered(large)
    assert list(digests.cache_file().parent.iterdir()) == []
