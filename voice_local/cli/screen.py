"""A live conversation on a terminal: what is going on at the bottom, finished turns above; the keys
that steer it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from functools import singledispatchmethod
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from voice_local.audio.level import dbfs
from voice_local.cli import show
from voice_local.cli.lines import lines
from voice_local.conversation import events
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.text import (
    checked_text,
)
from voice_local.errors import TextInputError
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.cards import (
    SoundCard,
    WavCard,
)
from voice_local.local.recorder import ControlKind

METER = 20
METER_DB = 60.0
"""The level meter is empty so far under full scale."""


class Screen:
    """The turn that goes on and the level at the bottom, finished turns above.

    What the user said stays where it is while the answer is said; of the answer, the words that
    have sounded are shown, and the rest of the segment that sounds. `quiet`: shows nothing.
    `typed`: lines are being typed, so nothing moves and the answers are written as they sound.
    `verbose`: each turn's times too.
    """

    def __init__(
        self,
        quiet: bool,
        typed: bool = False,
        verbose: bool = False,
        console: Console | None = None,
    ) -> None:
        self._console = console or Console(highlight=False, quiet=quiet)
        moving = not quiet and not typed and self._console.is_terminal
        self._live = (
            Live(console=self._console, refresh_per_second=12, transient=True) if moving else None
        )
        self._typed, self._verbose = typed and not quiet, verbose
        self._state = "listening"
        self._user: str | None = None
        self._coming = Text()  # what the user is saying
        self._answering = False
        self._unheard: list[str] = []  # segments that have no sound
        self._written = 0  # words of the answer, where lines are typed
        self.turns: list[ConversationTurn] = []

    def __enter__(self) -> Screen:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._live:
            self._live.__exit__(*exc)

    def take(self, event: events.Event, talking: LocalAudioSession, card: SoundCard) -> None:
        """Shows one event."""
        self._show(event)
        self.draw(talking, card)

    @singledispatchmethod
    def _show(self, event: events.Event) -> None:
        """What one kind of event changes; an event of a kind that is not below changes nothing."""

    @_show.register
    def _(self, event: events.StateChanged) -> None:
        self._state = event.state

    @_show.register
    def _(self, event: events.Partial) -> None:
        self._coming = Text.assemble((event.stable, ""), " ", (event.tentative, "dim"))

    @_show.register
    def _(self, event: events.UserSaid) -> None:
        self._user, self._coming, self._answering = event.text, Text(), True
        # A terminal has shown already what was typed on it.
        if self._typed and not sys.stdin.isatty():
            show.said(show.YOU, event.text, self._console)

    @_show.register
    def _(self, event: events.TurnMerged) -> None:
        self._user, self._coming, self._answering = None, Text(f"{self._user or ''} …"), False

    @_show.register
    def _(self, event: events.AssistantSays) -> None:
        self._answering = True
        if not event.audible:
            self._unheard.append(event.text)

    @_show.register
    def _(self, event: events.FalseInterruption) -> None:
        self._coming = Text()

    @_show.register
    def _(self, event: events.RecordingStopped) -> None:
        show.note(event.why)

    @_show.register
    def _(self, event: events.TurnEnded) -> None:
        self._end(event.record)

    def _end(self, record: ConversationTurn) -> None:
        self.turns.append(record)
        self._user, self._answering = None, False
        self._unheard.clear()
        if self._typed and self._written:
            self._write(
                record.assistant_text.split()
                if not record.interrupted
                else (record.heard_text or "").split()
            )
            self._console.print("\n")
            if self._verbose:
                show.details(record, self._console)
        else:
            show.turn(record, self._console, self._verbose, user=not self._typed)
        self._written = 0

    def _write(self, words: list[str]) -> None:
        """Those of the answer's `words` that are not written yet, where lines are typed."""
        if words[self._written :] and not self._written:
            self._console.print(f"{show.ASSISTANT:<{show.LABEL}}", end="")
        for word in words[self._written :]:
            self._console.print(word, end=" ", soft_wrap=True, markup=False)
        self._written = max(self._written, len(words))

    def draw(self, talking: LocalAudioSession, card: SoundCard) -> None:
        """The turn, the level meter and the state as they are now."""
        if self._typed and self._answering:
            self._write(talking.session.queue.sounding()[0].split())
        if self._live is not None:
            self._live.update(self.shown(talking, card))

    def shown(self, talking: LocalAudioSession, card: SoundCard) -> Group:
        """What stands at the bottom now."""
        rows: list[RenderableType] = []
        if self._user is not None:
            rows.append(
                show.side(
                    show.YOU, Text(self._user) if self._user else Text("(no words)", style="dim")
                )
            )
        if self._answering:
            played, rest = talking.session.queue.sounding()
            rows.append(
                show.side(
                    show.ASSISTANT,
                    Text.assemble(
                        played,
                        " " if played and rest else "",
                        (rest, "dim"),
                        *((f" {text} (no sound)", "yellow") for text in self._unheard),
                    ),
                )
            )
        if self._coming.plain.strip():
            rows.append(show.side(show.YOU, self._coming))
        return Group(*rows, self._status(talking, card))

    def _status(self, talking: LocalAudioSession, card: SoundCard) -> Text:
        filled = round(METER * min(1.0, max(0.0, 1 + dbfs(talking.microphone.level) / METER_DB)))
        line = Text.assemble(
            ("▮" * filled, "green"), ("▯" * (METER - filled), "dim"), f"  {self._state}"
        )
        if isinstance(card, WavCard):
            at = min(card.position_s, card.duration_s)
            line.append(f"  {_clock(at)} of {_clock(card.duration_s)}")
        if talking.session.muted:
            line.append("  muted", "yellow")
        if card.overruns:
            line.append(f"  {card.overruns} overruns", "red")
        if card.lost:
            line.append("  the sound device is gone: waiting for it", "red")
        return line


def _clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


async def steer(talking: LocalAudioSession, push_to_talk: bool) -> None:
    """Reads single keys: Enter or the space bar begins and ends a turn (`push_to_talk`), m
    mutes."""
    keys: asyncio.Queue[str] = asyncio.Queue()
    with _single_keys(), _reading(lambda: keys.put_nowait(sys.stdin.read(1))):
        held = False
        while key := await keys.get():
            if push_to_talk and key in "\n ":
                held = not held
                talking.control(ControlKind.HOLD if held else ControlKind.RELEASE)
            elif key == "m" and not push_to_talk:
                talking.control(ControlKind.UNMUTE if talking.session.muted else ControlKind.MUTE)


async def typing(talking: LocalAudioSession) -> None:
    """Takes lines, each a turn of the user's; after the last one the conversation ends.

    Whoever types may cut an answer off. Of a pipe or a file, each line waits until the one before
    has been answered.
    """
    waits = not (sys.stdin and sys.stdin.isatty())
    async for line in lines():
        try:
            talking.control(ControlKind.READ, checked_text(line))
        except TextInputError as error:
            if line.strip():
                show.note(f"{error.cause}: {error.remedy}")
        while waits and talking.session.busy:
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
