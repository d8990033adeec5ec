"""`voice-local voices`: every voice with its language, size and licence; a sample of one, played or
written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from voice_local.cli import show

if TYPE_CHECKING:
    from voice_local.engine.voice_models import Voice


def voices(
    name: Annotated[str | None, typer.Argument(help="a voice to hear, as kokoro/bf_emma")] = None,
    out: Annotated[
        Path | None, typer.Option(help="write the sample into this WAV file instead of playing it")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="what the sample says; default: a sentence of its language")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="list only voices of this language, as en, en-GB or es")
    ] = None,
    output_device: Annotated[
        str | None, typer.Option(help="name or index of the loudspeaker")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="profile whose models folder is searched first")
    ] = None,
    models_dir: Annotated[
        Path | None, typer.Option(help="a folder of models with a manifest.json")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="one JSON document on standard output and nothing else")
    ] = False,
) -> None:
    """Lists every voice; with a voice's name, plays a sample of it."""
    from voice_local.config import load
    from voice_local.engine.voices import (
        catalogue,
        find,
        speaking,
    )
    from voice_local.errors import TextInputError
    from voice_local.profile_choice import best

    settings = load(profile or best() or "tiny", models_dir=models_dir)
    if name is None:
        if out or text:
            raise TextInputError(
                "which voice?", "name one: voice-local voices kokoro/bf_emma --out sample.wav"
            )
        found = catalogue(settings)
        spoken = [voice for voice in found if language is None or _speaks(voice, language)]
        if not spoken:
            languages = ", ".join(sorted({voice.language for voice in found}))
            raise TextInputError(f"no voice speaks {language!r}", f"one of: {languages}")
        _list(spoken, json)
        return
    from voice_local.cli import runs
    from voice_local.text.languages import base
    from voice_local.text.samples import SAMPLES

    voice = find(name, settings)
    said = text if text is not None else SAMPLES.get(base(voice.language), SAMPLES["en"])
    asyncio.run(runs.say(speaking(settings, voice.full), said, out, output_device, json))


def _speaks(voice: Voice, language: str) -> bool:
    return voice.language.lower() == language.lower() or voice.language.lower().startswith(
        f"{language.lower()}-"
    )


def _list(found: Sequence[Voice], as_json: bool) -> None:
    if as_json:
        show.emit([{"voice": voice.full, **asdict(voice), "ready": voice.ready} for voice in found])
        return
    table = Table(title="voices", title_justify="left")
    for column in ("voice", "language", "size", "licence", "state"):
        table.add_column(column, no_wrap=column in ("voice", "size"), overflow="fold")
    for voice in found:
        state = (
            f"needs {voice.needs}"
            if voice.place and voice.needs
            else "installed"
            if voice.place
            else voice.command
        )
        table.add_row(
            voice.full, voice.language, f"{voice.bytes / 2**20:.0f} MiB", voice.license, state
        )
    Console(highlight=False).print(table)
