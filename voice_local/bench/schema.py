"""The one form in which every benchmark gives its figures, and in which they are kept, compared and
drawn.

A metric carries the raw numbers behind its value, so that a reader, or `compare`, can do without
trusting the value.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from voice_local.bench import stats
from voice_local.errors import BenchmarkError

SCHEMA_VERSION = 1
Better = Literal["lower", "higher", "neither"]
Status = Literal["measured", "skipped", "failed"]
PlotKind = Literal["bars", "lines", "points", "waterfall"]


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        name: within its section, dotted from general to particular: `stt_ms.3s.p50`.
        value: None where it could not be measured.
        unit: ms, s, MB, MB/turn, dB, dBFS, ratio, share (0..1), count, x (times real time).
        better: which way is better; `neither` for what only describes.
        statistic: how `samples` make `value`, one of `stats.STATISTICS`; "given" if it does not
            come from samples.
        samples: the raw numbers, in the order of the items measured.
        weights: for "ratio" (sum of samples over sum of weights): each item's denominator.
        count: how many samples there were, also where they are kept with another metric.
        interval: 95 % confidence interval by bootstrap over the samples; None without samples.
        timed: whether the machine's mood is in it (wall time), so that small changes mean nothing.
        paired: whether sample i is of the same item in every run.
    """

    name: str
    value: float | None
    unit: str
    better: Better = "lower"
    statistic: str = "given"
    samples: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    interval: tuple[float, float] | None = None
    timed: bool = False
    paired: bool = False
    count: int = 0


ENOUGH = {"p95": 20, "p99": 100}
"""Fewer samples tell nothing of such a percentile."""


def metric(
    name: str,
    samples: Any,
    unit: str,
    statistic: str = "p50",
    better: Better = "lower",
    *,
    weights: Any = (),
    timed: bool = False,
    paired: bool = False,
) -> Metric:
    """A metric of `samples`, its value and interval worked out; value None when there are none, or
    not `ENOUGH`."""
    below = tuple(float(x) for x in weights)
    numbers = tuple(round(float(x), 4) for x in samples)
    # What is no number says nothing, and JSON has no word for it.
    if not all(map(math.isfinite, numbers)):
        below = tuple(y for x, y in zip(numbers, below, strict=False) if math.isfinite(x))
        numbers = tuple(x for x in numbers if math.isfinite(x))
    enough = len(numbers) >= ENOUGH.get(statistic, 0)
    value = stats.value(statistic, numbers, below) if enough else None
    interval = stats.interval(statistic, numbers, below) if value is not None else None
    return Metric(
        name,
        None if value is None else round(value, 4),
        unit,
        better,
        statistic,
        numbers,
        below,
        interval,
        timed,
        paired,
        len(numbers),
    )


def given(
    name: str, value: float | None, unit: str, better: Better = "neither", *, timed: bool = False
) -> Metric:
    """A metric without samples behind it."""
    return Metric(name, None if value is None else round(value, 4), unit, better, timed=timed)


@dataclass(frozen=True)
class Series:
    """Numbers to draw: `y` over `x` (numbers or names); `low` and `high`, if given, bound each
    y."""

    name: str
    x: tuple[Any, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True)
class Plot:
    """A picture of a section. A waterfall's bars go from `low` to `y`, in ms."""

    kind: PlotKind
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]


@dataclass
class Section:
    """What one benchmark found.

    Attributes:
        name: as on the command line.
        about: what was measured, on what sound, in a sentence or two.
        status: `skipped` and `failed` carry a `reason`.
        findings: what a reader has to know first: a promise broken, a label always taken for
            another, a leak.
        detail: raw rows, by name, for whoever wants more; plain JSON.
        seconds: how long it took.
        reference_ms: a fixed piece of work before and after: how fast, and how evenly, the machine
            was.
    """

    name: str
    about: str = ""
    status: Status = "measured"
    reason: str = ""
    metrics: list[Metric] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    reference_ms: list[float] = field(default_factory=list)

    def find(self, name: str) -> Metric:
        """The metric `name`; KeyError without."""
        for found in self.metrics:
            if found.name == name:
                return found
        raise KeyError(name)


@dataclass
class Report:
    """One run of the suite; `about` tells date, machine, commit, command, profile, models, versions
    and load."""

    about: dict[str, Any]
    sections: list[Section]

    def as_json(self) -> dict[str, Any]:
        """A plain document."""
        return {
            "schema_version": SCHEMA_VERSION,
            "about": self.about,
            "sections": [asdict(s) for s in self.sections],
        }

    def write(self, path: Path) -> None:
        """Keeps it at `path`, in one step; OSError if that cannot be written."""
        text = json.dumps(_plain(self.as_json()), indent=1, allow_nan=False) + "\n"
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def read(path: Path) -> Report:
    """A report that was kept.

    Raises:
        BenchmarkError: there is none, or it is of another form.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] != SCHEMA_VERSION:
            raise BenchmarkError(
                f"{path} is of schema {document['schema_version']}, this is {SCHEMA_VERSION}",
                "measure again with this version",
            )
        if not isinstance(document["about"], dict):
            raise TypeError("about is no object")
        return Report(document["about"], [_section(row) for row in document["sections"]])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BenchmarkError(
            f"{path} is no benchmark report ({type(error).__name__}: {error})",
            "name a JSON file made by voice-local bench all",
        ) from None


def _plain(value: Any) -> Any:
    """`value` with null for what is no number: JSON has no other word for it."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _section(row: dict[str, Any]) -> Section:
    plots = [
        Plot(**{**found, "series": tuple(Series(**_tuples(series)) for series in found["series"])})
        for found in row["plots"]
    ]
    metrics = [Metric(**_tuples(found)) for found in row["metrics"]]
    for found in metrics:
        _check(found)
    if not all(
        isinstance(value, int | float) and value > 0 for value in row.get("reference_ms", [])
    ):
        raise ValueError("a reference time is none")
    return Section(**{**row, "metrics": metrics, "plots": plots})


def _check(row: Metric) -> None:
    """Refuses what cannot be compared or drawn (ValueError)."""
    numbers = [
        *row.samples,
        *row.weights,
        *(() if row.value is None else (row.value,)),
        *(row.interval or ()),
    ]
    if not all(isinstance(number, int | float) for number in numbers):
        raise ValueError(f"{row.name} holds what is no number")
    if row.statistic != "given" and row.statistic not in stats.STATISTICS:
        raise ValueError(f"{row.name} is of an unknown statistic")
    if row.weights and len(row.weights) != len(row.samples):
        raise ValueError(
            f"{row.name} has {len(row.samples)} samples and {len(row.weights)} weights"
        )


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
