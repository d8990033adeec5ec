"""A live conversation on a terminal: what is going on at the bottom, finished turns above; the keys that steer it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from voice_local.audio.level import dbfs
from voice_local.cli import show
from voice_local.cli.lines import lines
from voice_local.conversation import events
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import checked_text
from voice_local.errors import TextInputError
from voice_local.local.cards import SoundCard
from voice_local.local.talking import Talking

METER = 30
METER_DB = 60.0
"""The level meter is empty so far under full scale."""


class Screen:
    """Level, state and captions at the bottom, finished turns above.

    `quiet`: shows nothing. `typed`: lines are being typed, so nothing moves; the answers are shown as they are said.
    """

    def __init__(self, quiet: bool, typed: bool = False) -> None:
        self._console = Console(highlight=False, quiet=quiet)
        moving = not quiet and not typed
        self._live = Live(console=self._console, refresh_per_second=12, transient=True) if moving else None
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
        elif isinstance(event, events.RecordingStopped):
            show.note(event.why)
        elif isinstance(event, events.Joined):
            self._caption = "[dim]go on …[/dim]"
        elif isinstance(event, events.Continued):
            self._caption = f"[dim]goes on ({escape(event.why.replace('_', ' '))})[/dim]"
        elif isinstance(event, events.TurnEnded):
            self._number += 1
            self._caption = ""
            show.turn(event.record, self._number, self._console)
        self.draw(talking, card)

    def draw(self, talking: Talking, card: SoundCard) -> None:
        """The level meter, the state and the caption as they are now."""
        if self._live is None:
            return
        filled = round(METER * min(1.0, max(0.0, 1 + dbfs(talking.microphone.level) / METER_DB)))
        lost = f"  [red]{card.overruns} overruns[/red]" if card.overruns else ""
        lost += "  [red]the sound device is gone: waiting for it[/red]" if card.lost else ""
        muted = "  [yellow]muted[/yellow]" if talking.live.muted else ""
        self._live.update(Group(
            Text.from_markup(f"[green]{'▮' * filled}[/green][dim]{'▯' * (METER - filled)}[/dim]  "
                             f"{self._state}{muted}{lost}"), Text.from_markup(self._caption)))


async def steer(talking: Talking, push_to_talk: bool) -> None:
    """Reads single keys: Enter or the space bar begins and ends a turn (`push_to_talk`), m mutes."""
    keys: asyncio.Queue[str] = asyncio.Queue()
    with _single_keys(), _reading(lambda: keys.put_nowait(sys.stdin.read(1))):
        held = False
        while key := await keys.get():
            if push_to_talk and key in "\n ":
                held = not held
                talking.control("hold" if held else "release")
            elif key == "m" and not push_to_talk:
                talking.control("unmute" if talking.live.muted else "mute")


async def typing(talking: Talking) -> None:
    """Takes lines, each a turn of the user's; after the last one the conversation ends.

    Whoever types may cut an answer off. Of a pipe or a file, each line waits until the one before has been answered.
    """
    waits = not (sys.stdin and sys.stdin.isatty())
    async for line in lines():
        try:
            talking.control("read", checked_text(line))
        except TextInputError as error:
            if line.strip():
                show.note(f"{error.cause}: {error.remedy}")
        while waits and talking.live.busy:
            await asyncio.sleep(0.05)
    talking.end()


@contextlib.contextmanager
def _reading(ready: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, ready)
    try:
        yield
    finally:
        loop.remove_reader(sys.stdin)


@contextlib.contextmanager
def _single_keys() -> Iterator[None]:
    """Keys come one by one and are not shown; Ctrl-C still interrupts."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
