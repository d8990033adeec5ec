"""The lock: which models the real profiles use, from where, at which revision, and the digest of every file.

An entry whose files are not known yet is *unlocked*: `voice-local models lock` fills it in on a machine with access, shows
what it found, and only then will `download` touch it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

import voice_local
from voice_local.errors import LockError, OutputError

LOCK_NAME = "models.lock.json"
_SAFE_PART = re.compile(r"[A-Za-z0-9._+-][A-Za-z0-9._+~%-]*( [A-Za-z0-9._+~%-]+)*")
RESERVED = ("licenses", "manifest.json")
"""What lies among the installed models and is none."""


def safe_path(text: str) -> str:
    """`text`, a relative path of plain names.

    Raises:
        ValueError: it is absolute, climbs out, is empty or holds characters that names of models have no use for.
    """
    parts = text.split("/")
    if not all(_SAFE_PART.fullmatch(part) and part.strip(".") for part in parts):
        raise ValueError(f"{text!r} is not a plain relative path")
    return text


def model_name(text: str) -> str:
    """`text`, a name that a model may have among the installed ones.

    Raises:
        ValueError: it is no plain path, hidden, or taken.
    """
    if any(part.startswith(".") for part in safe_path(text).split("/")) or text.split("/")[0] in RESERVED:
        raise ValueError(f"{text!r} is no name for a model")
    return text


def pinned(text: str) -> str:
    """`text`, a full commit id.

    Raises:
        ValueError: it is a branch, a tag or an abbreviation.
    """
    if not re.fullmatch(r"[0-9a-f]{40}", text):
        raise ValueError(f"{text!r} is not a revision of 40 hexadecimal digits")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LockedFile(_Part):
    """One file to fetch: where it lies in its source, and what it must be."""

    path: Annotated[str, AfterValidator(safe_path)]
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Entry(_Part):
    """One model.

    Attributes:
        name: its name among the installed models: a folder, or a file for a GGUF.
        stage: what it is for.
        kind: what has to be done with it once fetched (`as_is`, or converted from another format).
        repository: on the Hub, "owner/name"; empty for a plain address.
        url: of a zip by plain HTTPS; empty for the Hub.
        revision: of the repository, 40 hexadecimal digits; None while unlocked and for a plain address.
        wanted: which files of the repository, as patterns.
        files: what they are; none while unlocked.
        license: SPDX, as its publisher says.
        acceptance: whether the licence has to be accepted by name before fetching.
        confirmed: whether licence and address were seen at the source, not only in other people's lists.
        profiles: which profiles use it.
        memory_gb: what it needs once loaded, roughly.
    """

    name: Annotated[str, AfterValidator(model_name)]
    stage: Literal["stt", "intent", "emotion", "llm", "tts"]
    kind: Literal["as_is", "whisper_to_ctranslate2", "coqui_to_safetensors", "classifier_to_onnx", "bark_to_safetensors"]
    repository: str = Field("", pattern=r"^([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)?$")
    url: str = Field("", pattern=r"^(https://\S+|http://127\.0\.0\.1(:\d+)?/\S*)?$")
    revision: Annotated[str, AfterValidator(pinned)] | None = None
    wanted: tuple[str, ...] = ("*",)
    files: tuple[LockedFile, ...] = ()
    license: str
    acceptance: bool = False
    confirmed: bool = False
    profiles: tuple[str, ...] = ()
    memory_gb: float = Field(gt=0)

    @property
    def locked(self) -> bool:
        """Whether every file of it is known."""
        return bool(self.files) and (self.revision is not None or bool(self.url))

    @property
    def size(self) -> int:
        """Bytes to fetch; 0 while unlocked."""
        return sum(file.bytes for file in self.files)


class Lock(_Part):
    """Every entry, names unique."""

    format: Literal[1] = 1
    models: tuple[Entry, ...]

    def of(self, profile: str | None, names: Sequence[str] = ()) -> list[Entry]:
        """The entries of a profile, or those named.

        Raises:
            LockError: a name that no entry has.
        """
        known = {entry.name: entry for entry in self.models}
        for name in names:
            if name not in known:
                raise LockError(f"no model {name!r} in the lock", f"one of: {', '.join(known)}")
        if names:
            return [known[name] for name in names]
        return [entry for entry in self.models if profile is None or profile in entry.profiles]

    def with_entry(self, entry: Entry) -> Lock:
        """This lock with `entry` in the place of the one of its name."""
        return Lock(models=tuple(entry if old.name == entry.name else old for old in self.models))


def shipped_lock() -> Path:
    """The lock that came with this package, or that lies in its checkout."""
    package = Path(voice_local.__file__).parent
    shipped = package / "_models" / LOCK_NAME
    return shipped if shipped.is_file() else package.parent / "models" / LOCK_NAME


def read_lock(path: Path) -> Lock:
    """The lock at `path`.

    Raises:
        LockError: it is missing, is no lock, or names paths and revisions that it must not.
    """
    try:
        lock = Lock.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise LockError(f"there is no lock at {path}", "give one with --lock") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LockError(f"{path} is not a lock of models: {where}: {first['msg']}",
                        "restore the one that was shipped") from None
    except (ValueError, OSError):
        raise LockError(f"{path} is not a lock of models", "restore the one that was shipped") from None
    names = [entry.name for entry in lock.models]
    if len(set(names)) < len(names):
        raise LockError(f"{path} names a model twice", "restore the one that was shipped")
    return lock


def write_lock(path: Path, lock: Lock) -> None:
    """Writes it whole or not at all.

    Raises:
        OutputError: the place cannot be written.
    """
    text = json.dumps(lock.model_dump(mode="json", exclude_defaults=False), indent=1, ensure_ascii=False) + "\n"
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"cannot write {path} ({error.strerror})", "give another place with --lock") from None
