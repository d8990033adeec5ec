"""`voice-local talk` and `replay`: a live conversation, shown."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voice_local.assistant import Assistant
from voice_local.audio.vad import SileroModel
from voice_local.cli import (
    event_lines,
    show,
    sound,
)
from voice_local.cli import screen as terminal
from voice_local.cli.loading import Loading
from voice_local.config import (
    STAGES,
    Settings,
)
from voice_local.conversation.events import TurnEnded
from voice_local.engine.counting import CountingEngine
from voice_local.errors import ConfigError
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.cards import (
    SoundCard,
    WavCard,
)
from voice_local.local.device import (
    DeviceCard,
    devices,
)
from voice_local.local.portaudio import without_noise
from voice_local.local.recorder import (
    AS_RECORDED,
    Recorder,
    forget_empty,
    next_free,
    read_session,
)
from voice_local.local.replay import (
    ReplayCard,
)
from voice_local.skills import farewell


@dataclass(frozen=True)
class Options:
    """How `talk` goes about it.

    `wav`: a recording in place of the microphone. `record`: a folder to keep the session in;
    another is made beside it where it holds one already. `typed`: the user types. `verbose`: times
    of each turn. `as_json`: one line per event.
    """

    wav: Path | None = None
    record: Path | None = None
    push_to_talk: bool = False
    typed: bool = False
    verbose: bool = False
    as_json: bool = False


def list_devices(as_json: bool) -> None:
    """See the command."""
    found = devices()
    if as_json:
        show.emit(found)
        return
    table = Table("index", "name", "in", "out", "rate")
    for device in found:
        table.add_row(
            *(
                escape(str(device[key]))
                for key in ("index", "name", "inputs", "outputs", "sample_rate")
            )
        )
    Console().print(table)


async def talk(settings: Settings, options: Options) -> None:
    """See the command."""
    if options.wav is None:
        sound.require(settings.audio)
    elif options.typed or options.push_to_talk:
        raise ConfigError(
            "with --wav the recording is the user: nobody types or presses Enter",
            "leave out --text and --push-to-talk",
        )
    card: SoundCard = (
        WavCard(options.wav, settings.audio) if options.wav else DeviceCard(settings.audio)
    )
    quiet = options.as_json
    with contextlib.ExitStack() as stack:
        recorder = _recorder(settings, options, stack)
        loading = Loading(settings, STAGES, quiet)
        async with contextlib.AsyncExitStack() as loaded:
            with loading:
                assistant = await loaded.enter_async_context(
                    Assistant(settings, notify=show.note, loading=loading.stage)
                )
            if not quiet:
                show.note(_how(options))
            if options.wav is None:
                stack.enter_context(without_noise())
            screen = terminal.Screen(quiet, options.typed, options.verbose)
            beside = asyncio.create_task(_beside(assistant, screen, card, options))
            began = time.monotonic()
            try:
                with screen:
                    await _converse(assistant, screen, card, recorder, options)
            finally:
                beside.cancel()
                if recorder:
                    recorder.tell(
                        overruns=card.overruns,
                        engine_restarts=assistant.engine.restarts,
                        devices_reopened=card.reopened if isinstance(card, DeviceCard) else 0,
                        input_dropped_ms=card.dropped_ms if isinstance(card, DeviceCard) else 0.0,
                    )
                facts = {
                    "profile": settings.profile,
                    "turns": len(screen.turns),
                    "overruns": card.overruns,
                    "duration_s": round(time.monotonic() - began, 1),
                    "recording": str(recorder.folder) if recorder else None,
                }
                if quiet:
                    show.emit_line({"event": "ended", **facts})
                else:
                    _tell_the_end(facts)


async def _converse(
    assistant: Assistant,
    screen: terminal.Screen,
    card: SoundCard,
    recorder: Recorder | None,
    options: Options,
) -> None:
    """Shows what happens until the sound ends or, where somebody is there, the user has taken
    leave."""
    conversation = assistant.converse(
        card, recorder, conversation_id="default", muted=options.push_to_talk or options.typed
    )
    async with conversation:
        async for event in conversation:
            assert assistant.talking
            screen.take(event, assistant.talking, card)
            if options.as_json:
                show.emit_line(event_lines.as_json(event))
            # A recording is heard to its end: it may hold more than one conversation.
            if options.wav is None and isinstance(event, TurnEnded) and farewell.ends(event.record):
                return


def _recorder(settings: Settings, options: Options, stack: contextlib.ExitStack) -> Recorder | None:
    if options.record is None:
        return None
    folder = next_free(options.record)
    if folder != options.record:
        show.note(f"{options.record} holds a session already: recording into {folder}")
    stack.callback(forget_empty, folder)  # ended while loading: the next session may have the name
    return stack.enter_context(
        Recorder(
            folder,
            settings.audio.sample_rate,
            {
                "profile": settings.profile,
                "block_ms": settings.audio.block_ms,
                "echo_cancel": settings.audio.echo_cancel,
            },
        )
    )


def _how(options: Options) -> str:
    if options.wav:
        return f"the user's side is {options.wav}; Ctrl-C ends"
    if options.typed:
        return 'type to be answered aloud; "goodbye" or Ctrl-C ends'
    if options.push_to_talk:
        return 'Enter begins and ends your turn; "goodbye" or Ctrl-C ends'
    return 'speak; m mutes; "goodbye" or Ctrl-C ends'


def _tell_the_end(facts: dict[str, Any]) -> None:
    count = facts["turns"]
    show.note(f"{count} {'turn' if count == 1 else 'turns'} in {facts['duration_s']:.0f} s")
    if facts["recording"]:
        show.note(
            f"recorded in {facts['recording']}; once more: voice-local replay {facts['recording']}"
        )


async def _beside(
    assistant: Assistant, screen: terminal.Screen, card: SoundCard, options: Options
) -> None:
    """Moves the level meter, and reads the keyboard, while the conversation goes on."""
    while assistant.talking is None:
        await asyncio.sleep(0.02)
    talking = assistant.talking
    async with asyncio.TaskGroup() as group:
        if options.wav is None and (options.typed or (sys.stdin and sys.stdin.isatty())):
            group.create_task(
                terminal.typing(talking)
                if options.typed
                else terminal.steer(talking, options.push_to_talk)
            )
        while True:
            screen.draw(talking, card)
            await asyncio.sleep(0.1)


async def replay(settings: Settings, folder: Path, as_json: bool, verbose: bool = False) -> None:
    """See the command."""
    session = read_session(folder)
    settings = settings.model_copy(
        update={
            "audio": settings.audio.model_copy(
                update={key: session.about[key] for key in AS_RECORDED if key in session.about}
            )
        }
    )
    loading = Loading(settings, STAGES, as_json)
    async with contextlib.AsyncExitStack() as loaded:
        with loading:
            assistant = await loaded.enter_async_context(
                Assistant(settings, notify=show.note, loading=loading.stage)
            )
        context = assistant.context()
        engine = context.engine = CountingEngine(context.engine)
        card = ReplayCard(session.microphone, settings.audio, engine)
        talking = LocalAudioSession(context, SileroModel().stream(), card, script=session.controls)
        if "began" in session.about:  # clock and timers go as they went
            context.go_by(
                datetime.fromisoformat(session.about["began"]), lambda: talking.session.heard_s
            )
        with terminal.Screen(as_json, verbose=verbose) as screen:
            async for event in talking.events():
                screen.take(event, talking, card)
    now = [turn.as_json() for turn in screen.turns]
    same = [(a.get("user_text"), a.get("assistant_text")) for a in session.turns] == [
        (b["user_text"], b["assistant_text"]) for b in now
    ]
    if as_json:
        show.emit({"profile": settings.profile, "same_words": same, "turns": now})
    else:
        show.note("the same words as recorded" if same else "other words than recorded")
