"""The plots of a report as inline SVG, without scripts and fonts; colours are the page's, so they
follow light and dark.

Series differ in colour and in marker, dash or hatch: nothing is told by colour alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from voice_local.bench.schema import (
    Plot,
    Series,
)
from voice_local.errors import BenchmarkError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BENCH_EXTRA = "pip install 'voice-local[bench]'"
INK, LINE, PANEL = "#202124", "#d4d7dc", "#fefefe"
COLOURS = (
    "#0b62a8",
    "#c4500a",
    "#00795a",
    "#9b4488",
    "#806000",
    "#5a6068",
)  # Okabe & Ito, darkened to 4.5:1 on white
VARIABLES = {
    INK: "--ink",
    LINE: "--line",
    PANEL: "--panel",
    **{c: f"--series-{i}" for i, c in enumerate(COLOURS, 1)},
}
MARKERS, DASHES, HATCHES = (
    "osD^vX",
    ("-", "--", "-.", ":"),
    ("", "////", "....", "xxxx", "\\\\\\\\", "++"),
)
WIDTH_IN, HEIGHT_IN = 5.4, 3.1
MOST_BARS = 120
LABELLED = 24
LONGEST_LABEL = 34
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


def tidy(value: float | None, decimals: int | None = None) -> str:
    """A number as people read it: about three digits that count, thousands parted, a true minus."""
    if value is None or not math.isfinite(value):
        return "—"
    if abs(value) >= 1e9 or 0 < abs(value) < 1e-6:
        return f"{value:.3g}".replace("-", "−")
    text = f"{value:,.{places(value) if decimals is None else decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.removeprefix("-")


def places(value: float) -> int:
    """Decimals for about three digits that count."""
    size = abs(value)
    if size >= 100 or size == 0 or not math.isfinite(size):
        return 0
    return (
        1
        if size >= 10
        else 2
        if size >= 1
        else 3
        if size >= 0.01
        else 1 - math.floor(math.log10(size))
    )


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
    if not any(math.isfinite(y) for series in plot.series for y in _numbers(series.y)):
        return "there are no numbers in it"
    bars = len(_names(plot)) * len(plot.series)
    if plot.kind in ("bars", "waterfall") and bars > MOST_BARS:
        return f"{bars:,} bars are more than a picture can tell"
    return ""


def spoken(plot: Plot) -> str:
    """What the picture shows, for those who cannot see it."""
    told = [f"{plot.title}: {plot.kind} of {plot.y_label} by {plot.x_label}."]
    for series in plot.series:
        known = [y for y in _numbers(series.y) if math.isfinite(y)]
        if known:
            told.append(
                f"{series.name}: {len(known)} values from {tidy(min(known))} to {tidy(max(known))}."
            )
    return _clean(" ".join(told))


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

    settings: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": key,
        "text.parse_math": False,
        "font.family": "sans-serif",
        "font.size": 8.5,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": LINE,
        "xtick.color": LINE,
        "ytick.color": LINE,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": LINE,
        "grid.linewidth": 0.6,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "hatch.linewidth": 0.9,
        "hatch.color": PANEL,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
        "lines.markersize": 4,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
    }
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message=".*[Gg]lyph.*"
        )  # the browser's fonts are used, not matplotlib's
        flat = plot.kind == "waterfall" or (plot.kind == "bars" and _wants_rows(plot))
        rows = len(_names(plot)) * (1 + 0.55 * (len(plot.series) - 1)) if flat else 0
        longest = max(len(_label(series.name)) for series in plot.series)
        beside = min(
            3, len(plot.series), max(1, 78 // (longest + 8))
        )  # so many names of the legend fit in a line
        height = max(1.5, 0.9 + 0.24 * rows) if flat else HEIGHT_IN
        figure = Figure(
            figsize=(WIDTH_IN, height + 0.17 * (-(-len(plot.series) // beside) - 1)),
            layout="constrained",
        )
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        kinds: dict[str, Callable[[Axes, Plot], None]] = {
            "bars": _rows if flat else _bars,
            "waterfall": _rows,
            "lines": _lines,
            "points": _points,
        }
        kinds[plot.kind](axes, plot)
        across, up = _label(plot.x_label, 70), _label(plot.y_label, 70 if flat else 44)
        if plot.kind in ("lines", "points") and axes.get_ylim()[0] > 0:
            up += " (axis not from 0)"
        axes.set_xlabel(up if plot.kind == "bars" and flat else across)
        axes.set_ylabel("" if flat else up)
        if len(plot.series) > 1:
            figure.legend(loc="outside upper left", ncols=beside, handlelength=2.6, borderpad=0.1)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _inline(buffer.getvalue(), key, spoken(plot))


def _rows(axes: Axes, plot: Plot) -> None:
    """Horizontal bars, the first on top: bars from 0, or a waterfall's from start to end."""
    names, waterfall = _names(plot), plot.kind == "waterfall"
    thick = 0.72 / len(plot.series)
    for number, series in enumerate(plot.series):
        at = [names.index(str(x)) - 0.36 + thick * (number + 0.5) for x in series.x]
        ends = _numbers(series.y)
        starts = (_numbers(series.low) or [0.0, *ends[:-1]]) if waterfall else [0.0] * len(ends)
        lengths = [end - start for start, end in zip(starts, ends, strict=True)]
        axes.barh(
            at,
            lengths,
            thick,
            left=starts,
            color=_colour(number),
            edgecolor=PANEL,
            linewidth=0.5,
            hatch=_hatch(number),
            label=_label(series.name),
        )
        high = _numbers(series.high)
        _whiskers(axes, at, ends if waterfall else _numbers(series.low), high, flat=True)
        if len(names) * len(plot.series) <= MOST_BARS // 2:
            for place, start, end, value, top in zip(
                at, starts, ends, lengths, high or ends, strict=True
            ):
                if math.isfinite(value):
                    text = f"{_short(value)} ms" if waterfall else _short(value)
                    edge = max([start, end, *([top] if math.isfinite(top) else [])])
                    axes.annotate(
                        text,
                        (edge, place),
                        (4, 0),
                        textcoords="offset points",
                        va="center",
                        fontsize=7,
                    )
    axes.set_yticks(range(len(names)), [_label(name) for name in names])
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.margins(x=0.1)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    _plain(axes, "x")
    axes.axvline(0, color=INK, linewidth=0.8)


def _bars(axes: Axes, plot: Plot) -> None:
    names = _names(plot)
    wide = 0.76 / len(plot.series)
    for number, series in enumerate(plot.series):
        at = [names.index(str(x)) - 0.38 + wide * (number + 0.5) for x in series.x]
        heights, high = _numbers(series.y), _numbers(series.high)
        axes.bar(
            at,
            heights,
            wide,
            color=_colour(number),
            edgecolor=PANEL,
            linewidth=0.5,
            hatch=_hatch(number),
            label=_label(series.name),
        )
        _whiskers(axes, at, _numbers(series.low), high)
        if len(names) * len(plot.series) <= LABELLED // 2:
            for place, height, top in zip(at, heights, high or heights, strict=True):
                if math.isfinite(height):
                    edge = max(height, top, 0) if math.isfinite(top) else max(height, 0)
                    axes.annotate(
                        _short(height),
                        (place, edge),
                        (0, 3),
                        textcoords="offset points",
                        ha="center",
                        fontsize=7,
                    )
    axes.set_xticks(range(len(names)), [_label(name) for name in names])
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.margins(y=0.1)
    axes.grid(axis="y")
    axes.tick_params(axis="x", length=0)
    _plain(axes, "y")
    axes.axhline(0, color=INK, linewidth=0.8)


def _lines(axes: Axes, plot: Plot) -> None:
    places_of = _places(axes, plot)
    for number, series in enumerate(plot.series):
        at, y = places_of(series), _numbers(series.y)
        marker = (
            MARKERS[(number + number // len(COLOURS)) % len(MARKERS)]
            if len(y) <= LABELLED * 2
            else None
        )
        axes.plot(
            at,
            y,
            DASHES[number % len(DASHES)],
            color=_colour(number),
            marker=marker,
            label=_label(series.name),
        )
        low, high = _numbers(series.low), _numbers(series.high)
        if low and high:
            axes.fill_between(at, low, high, color=_colour(number), alpha=0.18, linewidth=0)
    _ground(axes, plot)


def _points(axes: Axes, plot: Plot) -> None:
    places_of, many = _places(axes, plot), max(len(series.y) for series in plot.series) > 100
    for number, series in enumerate(plot.series):
        at, y = places_of(series), _numbers(series.y)
        _whiskers(axes, at, _numbers(series.low), _numbers(series.high), ink=_colour(number))
        axes.plot(
            at,
            y,
            MARKERS[(number + number // len(COLOURS)) % len(MARKERS)],
            color=_colour(number),
            markersize=2.6 if many else 4.2,
            alpha=0.7 if many else 1,
            markeredgewidth=0.4,
            markeredgecolor=PANEL,
            label=_label(series.name),
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
        return lambda series: _numbers(series.x)
    names = _names(plot)
    slanted = sum(min(len(name), LONGEST_LABEL) + 2 for name in names) > 64
    axes.set_xticks(
        range(len(names)),
        [_label(name) for name in names],
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
        for value in _numbers((*series.y, *series.low, *series.high))
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


def _names(plot: Plot) -> list[str]:
    return list(dict.fromkeys(str(x) for series in plot.series for x in series.x))


def _wants_rows(plot: Plot) -> bool:
    names = _names(plot)
    return len(names) * len(plot.series) > LABELLED or sum(len(name) + 2 for name in names) > 66


def _numbers(values: Sequence[Any]) -> list[float]:
    """Infinite and missing numbers leave a gap."""
    return [
        float(v) if isinstance(v, int | float) and math.isfinite(v) else math.nan for v in values
    ]


def _short(value: float) -> str:
    text = tidy(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _hatch(number: int) -> str:
    return HATCHES[(number + number // len(COLOURS)) % len(HATCHES)]


def _label(text: str, longest: int = LONGEST_LABEL) -> str:
    """Short enough to leave room for the picture (the table below it has the whole); never a secret
    from the legend."""
    text = _clean(text)
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f"\u200b{text}" if text.startswith("_") else text  # matplotlib keeps "_…" out of legends


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("\ufffd", " ".join(str(text).split()))


def _variable(found: re.Match[str]) -> str:
    """The page's variable for a colour; its own as the fallback, should the element be taken out of
    the page."""
    return f"var({VARIABLES[found[0]]}, {found[0]})" if found[0] in VARIABLES else found[0]


def _inline(document: bytes, key: str, told: str) -> str:
    """What matplotlib wrote, fit for a page: ids of its own, the page's font and colours, no
    metadata, no style sheet."""
    root = ElementTree.fromstring(document)  # noqa: S314 - matplotlib's own output, a moment ago
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{SVG}metadata", f"{SVG}style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        for name, value in list(element.attrib.items()):
            del element.attrib[name]
            name = name.removeprefix(XLINK)
            if name == "id":
                value = f"{key}-{value}"
            elif name == "href":
                value = value.replace("#", f"#{key}-", 1)
            else:
                value = value.replace("url(#", f"url(#{key}-")
            if name in ("fill", "stroke"):  # of hatches; a variable needs a style
                name, value = (
                    "style",
                    f"{element.attrib.get('style', '')};{name}:{value}".lstrip(";"),
                )
            if name == "style":
                value = re.sub(
                    r"#[0-9a-f]{6}(?!\))", _variable, re.sub(r"font-family:[^;]*;?", "", value)
                )
                value = re.sub(r"font: ([\d.]+px)[^;]*", r"font-size: \1", value)
            element.attrib[name] = value
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": SVG[1:-1],
            "viewBox": box,
            "role": "img",
            "aria-label": told,
            "style": "stroke-linejoin: round; stroke-linecap: butt",
        }
    )
    return ElementTree.tostring(root, encoding="unicode")
