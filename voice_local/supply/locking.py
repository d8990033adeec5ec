"""Fills in what the lock does not know yet, from the source itself or from public listings that
agree."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from voice_local.errors import LockError
from voice_local.models.digests import digest
from voice_local.models.formats import BARE
from voice_local.models.lock import (
    Entry,
    Lock,
    LockedFile,
)
from voice_local.models.names import (
    pinned,
    safe_path,
)
from voice_local.models.sources import (
    SHA256,
    HttpsSource,
    HubSource,
    SafePath,
)
from voice_local.supply.fetch import Reporter
from voice_local.supply.hub import (
    Found,
    Hub,
    RemoteFile,
)

PUBLIC = "public listings"


class Listed(BaseModel):
    """One file of a repository as independent public listings describe it.

    Attributes:
        repository: "owner/name" on the Hub. file: its path there.
        revision: 40 hexadecimal digits; None where it is not given: the listing is ignored.
        bytes: its size; None where it is not given. sha256: its digest.
        agreed: whether all that list it say the same.
        listings: where it is listed; only their number counts.
    """

    repository: str
    file: SafePath
    revision: Annotated[str, AfterValidator(pinned)] | None
    bytes: int | None = Field(ge=0)
    sha256: str = Field(pattern=SHA256)
    agreed: bool
    listings: tuple[object, ...]


def read_listings(path: Path) -> list[Listed]:
    """The list of `Listed` files in the JSON document at `path`.

    Raises:
        LockError: it is none.
    """
    try:
        return TypeAdapter(list[Listed]).validate_python(
            json.loads(path.read_text(encoding="utf-8"))
        )
    except (ValidationError, ValueError, OSError, RecursionError) as error:
        raise LockError(
            f"{path} is no list of public listings ({' '.join(str(error).split())[:80]})",
            "each needs repository, file, revision, bytes, sha256, agreed, listings",
        ) from None


def from_listings(entry: Entry, listed: Sequence[Listed]) -> Entry | None:
    """`entry`, still to be confirmed at its source, with the files that at least two listings agree
    on.

    None unless they agree on something for every pattern of `wanted`, licences aside: a model that
    lacks a file is none.

    Raises:
        LockError: they name several revisions.
    """
    hub = entry.hub
    if hub is None:
        return None
    known = [
        one
        for one in listed
        if one.repository == hub.repository
        and one.agreed
        and len(one.listings) > 1
        and one.revision is not None
        and one.bytes is not None
        and any(fnmatch.fnmatch(one.file, pattern) for pattern in hub.wanted)
    ]
    needed = [pattern for pattern in hub.wanted if not pattern.startswith(BARE)]
    if not all(any(fnmatch.fnmatch(one.file, pattern) for one in known) for pattern in needed):
        return None
    revisions = {str(one.revision) for one in known}
    if len(revisions) > 1:
        raise LockError(
            f"{entry.name}: its listings name {len(revisions)} revisions", "keep those of one"
        )
    in_model = {there: here for here, there in hub.paths.items()}
    files = tuple(
        LockedFile(path=in_model.get(one.file, one.file), bytes=one.bytes or 0, sha256=one.sha256)
        for one in known
    )
    filled = entry.with_source(hub.model_copy(update={"revision": revisions.pop()}))
    return filled.model_copy(
        update={
            "files": files,
            "digests": PUBLIC,
            "confirmed": False,
            "listings": min(len(one.listings) for one in known),
        }
    )


def lock_listed(
    lock: Lock, names: Sequence[str], listed: Sequence[Listed]
) -> tuple[Lock, list[Entry]]:
    """`lock` with its unlocked entries `names` (all when none) filled in from listings; those that
    were.

    Raises:
        LockError: an unknown name, or listings that cannot be.
    """
    done = []
    for entry in lock.of(None, names):
        filled = None if entry.locked else from_listings(entry, listed)
        if filled is not None:
            lock = lock.with_entry(filled)
            done.append(filled)
    return lock, done


def fill_in(entry: Entry, hub: Hub, folder: Path, reporter: Reporter) -> tuple[Entry, Found | None]:
    """`entry` with its revision and files as they are now at its source (small files and archives
    are fetched and hashed).

    Raises:
        DownloadError, LicenseError, LockError: nothing at the source is wanted, or its licence or,
            where files were known before, a file is another than the entry's.
    """
    source = next((one for one in entry.sources if isinstance(one, HubSource | HttpsSource)), None)
    if source is None:
        raise LockError(
            f"{entry.name} has no source that can be asked what it holds",
            "name a hub or https source",
        )
    if isinstance(source, HttpsSource):
        reporter.begin(entry.name, 0)
        target = hub.fetch_url(source.url, folder / source.name, reporter.advance)
        files: tuple[LockedFile, ...] = (
            LockedFile(path=source.name, bytes=target.stat().st_size, sha256=digest(target)),
        )
        found, filled = None, entry
    else:
        found = hub.find(source.repository, source.revision)
        files = tuple(
            _known(source, file, found.revision, hub, folder / entry.name, reporter)
            for file in _wanted(entry, source, found, reporter)
        )
        filled = entry.with_source(source.model_copy(update={"revision": pinned(found.revision)}))
    _same(entry, files)
    filled = filled.model_copy(
        update={
            "files": entry.files or files,
            "digests": "source",
            "listings": 0,
            "acceptance": entry.acceptance or bool(found and found.gated),
            "confirmed": found is None or bool(found.license),
        }
    )
    return filled, found


def _same(entry: Entry, files: Sequence[LockedFile]) -> None:
    """Those of `files` that the entry knew before are the same ones."""
    there = {file.path: file for file in files}
    for file in entry.files:
        if file.path not in there or there[file.path] != file:
            found_there = (
                f"sha256 {there[file.path].sha256[:12]}…" if file.path in there else "no such file"
            )
            raise LockError(
                f"{entry.name}: {file.path} differs between its source ({found_there}) "
                f"and the lock ({file.sha256[:12]}…)",
                "find out which is right before you use it",
            )


def _wanted(entry: Entry, source: HubSource, found: Found, reporter: Reporter) -> list[RemoteFile]:
    try:
        for remote in found.files:
            safe_path(remote.path)
    except ValueError as error:
        raise LockError(
            f"{entry.name}: its publisher lists an invalid file: {error}", "do not use it"
        ) from None
    wanted = [
        file
        for file in found.files
        if any(fnmatch.fnmatch(file.path, pattern) for pattern in source.wanted)
    ]
    if not wanted:
        raise LockError(
            f"{entry.name}: nothing in {source.repository} is called {', '.join(source.wanted)}",
            "correct `wanted` in the lock",
        )
    if found.license and found.license.lower() != entry.license.lower():
        raise LockError(
            f"{entry.name}: its publisher says {found.license}, the lock {entry.license}",
            "read the licence and correct the lock",
        )
    reporter.begin(entry.name, sum(file.bytes for file in wanted if file.sha256 is None))
    return wanted


def _known(
    source: HubSource, file: RemoteFile, revision: str, hub: Hub, folder: Path, reporter: Reporter
) -> LockedFile:
    path = {there: here for here, there in source.paths.items()}.get(file.path, file.path)
    if file.sha256 is not None:
        return LockedFile(path=path, bytes=file.bytes, sha256=file.sha256)
    got = hub.fetch(source.repository, revision, file.path, folder / file.path, reporter.advance)
    return LockedFile(path=path, bytes=got.stat().st_size, sha256=digest(got))


def lock_all(
    lock: Lock,
    names: Sequence[str],
    hub: Hub,
    folder: Path,
    reporter: Reporter,
    again: bool = False,
    keep: Callable[[Lock], None] = lambda lock: None,
) -> tuple[Lock, list[tuple[Entry, Found | None]]]:
    """`lock` with the entries `names` (all when none) filled in, each kept at once; those locked
    already only `again`.

    Digests from public listings are confirmed. Entries that only packages or libraries
    carry are left alone, and `again` takes no other files for one that packages carry too.

    Raises:
        LockError, DownloadError, LicenseError.
    """
    done = []
    for entry in lock.of(None, names):
        asked = next(
            (one for one in entry.sources if isinstance(one, HubSource | HttpsSource)), None
        )
        if asked is None or (entry.locked and not again and entry.digests != PUBLIC):
            continue
        renewed = again and all(isinstance(one, HubSource | HttpsSource) for one in entry.sources)
        filled, found = fill_in(_emptied(entry) if renewed else entry, hub, folder, reporter)
        lock = lock.with_entry(filled)
        keep(lock)
        done.append((filled, found))
    return lock, done


def _emptied(entry: Entry) -> Entry:
    """`entry` before anybody looked."""
    hub = entry.hub
    empty = entry.model_copy(update={"files": (), "digests": "", "listings": 0})
    return empty.with_source(hub.model_copy(update={"revision": None})) if hub else empty
