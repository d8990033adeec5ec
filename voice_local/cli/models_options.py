"""The options that several of `voice-local models` take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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


def places(models_dir: Path | None, lock: Path | None) -> tuple[Path, Path]:
    """(the folder of installed models, the lock) that the options name, or the usual ones."""
    from voice_local.models.folder import home
    from voice_local.models.lock import shipped_lock

    return models_dir or home(), lock or shipped_lock()
