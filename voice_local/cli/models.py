"""`voice-local models …`: what is installed, under which terms, and the commands that fetch, carry,
verify and add models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voice_local.cli import (
    models_bundle,
    models_fetch,
    show,
)
from voice_local.cli.endings import finished
from voice_local.cli.models_options import (
    Dir,
    Json,
    LockFile,
    Names,
    places,
)

app = typer.Typer(no_args_is_help=True, help="Fetch, lock, carry, verify and add models.")


@app.command("list")
def list_(
    profile: Annotated[str | None, typer.Option(help="only this profile's")] = None,
    models_dir: Dir = None,
    lock: LockFile = None,
    json: Json = False,
) -> None:
    """What is installed, what can be fetched, how large it is and what it is for."""
    from voice_local.cli import models_list, models_used
    from voice_local.models.lock import read_lock

    root, path = places(models_dir, lock)
    known = read_lock(path)
    if profile is None or any(profile in entry.profiles for entry in known.models):
        rows = models_list.rows(root, known, path, profile)
    else:
        root, rows = models_used.rows(profile, models_dir, known, path)
    if json:
        show.emit(
            {"models_dir": str(root), "lock": str(path), "models": [row.as_json() for row in rows]}
        )
    else:
        models_list.tell(rows, root)


app.command("lock")(models_fetch.lock_models)
app.command()(models_fetch.download)
app.command()(models_bundle.verify)


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

    root, path = places(models_dir, lock)
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
    from voice_local.errors import ConfigError
    from voice_local.models.paths import found
    from voice_local.supply.convert import convert as run

    if found(source) is None or not source.is_dir():
        raise ConfigError(f"{source} is not a folder", "unpack the model first")
    run(kind, source, out)
    show.note(f"made {out}")


app.command()(models_bundle.bundle)
app.command("import")(models_bundle.import_)


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
    base: Annotated[
        str | None,
        typer.Option(
            help="the profile whose other models it goes with; default: the best one here"
        ),
    ] = None,
    models_dir: Dir = None,
    json: Json = False,
) -> None:
    """Looks into a model of your own, records digest and licence, and makes a profile of it."""
    from voice_local.profile_choice import best
    from voice_local.supply import custom

    root, _ = places(models_dir, None)
    made = custom.add(
        path,
        stage,
        license,
        root,
        name,
        profile,
        base or (best() if models_dir is None else None) or "tiny",
        show.note,
    )
    if json:
        show.emit(made)
        return
    show.note(
        f"{made['name']}: {made['architecture']}, {made['bytes'] / 2**20:.1f} MiB, sha256 "
        f"{made['sha256'][:16]}…, "
        f"{made['license']}"
    )
    if not made["profile_made"]:
        show.note(f"{made['profile_file']} was there already and stays as it is")
    show.note(f"use it: voice-local talk --profile {made['profile']}")


def front() -> None:
    """For `scripts/download_models.py`: the same commands, without `models` before them."""
    finished(app)
