"""`models add`: another model or an edited profile is never replaced, and what is no model is
refused before it is copied."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.unit.model_files import install, write_model
from voice_local.config import load
from voice_local.config_files import own_profile
from voice_local.errors import (
    ConfigError,
    InputError,
    ModelFormatError,
    ModelMissingError,
    OutputError,
)
from voice_local.models.folder import MANIFEST, home
from voice_local.supply import custom, store

pytestmark = pytest.mark.unit


def add(
    path: Path,
    root: Path | None = None,
    license: str = "MIT",
    name: str | None = None,
    profile: str | None = None,
) -> dict[str, object]:
    return custom.add(path, "llm", license, root or home(), name, profile)


def test_another_model_of_that_name_stays(tmp_path: Path) -> None:
    first = write_model(tmp_path / "a" / "model.gguf", 1.0)
    add(first)
    other = write_model(tmp_path / "b" / "model.gguf", 2.0)
    with pytest.raises(ConfigError, match=r"another model called model\.gguf is in") as told:
        add(other)
    assert "--name" in told.value.remedy and "--profile" in told.value.remedy
    assert (home() / "model.gguf").read_bytes() == first.read_bytes()
    add(other, name="other.gguf")
    assert load("own-other").llm.model == "other.gguf"
    assert set(store.verify(home()).models) == {"model.gguf", "other.gguf"}


def test_a_model_of_the_lock_stays_and_stays_known_as_that(tmp_path: Path) -> None:
    root = tmp_path / "root"
    source = write_model(root / store.INCOMING / "given" / "m.gguf", 1.0)
    same = tmp_path / "m.gguf"
    shutil.copyfile(source, same)
    about = {"stage": "llm", "license": "Apache-2.0", "source": "hub a/b", "identity": "0"}
    store.put(root, "m.gguf", source, about)
    before = store.manifest_of(root)
    with pytest.raises(ConfigError, match=r"another model called m\.gguf"):
        add(write_model(tmp_path / "b" / "m.gguf", 2.0), root)
    assert store.verify(root) == before
    assert add(same, root)["license"] == "Apache-2.0"
    assert store.verify(root) == before


def test_the_same_model_again_is_fine_and_its_profile_stays_as_it_was_edited(
    tmp_path: Path,
) -> None:
    path = write_model(tmp_path / "model.gguf")
    assert add(path)["profile_made"]
    profile = own_profile("own-model")
    edited = profile.read_text() + "temperature = 0.9\n"
    profile.write_text(edited)
    again = add(path, license="Apache-2.0")
    assert not again["profile_made"] and profile.read_text() == edited
    assert store.verify(home()).models["model.gguf"]["license"] == "Apache-2.0"
    (home() / "model.gguf").write_bytes(b"GGUF broken")
    add(path)
    store.verify(home())


def test_a_profile_of_something_else_stays(tmp_path: Path) -> None:
    profile = own_profile("own-model")
    profile.parent.mkdir(parents=True)
    path = write_model(tmp_path / "model.gguf")
    for content in (
        'base = "tiny"\n[llm]\nmodel = "mine.gguf"\n',
        '[stt]\nmodel = "model.gguf"\n',
        'models_dir = "/elsewhere"\n[llm]\nmodel = "model.gguf"\n',
        "no TOML at all",
    ):
        profile.write_text(content)
        with pytest.raises(ConfigError, match="there is a profile own-model already") as told:
            add(path)
        assert "--profile" in told.value.remedy and profile.read_text() == content
    assert not store.manifest_of(home()).models, "nothing is installed that has no profile"
    add(path, profile="another")
    assert load("another").llm.model == "model.gguf"


def test_what_lies_there_unlisted_stays(tmp_path: Path) -> None:
    root = tmp_path / "root"
    install(root, "m.gguf", 1.0)
    (root / MANIFEST).unlink()
    content = (root / "m.gguf").read_bytes()
    with pytest.raises(ConfigError, match="another model called"):
        add(write_model(tmp_path / "m.gguf", 2.0), root)
    assert (root / "m.gguf").read_bytes() == content


@pytest.mark.parametrize("name", ['m "q"', "back\\slash", "Äpfel 🍏", "tab\there", "del\x7f"])
def test_any_folder_can_be_named_in_the_profile(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    add(write_model(tmp_path / "model.gguf"), root)
    assert load("own-model").models_dir == root


def test_a_folder_that_no_profile_can_name_is_refused(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"\xff")
    with pytest.raises(ConfigError, match="it is no UTF-8"):
        add(write_model(tmp_path / "model.gguf"), root)


def test_what_is_no_plain_file_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    for path, word in (
        (Path("/dev/zero"), "is neither a file nor a folder"),
        (tmp_path / "pipe.gguf", "is neither a file nor a folder"),
    ):
        with pytest.raises(ModelFormatError, match=word):
            add(path, tmp_path / "root", name="m.gguf")
    assert not (tmp_path / "root").exists()


def test_a_folder_of_other_things_is_refused_before_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[object] = []
    for name in ("copyfile", "copy2"):
        monkeypatch.setattr(shutil, name, lambda *names, **_: copied.append(names))
    folder = tmp_path / "folder"
    write_model(folder / "model.gguf")
    (folder / ".hidden.py").write_text("")
    for name, make, word in (
        ("photo.jpg", lambda path: path.write_bytes(b"\xff\xd8"), "not a file type"),
        ("link", lambda path: path.symlink_to(tmp_path), "is a link"),
        ("pipe.json", os.mkfifo, "no file at all"),
        ("Lizenz (é).txt", lambda path: path.write_text(""), "has a name that"),
    ):
        make(folder / name)
        with pytest.raises(ModelFormatError, match=word) as told:
            add(folder, tmp_path / "root")
        assert "delete" not in told.value.remedy, "it is a person's own"
        (folder / name).unlink()
    (tmp_path / "text.gguf").write_text("a text")
    with pytest.raises(ModelFormatError, match="is no GGUF file"):
        add(tmp_path / "text.gguf", tmp_path / "root")
    assert not copied


def test_a_folder_is_copied_without_what_is_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write_model(folder / "model.gguf")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("")
    (folder / "README.md").write_text("about it")
    add(folder)
    assert set(store.verify(home()).files) == {"mine/README.md", "mine/model.gguf"}
    assert load("own-mine").llm.model == "mine"


def test_room_is_asked_for_before_anything_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "model.gguf")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(OutputError, match="GiB on the disk of"):
        add(path)


def test_a_disk_that_becomes_full_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "model.gguf")

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OutputError, match="No space left on device"):
        add(path)


def test_names_that_are_too_long_are_told(tmp_path: Path) -> None:
    path = write_model(tmp_path / "model.gguf")
    for name, profile in (("n" * 300, None), (None, "p" * 253)):
        with pytest.raises(ConfigError, match="is not a plain name, too long or taken"):
            add(path, name=name, profile=profile)
    with pytest.raises(InputError, match="File name too long"):
        add(tmp_path / ("x" * 300))
    with pytest.raises(ModelMissingError, match="there is nothing at"):
        add(tmp_path / "nothing")
