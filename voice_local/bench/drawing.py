"""The plots of a report as inline SVG, without scripts and fonts; colours are the page's, so they
follow light and dark.

Series differ in colour and in marker, dash or hatch: nothing is told by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from voice_local.bench.inline_svg import inline
from voice_local.bench.labels import clean, label, tidy
from voice_local.bench.plot_axes import (
    MOST_BARS,
    draw_bars,
    draw_lines,
    draw_points,
    draw_rows,
    numbers,
    wants_rows,
    x_names,
)
from voice_local.bench.plot_style import matplotlib_settings
from voice_local.bench.schema import Plot
from voice_local.errors import BenchmarkError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BENCH_EXTRA = "pip install 'voice-local[bench]'"
WIDTH_IN, HEIGHT_IN = 5.4, 3.1


def problem(plot: Plot) -> str:
    """Why `plot` cannot be drawn; empty if it can."""
    for series in plot.series:
        lengths = {
            len(series.x),
            len(series.y),
            *(len(bound) for bound in (series.low, series.high) if bound),
        }
        if len(lengths) > 1:
            return f"the series {series.name!r} has x, y, low and high of different lengths"
    if not any(math.isfinite(y) for series in plot.series for y in numbers(series.y)):
        return "there are no numbers in it"
    bars = len(x_names(plot)) * len(plot.series)
    if plot.kind in ("bars", "waterfall") and bars > MOST_BARS:
        return f"{bars:,} bars are more than a picture can tell"
    return ""


def spoken(plot: Plot) -> str:
    """What the picture shows, for those who cannot see it."""
    sentences = [f"{plot.title}: {plot.kind} of {plot.y_label} by {plot.x_label}."]
    for series in plot.series:
        known = [y for y in numbers(series.y) if math.isfinite(y)]
        if known:
            sentences.append(
                f"{series.name}: {len(known)} values from {tidy(min(known))} to {tidy(max(known))}."
            )
    return clean(" ".join(sentences))


def svg(plot: Plot, key: str) -> str:
    """`plot`, which has no `problem`, as an SVG element whose ids begin with `key`.

    Raises:
        BenchmarkError: matplotlib is missing.
    """
    import io
    import warnings

    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        raise BenchmarkError("the plots of a report need matplotlib", BENCH_EXTRA) from None

    with matplotlib.rc_context(matplotlib_settings(key)), warnings.catch_warnings():
        # The browser's fonts are used, not matplotlib's.
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*")
        flat = plot.kind == "waterfall" or (plot.kind == "bars" and wants_rows(plot))
        rows = len(x_names(plot)) * (1 + 0.55 * (len(plot.series) - 1)) if flat else 0
        longest = max(len(label(series.name)) for series in plot.series)
        # So many names of the legend fit in a line.
        beside = min(3, len(plot.series), max(1, 78 // (longest + 8)))
        height = max(1.5, 0.9 + 0.24 * rows) if flat else HEIGHT_IN
        figure = Figure(
            figsize=(WIDTH_IN, height + 0.17 * (-(-len(plot.series) // beside) - 1)),
            layout="constrained",
        )
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        kinds: dict[str, Callable[[Axes, Plot], None]] = {
            "bars": draw_rows if flat else draw_bars,
            "waterfall": draw_rows,
            "lines": draw_lines,
            "points": draw_points,
        }
        kinds[plot.kind](axes, plot)
        across, up = label(plot.x_label, 70), label(plot.y_label, 70 if flat else 44)
        if plot.kind in ("lines", "points") and axes.get_ylim()[0] > 0:
            up += " (axis not from 0)"
        axes.set_xlabel(up if plot.kind == "bars" and flat else across)
        axes.set_ylabel("" if flat else up)
        if len(plot.series) > 1:
            figure.legend(loc="outside upper left", ncols=beside, handlelength=2.6, borderpad=0.1)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return inline(buffer.getvalue(), key, spoken(plot))
