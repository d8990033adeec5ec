"""Bundles of the embedded models: made, carried, verified, brought in; and twelve that somebody tampered with."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from voice_local.errors import BundleError, LockError, ModelDigestError, ModelError, ModelFormatError, OutputError
from voice_local.models import archive, bundle, signing, store
from voice_local.models.digests import digest
from voice_local.models.folder import MANIFEST, ModelFolder

pytestmark = pytest.mark.models


def quiet(line: str) -> None:
    """Nothing."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two signing keys; the public ones lie beside them."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "theirs"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    return {name: folder / name for name in ("ours", "theirs", "ours.pub", "theirs.pub")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, Path]) -> Path:
    out = tmp_path_factory.mktemp("made") / "kit"
    bundle.make("tiny", Path("unused"), Path("unused"), out, False, keys["ours"], quiet)
    return out


@pytest.fixture
def kit(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "kit"))


def list_again(kit: Path, *names: str) -> None:
    """Puts changed model files into the manifest as whoever changed them would."""
    path = kit / "models" / MANIFEST
    manifest = json.loads(path.read_text())
    for name in names:
        file = kit / "models" / name
        manifest["files"][name] = {"sha256": digest(file), "bytes": file.stat().st_size}
    path.write_text(json.dumps(manifest))
    lock = json.loads((kit / "models.lock.json").read_text())
    for entry in lock["models"]:
        prefix = f"{entry['name']}/"
        entry["files"] = [{"path": name.removeprefix(prefix) if name.startswith(prefix) else name.split("/")[-1], **about}
                          for name, about in manifest["files"].items() if name == entry["name"] or name.startswith(prefix)]
    (kit / "models.lock.json").write_text(json.dumps(lock))


def seal(kit: Path, key: Path) -> None:
    """Sums and signature anew."""
    bundle.write_sums(kit)
    (kit / bundle.SIGNATURE).unlink(missing_ok=True)
    signing.sign(kit / bundle.SUMS, kit / bundle.SIGNATURE, key)


def test_a_bundle_holds_what_it_says_and_verifies(made: Path, keys: dict[str, Path]) -> None:
    result = bundle.verify(made, keys["ours.pub"])
    assert result["models"] == ["ears", "mind", "understanding", "voice"] and "signed by" in result["signature"]
    listed = {line.split("  ")[1] for line in (made / "SHA256SUMS").read_text().splitlines()}
    assert {"bundle.json", "models.lock.json", "install.sh", "sbom.cdx.json", "licenses/Apache-2.0.txt"} <= listed
    subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=made, check=True)
    text = (made / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    sbom = json.loads(text)
    assert len(sbom["components"]) == 4
    assert all(one["licenses"] == [{"license": {"id": "Apache-2.0"}}] for one in sbom["components"])


def test_a_tar_is_carried_and_brought_in(keys: dict[str, Path], tmp_path: Path) -> None:
    tar = tmp_path / "kit.tar"
    bundle.make("tiny", Path("unused"), Path("unused"), tar, False, keys["ours"], quiet)
    root = tmp_path / "models"
    assert bundle.bring_in(tar, keys["ours.pub"], root)["models"]
    folder = ModelFolder(root)
    assert folder.file("mind/mind.gguf").is_file() and folder.folder("ears").is_dir()
    assert bundle.bring_in(tar, None, root), "a second time changes nothing"
    assert sorted(p.name for p in root.iterdir() if not p.name.startswith(".")) == sorted(
        ["ears", "mind", "understanding", "voice", "manifest.json"])
    with pytest.raises(OutputError, match="is there already"):
        bundle.make("tiny", Path("unused"), Path("unused"), tar, False, None, quiet)


def flipped_byte(kit: Path, key: Path) -> None:
    with (kit / "models" / "mind" / "mind.gguf").open("r+b") as file:
        file.seek(2_000_000)
        (old,) = file.read(1)
        file.seek(2_000_000)
        file.write(bytes([old ^ 1]))


def swapped_file(kit: Path, key: Path) -> None:
    models = kit / "models" / "understanding"
    shutil.copyfile(models / "emotion.onnx", models / "intent.onnx")


def extra_file(kit: Path, key: Path) -> None:
    (kit / "models" / "ears" / "model.safetensors.index.json").write_text("{}")


def missing_license(kit: Path, key: Path) -> None:
    (kit / "licenses" / "Apache-2.0.txt").unlink()
    seal(kit, key)


def symlink_out(kit: Path, key: Path) -> None:
    target = kit / "models" / "ears" / "config.json"
    content = target.read_bytes()
    outside = kit.parent / "outside.json"
    outside.write_bytes(content)
    target.unlink()
    target.symlink_to(outside)
    seal(kit, key)


def malicious_pickle(kit: Path, key: Path) -> None:
    canary = kit.parent / "canary"

    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {canary}",)

    (kit / "models" / "voice" / "model.bin").write_bytes(pickle.dumps(Evil()))
    list_again(kit, "voice/model.bin")
    seal(kit, key)


def truncated_gguf(kit: Path, key: Path) -> None:
    with (kit / "models" / "mind" / "mind.gguf").open("r+b") as file:
        file.truncate(3_000_000)
    list_again(kit, "mind/mind.gguf")
    seal(kit, key)


def edited_lock(kit: Path, key: Path) -> None:
    path = kit / "models.lock.json"
    lock = json.loads(path.read_text())
    lock["models"][0]["files"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(lock))
    seal(kit, key)


def anothers_signature(kit: Path, key: Path) -> None:
    seal(kit, key.with_name("theirs"))


def nan_weights(kit: Path, key: Path) -> None:
    from safetensors.numpy import load_file, save_file

    path = kit / "models" / "voice" / "model.safetensors"
    weights = load_file(path)
    name = next(name for name, value in weights.items() if value.dtype == np.float32 or value.dtype == np.float16)
    weights[name] = weights[name].copy()
    weights[name].flat[-1] = np.nan
    save_file(weights, path)
    list_again(kit, "voice/model.safetensors")
    seal(kit, key)


def wrong_architecture(kit: Path, key: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(str(kit / "models" / "mind" / "mind.gguf"), "clip")
    writer.add_tensor("token_embd.weight", np.ones((4, 32), np.float32))
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()
    list_again(kit, "mind/mind.gguf")
    seal(kit, key)


def without_models(kit: Path, key: Path) -> None:
    """All checks that go by model would have nothing to do."""
    path = kit / "models" / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "models": {}}))
    (kit / "models.lock.json").write_text('{"format": 1, "models": []}')
    seal(kit, key)


def undeclared_model(kit: Path, key: Path) -> None:
    path = kit / "models" / MANIFEST
    manifest = json.loads(path.read_text())
    del manifest["models"]["mind"]
    path.write_text(json.dumps(manifest))
    lock = json.loads((kit / "models.lock.json").read_text())
    lock["models"] = [entry for entry in lock["models"] if entry["name"] != "mind"]
    (kit / "models.lock.json").write_text(json.dumps(lock))
    seal(kit, key)


def swapped_names(kit: Path, key: Path) -> None:
    """Two listed files change places; only the lock remembers which was which."""
    ears = kit / "models" / "ears"
    one, other = (ears / "config.json").read_bytes(), (ears / "preprocessor_config.json").read_bytes()
    (ears / "config.json").write_bytes(other)
    (ears / "preprocessor_config.json").write_bytes(one)
    lock = (kit / "models.lock.json").read_text()
    list_again(kit, "ears/config.json", "ears/preprocessor_config.json")
    (kit / "models.lock.json").write_text(lock)
    seal(kit, key)


def hidden_file(kit: Path, key: Path) -> None:
    (kit / "models" / ".incoming").mkdir()
    (kit / "models" / ".incoming" / "x.json").write_text("{}")
    seal(kit, key)


def unlisted_wheels(kit: Path, key: Path) -> None:
    (kit / "wheels").mkdir()
    (kit / "wheels" / "evil-1-py3-none-any.whl").write_bytes(b"PK")
    seal(kit, key)


TAMPERED: list[tuple[Callable[[Path, Path], None], type[ModelError], str]] = [
    (flipped_byte, BundleError, r"mind.gguf is not the one that SHA256SUMS names"),
    (swapped_file, BundleError, r"intent.onnx is not the one that SHA256SUMS names"),
    (extra_file, BundleError, r"model.safetensors.index.json is in the bundle and not in its SHA256SUMS"),
    (missing_license, BundleError, r"licence \(Apache-2.0\) is missing"),
    (symlink_out, BundleError, r"config.json in the bundle is a link"),
    (malicious_pickle, ModelFormatError, r"model.bin is a pickle"),
    (truncated_gguf, ModelFormatError, r"mind.gguf is cut off or broken \(tensor \S+ lies beyond its end"),
    (edited_lock, BundleError, r"lock says something else about ears"),
    (anothers_signature, BundleError, r"was not signed by"),
    (nan_weights, ModelFormatError, r"model.safetensors has weights that are not numbers"),
    (without_models, ModelFormatError, r"names no models"),
    (undeclared_model, ModelFormatError, r"mind\S* belongs to none of the models"),
    (swapped_names, BundleError, r"lock says something else about ears"),
    (hidden_file, ModelDigestError, r"x.json is not in the manifest"),
    (unlisted_wheels, BundleError, r"wheels that it does not tell of"),
    (wrong_architecture, ModelFormatError, r"architecture 'clip', which writes no text"),
]


@pytest.mark.parametrize(("tamper", "error", "word"), TAMPERED, ids=[t[0].__name__ for t in TAMPERED])
def test_a_tampered_bundle_is_refused_by_the_check_meant_for_it(
        kit: Path, keys: dict[str, Path], tmp_path: Path, tamper: Callable[[Path, Path], None], error: type[ModelError],
        word: str) -> None:
    tamper(kit, keys["ours"])
    with pytest.raises(error, match=word):
        bundle.verify(kit, keys["ours.pub"])
    root = tmp_path / "models"
    with pytest.raises(error, match=word):
        bundle.bring_in(kit, keys["ours.pub"], root)
    assert not (root / MANIFEST).exists() and not (tmp_path / "canary").exists()


def test_an_import_that_fails_midway_leaves_what_was_there(
        made: Path, kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "models"
    bundle.bring_in(made, None, root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    (kit / "models" / "mind" / "README.md").write_text("newer")
    list_again(kit, "mind/README.md")
    bundle.write_sums(kit)
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
            bundle.bring_in(kit, None, root)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert bundle.bring_in(kit, None, root) and (root / "mind" / "README.md").read_text() == "newer"
    store.verify(root)


def test_debian_names_are_carried_and_a_signer_is_never_passed_over(
        kit: Path, keys: dict[str, Path], tmp_path: Path) -> None:
    (kit / "system").mkdir()
    (kit / "system" / "libx11-6_2%3a1.8.4-2_amd64~dfsg.deb").write_bytes(b"!<arch>")
    seal(kit, keys["ours"])
    assert bundle.verify(kit, keys["ours.pub"])
    tar = tmp_path / "my kit (1).tar"
    archive.pack(kit, tar, bundle.TOP)
    assert bundle.verify(tar, keys["ours.pub"])
    program = Path(sys.executable).with_name("voice-local")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}

    def install(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(kit / "install.sh"), *map(str, words)], capture_output=True, text=True, env=environment,
                              check=False)

    refused = install("--into", program, "--signer", keys["theirs.pub"])
    assert refused.returncode == 2 and "was not signed by" in refused.stderr
    (kit / "system" / "evil.deb").write_bytes(b"!<arch>")
    refused = install("--signer", keys["ours.pub"], "--into", program)
    assert refused.returncode == 2 and "does not name" in refused.stderr
    assert not (tmp_path / "data").exists()
    named = subprocess.run([program, "models", "verify", str(kit / "models"), "--signer", str(keys["ours.pub"])],
                           capture_output=True, text=True, check=False)
    assert named.returncode == 2 and "is no bundle" in named.stderr


def climbing_tar(kit: Path, tar: Path) -> None:
    with tarfile.open(tar, "w") as packed:
        packed.add(kit, "kit")
        packed.add(kit / "bundle.json", "../escaped.json")


def linking_tar(kit: Path, tar: Path) -> None:
    with tarfile.open(tar, "w") as packed:
        member = tarfile.TarInfo("kit/models")
        member.type, member.linkname = tarfile.SYMTYPE, "/tmp"
        packed.addfile(member)


def climbing_zip(kit: Path, tar: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tar, "w") as packed:
        packed.writestr("../../escaped.json", "{}")


@pytest.mark.parametrize(("pack", "word"), [(climbing_tar, "outside of its place"), (linking_tar, "a link or a device"),
                                            (climbing_zip, "outside of its place")])
def test_an_archive_that_writes_elsewhere_is_refused(
        kit: Path, tmp_path: Path, pack: Callable[[Path, Path], None], word: str) -> None:
    (tmp_path / "in").mkdir()
    tar = tmp_path / "in" / "kit.tar"
    pack(kit, tar)
    with pytest.raises(BundleError, match=word):
        bundle.bring_in(tar, None, tmp_path / "models")
    assert not list(tmp_path.rglob("escaped.json"))


def test_a_bundle_that_is_none(tmp_path: Path, keys: dict[str, Path], kit: Path) -> None:
    with pytest.raises(BundleError, match="no bundle at"):
        bundle.verify(tmp_path / "none.tar", None)
    (tmp_path / "x.tar").write_bytes(b"nothing")
    with pytest.raises(BundleError, match="cannot be unpacked"):
        bundle.verify(tmp_path / "x.tar", None)
    with pytest.raises(BundleError, match="no readable SHA256SUMS"):
        bundle.verify(tmp_path, None)
    (kit / bundle.SIGNATURE).unlink()
    with pytest.raises(BundleError, match="not signed"):
        bundle.verify(kit, keys["ours.pub"])
    assert "not signed" in bundle.verify(kit, None)["signature"]
    (kit / "models.lock.json").write_text("[]")
    seal(kit, keys["ours"])
    with pytest.raises(LockError):
        bundle.verify(kit, keys["ours.pub"])


def test_loading_refuses_links_and_unlisted_files(kit: Path) -> None:
    models = ModelFolder(kit / "models")
    (kit / "models" / "ears" / "generation_config.json").write_text("{}")
    with pytest.raises(ModelDigestError, match="not in the manifest"):
        models.folder("ears")
    (kit / "models" / "ears" / "generation_config.json").unlink()
    path = kit / "models" / "voice" / "voice.json"
    path.rename(kit / "voice.json")
    path.symlink_to(kit / "voice.json")
    with pytest.raises(ModelFormatError, match="through a link"):
        models.folder("voice")


def test_install_sh_brings_the_models_in_and_one_turn_is_spoken_without_a_network(
        made: Path, keys: dict[str, Path], tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("voice-local")
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data")}
    kit = Path(shutil.copytree(made, tmp_path / "carried"))
    alone = ["unshare", "-rn"] if shutil.which("unshare") and not subprocess.run(
        ["unshare", "-rn", "true"], check=False).returncode else []
    done = subprocess.run([*alone, str(kit / "install.sh"), "--signer", str(keys["ours.pub"]), "--into", str(program)],
                          capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0 and "ready:" in done.stdout, done.stderr
    models = tmp_path / "data" / "voice_local" / "models"
    for command in (["models", "verify", str(kit), "--signer", str(keys["ours.pub"])], ["models", "verify"],
                    ["demo", "--profile", "tiny", "--models-dir", str(models), "--out", str(tmp_path / "out"), "--json"]):
        ran = subprocess.run([*alone, str(program), *command], capture_output=True, text=True, env=environment, check=False)
        assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "out" / "reply_1.wav").stat().st_size > 20_000
    with (kit / "install.sh").open("a") as file:
        file.write("# changed\n")
    refused = subprocess.run([str(kit / "install.sh"), "--into", str(program)], capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and "copy it again" in refused.stderr
