"""What a lock may say, and how its entries are filled in: from public listings, confirmed at the
source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server import REVISION, Repositories, serve
from voice_local.errors import (
    LockError,
    SourceError,
)
from voice_local.models.lock import (
    Entry,
    Lock,
    LockedFile,
    read_lock,
    shipped_lock,
)
from voice_local.models.sources import HubSource
from voice_local.supply import locking
from voice_local.supply.hub import Hub
from voice_local.supply.lock_file import write_lock

pytestmark = pytest.mark.server
MIND = "someone/mind"


class Silent:
    """A reporter that tells nobody."""

    def begin(self, name: str, total: int) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def note(self, line: str) -> None:
        """Nothing."""


@pytest.fixture
def held() -> Iterator[Repositories]:
    files = {"large.gguf": b"weights" * 300_000, "LICENSE": b"the terms"}
    with serve(Repositories(files={MIND: files}, cards={MIND: {"license": "mit"}})) as served:
        yield served


def entries() -> Lock:
    return Lock(
        models=(
            Entry(
                name="mind.gguf",
                stage="llm",
                license="mit",
                memory_gb=0.1,
                profiles=("cpu",),
                sources=(HubSource(type="hub", repository=MIND, wanted=("*.gguf", "LICENSE*")),),
            ),
        )
    )


def locked(held: Repositories, folder: Path) -> Lock:
    return locking.lock_all(entries(), (), Hub(held.url, tries=1), folder / "locking", Silent())[0]


def test_the_shipped_lock_names_every_model_that_packages_carry() -> None:
    """Each with a licence whose text is here, and digests that were checked."""
    from voice_local.supply import licenses

    lock = read_lock(shipped_lock())
    carried = [
        entry
        for entry in lock.models
        if any(source.type in ("wheel", "npm", "library") for source in entry.sources)
    ]
    assert {entry.name for entry in carried} == {
        "whisper-base",
        "faster-whisper-tiny.en",
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "hibari",
        "kokoro-82m-int8",
        "piper-en_US-joe-medium",
        "coqui-joe",
        "all-MiniLM-L6-v2",
        "smart-turn-v3.2",
        "silero-vad",
    }
    for entry in carried:
        assert entry.locked and entry.digests == "checked here" and licenses.text(entry.license), (
            entry.name
        )
    assert {entry.name for entry in lock.of("small")} == {
        "whisper-base",
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        "hibari",
    }
    assert lock.of(None, ["whisper-base"])[0].properties == {"shortest_window_s": 15.0}


def test_a_lock_that_climbs_out_or_floats_is_refused(tmp_path: Path) -> None:
    write_lock(tmp_path / "l.json", entries())
    good = json.loads((tmp_path / "l.json").read_text())
    outside = {"path": "/etc/x", "bytes": 1, "sha256": "0" * 64}
    floating = {"type": "hub", "repository": MIND, "revision": "main"}
    for change in (
        {"name": "../out"},
        {"sources": [floating]},
        {"sources": [{"type": "https", "url": "ftp://x/y.zip"}]},
        {"files": [outside]},
        {"extra": 1},
        {"sources": [{"type": "nothing"}]},
        {"listings": 3},
    ):
        bad = {**good, "models": [{**good["models"][0], **change}]}
        (tmp_path / "l.json").write_text(json.dumps(bad))
        with pytest.raises(LockError):
            read_lock(tmp_path / "l.json")
    with pytest.raises(ValueError):
        LockedFile(path="a/../b", bytes=1, sha256="0" * 64)


def test_a_lock_of_the_older_format_is_told_from_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "l.json").write_text('{"format": 1, "models": []}')
    with pytest.raises(LockError, match="format 1, this version reads format 2") as told:
        read_lock(tmp_path / "l.json")
    assert "leave out --lock" in told.value.remedy


def test_what_public_listings_agree_on_is_taken_and_confirmed_at_the_source(
    held: Repositories, tmp_path: Path
) -> None:
    found = locked(held, tmp_path).models[0]

    def listed(file: LockedFile, change: dict[str, object]) -> dict[str, object]:
        return {
            "repository": MIND,
            "file": file.path,
            "revision": REVISION,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "agreed": True,
            "listings": [1, 2, 3],
        } | change

    (tmp_path / "listings.json").write_text(json.dumps([listed(file, {}) for file in found.files]))
    lock, done = locking.lock_listed(
        entries(), (), locking.read_listings(tmp_path / "listings.json")
    )
    (mind,) = done
    assert (
        mind.locked
        and mind.digests == "public listings"
        and mind.listings == 3
        and not mind.confirmed
    )
    sure, _ = locking.lock_all(
        lock, ["mind.gguf"], Hub(held.url, tries=1), tmp_path / "again", Silent()
    )
    assert (
        sure.models[0].digests == "source"
        and sure.models[0].listings == 0
        and sure.models[0].confirmed
    )
    wrong = mind.model_copy(
        update={"files": (found.files[0], found.files[1].model_copy(update={"sha256": "0" * 64}))}
    )
    with pytest.raises(LockError, match="differs between its source"):
        locking.lock_all(
            lock.with_entry(wrong),
            ["mind.gguf"],
            Hub(held.url, tries=1),
            tmp_path / "third",
            Silent(),
        )
    doubts: list[dict[str, object]] = [
        {"agreed": False},
        {"listings": [1]},
        {"revision": None},
        {"bytes": None},
        {"file": "LICENSE"},
    ]
    for doubt in doubts:
        (tmp_path / "listings.json").write_text(
            json.dumps([listed(file, doubt) for file in found.files])
        )
        assert (
            locking.lock_listed(entries(), (), locking.read_listings(tmp_path / "listings.json"))[1]
            == []
        )
    (tmp_path / "listings.json").write_text('[{"file": "x"}]')
    with pytest.raises(LockError, match="no list of public listings"):
        locking.read_listings(tmp_path / "listings.json")


def test_without_a_network_locking_fails_at_once(tmp_path: Path) -> None:
    told: list[str] = []
    hub = Hub("http://127.0.0.1:9", note=told.append, at_once=True)  # nothing listens there
    with pytest.raises(SourceError, match="cannot be reached"):
        locking.lock_all(entries(), (), hub, tmp_path, Silent())
    assert told == [], "it announced no further try"
