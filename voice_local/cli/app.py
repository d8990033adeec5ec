"""The commands. Each loads only the stages it needs; heavy imports wait until a command runs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from voice_local.cli import bench, models, show, streams, voices
from voice_local.cli.signals import INTERRUPTED, Endings
from voice_local.errors import VoiceLocalError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="A voice assistant that never leaves the building.")
app.add_typer(models.app, name="models")
app.command()(bench.bench)
app.command()(voices.voices)

Profile = Annotated[str | None, typer.Option(
    help="tiny, small, base, cpu, gpu or gpu-large; default: the best that can run here")]
ModelsDir = Annotated[Path | None, typer.Option(help="a folder of models with a manifest.json, instead of the profile's")]
Vocabulary = Annotated[str | None, typer.Option(
    help="names, products, jargon to expect, parted by commas; or a file of them")]
Language = Annotated[str | None, typer.Option(
    help="of the speech: a code such as en or de, or auto; default: the profile's")]
Voice = Annotated[str | None, typer.Option(
    help="of any engine, as voice-local voices lists them: kokoro/bf_emma; default: the profile's")]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on standard output and nothing else")]


def _settings(profile: str | None, models_dir: Path | None, voice: str | None = None, engine: str | None = None,
              **overrides: Any) -> Any:
    from voice_local.profiles import settings_for
    from voice_local.voices import speaking

    return speaking(settings_for(profile, models_dir, **overrides), voice, engine)


def _recognition(vocabulary: str | None, language: str | None) -> dict[str, Any]:
    """What the options of recognition change in the settings."""
    from voice_local.text.vocabulary import load_vocabulary

    return {"vocabulary": None if vocabulary is None else load_vocabulary(vocabulary), "language": language}


@app.command()
def demo(
    wav: Annotated[Path | None, typer.Option(help="a recording of the user's side instead of the bundled one")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the replies; default: a new temporary one")] = None,
    voice: Voice = None, vocabulary: Vocabulary = None, language: Language = None, profile: Profile = None,
    models_dir: ModelsDir = None, json: Json = False,
) -> None:
    """One spoken conversation from recordings; writes the replies as WAV files."""
    from voice_local.cli import runs

    folder = out or streams.temporary_folder("voice-local-demo-")
    settings = _settings(profile, models_dir, voice, stt=_recognition(vocabulary, language))
    asyncio.run(runs.demo(settings, wav, folder, json))


@app.command()
def transcribe(files: Annotated[list[Path], typer.Argument(help="audio files, any format and rate; - is standard input")],
               vocabulary: Vocabulary = None, language: Language = None,
               word_times: Annotated[bool, typer.Option("--word-times", help="also when each word is said")] = False,
               profile: Profile = None, models_dir: ModelsDir = None, json: Json = False) -> None:
    """Writes what is said in audio files."""
    from voice_local.cli import runs

    settings = _settings(profile, models_dir, stt=_recognition(vocabulary, language))
    asyncio.run(runs.transcribe(settings, files, word_times, json))


@app.command()
def classify(texts: Annotated[list[str], typer.Argument(help="sentences")],
             profile: Profile = None, models_dir: ModelsDir = None, json: Json = False) -> None:
    """Tells intent, emotion and whether a sentence is finished."""
    from voice_local.cli import runs

    asyncio.run(runs.classify(_settings(profile, models_dir), texts, json))


@app.command()
def chat(once: Annotated[list[str] | None, typer.Option(help="a turn to take; several are one conversation")] = None,
         profile: Profile = None, models_dir: ModelsDir = None, json: Json = False) -> None:
    """Talks by keyboard."""
    from voice_local.cli import runs

    asyncio.run(runs.chat(_settings(profile, models_dir), once, json))


@app.command()
def say(text: Annotated[str, typer.Argument(help="what to say")],
        out: Annotated[Path, typer.Option(help="the WAV file to write")],
        voice: Voice = None,
        engine: Annotated[str | None, typer.Option(help="hibari, kokoro, coqui or bark; default: the profile's")] = None,
        profile: Profile = None, models_dir: ModelsDir = None, json: Json = False) -> None:
    """Speaks a text into a WAV file."""
    from voice_local.cli import runs

    asyncio.run(runs.say(_settings(profile, models_dir, voice, engine), text, out, json))


@app.command()
def talk(
    input_device: Annotated[str | None, typer.Option(help="name or index of the microphone")] = None,
    output_device: Annotated[str | None, typer.Option(help="name or index of the loudspeaker")] = None,
    list_devices: Annotated[bool, typer.Option("--list-devices", help="show the sound devices and end")] = False,
    push_to_talk: Annotated[bool, typer.Option("--push-to-talk", help="Enter begins and ends your turn")] = False,
    text: Annotated[bool, typer.Option("--text", help="type, and be answered aloud")] = False,
    record: Annotated[Path | None, typer.Option(help="folder to keep both sides and the turn records in")] = None,
    wav: Annotated[Path | None, typer.Option(help="a recording in place of the microphone, in real time")] = None,
    echo_cancel: Annotated[bool, typer.Option(help="take the loudspeaker's sound out of the microphone's")] = True,
    voice: Voice = None, vocabulary: Vocabulary = None, language: Language = None, profile: Profile = None,
    models_dir: ModelsDir = None, json: Json = False,
) -> None:
    """A live conversation through microphone and loudspeaker."""
    from voice_local.cli import talk as live

    if list_devices:
        live.list_devices(json)
        return
    audio = {"input_device": input_device, "output_device": output_device, "echo_cancel": echo_cancel}
    settings = _settings(profile, models_dir, voice, audio=audio, stt=_recognition(vocabulary, language))
    asyncio.run(live.talk(settings, wav, record, push_to_talk, text, json))


@app.command()
def replay(folder: Annotated[Path, typer.Argument(help="what talk --record wrote")],
           profile: Profile = None, models_dir: ModelsDir = None, json: Json = False) -> None:
    """Runs a recorded session again, with the same microphone sound."""
    from voice_local.cli import talk as live

    asyncio.run(live.replay(_settings(profile, models_dir), folder, json))


@app.command()
def doctor(offline_proof: Annotated[bool, typer.Option("--offline-proof", help="run the commands as you do, where nothing "
                                                       "can reach outside; every attempt is told")] = False,
           seconds: Annotated[float, typer.Option(min=1, help="how long the proof lets talk run: some telemetry waits")]
           = 60.0,
           alive: Annotated[bool, typer.Option("--alive", help="only tell whether an engine's worker runs here; exit code "
                                               "1 if none does")] = False,
           profile: Profile = None, models_dir: ModelsDir = None, json: Json = False) -> None:
    """Tells what is installed, what each stage really runs on, what is missing and how to get it."""
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
    from voice_local.profiles import best

    asyncio.run(examination.run(_settings(profile or best() or "tiny", models_dir), json))


# Typer carries a copy of click of its own in some versions: its base error is found through what Typer exports.
_USAGE_ERROR: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def main() -> None:
    """Entry point."""
    streams.prepare()
    finished(app)


def finished(commands: typer.Typer) -> None:
    """Runs `commands` and ends the process: errors become one line for a person and exit code 2."""
    endings = Endings()
    try:
        code = commands(standalone_mode=False)
        code = endings.code if code == INTERRUPTED else code
        streams.flush()
    except VoiceLocalError as error:
        show.complain(error.cause, error.remedy)
        code = 2
    except _USAGE_ERROR as error:
        show.complain(getattr(error, "message", "") or str(error), "voice-local COMMAND --help")
        code = 2
    except (typer.Abort, KeyboardInterrupt):
        code = endings.code
    except BrokenPipeError:
        streams.give_up_output()
        code = streams.BROKEN_PIPE
    except OSError as error:
        if error.errno not in streams.FULL:
            raise
        streams.give_up_output()
        show.complain(f"cannot write {error.filename or 'the output'} ({error.strerror})", "make room, or write elsewhere")
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
