"""Locking and downloading with the Hub's real client, against a local server that speaks its API
and fails on demand."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.hub_server import REVISION, Repositories, serve
from voice_local.errors import (
    ConfigError,
    DownloadError,
    LicenseError,
    LockError,
)
from voice_local.models.folder import tiny_folder
from voice_local.models.lock import (
    Entry,
    Lock,
    LockedFile,
    read_lock,
)
from voice_local.models.sources import (
    HttpsSource,
    HubSource,
)
from voice_local.supply import (
    fetch,
    locking,
    store,
)
from voice_local.supply.carriers import Carriers
from voice_local.supply.hub import Hub
from voice_local.supply.lock_file import write_lock

pytestmark = pytest.mark.server
MIND, EARS = "someone/mind", "someone/ears"


class Told:
    """A reporter that keeps what it hears."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self.lines: list[str] = []

    def begin(self, name: str, total: int) -> None:
        self.total += total

    def advance(self, count: int) -> None:
        self.done += count

    def note(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def large_mind(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A language model of thirty megabytes, as far as its file tells."""
    import gguf

    path = tmp_path_factory.mktemp("mind") / "large.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("large")
    rng = np.random.default_rng(1)
    writer.add_tensor("token_embd.weight", rng.standard_normal((15_000, 1024)).astype(np.float16))
    for step in (
        writer.write_header_to_file,
        writer.write_kv_data_to_file,
        writer.write_tensors_to_file,
        writer.close,
    ):
        step()
    return path.read_bytes()


@pytest.fixture
def held(large_mind: bytes) -> Iterator[Repositories]:
    ears = {path.name: path.read_bytes() for path in (tiny_folder() / "tiny-stt").iterdir()}
    mind = {"large.gguf": large_mind, "LICENSE": b"the terms", "README.md": b"card"}
    with serve(
        Repositories(files={MIND: mind, EARS: ears}, cards={MIND: {"license": "mit"}})
    ) as served:
        yield served


def entries() -> Lock:
    mind = Entry(
        name="mind.gguf",
        stage="llm",
        license="mit",
        memory_gb=0.1,
        profiles=("cpu",),
        sources=(HubSource(type="hub", repository=MIND, wanted=("*.gguf", "LICENSE*")),),
    )
    ears = Entry(
        name="ears",
        stage="stt",
        license="apache-2.0",
        memory_gb=0.1,
        profiles=("cpu",),
        sources=(HubSource(type="hub", repository=EARS),),
    )
    return Lock(models=(mind, ears))


def hub(held: Repositories, told: Told | None = None) -> Hub:
    return Hub(held.url, tries=3, wait_s=0.05, note=(told or Told()).note)


def carriers(held: Repositories) -> Carriers:
    return Carriers(hub(held))


def locked(held: Repositories, folder: Path) -> Lock:
    return locking.lock_all(entries(), (), hub(held), folder / "locking", Told())[0]


def test_lock_fills_in_what_it_finds(held: Repositories, tmp_path: Path, large_mind: bytes) -> None:
    lock = locked(held, tmp_path)
    mind, ears = lock.models
    assert mind.locked and mind.hub and mind.hub.revision == REVISION and mind.confirmed
    assert {file.path: (file.bytes, file.sha256) for file in mind.files} == {
        "large.gguf": (len(large_mind), hashlib.sha256(large_mind).hexdigest()),
        "LICENSE": (9, hashlib.sha256(b"the terms").hexdigest()),
    }
    assert not ears.confirmed, "its card names no licence"
    assert not any("/resolve/" in path and "gguf" in path for _, path, _, _ in held.seen), (
        "large files are not fetched"
    )
    write_lock(tmp_path / "l.json", lock)
    assert read_lock(tmp_path / "l.json") == lock


def test_an_unlocked_entry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LockError, match=r"mind\.gguf is not locked"):
        fetch.check(entries().models, (), tmp_path, None)


def test_another_licence_than_the_lock_says_is_refused(held: Repositories, tmp_path: Path) -> None:
    held.cards[MIND] = {"license": "cc-by-nc-4.0"}
    with pytest.raises(LockError, match=r"publisher says cc-by-nc-4\.0, the lock mit"):
        locked(held, tmp_path)


def test_download_installs_and_a_second_run_fetches_nothing(
    held: Repositories, tmp_path: Path
) -> None:
    lock, told, root = locked(held, tmp_path), Told(), tmp_path / "models"
    fetch.download(fetch.check(lock.of("cpu"), (), root, 100.0), root, carriers(held), told)
    assert told.done == told.total == sum(entry.size for entry in lock.models)
    manifest = store.verify(root)
    assert manifest.models["mind.gguf"] == {
        "stage": "llm",
        "license": "mit",
        "source": f"hub {MIND}@{REVISION}",
        "identity": lock.models[0].identity,
        "architecture": "llama",
    }
    assert (root / "licenses" / "mind.gguf" / "LICENSE").read_bytes() == b"the terms"
    assert not list((root / store.INCOMING).glob("*@*")), "nothing is left behind"
    assert fetch.check(lock.of("cpu"), (), root, None) == []


def test_a_cut_connection_goes_on_where_it_was(
    held: Repositories, tmp_path: Path, large_mind: bytes
) -> None:
    lock, told, root = locked(held, tmp_path), Told(), tmp_path / "models"
    held.cut_after["large.gguf"] = [11 << 20, 7 << 20]
    fetch.download(
        fetch.check(lock.of(None, ["mind.gguf"]), (), root, None), root, carriers(held), told
    )
    ranges = [
        given
        for method, path, given, _ in held.seen
        if method == "GET" and path.endswith("large.gguf")
    ]
    assert ranges[0] == "" and [
        int(given.removeprefix("bytes=").rstrip("-")) for given in ranges[1:]
    ] == sorted(int(given.removeprefix("bytes=").rstrip("-")) for given in ranges[1:])
    assert int(ranges[1].removeprefix("bytes=").rstrip("-")) >= 10 << 20
    assert told.done == told.total and (root / "mind.gguf").read_bytes() == large_mind


def downloading(held: Repositories, folder: Path) -> list[str]:
    """The command that downloads the mind, with the lock and models of `folder`."""
    return [
        sys.executable,
        "-m",
        "voice_local",
        "models",
        "download",
        "mind.gguf",
        "--lock",
        str(folder / "lock.json"),
        "--models-dir",
        str(folder / "models"),
        "--endpoint",
        held.url,
        "--elsewhere",
    ]


def begun(command: list[str], shown: str) -> subprocess.Popen[str]:
    """The process, once it has `shown` so much progress."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while shown not in process.stderr.readline():
        assert process.poll() is None
    return process


def test_a_killed_download_is_taken_up_by_the_next(held: Repositories, tmp_path: Path) -> None:
    lock = locked(held, tmp_path)
    write_lock(tmp_path / "lock.json", lock)
    held.cut_after["large.gguf"] = [20 << 20, *[0] * 40]
    command = downloading(held, tmp_path)
    process = begun(command, "50 %")
    assert process.stderr is not None
    process.kill()
    process.wait()
    held.cut_after.clear()
    held.seen.clear()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (given,) = (
        given
        for method, path, given, _ in held.seen
        if method == "GET" and path.endswith("large.gguf")
    )
    assert int(given.removeprefix("bytes=").rstrip("-")) > 10 << 20
    store.verify(tmp_path / "models")


def test_ctrl_c_ends_it_at_once_and_keeps_what_came(held: Repositories, tmp_path: Path) -> None:
    write_lock(tmp_path / "lock.json", locked(held, tmp_path))
    held.slow_s = 0.3
    command = downloading(held, tmp_path)
    process = begun(command, "20 %")
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130 and "Traceback" not in process.stderr.read()
    (part,) = (tmp_path / "models").rglob("*.incomplete")
    assert 5 << 20 < part.stat().st_size < 25 << 20


def test_a_wrong_file_is_refused_and_thrown_away(
    held: Repositories, tmp_path: Path, large_mind: bytes
) -> None:
    lock, root = locked(held, tmp_path), tmp_path / "models"
    held.files[MIND]["large.gguf"] = large_mind[:-1] + bytes([large_mind[-1] ^ 1])
    with pytest.raises(DownloadError, match=r"large\.gguf is not the file that the lock names"):
        fetch.download(lock.of(None, ["mind.gguf"]), root, carriers(held), Told())
    assert not (root / "mind.gguf").exists() and not list(root.rglob("large.gguf"))
    held.files[MIND]["large.gguf"] = large_mind
    fetch.download(lock.of(None, ["mind.gguf"]), root, carriers(held), Told())
    store.verify(root)


def test_what_is_longer_than_the_lock_says_is_cut_off(
    held: Repositories, tmp_path: Path, large_mind: bytes
) -> None:
    lock, root = locked(held, tmp_path), tmp_path / "models"
    held.files[MIND]["large.gguf"] = large_mind + bytes(20 << 20)
    with pytest.raises(DownloadError, match="sends more than the lock says"):
        fetch.download(lock.of(None, ["mind.gguf"]), root, carriers(held), Told())
    assert max(path.stat().st_size for path in root.rglob("large.gguf*")) <= len(large_mind)
    held.files[MIND]["large.gguf"] = large_mind
    fetch.download(lock.of(None, ["mind.gguf"]), root, carriers(held), Told())
    store.verify(root)
    held.plain["v.bin"] = large_mind
    address = HttpsSource(type="https", url=f"{held.url}/v.bin")
    files = (LockedFile(path="v.bin", bytes=1000, sha256="0" * 64),)
    entry = lock.models[0].model_copy(
        update={"name": "v.gguf", "files": files, "sources": (address,)}
    )
    with pytest.raises(DownloadError, match=r"v\.bin sends more than the lock says"):
        fetch.download([entry], root, carriers(held), Told())
    assert not list(root.rglob("v.bin*"))


def test_a_second_download_waits_and_fetches_nothing_again(
    held: Repositories, tmp_path: Path
) -> None:
    write_lock(tmp_path / "lock.json", locked(held, tmp_path))
    held.slow_s = 0.1
    command = downloading(held, tmp_path)
    held.seen.clear()
    with begun(command, "20 %") as first:
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert first.wait(20) == 0
    assert second.returncode == 0 and "another process is changing" in second.stderr
    assert "0 fetched, 1 were there already" in second.stderr
    fetched = [path for method, path, *_ in held.seen if method == "GET" and "gguf" in path]
    assert len(fetched) == 1, "only the first one fetched it"
    store.verify(tmp_path / "models")


@pytest.mark.parametrize(
    ("status", "word"), [(503, "cannot answer now \\(503\\)"), (429, "limits requests")]
)
def test_busy_servers_are_waited_for(
    held: Repositories, tmp_path: Path, status: int, word: str
) -> None:
    lock, told = locked(held, tmp_path), Told()
    held.faults[f"/api/models/{MIND}"] = [status]
    assert hub(held, told).find(MIND, None).revision == REVISION
    assert len(told.lines) == 1 and "trying again" in told.lines[0]
    held.faults[f"/api/models/{MIND}"] = [status] * 20
    with pytest.raises(DownloadError, match=word):
        hub(held).find(MIND, None)
    held.faults = {"large.gguf": [status, status]}
    fetch.download(lock.of(None, ["mind.gguf"]), tmp_path / "models", carriers(held), Told())


def test_what_is_not_there_is_told(held: Repositories, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="does not give out nobody/nothing"):
        hub(held).find("nobody/nothing", None)
    with pytest.raises(DownloadError, match="no such revision"):
        hub(held).find(MIND, "f" * 40)
    lock = locked(held, tmp_path)
    del held.files[MIND]["large.gguf"]
    with pytest.raises(DownloadError, match=r"large.gguf is not at .* \(404\)"):
        fetch.download(lock.of(None, ["mind.gguf"]), tmp_path / "models", carriers(held), Told())


def test_the_token_goes_along_and_a_wrong_one_is_told(
    held: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    held.token = "secret"
    with pytest.raises(DownloadError, match="the token is missing"):
        hub(held).find(MIND, None)
    monkeypatch.setenv("HF_TOKEN", "wrong")
    with pytest.raises(DownloadError, match="was not accepted"):
        hub(held).find(MIND, None)
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert hub(held).find(MIND, None).revision == REVISION


def test_gated_models_and_licences_to_accept(held: Repositories, tmp_path: Path) -> None:
    lock = locked(held, tmp_path)
    held.gated.add(MIND)
    with pytest.raises(LicenseError, match="accepted its licence"):
        fetch.download(lock.of(None, ["mind.gguf"]), tmp_path / "models", carriers(held), Told())
    mind = lock.models[0].model_copy(update={"acceptance": True})
    with pytest.raises(LicenseError, match="has to be accepted"):
        fetch.check([mind], (), tmp_path / "models", None)
    assert fetch.check([mind], ["mind.gguf"], tmp_path / "models", None) == [mind]


def test_the_mirror_of_the_environment_is_used(
    held: Repositories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", held.url)
    assert Hub(None, tries=1).find(MIND, None).revision == REVISION


def test_too_little_disk_or_memory_is_refused_before_the_first_byte(
    held: Repositories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = locked(held, tmp_path)
    held.seen.clear()
    with monkeypatch.context() as patch:
        usage = shutil.disk_usage(tmp_path)
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=lock.models[0].size))
        with pytest.raises(ConfigError, match=r"need 0\.0 GiB on the disk"):
            fetch.check(lock.of("cpu"), (), tmp_path / "models", None)
    with pytest.raises(ConfigError, match="GiB of memory to run"):
        fetch.check(lock.of("cpu"), (), tmp_path / "models", 0.1)
    assert not held.seen


def test_an_unreachable_endpoint_is_told_in_one_line() -> None:
    with pytest.raises(DownloadError, match=r"cannot be reached through http://127\.0\.0\.1:9"):
        Hub("http://127.0.0.1:9", tries=2, wait_s=0.01).find(MIND, None)


def test_a_zip_by_plain_address_is_resumed_checked_and_converted(
    held: Repositories, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tiny_folder() / "tiny-tts"
    weights, checkpoint = load_file(folder / "model.safetensors"), io.BytesIO()
    torch.save({"model": weights, "step": 7}, checkpoint)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a--voice/config.json", (folder / "config.json").read_bytes())
        archive.writestr("a--voice/model_file.pth", checkpoint.getvalue())
    held.plain["v.zip"] = packed.getvalue()
    entry = Entry(
        name="a-voice",
        stage="tts",
        kind="coqui_to_safetensors",
        license="apache-2.0",
        memory_gb=0.1,
        sources=(HttpsSource(type="https", url=f"{held.url}/v.zip"),),
        profiles=("cpu",),
    )
    lock, _ = locking.lock_all(Lock(models=(entry,)), (), hub(held), tmp_path, Told())
    held.cut_after["v.zip"] = [3 << 20]
    told, root = Told(), tmp_path / "models"
    fetch.download(fetch.check(lock.of("cpu"), (), root, None), root, carriers(held), told)
    assert "bytes=3145728-" in [given for _, path, given, _ in held.seen if path == "/v.zip"]
    assert told.done == told.total == len(packed.getvalue())
    assert load_file(root / "a-voice" / "model.safetensors").keys() == weights.keys()
    assert json.loads((root / "a-voice" / "voice.json").read_text())["voices"]
    store.verify(root)


def test_the_command_line_from_lock_to_installed(held: Repositories, tmp_path: Path) -> None:
    write_lock(tmp_path / "lock.json", entries())
    environment = {**os.environ, "HF_ENDPOINT": held.url, "XDG_DATA_HOME": str(tmp_path / "data")}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "scripts/download_models.py", *words],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
            cwd=Path(__file__).parents[2],
        )

    refused = run("download", "--profile", "cpu", "--lock", str(tmp_path / "lock.json"))
    assert refused.returncode == 2 and refused.stderr.startswith("error: mind.gguf is not locked")
    assert "try: on a machine with access run: voice-local models lock mind.gguf" in refused.stderr
    shown = run("lock", "--lock", str(tmp_path / "lock.json"))
    assert shown.returncode == 0 and f"mind.gguf: {REVISION}, 2 files" in shown.stdout, shown.stderr
    done = run("download", "--profile", "cpu", "--lock", str(tmp_path / "lock.json"))
    assert done.returncode == 0 and "mind.gguf: 100 % of 29 MiB" in done.stderr, done.stderr
    assert "2 fetched, 0 were there already" in done.stderr
    listed = json.loads(run("list", "--json", "--lock", str(tmp_path / "lock.json")).stdout)
    assert {row["name"]: row["state"] for row in listed["models"]} == {
        "mind.gguf": "installed",
        "ears": "installed",
    }
    assert run("verify").returncode == 0
    gone = run("download", "nothing", "--lock", str(tmp_path / "lock.json"))
    assert (
        gone.returncode == 2
        and len(gone.stderr.splitlines()) == 2
        and "Traceback" not in gone.stderr
    )
