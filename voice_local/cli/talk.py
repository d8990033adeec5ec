"""`voice-local talk` and `replay`: a live conversation, shown."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from voice_local.assistant import Assistant
from voice_local.cli import screen as terminal
from voice_local.cli import show
from voice_local.config import STAGES, Settings
from voice_local.local.cards import SoundCard, WavCard
from voice_local.local.device import DeviceCard, devices
from voice_local.local.portaudio import without_noise
from voice_local.local.recorder import Recorder, read_session
from voice_local.local.replay import ReplayCard, SteadyEngine
from voice_local.local.talking import Talking
from voice_local.stages.vad_silero import SileroModel


def list_devices(as_json: bool) -> None:
    """See the command."""
    found = devices()
    if as_json:
        show.emit(found)
        return
    table = Table("index", "name", "in", "out", "rate")
    for device in found:
        table.add_row(*(str(device[key]) for key in ("index", "name", "inputs", "outputs", "sample_rate")))
    Console().print(table)


async def talk(settings: Settings, wav: Path | None, record: Path | None, push_to_talk: bool, typed: bool,
               as_json: bool) -> None:
    """See the command."""
    card: SoundCard = WavCard(wav, settings.audio) if wav else DeviceCard(settings.audio)
    if not as_json:
        show.loading(settings, STAGES)
    with contextlib.ExitStack() as stack:
        recorder = None
        if record:
            recorder = stack.enter_context(Recorder(
                record, settings.audio.sample_rate, {"profile": settings.profile, "block_ms": settings.audio.block_ms,
                                                     "echo_cancel": settings.audio.echo_cancel}))
        async with Assistant(settings, notify=show.note) as assistant:
            if not as_json:
                show.note("type to be answered aloud; Ctrl-C ends" if typed else
                          "Enter begins and ends your turn; Ctrl-C ends" if push_to_talk else
                          "speak; m mutes; Ctrl-C ends")
            if wav is None:
                stack.enter_context(without_noise())
            screen = stack.enter_context(terminal.Screen(as_json, typed))
            beside = asyncio.create_task(_beside(assistant, screen, card, wav is None, push_to_talk, typed))
            try:
                async for event in assistant.converse(card, recorder, conversation_id="default",
                                                      muted=push_to_talk or typed):
                    assert assistant.talking
                    screen.take(event, assistant.talking, card)
            finally:
                beside.cancel()
                if recorder:
                    recorder.tell(overruns=card.overruns, engine_restarts=assistant.engine.restarts,
                                  devices_reopened=card.reopened if isinstance(card, DeviceCard) else 0,
                                  input_dropped_ms=card.dropped_ms if isinstance(card, DeviceCard) else 0.0)
    if as_json:
        show.emit({"profile": settings.profile, "overruns": card.overruns,
                   "turns": [turn.as_json() for turn in screen.turns]})


async def _beside(assistant: Assistant, screen: terminal.Screen, card: SoundCard, keyboard: bool, push_to_talk: bool,
                  typed: bool) -> None:
    """Moves the level meter, and reads the keyboard, while the conversation goes on."""
    while assistant.talking is None:
        await asyncio.sleep(0.02)
    talking = assistant.talking
    async with asyncio.TaskGroup() as group:
        if keyboard and (typed or (sys.stdin and sys.stdin.isatty())):
            group.create_task(terminal.typing(talking) if typed else terminal.steer(talking, push_to_talk))
        while True:
            screen.draw(talking, card)
            await asyncio.sleep(0.1)


async def replay(settings: Settings, folder: Path, as_json: bool) -> None:
    """See the command."""
    session = read_session(folder)
    settings = settings.model_copy(update={
        "audio": settings.audio.model_copy(update={
            key: session.about[key] for key in ("sample_rate", "block_ms", "echo_cancel") if key in session.about})})
    if not as_json:
        show.loading(settings, STAGES)
    async with Assistant(settings, notify=show.note) as assistant:
        dialogue = assistant.dialogue()
        steady = SteadyEngine(assistant.engine)
        dialogue.engine = steady
        card = ReplayCard(session.microphone, settings.audio, steady)
        talking = Talking(dialogue, SileroModel().stream(), card, script=session.controls)
        with terminal.Screen(as_json) as screen:
            async for event in talking.stream():
                screen.take(event, talking, card)
    now = [turn.as_json() for turn in screen.turns]
    same = [(a.get("user_text"), a.get("assistant_text")) for a in session.turns] == [
        (b["user_text"], b["assistant_text"]) for b in now]
    if as_json:
        show.emit({"profile": settings.profile, "same_words": same, "turns": now})
    else:
        show.note("the same words as recorded" if same else "other words than recorded")
