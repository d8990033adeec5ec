"""`voice-local talk`, `chat`, `demo` and `replay`: the commands that hold a conversation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from voice_local.cli import streams
from voice_local.cli.options import (
    Json,
    Language,
    ModelsDir,
    Profile,
    Verbose,
    Vocabulary,
    Voice,
    chosen_settings,
    recognition,
)


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
    settings = chosen_settings(
        profile, models_dir, voice, audio=audio, stt=recognition(vocabulary, language)
    )
    asyncio.run(live.talk(settings, live.Options(wav, record, push_to_talk, text, verbose, json)))


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

    keyboard.chat(chosen_settings(profile, models_dir), once, json, verbose)


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

    settings = chosen_settings(profile, models_dir, voice, stt=recognition(vocabulary, language))
    folder = out or streams.temporary_folder("voice-local-demo-")
    asyncio.run(runs.demo(settings, wav, folder, play, json, verbose))


def replay(
    folder: Annotated[Path, typer.Argument(help="what talk --record wrote")],
    profile: Profile = None,
    models_dir: ModelsDir = None,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Run a recorded session again, with the same microphone sound."""
    from voice_local.cli import talk as live

    asyncio.run(live.replay(chosen_settings(profile, models_dir), folder, json, verbose))
