"""The commands. Each loads only the stages it needs; heavy imports wait until a command runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from voice_local.cli import (
    bench,
    conversation_commands,
    models,
    serve,
    streams,
    voices,
)
from voice_local.cli.endings import finished
from voice_local.cli.options import (
    Json,
    Language,
    ModelsDir,
    Profile,
    Vocabulary,
    Voice,
    chosen_settings,
    recognition,
)

EXAMPLES = """\b
Examples:
  voice-local talk                             speak with it; Ctrl-C ends
  voice-local chat                             the same by keyboard
  voice-local say "Good morning."              hear a sentence
  voice-local transcribe meeting.m4a           what is said in a recording
  voice-local doctor                           what can run here
  voice-local models download --profile small  models for everyday use"""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=EXAMPLES,
    help="A voice assistant that never leaves the building.",
)
TALK, LOOK, WORK = "Talk with it", "Set it up", "Parts and measurements"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"voice-local {version('voice-local')}")
        raise typer.Exit


@app.callback()
def voice_local(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="show the version and end"
        ),
    ] = False,
) -> None:
    """A voice assistant that never leaves the building."""


app.command(rich_help_panel=TALK)(conversation_commands.talk)
app.command(rich_help_panel=TALK)(conversation_commands.chat)
app.command(rich_help_panel=TALK)(conversation_commands.demo)
app.command(rich_help_panel=TALK)(serve.serve)


@app.command(rich_help_panel=TALK)
def say(
    text: Annotated[str, typer.Argument(help="what to say")],
    out: Annotated[
        Path | None,
        typer.Option(help="a WAV file to write, and nothing is played; - is standard output"),
    ] = None,
    voice: Voice = None,
    engine: Annotated[
        str | None, typer.Option(help="hibari, kokoro, coqui or bark; default: the profile's")
    ] = None,
    output_device: Annotated[
        str | None, typer.Option(help="name or index of the loudspeaker")
    ] = None,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    json: Json = False,
) -> None:
    """Speak a text: aloud, or into a WAV file with --out."""
    from voice_local.cli import runs

    asyncio.run(
        runs.say(
            chosen_settings(profile, models_dir, voice, engine), text, out, output_device, json
        )
    )


@app.command(rich_help_panel=TALK)
def transcribe(
    files: Annotated[
        list[Path], typer.Argument(help="audio files, any format and rate; - is standard input")
    ],
    vocabulary: Vocabulary = None,
    language: Language = None,
    word_times: Annotated[
        bool, typer.Option("--word-times", help="also when each word is said")
    ] = False,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    json: Json = False,
) -> None:
    """Write down what is said in audio files."""
    from voice_local.cli import runs

    settings = chosen_settings(profile, models_dir, stt=recognition(vocabulary, language))
    asyncio.run(runs.transcribe(settings, files, word_times, json))


@app.command(rich_help_panel=LOOK)
def doctor(
    offline_proof: Annotated[
        bool,
        typer.Option(
            "--offline-proof",
            help="run the commands as you do, where nothing "
            "can reach outside; every attempt is reported",
        ),
    ] = False,
    seconds: Annotated[
        float,
        typer.Option(
            min=1, max=3600, help="how long the proof lets talk run: some telemetry waits"
        ),
    ] = 60.0,
    alive: Annotated[
        bool,
        typer.Option(
            "--alive",
            help="only check whether an engine's worker runs here; exit code 1 if none does",
        ),
    ] = False,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    json: Json = False,
) -> None:
    """What can run here, what each stage runs on, what is missing and how to get it; exit code 1 if
    it cannot run."""
    if alive:
        from voice_local.cli.doctor import workers

        found = workers()
        typer.echo(f"workers: {', '.join(map(str, found)) or 'none'}")
        raise typer.Exit(0 if found else 1)
    if offline_proof:
        from voice_local.cli import proof

        proof.run(profile, models_dir, json, seconds)
        return
    from voice_local.cli import doctor as examination

    raise typer.Exit(0 if asyncio.run(examination.run(profile, models_dir, json)) else 1)


app.command(rich_help_panel=LOOK)(voices.voices)
app.add_typer(models.app, name="models", rich_help_panel=LOOK)


@app.command(rich_help_panel=WORK)
def classify(
    texts: Annotated[list[str], typer.Argument(help="sentences")],
    profile: Profile = None,
    models_dir: ModelsDir = None,
    json: Json = False,
) -> None:
    """Tell intent, emotion and whether a sentence is finished."""
    from voice_local.cli import runs

    asyncio.run(runs.classify(chosen_settings(profile, models_dir), texts, json))


app.command(rich_help_panel=WORK)(conversation_commands.replay)
app.command(rich_help_panel=WORK)(bench.bench)


def main() -> None:
    """Entry point."""
    streams.prepare()
    finished(app)


if __name__ == "__main__":
    main()
