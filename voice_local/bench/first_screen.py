"""What a report's reader sees first: five figures in words, the median turn, the other frameworks,
one interruption.

It is made of the report alone. What was not measured says so and why; the screen stays whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_local.bench import breakdown
from voice_local.bench.breakdown import Step
from voice_local.bench.figures import (
    KeyFigure,
    five,
    found_in,
    reason,
)
from voice_local.bench.labels import tidy
from voice_local.bench.schema import (
    Metric,
    Report,
    Section,
)
from voice_local.bench.suite import SECTIONS
from voice_local.bench.waveform import (
    Waves,
    waves,
)

SYSTEMS = {
    "ours": "voice_local",
    "straight_line": "One stage after the other",
    "pipecat": "pipecat",
    "pipecat_early": "pipecat, early detector",
    "pipecat_eager": "pipecat, eager turns",
    "livekit": "livekit-agents",
    "livekit_early": "livekit-agents, early detector",
    "livekit_plain": "livekit-agents, early detector, nothing ahead",
}
"""Systems of the section `peers`, as a reader knows them."""

STRAIGHT = (
    f"{SYSTEMS['straight_line']}: 300 ms of silence, then recognition, the whole answer, its whole "
    f"sound. "
    "Early detector, eager turns: faster settings of the frameworks, which can cut in too early."
)
SCRIPTED = "scripted"
PREFIX = "voice_to_voice_ms"


@dataclass(frozen=True)
class Turn:
    """The median turn; without `steps`, `why` there are none.

    Attributes:
        said: the user's words as they were recognised.
        total_ms: the user's last sound to the answer's first.
    """

    steps: tuple[Step, ...] = ()
    total_ms: float = 0.0
    said: str = ""
    number: int = 0
    of: int = 0
    why: str = ""

    @property
    def scale_ms(self) -> float:
        """The end of the scale: over `total_ms` only where steps overlapped."""
        return max((step.to_ms for step in self.steps), default=self.total_ms)


@dataclass(frozen=True)
class Bar:
    """One system's median reply time with its 95 % interval, in ms; `low` and `high` are `value`
    where there is none."""

    name: str
    ours: bool
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Reply times beside each other.

    Attributes:
        models, scripted: with the profile's models; with fixed delays instead of models.
        explained: what a bar's name does not say.
        verdict: sentences that say what the bars show.
        missing: sentences that say what was not measured.
    """

    models: tuple[Bar, ...] = ()
    scripted: tuple[Bar, ...] = ()
    explained: str = ""
    verdict: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @staticmethod
    def longest(bars: Sequence[Bar]) -> float:
        """The end of the scale in ms."""
        return max((bar.high for bar in bars), default=1.0) or 1.0


@dataclass(frozen=True)
class FirstScreen:
    """All of it; `not_measured`: section and reason; `not_run`: sections that the run left out."""

    where: str
    caution: str
    numbers: tuple[KeyFigure, ...]
    turn: Turn
    peers: Comparison
    waves: Waves
    not_measured: tuple[tuple[str, str], ...]
    not_run: tuple[str, ...]


def first_screen(report: Report) -> FirstScreen:
    """`report`'s first screen."""
    about = report.about
    profile = about.get("profile")
    cores = about.get("cores")
    where = [
        f"profile {profile}" if profile else "",
        f"{about['machine']}" if about.get("machine") else "",
        f"{cores} cores" if cores else "",
        str(about["date"])[:10] if about.get("date") else "",
        "quick run: few items, wide intervals" if about.get("quick") is True else "",
    ]
    caution = (
        "“tiny” has the small models that come with the package. They show that everything works; "
        "they understand about 600 words in synthetic voices."
        if profile == "tiny"
        else ""
    )
    missed = [
        (section.name, reason(section))
        for section in report.sections
        if section.status != "measured"
    ]
    left_out = [name for name in SECTIONS if found_in(report, name) is None]
    return FirstScreen(
        ", ".join(filter(None, where)),
        caution,
        five(report),
        _turn(report),
        _comparison(report),
        waves(report),
        tuple(missed),
        tuple(left_out),
    )


def _turn(report: Report) -> Turn:
    section = found_in(report, "latency")
    if section is None or section.status != "measured":
        return Turn(why=reason(section))
    turns = section.detail.get("turns")
    rows = [row for row in turns if isinstance(row, Mapping)] if isinstance(turns, list) else []
    middle = breakdown.middle_turn(rows)
    if middle is None:
        return Turn(why="no turn was answered")
    pause_ms = _pause_ms(report.about)
    return Turn(
        tuple(breakdown.steps(middle, pause_ms)),
        float(middle["voice_to_voice_ms"]),
        str(middle.get("user_text") or ""),
        rows.index(middle) + 1,
        len(rows),
    )


def _pause_ms(about: Mapping[str, Any]) -> float:
    settings = about.get("settings")
    vad = settings.get("vad") if isinstance(settings, Mapping) else None
    if not isinstance(vad, Mapping):
        return 0.0
    pause = vad.get("eager_end_of_turn_ms", vad.get("pause_ms"))  # reports before 2026-11-28
    return float(pause) if isinstance(pause, int | float) else 0.0


def _comparison(report: Report) -> Comparison:
    section = found_in(report, "peers")
    if section is None or section.status != "measured":
        return Comparison(missing=(f"Not measured: {reason(section)}.",))
    modes = list(
        dict.fromkeys(
            row.name.split(".")[1]
            for row in section.metrics
            if row.name.startswith(f"{PREFIX}.") and row.name.count(".") == 2
        )
    )
    models = next((mode for mode in modes if mode != SCRIPTED), None)
    bars = {mode: _bars(section, mode) for mode in modes}
    listed = section.detail.get("missing")
    absent = listed if isinstance(listed, Mapping) else {}
    missing = tuple(f"{_missing_name(str(name))}: {why}." for name, why in absent.items())
    shown = bars.get(models, ()) if models else ()
    straight = any(bar.name == SYSTEMS["straight_line"] for bar in shown)
    return Comparison(
        shown,
        bars.get(SCRIPTED, ()),
        STRAIGHT if straight else "",
        _verdict(section, models, bars),
        missing,
    )


def _missing_name(name: str) -> str:
    return SYSTEMS.get(name.rpartition(".")[2], name)


def _bars(section: Section, mode: str) -> tuple[Bar, ...]:
    """Ours first, then the frameworks, at last what is no framework."""
    found = {
        row.name.removeprefix(f"{PREFIX}.{mode}."): row
        for row in section.metrics
        if row.name.startswith(f"{PREFIX}.{mode}.")
    }
    order = [
        *(name for name in SYSTEMS if name in found and name != "straight_line"),
        *(name for name in found if name not in SYSTEMS or name == "straight_line"),
    ]
    return tuple(_bar(name, found[name]) for name in order if found[name].value is not None)


def _bar(name: str, row: Metric) -> Bar:
    value = row.value or 0.0
    low, high = row.interval or (value, value)
    return Bar(SYSTEMS.get(name, name), name == "ours", value, low, high)


def _verdict(
    section: Section, mode: str | None, bars: Mapping[str, tuple[Bar, ...]]
) -> tuple[str, ...]:
    known = {row.name: row for row in section.metrics}
    sentences = []
    for key, whom in (
        ("better_peer", "the quicker of pipecat and livekit-agents with default settings"),
        ("better_tuned_peer", "the quickest of their faster settings"),
    ):
        row = known.get(f"ratio.{mode}.{key}")
        if row is not None and row.value is not None:
            low, high = (100 * bound for bound in row.interval or (row.value, row.value))
            between = f" (95 % interval {low:.0f} to {high:.0f} %)" if row.interval else ""
            sentences.append(
                f"voice_local takes {row.value * 100:.0f} % of the time of {whom}{between}."
            )
    scripted = bars.get(SCRIPTED, ())
    ours = next((bar for bar in scripted if bar.ours), None)
    others = [bar for bar in scripted if not bar.ours]
    if ours and others:
        best = min(others, key=lambda bar: bar.value)
        sentences.append(
            f"With fixed delays instead of models, so that only the framework's own cost differs: "
            f"voice_local "
            f"{tidy(ours.value, 0)} ms, the best of the others ({best.name}) {tidy(best.value, 0)} "
            f"ms."
        )
    return tuple(sentences)
