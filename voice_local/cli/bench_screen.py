"""A benchmark report on a terminal: each section's findings and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voice_local.bench.compare import compare
from voice_local.bench.schema import (
    Metric,
    Report,
    read,
)
from voice_local.cli import show
from voice_local.errors import BenchmarkError

FEW = 14
"""Figures of a section shown on a terminal; the rest stand in the report."""


def figure(metric: Metric) -> str:
    """Value, unit and interval."""
    if metric.value is None:
        return "–"
    if metric.unit == "share":
        value, bounds = (
            f"{metric.value * 100:.1f} %",
            [f"{x * 100:.1f}" for x in metric.interval or ()],
        )
    else:
        value, bounds = f"{metric.value:g} {metric.unit}", [f"{x:g}" for x in metric.interval or ()]
    return value + (f"  [{bounds[0]} … {bounds[1]}]" if bounds else "")


def overview(report: Report) -> None:
    """Prints it."""
    console = Console(highlight=False)
    for section in report.sections:
        mark = {"measured": "green", "skipped": "yellow", "failed": "red"}[section.status]
        console.print(
            f"[bold]{section.name}[/bold]  [{mark}]{section.status}[/{mark}] "
            f"{escape(section.reason)} "
            f"[dim]{section.seconds:.0f} s[/dim]"
        )
        for finding in section.findings:
            console.print(f"  [yellow]! {escape(finding)}[/yellow]")
        if section.metrics:
            table = Table(box=None, show_header=False, pad_edge=False)
            for row in section.metrics[:FEW]:
                table.add_row("  " + escape(row.name), figure(row))
            console.print(table)
            if len(section.metrics) > FEW:
                console.print(f"  [dim]and {len(section.metrics) - FEW} more in the report[/dim]")


def comparison(paths: Sequence[str], as_json: bool) -> int:
    """What changed between two kept reports; 1 if something got worse, else 0.

    Raises:
        BenchmarkError: not two readable reports of one kind.
    """
    if len(paths) != 2:
        raise BenchmarkError("compare needs two reports", "voice-local bench compare A.json B.json")
    before, after = (read(Path(path)) for path in paths)
    changes, remarks = compare(before, after)
    moved = [change for change in changes if change.verdict != "same"]
    worse = sum(change.verdict == "worse" for change in moved)
    if as_json:
        show.emit(
            {
                "changed": bool(moved),
                "worse": worse,
                "compared": len(changes),
                "changes": [asdict(change) for change in moved],
                "remarks": remarks,
            }
        )
        return 1 if worse else 0
    console = Console(highlight=False)
    for change in moved:
        colour = "red" if change.verdict == "worse" else "green"
        console.print(
            f"[{colour}]{change.verdict}[/{colour}]  {escape(change.section)} "
            f"{escape(change.name)}: "
            f"{change.before:g} → {change.after:g} {change.unit}"
        )
    for remark in remarks:
        console.print(f"[dim]{escape(remark)}[/dim]")
    console.print(
        f"{len(changes)} figures compared: "
        + (f"{worse} worse, {len(moved) - worse} better" if moved else "no change beyond noise")
    )
    return 1 if worse else 0
