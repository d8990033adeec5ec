"""The HTML page of a report: one file that loads nothing and runs nothing, for a reader who was not
there."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice_local.bench import drawing
from voice_local.bench.drawing import BENCH_EXTRA
from voice_local.bench.first_screen import first_screen
from voice_local.bench.labels import UNPRINTABLE, places, tidy
from voice_local.bench.report_tables import Table, cell_text, details, facts, table
from voice_local.bench.schema import (
    Metric,
    Plot,
    Report,
    Section,
)
from voice_local.errors import BenchmarkError

HEADLINES = 3
UNITS = {"share": "%", "x": "× real time", "count": ""}
STATISTICS = {
    "p50": "median",
    "p95": "95th percentile",
    "p99": "99th percentile",
    "max": "largest",
    "ratio": "sum over sum",
    "slope": "slope",
    "given": "single reading",
}
BETTER = {"lower": "↓ lower", "higher": "↑ higher", "neither": "neither"}

TITLES = {
    "latency": "Reply time, stage by stage",
    "overhead": "The framework's own delay",
    "wire": "What the Realtime API adds",
    "voice_to_voice": "Voice to voice through the server",
    "steady": "The same without a clock",
    "wer": "Speech recognition",
    "intent": "Understanding requests",
    "emotion": "Recognising emotions",
    "endpointing": "Noticing that the user has finished",
    "barge_in": "Interruptions",
    "tts": "Speech synthesis",
    "load": "Conversations at once",
    "memory": "Memory",
    "gpu": "On a graphics card",
    "peers": "Beside other frameworks",
}
"""Of the sections, in plain words."""

MARKS = {"measured": "✓", "skipped": "○", "failed": "✕"}


@dataclass(frozen=True)
class Figure:
    """A plot as the page shows it: `svg` is None where there is a `problem`; its numbers stand
    below either way."""

    title: str
    svg: str | None
    problem: str
    numbers: Table


def render(report: Report, before: Report | None = None) -> str:
    """`report` as one HTML page; with `before`, each figure's earlier value stands beside it,
    without a verdict.

    Raises:
        BenchmarkError: jinja2 or matplotlib is missing.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise BenchmarkError("the page of a report needs jinja2", BENCH_EXTRA) from None

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
        "kept": _kept,
    }
    figures = [
        [_figure(plot, f"s{i}p{j}") for j, plot in enumerate(section.plots, 1)]
        for i, section in enumerate(report.sections, 1)
    ]
    page = environment.get_template("report.html.j2").render(
        report=report,
        before=before,
        screen=first_screen(report),
        facts=facts(report.about),
        figures=figures,
        titles=TITLES,
        drawn=Markup,
        headlines=headlines,
        value=value,
        unit=unit,
        interval=interval,
        earlier=lambda section, found: _earlier(before, section, found),
        statistics=STATISTICS,
        better=BETTER,
        marks=MARKS,
        details=details,
        duration=duration,
        title=_title(report.about),
        flat=cell_text,
    )
    return UNPRINTABLE.sub("\ufffd", page)  # a lone surrogate could not even be written


def headlines(section: Section) -> list[Metric]:
    """The first few figures that can be better or worse; else the first few at all."""
    known = [found for found in section.metrics if found.value is not None]
    return ([found for found in known if found.better != "neither"] or known)[:HEADLINES]


def value(found: Metric) -> str:
    """The figure, without its unit."""
    return (
        "no value" if found.value is None else tidy(found.value * _scale(found), _decimals(found))
    )


def unit(found: Metric) -> str:
    """What the figure counts, as people write it."""
    return "" if found.value is None else UNITS.get(found.unit, found.unit)


def interval(found: Metric) -> str:
    """The 95 % interval in the unit of the value; a dash if there is none."""
    if found.interval is None:
        return "—"
    low, high = (tidy(bound * _scale(found), _decimals(found)) for bound in found.interval)
    return f"{low} to {high}"


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _figure(plot: Plot, key: str) -> Figure:
    rows = [
        {
            "series": series.name,
            plot.x_label or "x": x,
            "low": low,
            plot.y_label or "y": y,
            "high": high,
        }
        for series in plot.series
        for x, low, y, high in zip(
            series.x,
            series.low or [None] * len(series.y),
            series.y,
            series.high or [None] * len(series.y),
            strict=False,
        )
    ]
    if plot.kind == "waterfall":
        rows = [
            {"series": series.name, "step": x, "from ms": low, "to ms": y}
            for series in plot.series
            for x, low, y in zip(series.x, series.low or (0.0, *series.y), series.y, strict=False)
        ]
    empty = {name for name in ("low", "high") if all(row.get(name) is None for row in rows)}
    if len(plot.series) < 2:
        empty.add("series")
    numbers = table(
        [{name: cell for name, cell in row.items() if name not in empty} for row in rows]
    )
    problem = drawing.problem(plot)
    return Figure(plot.title, None if problem else drawing.svg(plot, key), problem, numbers)


def _kept(text: str) -> str:
    """`text` with each number kept on one line with its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|ms|MB|s)(?!\w))", "\u00a0", text)


def _earlier(before: Report | None, section: Section, found: Metric) -> str:
    for old in before.sections if before else ():
        for metric in old.metrics:
            if (old.name, metric.name, metric.unit) == (section.name, found.name, found.unit):
                return value(metric)
    return "—"


def _title(about: Mapping[str, Any]) -> str:
    profile = about.get("profile")
    return (
        f"voice_local, profile “{profile}”"
        if isinstance(profile, str) and profile
        else "voice_local"
    )


def _scale(found: Metric) -> float:
    return 100.0 if found.unit == "share" else 1.0


def _decimals(found: Metric) -> int | None:
    """Those of the value, more where the interval would close up for want of them, none for what is
    counted."""
    if found.value is None or not math.isfinite(found.value):
        return None
    if found.unit == "count" and float(found.value).is_integer() and found.interval is None:
        return 0
    shown = places(found.value * _scale(found))
    if found.unit == "share":
        shown = 1
    wide = (found.interval[1] - found.interval[0]) * _scale(found) if found.interval else 0.0
    return max(shown, min(4, math.ceil(-math.log10(wide)))) if 0 < wide < math.inf else shown
