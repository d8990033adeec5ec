"""The folder of installed models: what takes a place takes it whole, one process at a time, and a
manifest that is none is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.unit.model_files import ABOUT, install, state, write_model
from voice_local.errors import InputError, ModelError, ModelFormatError, OutputError
from voice_local.models.folder import MANIFEST, Manifest, ModelFolder, home, read_manifest
from voice_local.models.lock import Lock, read_lock
from voice_local.supply import custom, store
from voice_local.supply.bundle_import import verify_bundle
from voice_local.supply.lock_file import write_lock

pytestmark = pytest.mark.unit

HOLDER = """
import sys, time
from pathlib import Path
from voice_local.supply.placing import changing

with changing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def interrupted_at(
    monkeypatch: pytest.MonkeyPatch, number: int, after: bool, deed: Callable[[], object]
) -> bool:
    """Does `deed`, interrupted at the `number`-th renaming (`after` it was done, or before);
    whether there were so many."""
    rename, count = os.replace, iter(range(1000))

    def replace(source: Any, target: Any) -> None:
        interrupting = next(count) == number
        if interrupting and not after:
            raise KeyboardInterrupt
        rename(source, target)
        if interrupting:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        try:
            deed()
        except KeyboardInterrupt:
            return True
    return False


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("folder", [False, True])
def test_an_interrupted_put_leaves_the_old_model_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool, after: bool
) -> None:
    for value in (1.0, 2.0):
        install(tmp_path / f"as-{value}", "m.gguf", value, folder=folder and value == 1.0)
    whole = [state(tmp_path / f"as-{value}") for value in (1.0, 2.0)]
    for number in range(100):
        root = tmp_path / f"root-{number}"
        shutil.copytree(tmp_path / "as-1.0", root)
        source = write_model(root / store.INCOMING / "given" / "m.gguf", 2.0)
        went_on = interrupted_at(
            monkeypatch, number, after, partial(store.put, root, "m.gguf", source, dict(ABOUT))
        )
        shutil.rmtree(source.parent)
        assert state(root) in whole, f"interrupted at renaming {number}"
        store.verify(root)
        if not went_on:
            break
    assert number > 3 and state(root) == whole[1]


def test_a_folder_takes_the_place_of_a_file_and_back(tmp_path: Path) -> None:
    for value, folder in ((1.0, False), (2.0, True), (3.0, False)):
        install(tmp_path, "model.gguf", value, folder)
        listed = store.verify(tmp_path).files
        assert list(listed) == ["model.gguf/model.gguf" if folder else "model.gguf"]
    assert list((tmp_path / store.INCOMING).iterdir()) == []


def test_what_a_killed_process_left_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voice_local.supply import placing

    install(tmp_path, "m.gguf", 1.0)
    before = state(tmp_path)
    source = write_model(tmp_path / store.INCOMING / "given" / "m.gguf", 2.0)
    with monkeypatch.context() as patch:
        # A killed process settles nothing.
        patch.setattr(placing, "_settle", lambda root, aside: None)
        interrupted_at(patch, 3, True, lambda: store.put(tmp_path, "m.gguf", source, dict(ABOUT)))
    (tmp_path / store.INCOMING / ".work-of-another").mkdir()
    (tmp_path / ".partial-of-another").write_text("{")
    assert "m.gguf" not in read_manifest(tmp_path).models
    with placing.changing(tmp_path):
        pass
    shutil.rmtree(source.parent)
    assert state(tmp_path) == before


def test_settling_may_itself_be_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from voice_local.supply import placing

    install(tmp_path, "m.gguf", 1.0)
    before = state(tmp_path)
    source = write_model(tmp_path / store.INCOMING / "given" / "m.gguf", 2.0)
    with monkeypatch.context() as patch:
        patch.setattr(placing, "_settle", lambda root, aside: None)
        interrupted_at(patch, 3, True, lambda: store.put(tmp_path, "m.gguf", source, dict(ABOUT)))
    with monkeypatch.context() as patch:

        def killed(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt), placing.changing(tmp_path):
            pass
    for _ in range(2):
        with placing.changing(tmp_path):
            pass
    shutil.rmtree(source.parent)
    assert state(tmp_path) == before


def test_a_new_model_of_a_killed_process_goes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voice_local.supply import placing

    install(tmp_path, "m.gguf", 1.0)
    before = state(tmp_path)
    source = write_model(tmp_path / store.INCOMING / "given" / "n.gguf", 2.0)
    with monkeypatch.context() as patch:
        patch.setattr(placing, "_settle", lambda root, aside: None)
        move = os.replace

        def last_fails(given: Any, target: Any) -> None:
            if Path(target) == tmp_path / "manifest.json" and (tmp_path / "n.gguf").exists():
                raise KeyboardInterrupt
            move(given, target)

        patch.setattr(os, "replace", last_fails)
        patch.setattr(os.path, "lexists", lambda path: False)  # nothing is put back by itself
        with pytest.raises(KeyboardInterrupt):
            store.put(tmp_path, "n.gguf", source, dict(ABOUT))
    assert (tmp_path / "n.gguf").exists()
    with placing.changing(tmp_path):
        pass
    shutil.rmtree(source.parent)
    assert state(tmp_path) == before


def test_a_bundle_of_models_takes_its_place_at_once_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, root = tmp_path / "given", tmp_path / "root"
    for name in ("a.gguf", "b.gguf", "c.gguf"):
        install(given, name, 2.0)
    for name in ("a.gguf", "b.gguf"):
        install(root, name, 1.0)
    before = state(root)
    move, models = os.replace, iter(("a.gguf",))

    def second_fails(source: Any, target: Any) -> None:
        if Path(source).name == "b.gguf" and Path(target).parent == root and next(models, None):
            raise OSError(5, "Input/output error", str(target))
        move(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", second_fails)
        with pytest.raises(OSError):
            store.adopt(given, read_manifest(given), root)
    assert state(root) == before, "neither of the two was replaced"
    store.adopt(given, read_manifest(given), root)
    assert set(store.verify(root).models) == {"a.gguf", "b.gguf", "c.gguf"}
    assert (root / "a.gguf").read_bytes() == (given / "a.gguf").read_bytes()


def test_two_that_add_models_at_once_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, names = tmp_path / "root", [f"m{number}.gguf" for number in range(6)]
    paths = [
        write_model(tmp_path / name, float(number)) for number, name in enumerate(names, start=1)
    ]
    read, ready, failed = read_manifest, threading.Barrier(len(names)), []

    def slowly(folder: Path) -> Manifest:
        try:
            return read(folder)
        finally:
            threading.Event().wait(0.02)

    def add(path: Path) -> None:
        ready.wait()
        try:
            custom.add(path, "llm", "MIT", root)
        except BaseException as error:
            failed.append(error)

    monkeypatch.setattr(store, "read_manifest", slowly)
    threads = [threading.Thread(target=add, args=(path,)) for path in paths]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failed and set(store.verify(root).models) == set(names)


def test_a_second_process_waits_says_so_and_goes_on_when_the_first_is_killed(
    tmp_path: Path,
) -> None:
    root, told = tmp_path / "root", threading.Event()
    lines: list[str] = []

    def note(line: str) -> None:
        lines.append(line)
        told.set()

    path = write_model(tmp_path / "m.gguf")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        adding = threading.Thread(target=lambda: custom.add(path, "llm", "MIT", root, note=note))
        adding.start()
        assert told.wait(20) and not store.manifest_of(root).models
        holder.kill()
    adding.join(20)
    assert lines == [f"another process is changing {root}: waiting until it is done"]
    assert set(store.verify(root).models) == {"m.gguf"}


def test_partial_names_are_nobody_elses(tmp_path: Path) -> None:
    """Files of a person's, called as ours once were."""
    own = [tmp_path / f".{MANIFEST}.partial", tmp_path / "l.json.partial"]
    own.append(tmp_path / store.INCOMING / ".probe")
    own[-1].parent.mkdir()
    for path in own:
        path.write_text("mine")
    install(tmp_path, "m.gguf")
    custom.add(write_model(tmp_path.with_name("given") / "n.gguf", 2.0), "llm", "MIT", tmp_path)
    write_lock(tmp_path / "l.json", Lock(models=()))
    assert [path.read_text() for path in own] == ["mine"] * 3
    assert read_lock(tmp_path / "l.json") == Lock(models=())


def test_a_file_that_no_manifest_can_name_is_not_installed(tmp_path: Path) -> None:
    source = tmp_path / store.INCOMING / "model"
    write_model(source / "model.gguf")
    (source / "Lizenz (é).txt").write_text("terms")
    with pytest.raises(ModelFormatError, match="has a name that files of models do not have"):
        store.put(tmp_path, "m", source, dict(ABOUT))
    assert not (tmp_path / MANIFEST).exists()


@pytest.mark.parametrize(
    "content",
    [
        "nothing",
        "[]",
        '{"files": {"m.gguf": {"sha256": "0"}}}',
        '{"files": {"m.gguf": {"sha256": "0", "bytes": "many"}}}',
        '{"files": {"m.gguf": {"sha256": 0, "bytes": 1}}}',
        '{"files": {"m.gguf": {"sha256": "0", "bytes": -1}}}',
        '{"files": {"../m.gguf": {"sha256": "0", "bytes": 1}}}',
        '{"files": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_a_manifest_that_is_none_is_told_with_a_way_out(tmp_path: Path, content: str) -> None:
    root = home()
    install(root, "m.gguf")
    (root / MANIFEST).write_text(content)
    for reader in (read_manifest, store.manifest_of, ModelFolder):
        with pytest.raises(ModelError, match="is not a model manifest") as told:
            reader(root)
    assert "delete that file" in told.value.remedy and "git" not in told.value.remedy
    # What the remedy says does help.
    (root / MANIFEST).unlink()
    custom.add(write_model(tmp_path / "m.gguf"), "llm", "MIT", root)
    assert set(store.verify(root).models) == {"m.gguf"}


def test_a_folder_that_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 300)
    for reader in (read_manifest, store.manifest_of, store.verify, ModelFolder):
        with pytest.raises(ModelError, match=r"File name too long|does not exist"):
            reader(long)
    with pytest.raises(OutputError, match="File name too long"):
        custom.add(write_model(tmp_path / "m.gguf"), "llm", "MIT", long)


def test_a_folder_above_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(path: Path, **_: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", denied)
    for deed in (
        lambda: custom.add(tmp_path / "m.gguf", "llm", "MIT", tmp_path / "root"),
        lambda: verify_bundle(tmp_path / "bundle", None),
    ):
        with pytest.raises(InputError, match=r"cannot be looked at \(Permission denied\)"):
            deed()


def test_a_lock_of_models_that_is_none_is_told(tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000 + "]" * 100_000)
    for path, word in ((deep, "is not a lock"), (tmp_path / ("x" * 300), "cannot be read")):
        with pytest.raises(ModelError, match=word):
            read_lock(path)


def test_a_model_file_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "m.gguf")

    def denied(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("voice_local.models.folder.remembered", denied)
    monkeypatch.setattr(store, "digest", denied)
    for look in (ModelFolder(tmp_path).file, lambda name: store.verify(tmp_path)):
        with pytest.raises(ModelError, match="cannot be read"):
            look("m.gguf")
    assert json.loads((tmp_path / MANIFEST).read_text())["models"]["m.gguf"]["stage"] == "llm"
