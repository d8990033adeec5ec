"""`voice-local talk` and `replay`: a live conversation, shown."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voice_local.assistant import Assistant
from voice_local.cli import show
from voice_local.config import Settings
from voice_local.conversation import events
from voice_local.conversation.record import ConversationTurn
from voice_local.local.cards import SoundCard, WavCard
from voice_local.local.device import DeviceCard, devices
from voice_local.local.recorder import Recorder, read_session
from voice_local.local.replay import ReplayCard, SteadyEngine
from voice_local.local.talking import Talking
from voice_local.stages.vad_silero import SileroModel

METER = 30


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


class Screen:
    """Level, state and captions at the bottom, finished turns above."""

    def __init__(self, quiet: bool) -> None:
        self._live = None if quiet else Live(console=Console(highlight=False), refresh_per_second=12, transient=True)
        self._state, self._caption, self._number = "listening", "", 0
        self.turns: list[ConversationTurn] = []

    def __enter__(self) -> Screen:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._live:
            self._live.__exit__(*exc)

    def take(self, event: events.Event, talking: Talking, card: SoundCard) -> None:
        """Shows one event."""
        if isinstance(event, events.TurnEnded):
            self.turns.append(event.record)
        if self._live is None:
            return
        if isinstance(event, events.StateChanged):
            self._state = event.state
        elif isinstance(event, events.Partial):
            self._caption = f"[bold]{escape(event.stable)}[/bold] [dim]{escape(event.tentative)}[/dim]"
        elif isinstance(event, events.UserSaid):
            self._caption = f"[bold]you:[/bold] {escape(event.text) or '(no words)'}"
        elif isinstance(event, events.AssistantSays):
            silent = "" if event.audible else " [yellow](no sound)[/yellow]"
            self._caption = f"[bold]assistant:[/bold] {escape(event.text)}{silent}"
        elif isinstance(event, events.Interrupted):
            self._caption = "[yellow]interrupted[/yellow]"
        elif isinstance(event, events.TurnEnded):
            self._number += 1
            show.turn(event.record, self._number)
        self.draw(talking, card)

    def draw(self, talking: Talking, card: SoundCard) -> None:
        """The level meter, the state and the caption as they are now."""
        if self._live is None:
            return
        filled = round(METER * min(1.0, talking.microphone.level))
        lost = f"  [red]{card.overruns} overruns[/red]" if card.overruns else ""
        muted = "  [yellow]muted[/yellow]" if talking.live.muted else ""
        self._live.update(Group(
            Text.from_markup(f"[green]{'▮' * filled}[/green][dim]{'▯' * (METER - filled)}[/dim]  "
                             f"{self._state}{muted}{lost}"), Text.from_markup(self._caption)))


async def talk(settings: Settings, wav: Path | None, record: Path | None, push_to_talk: bool, typed: bool,
               as_json: bool) -> None:
    """See the command."""
    card: SoundCard = WavCard(wav, settings.audio) if wav else DeviceCard(settings.audio)
    if not as_json:
        show.note(f"profile {settings.profile}: loading every model …")
    with contextlib.ExitStack() as stack:
        recorder = None
        if record:
            recorder = stack.enter_context(Recorder(record, settings.audio.sample_rate, {"profile": settings.profile}))
        async with Assistant(settings, notify=show.note) as assistant:
            if not as_json:
                show.note("type to be answered aloud; Ctrl-C ends" if typed else
                          "Enter begins and ends your turn; Ctrl-C ends" if push_to_talk else
                          "speak; m and Enter mutes; Ctrl-C ends")
            screen = stack.enter_context(Screen(as_json))
            beside = asyncio.create_task(_beside(assistant, screen, card, wav is None, push_to_talk, typed))
            try:
                async for event in assistant.converse(card, recorder):
                    assert assistant.talking
                    screen.take(event, assistant.talking, card)
            finally:
                beside.cancel()
                if recorder:
                    recorder.tell(overruns=card.overruns, engine_restarts=assistant.engine.restarts)
    if as_json:
        show.emit({"profile": settings.profile, "overruns": card.overruns,
                   "turns": [turn.as_json() for turn in screen.turns]})


async def _beside(assistant: Assistant, screen: Screen, card: SoundCard, keyboard: bool, push_to_talk: bool,
                  typed: bool) -> None:
    """Moves the level meter, and reads the keyboard, while the conversation goes on."""
    while assistant.talking is None:
        await asyncio.sleep(0.02)
    talking = assistant.talking
    talking.live.muted = push_to_talk or typed
    async with asyncio.TaskGroup() as group:
        if keyboard and sys.stdin and sys.stdin.isatty():
            group.create_task(_keys(talking, push_to_talk, typed))
        while True:
            screen.draw(talking, card)
            await asyncio.sleep(0.1)


async def _keys(talking: Talking, push_to_talk: bool, typed: bool) -> None:
    """Reads lines from the keyboard: mute, push to talk, or words."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
    try:
        while line := await lines.get():
            if typed and line.strip():
                talking.live.read(line.strip())
            elif push_to_talk:
                talking.live.muted = not talking.live.muted
                if talking.live.muted:
                    talking.live.end_of_sound()
            elif line.strip().lower() == "m":
                talking.live.muted = not talking.live.muted
    finally:
        loop.remove_reader(sys.stdin)


async def replay(settings: Settings, folder: Path, as_json: bool) -> None:
    """See the command."""
    microphone, _, about, before = read_session(folder)
    settings = settings.model_copy(update={
        "audio": settings.audio.model_copy(update={"sample_rate": int(about["sample_rate"])})})
    if not as_json:
        show.note(f"profile {settings.profile}: loading every model …")
    async with Assistant(settings, notify=show.note) as assistant:
        dialogue = assistant.dialogue()
        steady = SteadyEngine(assistant.engine)
        dialogue.engine = steady
        card = ReplayCard(microphone, settings.audio, steady)
        talking = Talking(dialogue, SileroModel().stream(), card)
        with Screen(as_json) as screen:
            async for event in talking.stream():
                screen.take(event, talking, card)
    now = [turn.as_json() for turn in screen.turns]
    same = [(a.get("user_text"), a.get("assistant_text")) for a in before] == [
        (b["user_text"], b["assistant_text"]) for b in now]
    if as_json:
        show.emit({"profile": settings.profile, "same_words": same, "turns": now})
    else:
        show.note("the same words as recorded" if same else "other words than recorded")
