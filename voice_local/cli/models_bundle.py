"""`voice-local models verify`, `bundle` and `import`: models for a machine without a network, and
the check that they are whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from voice_local.cli import show
from voice_local.cli.models_options import (
    Dir,
    Json,
    LockFile,
    places,
)


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
    from voice_local.errors import ModelMissingError
    from voice_local.models import packaged
    from voice_local.models.folder import MANIFEST
    from voice_local.models.paths import found
    from voice_local.supply import store
    from voice_local.supply.bundle_format import SUMS
    from voice_local.supply.bundle_import import verify_bundle

    target = path or places(models_dir, None)[0]
    listed = found(target / MANIFEST) is not None
    if path is None and not listed:
        raise ModelMissingError(
            f"no models are installed in {target}", "voice-local models download --profile small"
        )
    if signer is None and listed and found(target / SUMS) is None:
        manifest = store.verify(target)
        result: dict[str, Any] = {
            "models": sorted(manifest.models),
            "files": len(manifest.files),
            "signed_by": None,
        }
        if path is None:
            result["libraries"] = packaged.verify_all()
    else:
        result = verify_bundle(target, signer)
    if json:
        show.emit({"path": str(target), **result})
        return
    names = ", ".join(result["models"]) or "unnamed"
    show.note(f"{target}: {result['files']} files match their digests; models: {names}")
    for name, file in result.get("libraries", {}).items():
        show.note(f"{name}: the file of its installed library is what the lock names ({file})")
    if "signature" in result:
        show.note(result["signature"])


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
    from voice_local.supply.bundle import make_bundle

    if profile not in PROFILES:
        raise ConfigError(f"unknown profile {profile!r}", f"one of: {', '.join(PROFILES)}")
    root, path = places(models_dir, lock)
    about = make_bundle(profile, root, path, out, wheelhouse, sign, show.note)
    if json:
        show.emit({"path": str(out), **about})
    else:
        show.note(
            f"made {out}: {', '.join(about['models'])}{' with wheels' if wheelhouse else ''}; "
            f"{'signed' if sign else 'not signed (--sign KEY)'}"
        )


def import_(
    path: Annotated[Path, typer.Argument(help="a bundle (folder or tar)")],
    signer: Annotated[
        Path | None, typer.Option(help="public key that must have signed the bundle (ssh)")
    ] = None,
    models_dir: Dir = None,
    json: Json = False,
) -> None:
    """Verifies a bundle and installs its models. Needs no network."""
    from voice_local.supply.bundle_import import import_bundle

    root, _ = places(models_dir, None)
    result = import_bundle(path, signer, root, show.note)
    if json:
        show.emit({"models_dir": str(root), **result})
        return
    show.note(f"{', '.join(result['models'])} installed in {root}; {result['signature']}")
