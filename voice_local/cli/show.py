"""What a person sees: turns with a latency bar a stage, notes on standard error, one JSON document on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voice_local.config import Settings
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.protocol import StageReport
from voice_local.profiles import best

BAR_MS = 25.0
"""Milliseconds a bar's character stands for."""

STAGES = (("stt", "stt_latency_ms", "cyan"), ("intent", "intent_latency_ms", "magenta"),
          ("llm first token", "llm_first_token_ms", "green"), ("llm", "llm_latency_ms", "green"),
          ("tts", "tts_latency_ms", "yellow"), ("first sound (work)", "compute_first_audio_ms", "bold white"),
          ("first sound (waited)", "first_audio_ms", "white"))


def note(text: str) -> None:
    """One line on standard error."""
    Console(stderr=True, highlight=False).print(f"[dim]{escape(text)}[/dim]", soft_wrap=True)


def complain(cause: str, remedy: str) -> None:
    """What failed and what to do about it, a line each, on standard error."""
    print(f"error: {' '.join(cause.split())}", file=sys.stderr)
    if remedy:
        print(f"try: {' '.join(remedy.split())}", file=sys.stderr)


def loading(settings: Settings, stages: Sequence[str]) -> None:
    """Which models a command is about to use, in one line; where only the embedded ones are here, how to get real ones."""
    models = dict.fromkeys(getattr(settings, stage).model.removeprefix("store:") for stage in stages)
    better = ("; they know a few hundred words, for real ones: voice-local models download --profile small"
              if settings.profile == "tiny" and best() == "tiny" else "")
    note(f"profile {settings.profile}: loading {', '.join(models)} …{better}")


def emit(document: object) -> None:
    """The JSON document; where standard output cannot carry every character, it is escaped."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    json.dump(document, sys.stdout, ensure_ascii=not utf8, indent=2)
    sys.stdout.write("\n")


def turn(record: ConversationTurn, number: int, console: Console | None = None) -> None:
    """One exchange."""
    # A terminal breaks lines itself; in a file they stay whole.
    line = partial((console or Console(highlight=False)).print, soft_wrap=True)
    line(f"[bold]{number}. user[/bold]       {escape(record.user_text) or '[dim](no words)[/dim]'}")
    if record.intent:
        line(f"   [dim]intent {record.intent} {record.intent_confidence or 0:.2f}, "
              f"emotion {record.emotion} {record.emotion_confidence or 0:.2f}[/dim]")
    line(f"   [bold]assistant[/bold]  {escape(record.assistant_text)}")
    if record.interrupted:
        line(f"   [yellow]interrupted[/yellow], heard: {escape(record.heard_text or '') or '[dim]nothing[/dim]'}")
    if record.action:
        line(f"   [dim]action {escape(record.action)} {escape(str(record.params) if record.params else '')}[/dim]")
    for name, key, style in STAGES:
        value = getattr(record, key)
        if value is not None:
            bar = "█" * max(1, min(60, round(value / BAR_MS)))
            line(f"   {name:<21}[{style}]{bar}[/{style}] {value:.0f} ms")
    if record.speculation_hit:
        line(f"   [dim]thought ahead {record.speculations}x: {record.speculation_saved_ms:.0f} ms saved, "
              f"{record.speculation_wasted_ms:.0f} ms wasted[/dim]")
    for fallback in record.fallbacks:
        line(f"   [yellow]{escape(fallback)}[/yellow]")
    if record.audio_path:
        line(f"   [dim]written to {escape(record.audio_path)}[/dim]")
    line()


def reports(found: Sequence[StageReport]) -> None:
    """A table of what each stage really is."""
    table = Table("stage", "adapter", "runtime", "device", "model", "memory", "load", "notes")
    for report in found:
        table.add_row(report.stage, report.adapter, report.runtime, report.device, report.model,
                      f"{report.memory_mb:.0f} MB", f"{report.load_s:.1f} s", report.notes)
    Console().print(table)


def pairs(title: str, values: dict[str, Any]) -> None:
    """Names and values, aligned."""
    console = Console(highlight=False)
    console.print(f"[bold]{title}[/bold]")
    for key, value in values.items():
        console.print(f"  {key:<22}{escape(str(value))}", soft_wrap=True)
