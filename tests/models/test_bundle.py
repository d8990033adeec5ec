"""Bundles of the embedded models: made, carried, verified, brought in; and twelve that somebody
tampered with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.models.tampering import TAMPERED, list_again, seal
from voice_local.errors import (
    BundleError,
    LockError,
    ModelDigestError,
    ModelError,
    ModelFormatError,
    OutputError,
)
from voice_local.models.folder import (
    MANIFEST,
    ModelFolder,
)
from voice_local.supply import (
    archive,
    store,
)
from voice_local.supply.bundle import make_bundle
from voice_local.supply.bundle_format import (
    SIGNATURE,
    TOP,
    write_sums,
)
from voice_local.supply.bundle_import import (
    import_bundle,
    verify_bundle,
)

pytestmark = pytest.mark.models


def quiet(line: str) -> None:
    """Nothing."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two signing keys; the public ones lie beside them."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "theirs"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True
        )
    return {name: folder / name for name in ("ours", "theirs", "ours.pub", "theirs.pub")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Path]) -> Path:
    out = tmp_path_factory.mktemp("made") / "bundle"
    make_bundle("tiny", Path("unused"), Path("unused"), out, False, keys["ours"], quiet)
    return out


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "bundle"))


def test_a_bundle_holds_what_it_says_and_verifies(made: Path, keys: dict[str, Path]) -> None:
    result = verify_bundle(made, keys["ours.pub"])
    assert result["models"] == ["silero-vad", "tiny-classifier", "tiny-llm", "tiny-stt", "tiny-tts"]
    assert "signed by" in result["signature"]
    listed = {line.split("  ")[1] for line in (made / "SHA256SUMS").read_text().splitlines()}
    assert {
        "bundle.json",
        "models.lock.json",
        "install.sh",
        "sbom.cdx.json",
        "licenses/Apache-2.0.txt",
    } <= listed
    subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=made, check=True)
    text = (made / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    sbom = json.loads(text)
    assert {one["name"]: one["licenses"] for one in sbom["components"]} == {
        name: [{"license": {"id": "MIT" if name == "silero-vad" else "Apache-2.0"}}]
        for name in result["models"]
    }


def test_a_tar_is_carried_and_brought_in(keys: dict[str, Path], tmp_path: Path) -> None:
    tar = tmp_path / "bundle.tar"
    make_bundle("tiny", Path("unused"), Path("unused"), tar, False, keys["ours"], quiet)
    root = tmp_path / "models"
    assert import_bundle(tar, keys["ours.pub"], root)["models"]
    folder = ModelFolder(root)
    assert folder.file("tiny-llm/model.gguf").is_file() and folder.folder("tiny-stt").is_dir()
    assert import_bundle(tar, None, root), "a second time changes nothing"
    assert sorted(p.name for p in root.iterdir() if not p.name.startswith(".")) == sorted(
        [
            "tiny-stt",
            "licenses",
            "tiny-llm",
            "silero-vad",
            "tiny-classifier",
            "tiny-tts",
            "manifest.json",
        ]
    )
    with pytest.raises(OutputError, match="already exists"):
        make_bundle("tiny", Path("unused"), Path("unused"), tar, False, None, quiet)


@pytest.mark.parametrize(
    ("tamper", "error", "word"), TAMPERED, ids=[t[0].__name__ for t in TAMPERED]
)
def test_a_tampered_bundle_is_refused_by_the_check_meant_for_it(
    bundle: Path,
    keys: dict[str, Path],
    tmp_path: Path,
    tamper: Callable[[Path, Path], None],
    error: type[ModelError],
    word: str,
) -> None:
    tamper(bundle, keys["ours"])
    with pytest.raises(error, match=word):
        verify_bundle(bundle, keys["ours.pub"])
    root = tmp_path / "models"
    with pytest.raises(error, match=word):
        import_bundle(bundle, keys["ours.pub"], root)
    assert not (root / MANIFEST).exists() and not (tmp_path / "canary").exists()


def test_an_import_that_fails_midway_leaves_what_was_there(
    made: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "models"
    import_bundle(made, None, root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    (bundle / "models" / "tiny-llm" / "README.md").write_text("newer")
    list_again(bundle, "tiny-llm/README.md")
    write_sums(bundle)
    copied: list[Path] = []

    def full(source: Path, target: Path) -> Path:
        copied.append(target)
        if len(copied) == 9:
            raise OSError(28, "No space left on device")
        target.write_bytes(source.read_bytes())
        return target

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(OutputError, match="No space left"):
            import_bundle(bundle, None, root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert (
        import_bundle(bundle, None, root)
        and (root / "tiny-llm" / "README.md").read_text() == "newer"
    )
    store.verify(root)


def test_debian_names_are_carried_and_a_signer_is_never_passed_over(
    bundle: Path, keys: dict[str, Path], tmp_path: Path
) -> None:
    (bundle / "system").mkdir()
    (bundle / "system" / "libx11-6_2%3a1.8.4-2_amd64~dfsg.deb").write_bytes(b"!<arch>")
    seal(bundle, keys["ours"])
    assert verify_bundle(bundle, keys["ours.pub"])
    tar = tmp_path / "my bundle (1).tar"
    archive.pack(bundle, tar, TOP)
    assert verify_bundle(tar, keys["ours.pub"])
    program = Path(sys.executable).with_name("voice-local")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}

    def install(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(bundle / "install.sh"), *map(str, words)],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    refused = install("--into", program, "--signer", keys["theirs.pub"])
    assert refused.returncode == 2 and "was not signed by" in refused.stderr
    (bundle / "system" / "evil.deb").write_bytes(b"!<arch>")
    refused = install("--signer", keys["ours.pub"], "--into", program)
    assert refused.returncode == 2 and "does not name" in refused.stderr
    assert not (tmp_path / "data").exists()
    named = subprocess.run(
        [program, "models", "verify", str(bundle / "models"), "--signer", str(keys["ours.pub"])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert named.returncode == 2 and "is no bundle" in named.stderr


def climbing_tar(bundle: Path, tar: Path) -> None:
    with tarfile.open(tar, "w") as packed:
        packed.add(bundle, "bundle")
        packed.add(bundle / "bundle.json", "../escaped.json")


def linking_tar(bundle: Path, tar: Path) -> None:
    with tarfile.open(tar, "w") as packed:
        member = tarfile.TarInfo("bundle/models")
        member.type, member.linkname = tarfile.SYMTYPE, "/tmp"
        packed.addfile(member)


def climbing_zip(bundle: Path, tar: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tar, "w") as packed:
        packed.writestr("../../escaped.json", "{}")


@pytest.mark.parametrize(
    ("pack", "word"),
    [
        (climbing_tar, "outside of its folder"),
        (linking_tar, "a link or a device"),
        (climbing_zip, "outside of its folder"),
    ],
)
def test_an_archive_that_writes_elsewhere_is_refused(
    bundle: Path, tmp_path: Path, pack: Callable[[Path, Path], None], word: str
) -> None:
    (tmp_path / "in").mkdir()
    tar = tmp_path / "in" / "bundle.tar"
    pack(bundle, tar)
    with pytest.raises(BundleError, match=word):
        import_bundle(tar, None, tmp_path / "models")
    assert not list(tmp_path.rglob("escaped.json"))


def test_a_bundle_that_is_none(tmp_path: Path, keys: dict[str, Path], bundle: Path) -> None:
    with pytest.raises(BundleError, match="no bundle at"):
        verify_bundle(tmp_path / "none.tar", None)
    (tmp_path / "x.tar").write_bytes(b"nothing")
    with pytest.raises(BundleError, match="cannot be unpacked"):
        verify_bundle(tmp_path / "x.tar", None)
    with pytest.raises(BundleError, match="no readable SHA256SUMS"):
        verify_bundle(tmp_path, None)
    (bundle / SIGNATURE).unlink()
    with pytest.raises(BundleError, match="not signed"):
        verify_bundle(bundle, keys["ours.pub"])
    assert "not signed" in verify_bundle(bundle, None)["signature"]
    (bundle / "models.lock.json").write_text("[]")
    seal(bundle, keys["ours"])
    with pytest.raises(LockError):
        verify_bundle(bundle, keys["ours.pub"])


def test_loading_refuses_links_and_unlisted_files(bundle: Path) -> None:
    models = ModelFolder(bundle / "models")
    (bundle / "models" / "tiny-stt" / "generation_config.json").write_text("{}")
    with pytest.raises(ModelDigestError, match="not in the manifest"):
        models.folder("tiny-stt")
    (bundle / "models" / "tiny-stt" / "generation_config.json").unlink()
    path = bundle / "models" / "tiny-tts" / "voice.json"
    path.rename(bundle / "voice.json")
    path.symlink_to(bundle / "voice.json")
    with pytest.raises(ModelFormatError, match="through a link"):
        models.folder("tiny-tts")


def test_install_sh_brings_the_models_in_and_one_turn_is_spoken_without_a_network(
    made: Path, keys: dict[str, Path], tmp_path: Path
) -> None:
    program = Path(sys.executable).with_name("voice-local")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    bundle = Path(shutil.copytree(made, tmp_path / "carried"))
    alone = (
        ["unshare", "-rn"]
        if shutil.which("unshare")
        and not subprocess.run(["unshare", "-rn", "true"], check=False).returncode
        else []
    )
    done = subprocess.run(
        [
            *alone,
            str(bundle / "install.sh"),
            "--signer",
            str(keys["ours.pub"]),
            "--into",
            str(program),
        ],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0 and "ready:" in done.stdout, done.stderr
    models = tmp_path / "data" / "voice_local" / "models"
    for command in (
        ["models", "verify", str(bundle), "--signer", str(keys["ours.pub"])],
        ["models", "verify"],
        [
            "demo",
            "--profile",
            "tiny",
            "--models-dir",
            str(models),
            "--out",
            str(tmp_path / "out"),
            "--json",
        ],
    ):
        ran = subprocess.run(
            [*alone, str(program), *command],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out" / "reply_1.wav").stat().st_size > 20_000
    with (bundle / "install.sh").open("a") as file:
        file.write("# changed\n")
    refused = subprocess.run(
        [str(bundle / "install.sh"), "--into", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2 and "copy it again" in refused.stderr
