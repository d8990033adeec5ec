"""The commands. Each loads only the stages it needs; heavy imports wait until a command runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from voice_local.cli import (
    bench,
    models,
    show,
    streams,
    voices,
)
from voice_local.cli.signals import (
    INTERRUPTED,
    Endings,
)
from voice_local.errors import VoiceLocalError

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

Profile = Annotated[
    str | None,
    typer.Option(
        help="tiny, small, base, cpu, gpu, gpu-large or one of your own; default: the best that "
        "can run here"
    ),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option(help="a folder of models with a manifest.json, instead of the profile's"),
]
Vocabulary = Annotated[
    str | None,
    typer.Option(help="names, products, jargon to expect, parted by commas; or a file of them"),
]
Language = Annotated[
    str | None,
    typer.Option(help="of the speech: a code such as en or de, or auto; default: the profile's"),
]
Voice = Annotated[
    str | None,
    typer.Option(
        help="of any engine, as kokoro/bf_emma (all of them: voice-local voices); default: the "
        "profile's"
    ),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="also what was understood, and how long each stage took"),
]
Json = Annotated[
    bool, typer.Option("--json", help="one JSON document on standard output and nothing else")
]


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


def _settings(
    profile: str | None,
    models_dir: Path | None,
    voice: str | None = None,
    engine: str | None = None,
    **overrides: Any,
) -> Any:
    from voice_local.profile_choice import settings_for
    from voice_local.voices import speaking

    return speaking(settings_for(profile, models_dir, **overrides), voice, engine)


def _recognition(vocabulary: str | None, language: str | None) -> dict[str, Any]:
    """What the options of recognition change in the settings."""
    from voice_local.text.vocabulary import load_vocabulary

    return {
        "vocabulary": None if vocabulary is None else load_vocabulary(vocabulary),
        "language": language,
    }


@app.command(rich_help_panel=TALK)
def talk(
    input_device: Annotated[
        str | None, typer.Option(help="name or index of the microphone")
    ] = None,
    output_device: Annotated[
        str | None, typer.Option(help="name or index of the loudspeaker")
    ] = None,
    list_devices: Annotated[
        bool, typer.Option("--list-devices", help="show the sound devices and end")
    ] = False,
    push_to_talk: Annotated[
        bool, typer.Option("--push-to-talk", help="Enter begins and ends your turn")
    ] = False,
    text: Annotated[bool, typer.Option("--text", help="type, and be answered aloud")] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            help="folder to keep both sides and the turn records in; another is made "
            "beside it where it holds a session already"
        ),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(help="a recording in place of the microphone, in real time")
    ] = None,
    echo_cancel: Annotated[
        bool, typer.Option(help="take the loudspeaker's sound out of the microphone's")
    ] = True,
    voice: Voice = None,
    vocabulary: Vocabulary = None,
    language: Language = None,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    verbose: Verbose = False,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="JSON on standard output: one line for each event, as it happens"
        ),
    ] = False,
) -> None:
    """Speak with it through microphone and loudspeaker; "goodbye" or Ctrl-C ends."""
    from voice_local.cli import talk as live

    if list_devices:
        live.list_devices(json)
        return
    audio = {
        "input_device": input_device,
        "output_device": output_device,
        "echo_cancel": echo_cancel,
    }
    settings = _settings(
        profile, models_dir, voice, audio=audio, stt=_recognition(vocabulary, language)
    )
    asyncio.run(live.talk(settings, live.Options(wav, record, push_to_talk, text, verbose, json)))


@app.command(rich_help_panel=TALK)
def chat(
    once: Annotated[
        list[str] | None, typer.Option(help="a turn to take; several are one conversation")
    ] = None,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Talk with it by keyboard; /help shows what can be typed."""
    from voice_local.cli import chat as keyboard

    keyboard.chat(_settings(profile, models_dir), once, json, verbose)


@app.command(rich_help_panel=TALK)
def demo(
    wav: Annotated[
        Path | None, typer.Option(help="a recording of the user's side instead of the bundled one")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder for the sound; default: a new temporary one")
    ] = None,
    play: Annotated[
        bool | None,
        typer.Option(
            "--play/--no-play",
            help="play the conversation at the end; default: on a "
            "terminal, where there is a loudspeaker",
        ),
    ] = None,
    voice: Voice = None,
    vocabulary: Vocabulary = None,
    language: Language = None,
    profile: Profile = None,
    models_dir: ModelsDir = None,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """One spoken conversation from recordings: a WAV file of each answer, and conversation.flac
    with both sides."""
    from voice_local.cli import runs

    settings = _settings(profile, models_dir, voice, stt=_recognition(vocabulary, language))
    folder = out or streams.temporary_folder("voice-local-demo-")
    asyncio.run(runs.demo(settings, wav, folder, play, json, verbose))


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
        runs.say(_settings(profile, models_dir, voice, engine), text, out, output_device, json)
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

    settings = _settings(profile, models_dir, stt=_recognition(vocabulary, language))
    asyncio.run(runs.transcribe(settings, files, word_times, json))


@app.command(rich_help_panel=LOOK)
def doctor(
    offline_proof: Annotated[
        bool,
        typer.Option(
            "--offline-proof",
            help="run the commands as you do, where nothing "
            "can reach outside; every attempt is told",
        ),
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=1, help="how long the proof lets talk run: some telemetry waits")
    ] = 60.0,
    alive: Annotated[
        bool,
        typer.Option(
            "--alive",
            help="only tell whether an engine's worker runs here; exit code 1 if none does",
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

    asyncio.run(runs.classify(_settings(profile, models_dir), texts, json))


@app.command(rich_help_panel=WORK)
def replay(
    folder: Annotated[Path, typer.Argument(help="what talk --record wrote")],
    profile: Profile = None,
    models_dir: ModelsDir = None,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Run a recorded session again, with the same microphone sound."""
    from voice_local.cli import talk as live

    asyncio.run(live.replay(_settings(profile, models_dir), folder, json, verbose))


app.command(rich_help_panel=WORK)(bench.bench)


# Typer carries a copy of click of its own in some versions: its base error is found through what
# Typer exports.
_USAGE_ERROR: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)


def main() -> None:
    """Entry point."""
    streams.prepare()
    finished(app)


def finished(commands: typer.Typer) -> None:
    """Runs `commands` and ends the process: errors become one line for a person and exit code 2."""
    endings = Endings()
    try:
        code = commands(standalone_mode=False)
        if code == INTERRUPTED:  # some versions of Typer return it
            leave(endings.code)
        streams.flush()
    except VoiceLocalError as error:
        show.complain(error.cause, error.remedy)
        code = 2
    except _USAGE_ERROR as error:
        show.complain(getattr(error, "message", "") or str(error), "voice-local --help")
        code = 2
    except (typer.Abort, KeyboardInterrupt):
        leave(endings.code)
    except BrokenPipeError:
        streams.give_up_output()
        code = streams.BROKEN_PIPE
    except OSError as error:
        if error.errno not in streams.FULL:
            raise
        streams.give_up_output()
        show.complain(
            f"cannot write {error.filename or 'the output'} ({error.strerror})",
            "make room, or write elsewhere",
        )
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def leave(code: int) -> NoReturn:
    """Ends the process at once, after an interruption: all is in order, and taking libraries apart
    may take a second."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
