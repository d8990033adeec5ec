"""What a person sees: the two sides of an exchange, lists, notes on standard error; JSON documents
on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from voice_local.cli import streams
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.stage_api import (
    StageReport,
)

YOU, ASSISTANT = "you", "assistant"
LABEL = len(ASSISTANT) + 2
"""Columns that a side's name takes."""

BAR_MS = 25.0
"""Milliseconds a bar's character stands for."""

LONGEST_BAR = 40

TIMES = (
    ("recognition", "stt_latency_ms", "cyan"),
    ("understanding", "intent_latency_ms", "magenta"),
    ("LLM, first token", "llm_first_token_ms", "green"),
    ("LLM, whole answer", "llm_latency_ms", "green"),
    ("speech", "tts_latency_ms", "yellow"),
    ("first sound (work)", "compute_first_audio_ms", "bold"),
    ("first sound (waited)", "first_audio_ms", "bold"),
)
"""Of a turn: what a person calls it, its key in the record, its colour."""

STAGES = {
    "stt": "recognition",
    "intent": "intent",
    "emotion": "emotion",
    "llm": "language model",
    "tts": "speech",
    "vad": "voice activity",
    "turn": "end of turn",
    "embed": "similarity",
}
"""Stages as a person calls them."""


def note(text: str) -> None:
    """One line on standard error; a terminal breaks it between words."""
    console = Console(stderr=True, highlight=False)
    console.print(f"[dim]{escape(text)}[/dim]", soft_wrap=not console.is_terminal)


def complain(cause: str, remedy: str) -> None:
    """What failed and what to do about it, a line each, on standard error."""
    lines = [f"error: {' '.join(cause.split())}"]
    if remedy:
        lines.append(f"try: {' '.join(remedy.split())}")
    try:
        print("\n".join(lines), file=sys.stderr, flush=True)
    except OSError:  # the exit code tells, where nothing else can
        streams.give_up(sys.stderr)


def emit(document: object) -> None:
    """The JSON document; where standard output cannot carry every character, it is escaped."""
    _dump(document, indent=2)


def emit_line(document: object) -> None:
    """A JSON document on one line, at once."""
    _dump(document, indent=None)
    sys.stdout.flush()


def _dump(document: object, indent: int | None) -> None:
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    json.dump(document, sys.stdout, ensure_ascii=not utf8, indent=indent)
    sys.stdout.write("\n")


def side(label: str, text: Text) -> Table:
    """What one side says, beside its name; lines after the first are indented."""
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=len(ASSISTANT))
    row.add_column(overflow="fold")
    row.add_row(Text(label, style="bold"), text)
    return row


def said(label: str, text: str, console: Console, style: str = "") -> None:
    """Prints what one side said. A terminal breaks lines between words; in a file they stay
    whole."""
    if console.is_terminal:
        console.print(side(label, Text(text, style=style)))
    else:
        console.print(f"{label:<{LABEL}}{escape(text)}", soft_wrap=True)


def turn(
    record: ConversationTurn,
    console: Console | None = None,
    verbose: bool = False,
    user: bool = True,
) -> None:
    """One exchange. `verbose`: also what was understood and how long each stage took. `user` False:
    only the answer."""
    console = console or Console(highlight=False)
    if user and (record.user_text or record.user_audio_duration is not None):
        said(YOU, record.user_text or "(no words)", console, "" if record.user_text else "dim")
    answer = record.heard_text or "" if record.interrupted else record.assistant_text
    said(ASSISTANT, f"{answer} …(interrupted)".strip() if record.interrupted else answer, console)
    if verbose:
        details(record, console)
    console.print()


def details(record: ConversationTurn, console: Console) -> None:
    """What was understood of a turn, what was done and how long each stage took."""
    line = partial(console.print, soft_wrap=True)
    indent = " " * LABEL
    if record.intent:
        line(
            f"{indent}[dim]intent {record.intent} {record.intent_confidence or 0:.2f}, "
            f"emotion {record.emotion} {record.emotion_confidence or 0:.2f}[/dim]"
        )
    if record.action:
        line(
            f"{indent}[dim]action {escape(record.action)} "
            f"{escape(str(record.params) if record.params else '')}[/dim]"
        )
    for name, key, style in TIMES:
        value = getattr(record, key)
        if value is not None:
            bar = "█" * max(1, min(LONGEST_BAR, round(value / BAR_MS)))
            line(f"{indent}{name:<21}[{style}]{bar}[/{style}] {value:.0f} ms")
    if record.speculation_hit:
        line(
            f"{indent}[dim]speculated {record.speculations}x: {record.speculation_saved_ms:.0f} "
            f"ms saved, "
            f"{record.speculation_wasted_ms:.0f} ms wasted[/dim]"
        )
    for fallback in record.fallbacks:
        line(f"{indent}[yellow]{escape(fallback)}[/yellow]")
    if record.audio_path:
        line(f"{indent}[dim]written to {escape(record.audio_path)}[/dim]")


def reports(found: Sequence[StageReport]) -> dict[str, str]:
    """What each stage really is, by what a person calls it; for `pairs`."""
    return {
        STAGES[one.stage]: ", ".join(
            part
            for part in (
                one.model,
                f"{one.runtime} on {one.device}",
                f"{one.memory_mb:.0f} MB",
                f"{one.load_s:.1f} s to load",
                one.notes,
            )
            if part
        )
        for one in found
    }


def pairs(title: str, values: Mapping[str, object]) -> None:
    """Names and values, aligned; a terminal breaks lines between words, in a file they stay
    whole."""
    console = Console(highlight=False)
    console.print(f"[bold]{escape(title)}[/bold]")
    width = max((len(key) for key in values), default=0) + 2
    if not console.is_terminal:
        for key, value in values.items():
            console.print(f"  {escape(key):<{width}}{escape(str(value))}", soft_wrap=True)
        return
    table = Table.grid(padding=(0, 0))
    table.add_column(width=2)
    table.add_column(width=min(width, console.width // 3), overflow="fold")
    table.add_column(overflow="fold")
    for key, value in values.items():
        table.add_row("", Text(key), Text(str(value)))
    console.print(table)


def size(count: float) -> str:
    """A number of bytes for a person, in MB or GB of 10⁶ and 10⁹."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 10e6 else f"{count / 1e6:.1f} MB"
