"""The picture of one interruption: the user's sound above, the assistant's below, as SVG paths
without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_local.bench.figures import (
    found_in,
    reason,
)
from voice_local.bench.schema import Report

HEIGHT = 100
"""Of a lane's drawing, in its own units; it is as wide as it has points."""

THINNEST = 0.6
"""So much of a line is left where there is silence."""

LOUDEST_SHARE = 0.94
"""The loudest point fills this part of its lane: both lanes are drawn to fit."""


@dataclass(frozen=True)
class Lane:
    """One side's sound as a closed SVG path in a box of `points` by `HEIGHT`."""

    name: str
    path: str
    points: int


@dataclass(frozen=True)
class Waves:
    """An interruption; without `lanes`, `why` there is none. Times in s from the left edge.

    Attributes:
        began_s, silent_s: the user speaks over the answer; the assistant has fallen silent.
        said: what the user said.
    """

    lanes: tuple[Lane, ...] = ()
    length_s: float = 0.0
    began_s: float = 0.0
    silent_s: float = 0.0
    said: str = ""
    why: str = ""

    @property
    def reaction_ms(self) -> float:
        """From one to the other."""
        return round((self.silent_s - self.began_s) * 1000)


def waves(report: Report) -> Waves:
    """The interruption that the section `barge_in` kept."""
    section = found_in(report, "barge_in")
    if section is None or section.status != "measured":
        return Waves(why=reason(section))
    kept = section.detail.get("interruption")
    if not isinstance(kept, Mapping):
        return Waves(
            why="the sound of an interruption was not kept in this run; run barge_in again"
        )
    try:
        rate, scale = float(kept["points_a_second"]), float(kept["full_scale"])
        sides = [
            (name, _numbers(kept[key]["low"]), _numbers(kept[key]["high"]))
            for name, key in (
                ("User (microphone)", "user"),
                ("Assistant (loudspeaker)", "assistant"),
            )
        ]
        lanes = tuple(Lane(name, path(low, high, scale), len(low)) for name, low, high in sides)
        length = max(lane.points for lane in lanes) / rate
        began, silent = float(kept["user_speaks_over_s"]), float(kept["assistant_silent_s"])
        if not 0 <= began <= silent <= length:
            raise ValueError("the marks lie outside the sound")
        return Waves(lanes, length, began, silent, str(kept.get("said", "")))
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        return Waves(why=f"what was kept of an interruption cannot be drawn ({error})")


def path(low: Sequence[float], high: Sequence[float], full_scale: float) -> str:
    """A closed path between `low` and `high`, drawn to fit; both of the same length, in parts of
    `full_scale`.

    Raises:
        ValueError: there is nothing, or the two differ in length.
    """
    if not low or len(low) != len(high):
        raise ValueError("the outline's low and high differ in length, or are empty")
    loudest = max(full_scale / 100, *(abs(value) for value in (*low, *high)))
    middle = HEIGHT / 2

    def up(value: float, least: float) -> float:
        return round(middle - value / loudest * middle * LOUDEST_SHARE - least, 1)

    above = [f"{x} {up(value, THINNEST):g}" for x, value in enumerate(high)]
    below = [f"{x} {up(value, -THINNEST):g}" for x, value in reversed(list(enumerate(low)))]
    return f"M{' L'.join([*above, *below])}Z"


def _numbers(found: Any) -> list[float]:
    if not isinstance(found, list | tuple):
        raise TypeError("an outline is no list")
    return [float(value) for value in found]
