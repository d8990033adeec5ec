"""The lock: which models the real profiles use, the digest of every file of theirs, and which
sources carry them.

An entry whose files are not known yet is *unlocked*: `voice-local models lock` fills it in on a
machine with access, shows what it found, and only then will `download` touch it. Here it is only
read; `voice_local.supply` writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from voice_local.errors import LockError
from voice_local.models.names import model_name
from voice_local.models.paths import shortened
from voice_local.models.shipped import shipped
from voice_local.models.sources import (
    SHA256,
    Base,
    HubSource,
    LibrarySource,
    NpmSource,
    SafePath,
    Source,
    WheelSource,
)

LOCK_NAME = "models.lock.json"
FORMAT: Literal[2] = 2
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")


class LockedFile(Base):
    """One file: its path in the model, its size and its digest."""

    path: SafePath
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=SHA256)


class Entry(Base):
    """One model.

    Attributes:
        name: its name among the installed models: a folder, or a file for a GGUF.
        alias: a short name that a person may call it by.
        stage: what it is for.
        kind: what has to be done with it once fetched (`as_is`, or converted from another format);
            `library` where an installed library brings it.
        files: what it is, before any conversion; none while unlocked.
        sources: what carries the files, the preferred one first.
        digests: where `files` come from: computed here, given by the source, or the same in public
            `listings`.
        listings: how many independent public listings agree, for `public listings`.
        license: SPDX, as its publisher says.
        acceptance: whether the licence has to be accepted by name before fetching.
        confirmed: whether licence and address were seen at the source, not only in other people's
            lists.
        profiles: which profiles use it.
        memory_gb: what it needs once loaded, roughly.
        properties: what a stage has to know of it, by name with its unit (`shortest_window_s`).
    """

    name: Annotated[str, AfterValidator(model_name)]
    alias: str = Field("", pattern=r"^[a-z0-9-]*$")
    stage: Literal["stt", "intent", "emotion", "llm", "tts", "vad", "turn", "embed"]
    kind: Literal[
        "as_is",
        "whisper_to_ctranslate2",
        "coqui_to_safetensors",
        "piper_to_coqui",
        "classifier_to_onnx",
        "bark_to_safetensors",
        "library",
    ] = "as_is"
    files: tuple[LockedFile, ...] = ()
    sources: tuple[Source, ...] = ()
    digests: Literal["", "checked here", "source", "public listings"] = ""
    listings: int = Field(0, ge=0)
    license: str
    acceptance: bool = False
    confirmed: bool = False
    profiles: tuple[str, ...] = ()
    memory_gb: float = Field(gt=0)
    properties: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.digests == "public listings") != bool(self.listings):
            raise ValueError("`listings` is a count for digests from public listings")
        if (self.kind == "library") != any(
            isinstance(source, LibrarySource) for source in self.sources
        ):
            raise ValueError("kind and source `library` go together")
        sizes = {file.path: file.bytes for file in self.files}
        for source in self.sources:
            for member in source.members if isinstance(source, WheelSource | NpmSource) else ():
                if sizes.get(member.file) != sum(part.bytes for part in member.parts):
                    raise ValueError(f"the parts of {member.file} do not make up the file")
        return self

    @property
    def locked(self) -> bool:
        """Whether every file of it is known and carried by a source."""
        return bool(self.files) and all(
            any(source.gives(file.path) for source in self.sources) for file in self.files
        )

    @property
    def size(self) -> int:
        """Bytes of its files; 0 while unlocked."""
        return sum(file.bytes for file in self.files)

    @property
    def archive(self) -> bool:
        """Whether what is fetched is one archive, to be unpacked."""
        return len(self.files) == 1 and self.files[0].path.lower().endswith(ARCHIVES)

    @property
    def identity(self) -> str:
        """One sha256 for all of its files, of their sums as sha256sum lists them."""
        lines = sorted(f"{file.sha256}  {file.path}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def hub(self) -> HubSource | None:
        """Its repository on the Hub, if it has one."""
        return next((source for source in self.sources if isinstance(source, HubSource)), None)

    def with_source(self, new: Source) -> Entry:
        """This entry with `new` in the place of its source of the same kind."""
        return self.model_copy(
            update={"sources": tuple(new if one.type == new.type else one for one in self.sources)}
        )


class Lock(Base):
    """Every entry, names unique."""

    format: Literal[2] = FORMAT
    models: tuple[Entry, ...]

    def of(self, profile: str | None, names: Sequence[str] = ()) -> list[Entry]:
        """The entries of a profile, or those named (by name or alias), each once.

        Raises:
            LockError: a name that no entry has.
        """
        known = {entry.name: entry for entry in self.models}
        called = {entry.alias: entry for entry in self.models if entry.alias} | known
        for name in names:
            if name not in called:
                raise LockError(
                    f"no model {name!r} in the lock",
                    f"one of: {', '.join(entry.alias or entry.name for entry in self.models)}",
                )
        if names:
            return list({called[name].name: called[name] for name in names}.values())
        return [entry for entry in self.models if profile is None or profile in entry.profiles]

    def with_entry(self, entry: Entry) -> Lock:
        """This lock with `entry` in the place of the one of its name."""
        return Lock(models=tuple(entry if old.name == entry.name else old for old in self.models))


def shipped_lock() -> Path:
    """The lock that came with this package, or that lies in its checkout."""
    return shipped(LOCK_NAME)


def read_lock(path: Path) -> Lock:
    """The lock at `path`.

    Raises:
        LockError: it is missing, is no lock, is of an older format, or names paths and revisions
            that it must not.
    """
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and content.get("format") == 1:
            raise LockError(
                f"{path} is a lock of format 1, this version reads format {FORMAT}",
                "leave out --lock to use the one that was shipped",
            )
        lock = Lock.model_validate(content)
    except (FileNotFoundError, NotADirectoryError):
        raise LockError(f"there is no lock at {path}", "give one with --lock") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LockError(
            f"{path} is not a lock of models: {where}: {first['msg']}",
            "restore the one that was shipped",
        ) from None
    except OSError as error:
        raise LockError(
            f"{shortened(path)} cannot be read ({error.strerror})", "give another one with --lock"
        ) from None
    except (ValueError, RecursionError):
        raise LockError(
            f"{path} is not a lock of models", "restore the one that was shipped"
        ) from None
    names = [name for entry in lock.models for name in (entry.name, entry.alias) if name]
    if len(set(names)) < len(names):
        raise LockError(f"{path} names a model twice", "restore the one that was shipped")
    return lock
