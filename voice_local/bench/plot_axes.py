"""What each kind of plot puts on its axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from voice_local.bench.labels import LONGEST_LABEL, label, short
from voice_local.bench.plot_style import COLOURS, DASHES, INK, MARKERS, PANEL, colour, hatch
from voice_local.bench.schema import Plot, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 120
LABELLED = 24


def draw_rows(axes: Axes, plot: Plot) -> None:
    """Horizontal bars, the first on top: bars from 0, or a waterfall's from start to end."""
    names, waterfall = x_names(plot), plot.kind == "waterfall"
    thick = 0.72 / len(plot.series)
    for number, series in enumerate(plot.series):
        at = [names.index(str(x)) - 0.36 + thick * (number + 0.5) for x in series.x]
        ends = numbers(series.y)
        starts = (numbers(series.low) or [0.0, *ends[:-1]]) if waterfall else [0.0] * len(ends)
        lengths = [end - start for start, end in zip(starts, ends, strict=True)]
        axes.barh(
            at,
            lengths,
            thick,
            left=starts,
            color=colour(number),
            edgecolor=PANEL,
            linewidth=0.5,
            hatch=hatch(number),
            label=label(series.name),
        )
        high = numbers(series.high)
        _whiskers(axes, at, ends if waterfall else numbers(series.low), high, flat=True)
        if len(names) * len(plot.series) <= MOST_BARS // 2:
            for place, start, end, value, top in zip(
                at, starts, ends, lengths, high or ends, strict=True
            ):
                if math.isfinite(value):
                    text = f"{short(value)} ms" if waterfall else short(value)
                    edge = max([start, end, *([top] if math.isfinite(top) else [])])
                    axes.annotate(
                        text,
                        (edge, place),
                        (4, 0),
                        textcoords="offset points",
                        va="center",
                        fontsize=7,
                    )
    axes.set_yticks(range(len(names)), [label(name) for name in names])
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.margins(x=0.1)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    _plain(axes, "x")
    axes.axvline(0, color=INK, linewidth=0.8)


def draw_bars(axes: Axes, plot: Plot) -> None:
    """Upright bars from 0, side by side where there are several series."""
    names = x_names(plot)
    wide = 0.76 / len(plot.series)
    for number, series in enumerate(plot.series):
        at = [names.index(str(x)) - 0.38 + wide * (number + 0.5) for x in series.x]
        heights, high = numbers(series.y), numbers(series.high)
        axes.bar(
            at,
            heights,
            wide,
            color=colour(number),
            edgecolor=PANEL,
            linewidth=0.5,
            hatch=hatch(number),
            label=label(series.name),
        )
        _whiskers(axes, at, numbers(series.low), high)
        if len(names) * len(plot.series) <= LABELLED // 2:
            for place, height, top in zip(at, heights, high or heights, strict=True):
                if math.isfinite(height):
                    edge = max(height, top, 0) if math.isfinite(top) else max(height, 0)
                    axes.annotate(
                        short(height),
                        (place, edge),
                        (0, 3),
                        textcoords="offset points",
                        ha="center",
                        fontsize=7,
                    )
    axes.set_xticks(range(len(names)), [label(name) for name in names])
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.margins(y=0.1)
    axes.grid(axis="y")
    axes.tick_params(axis="x", length=0)
    _plain(axes, "y")
    axes.axhline(0, color=INK, linewidth=0.8)


def draw_lines(axes: Axes, plot: Plot) -> None:
    """A line for each series, with a band from low to high."""
    places_of = _places(axes, plot)
    for number, series in enumerate(plot.series):
        at, y = places_of(series), numbers(series.y)
        marker = (
            MARKERS[(number + number // len(COLOURS)) % len(MARKERS)]
            if len(y) <= LABELLED * 2
            else None
        )
        axes.plot(
            at,
            y,
            DASHES[number % len(DASHES)],
            color=colour(number),
            marker=marker,
            label=label(series.name),
        )
        low, high = numbers(series.low), numbers(series.high)
        if low and high:
            axes.fill_between(at, low, high, color=colour(number), alpha=0.18, linewidth=0)
    _ground(axes, plot)


def draw_points(axes: Axes, plot: Plot) -> None:
    """A marker for each value, with a whisker from low to high."""
    places_of, many = _places(axes, plot), max(len(series.y) for series in plot.series) > 100
    for number, series in enumerate(plot.series):
        at, y = places_of(series), numbers(series.y)
        _whiskers(axes, at, numbers(series.low), numbers(series.high), ink=colour(number))
        axes.plot(
            at,
            y,
            MARKERS[(number + number // len(COLOURS)) % len(MARKERS)],
            color=colour(number),
            markersize=2.6 if many else 4.2,
            alpha=0.7 if many else 1,
            markeredgewidth=0.4,
            markeredgecolor=PANEL,
            label=label(series.name),
        )
    _ground(axes, plot)


def _places(axes: Axes, plot: Plot) -> Callable[[Series], list[float]]:
    """Where the x of a series lie: numbers at themselves, names at 0, 1, 2 … with ticks."""
    from matplotlib.ticker import MaxNLocator

    every = [x for series in plot.series for x in series.x]
    if all(isinstance(x, int | float) for x in every):
        if all(float(x).is_integer() for x in every):
            axes.xaxis.set_major_locator(MaxNLocator(nbins="auto", integer=True))
        _plain(axes, "x")
        return lambda series: numbers(series.x)
    names = x_names(plot)
    slanted = sum(min(len(name), LONGEST_LABEL) + 2 for name in names) > 64
    axes.set_xticks(
        range(len(names)),
        [label(name) for name in names],
        rotation=35 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor" if slanted else "default",
    )
    axes.set_xlim(-0.5, len(names) - 0.5)
    return lambda series: [float(names.index(str(x))) for x in series.x]


def _ground(axes: Axes, plot: Plot) -> None:
    """Zero in sight, unless everything is far from it: then the label says so."""
    known = [
        value
        for series in plot.series
        for value in numbers((*series.y, *series.low, *series.high))
        if math.isfinite(value)
    ]
    if 0 <= min(known) <= 0.7 * max(known) > 0:
        axes.set_ylim(0, max(known) * 1.08)
    axes.grid(axis="y")
    _plain(axes, "y")


def _plain(axes: Axes, which: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    if which == "y" or not isinstance(axis.get_major_locator(), MaxNLocator):
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))


def _whiskers(
    axes: Axes,
    at: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    *,
    flat: bool = False,
    ink: str = INK,
) -> None:
    """From low to high, wherever the value is; the ground's colour under the ink, to be seen on
    dark and light bars."""
    if low and high:
        middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
        half = [abs(b - a) / 2 for a, b in zip(low, high, strict=True)]
        for colour, wide, cap in ((PANEL, 2.8, 3.3), (ink, 1, 2.5)):
            x, y = (middle, at) if flat else (at, middle)
            axes.errorbar(
                x,
                y,
                None if flat else half,
                half if flat else None,
                fmt="none",
                ecolor=colour,
                elinewidth=wide,
                capsize=cap,
                capthick=wide,
            )


def x_names(plot: Plot) -> list[str]:
    """Every x of the plot as text, in the order in which they first occur."""
    return list(dict.fromkeys(str(x) for series in plot.series for x in series.x))


def wants_rows(plot: Plot) -> bool:
    """Whether the bars are too many, or their names too long, to stand upright."""
    names = x_names(plot)
    return len(names) * len(plot.series) > LABELLED or sum(len(name) + 2 for name in names) > 66


def numbers(values: Sequence[Any]) -> list[float]:
    """Infinite and missing numbers leave a gap."""
    return [
        float(v) if isinstance(v, int | float) and math.isfinite(v) else math.nan for v in values
    ]
