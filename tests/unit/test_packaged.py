"""A model that an installed library brings: found and compared without importing the library."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.index_server import wheel
from voice_local import (
    extras,
    profile_choice,
)
from voice_local.errors import (
    BundleError,
    ConfigError,
    ModelDigestError,
    ModelMissingError,
)
from voice_local.models import packaged
from voice_local.models.digests import digest
from voice_local.models.lock import (
    Entry,
    Lock,
    LockedFile,
)
from voice_local.models.sources import LibrarySource
from voice_local.supply import agreement
from voice_local.supply.lock_file import write_lock

pytestmark = pytest.mark.unit
WEIGHTS = b"weights of a voice"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock with a voice that the library `some-voice` brings."""
    (tmp_path / "weights").write_bytes(WEIGHTS)
    file = LockedFile(
        path="some_voice/assets/voice.onnx", bytes=len(WEIGHTS), sha256=digest(tmp_path / "weights")
    )
    entry = Entry(
        name="voice",
        stage="tts",
        kind="library",
        files=(file,),
        license="Apache-2.0",
        memory_gb=0.1,
        sources=(LibrarySource(type="library", package="some-voice", version="1.2"),),
    )
    write_lock(tmp_path / "lock.json", Lock(models=(entry,)))
    return tmp_path / "lock.json"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`some-voice` as an installer leaves it; importing it would fail."""
    site = tmp_path / "site"
    for name, content in {
        "some_voice/__init__.py": b"raise SystemExit",
        "some_voice/assets/voice.onnx": WEIGHTS,
        "some_voice-1.2.dist-info/METADATA": b"Metadata-Version: 2.1\nName: some-voice\nVersion: "
        b"1.2\n",
        "some_voice-1.2.dist-info/RECORD": b"some_voice/assets/voice.onnx,,\n",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
    monkeypatch.syspath_prepend(str(site))
    return site


def test_its_file_is_found_without_an_import(lock: Path, installed: Path) -> None:
    assert (
        packaged.packaged_file("voice", lock) == installed / "some_voice" / "assets" / "voice.onnx"
    )
    assert packaged.present("voice", lock) and "some_voice" not in sys.modules
    assert packaged.verify_all(lock) == {
        "voice": str(installed / "some_voice" / "assets" / "voice.onnx")
    }


def test_without_the_library_there_is_a_way_to_get_it(lock: Path) -> None:
    with pytest.raises(ConfigError, match="some-voice is not installed here") as told:
        packaged.packaged_file("voice", lock)
    assert told.value.remedy == extras.remedy("small")
    assert not packaged.present("voice", lock) and packaged.verify_all(lock) == {}


def test_another_file_or_version_is_refused(lock: Path, installed: Path) -> None:
    path = installed / "some_voice" / "assets" / "voice.onnx"
    path.write_bytes(WEIGHTS[::-1])
    with pytest.raises(ModelDigestError, match="is not the file that the lock names"):
        packaged.packaged_file("voice", lock)
    with pytest.raises(ModelDigestError):
        packaged.verify_all(lock)
    path.unlink()
    with pytest.raises(ModelMissingError, match="is missing from the installed some-voice"):
        packaged.packaged_file("voice", lock)
    metadata = installed / "some_voice-1.2.dist-info" / "METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: some-voice\nVersion: 1.3\n")
    with pytest.raises(
        ConfigError, match=r"some-voice 1\.3 is installed, its model was checked with 1\.2"
    ):
        packaged.packaged_file("voice", lock)
    assert not packaged.present("voice", lock)


def test_a_model_that_no_library_brings(lock: Path) -> None:
    with pytest.raises(ModelMissingError, match="whisper-base comes with no library"):
        packaged.packaged_file("whisper-base")
    assert not packaged.present("whisper-base") and not packaged.present("no such model")


def test_a_profile_counts_it_as_installed_when_the_library_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(packaged, "present", lambda name: name == "hibari")
    told = profile_choice.why_not("small")
    assert "whisper-base" in told and "hibari" not in told
    monkeypatch.setattr(packaged, "present", lambda name: False)
    assert "hibari" in profile_choice.why_not("small")


def test_a_bundle_with_wheels_has_the_library_with_the_same_file(
    lock: Path, tmp_path: Path
) -> None:
    from voice_local.models.lock import read_lock

    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with pytest.raises(
        BundleError, match=r"brings voice \(some-voice==1\.2\) is not in the bundle"
    ):
        agreement.libraries(read_lock(lock), wheels)
    path = wheels / "some_voice-1.2-py3-none-any.whl"
    path.write_bytes(wheel("some-voice", "1.2", {"some_voice/assets/voice.onnx": WEIGHTS}))
    agreement.libraries(read_lock(lock), wheels)
    for content, word in (
        (
            wheel("some-voice", "1.2", {"some_voice/assets/voice.onnx": WEIGHTS[::-1]}),
            "is not the file",
        ),
        (wheel("some-voice", "1.2", {}), "cannot be read"),
        (b"nothing", "cannot be read"),
    ):
        path.write_bytes(content)
        with pytest.raises(BundleError, match=word):
            agreement.libraries(read_lock(lock), wheels)
