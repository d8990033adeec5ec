"""Colours, markers, dashes and hatches of the plots."""

from __future__ import annotations

from typing import Any

INK, LINE, PANEL = "#202124", "#d4d7dc", "#fefefe"
COLOURS = (
    "#0b62a8",
    "#c4500a",
    "#00795a",
    "#9b4488",
    "#806000",
    "#5a6068",
)
"""Okabe & Ito's, darkened to 4.5:1 on white."""

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


def colour(number: int) -> str:
    """Of the series of that number, counted from 0."""
    return COLOURS[number % len(COLOURS)]


def hatch(number: int) -> str:
    """Of the series of that number, counted from 0."""
    return HATCHES[(number + number // len(COLOURS)) % len(HATCHES)]


def matplotlib_settings(key: str) -> dict[Any, Any]:
    """What a plot is drawn with; the ids in it are worked out from `key`."""
    return {
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
