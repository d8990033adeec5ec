"""The air-gap bundle of a profile whose models came out of wheels and of a library: made, verified,
brought in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from voice_local.errors import (
    BundleError,
    ModelMissingError,
)
from voice_local.models.digests import digest
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
)
from voice_local.models.lock import (
    Entry,
    Lock,
    LockedFile,
)
from voice_local.models.sources import (
    LibrarySource,
    Member,
    Package,
    Part,
    WheelSource,
)
from voice_local.supply import store
from voice_local.supply.bundle import make_bundle
from voice_local.supply.bundle_format import write_sums
from voice_local.supply.bundle_import import (
    import_bundle,
    verify_bundle,
)
from voice_local.supply.lock_file import write_lock

pytestmark = pytest.mark.models


def quiet(line: str) -> None:
    """Nothing."""


def from_wheel(name: str, stage: str, paths: dict[str, Path]) -> Entry:
    """An entry for the files `paths`, carried by one wheel."""
    files = tuple(
        LockedFile(path=key, bytes=path.stat().st_size, sha256=digest(path))
        for key, path in paths.items()
    )
    package = Package(package="a-carrier", version="1.0", sha256="0" * 64, bytes=1)
    members = tuple(
        Member(
            file=file.path,
            parts=(Part(package="a-carrier", member=f"d/{file.path}", bytes=file.bytes),),
        )
        for file in files
    )
    return Entry.model_validate(
        {
            "name": name,
            "stage": stage,
            "files": files,
            "license": "MIT",
            "memory_gb": 0.1,
            "profiles": ("small",),
            "digests": "checked here",
            "sources": (WheelSource(type="wheel", packages=(package,), members=members),),
        }
    )


@pytest.fixture
def installed(tmp_path: Path) -> tuple[Path, Path]:
    """(Folder of models, its lock): a recognizer, a language model and a voice that a library
    brings."""
    root, tiny = tmp_path / "models", tiny_folder()
    (root / store.INCOMING).mkdir(parents=True)
    ears = {path.name: path for path in (tiny / "tiny-stt").iterdir() if path.suffix != ".md"}
    entries = [
        from_wheel("ears", "stt", ears),
        from_wheel("m.gguf", "llm", {"m.gguf": tiny / "tiny-llm" / "model.gguf"}),
    ]
    shutil.copytree(tiny / "tiny-stt", tmp_path / "ears", ignore=shutil.ignore_patterns("*.md"))
    shutil.copyfile(tiny / "tiny-llm" / "model.gguf", tmp_path / "m.gguf")
    for entry in entries:
        store.put(
            root,
            entry.name,
            tmp_path / entry.name,
            {
                "stage": entry.stage,
                "license": "MIT",
                "source": "wheel a-carrier==1.0",
                "identity": entry.identity,
            },
        )
    library = Entry(
        name="hibari",
        stage="tts",
        kind="library",
        license="Apache-2.0",
        memory_gb=0.1,
        profiles=("small",),
        files=(LockedFile(path="x.onnx", bytes=1, sha256="0" * 64),),
        sources=(LibrarySource(type="library", package="hibari-tts", version="0.2.1"),),
    )
    write_lock(tmp_path / "lock.json", Lock(models=(*entries, library)))
    return root, tmp_path / "lock.json"


def test_it_carries_what_came_from_wheels_and_is_brought_in(
    installed: tuple[Path, Path], tmp_path: Path
) -> None:
    root, lock = installed
    bundle = tmp_path / "bundle"
    about = make_bundle("small", root, lock, bundle, False, None, quiet)
    assert about["models"] == ["ears", "m.gguf"]
    assert verify_bundle(bundle, None)["models"] == ["ears", "m.gguf"]
    assert (bundle / "licenses" / "MIT.txt").is_file() and (
        bundle / "licenses" / "Apache-2.0.txt"
    ).is_file()
    import_bundle(bundle, None, tmp_path / "elsewhere")
    assert ModelFolder(tmp_path / "elsewhere").folder("ears").is_dir()
    assert store.verify(tmp_path / "elsewhere").models["m.gguf"]["source"] == "wheel a-carrier==1.0"


def test_what_its_lock_does_not_name_is_refused(
    installed: tuple[Path, Path], tmp_path: Path
) -> None:
    root, lock = installed
    make_bundle("small", root, lock, tmp_path / "bundle", False, None, quiet)
    path = tmp_path / "bundle" / "models.lock.json"
    good = json.loads(path.read_text())
    entry = good["models"][1]
    entry["files"][0]["sha256"] = "1" * 64
    path.write_text(json.dumps(good))
    write_sums(tmp_path / "bundle")
    with pytest.raises(BundleError, match=r"lock and its files differ for m\.gguf"):
        verify_bundle(tmp_path / "bundle", None)


def test_a_model_that_is_not_installed_is_told(
    installed: tuple[Path, Path], tmp_path: Path
) -> None:
    root, lock = installed
    manifest = store.manifest_of(root)
    (root / "manifest.json").write_text(json.dumps({"files": manifest.files, "models": {}}))
    with pytest.raises(ModelMissingError, match=r"not installed: ears, m\.gguf"):
        make_bundle("small", root, lock, tmp_path / "bundle", False, None, quiet)


def test_software_without_the_library_is_no_bundle(
    installed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, lock = installed
    asked: list[tuple[str, ...]] = []

    def empty(folder: Path, note: object, extras: tuple[str, ...]) -> list[dict[str, str]]:
        asked.append(extras)
        folder.mkdir()
        return []

    monkeypatch.setattr("voice_local.supply.wheelhouse.make", empty)
    with pytest.raises(
        BundleError, match=r"brings hibari \(hibari-tts==0\.2\.1\) is not in the bundle"
    ):
        make_bundle("small", root, lock, tmp_path / "bundle", True, None, quiet)
    assert asked == [("small", "server")] and not (tmp_path / "bundle").exists()
