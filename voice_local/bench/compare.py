"""What got better or worse between two reports, beyond noise: `voice-local bench compare A.json B.json`.

Counts and qualities: the interval of the difference, by bootstrap (paired where the items are the same), has to leave zero.
Wall times: machines are shared, and the second run may have had a worse neighbour through and through, which no
resampling inside a run can show. So a time also has to change by more than a fifth, by more than a few milliseconds, and by
more than the machine itself changed, which a fixed piece of work before and after each section tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voice_local.bench import stats
from voice_local.bench.schema import Metric, Report, Section
from voice_local.errors import BenchmarkError

TIMED_RATIO = 1.25
TIMED_LEAST = {"ms": 15.0, "s": 2.0, "ratio": 0.02}
"""Smaller changes of a wall time are never told."""

LEAST = {"MB": 20.0, "MB/turn": 0.25, "dB": 1.0, "ms": 5.0}
"""The same for what is no wall time; 0 where a unit is not named."""

GIVEN_RATIO = 1.1
"""Of figures without samples, by how much they have to change."""

LEVEL = 0.99
"""Of the intervals: a report holds over a hundred figures, and none may be told by chance."""

Verdict = Literal["better", "worse", "same", "incomparable"]


@dataclass(frozen=True)
class Change:
    """One figure in both reports; `low` and `high` bound the difference (or the ratio, for wall times)."""

    section: str
    name: str
    unit: str
    before: float
    after: float
    verdict: Verdict
    low: float | None = None
    high: float | None = None


def compare(before: Report, after: Report) -> tuple[list[Change], list[str]]:
    """(every figure that both have, remarks on what cannot be compared).

    Raises:
        BenchmarkError: they are of different profiles or sizes: nothing could be said.
    """
    for key in ("profile", "quick"):
        if before.about.get(key) != after.about.get(key):
            raise BenchmarkError(f"the reports are not of one kind: {key} is {before.about.get(key)!r} and "
                                 f"{after.about.get(key)!r}", "measure both in the same way")
    changes, remarks = [], []
    others = {section.name: section for section in after.sections}
    same_machine = before.about.get("machine") == after.about.get("machine")
    if not same_machine:
        remarks.append("different machines: wall times are not compared")
    for section in before.sections:
        other = others.get(section.name)
        if other is None or section.status != "measured" or other.status != "measured":
            if other is not None and section.status != other.status:
                remarks.append(f"{section.name}: {section.status} before, {other.status} after")
            continue
        found = {row.name: row for row in other.metrics}
        drift = _drift(section, other)
        for row in section.metrics:
            if row.name in found and (same_machine or not row.timed):
                change = _change(section.name, row, found[row.name], drift)
                if change:
                    changes.append(change)
        if not section.findings and other.findings:
            remarks += [f"{section.name}: {finding}" for finding in other.findings]
    return changes, remarks


def _drift(before: Section, after: Section) -> float:
    """How much faster or slower the machine was, at most, between the two sections' pieces of fixed work; at least 1."""
    times = [*before.reference_ms, *after.reference_ms]
    return max(times) / min(times) if times else 1.0


def _change(section: str, before: Metric, after: Metric, drift: float) -> Change | None:
    if before.value is None or after.value is None or before.better == "neither":
        return None
    low = high = None
    if len(before.samples) > 1 and len(after.samples) > 1:
        paired = before.paired and after.paired and len(before.samples) == len(after.samples)
        low, high = stats.difference(_statistic(before), before.samples, after.samples, (before.weights, after.weights),
                                     paired=paired, level=LEVEL, relative=before.timed)
    if before.timed:
        moved = _timed(before, after, low, high, drift)
    else:
        apart = after.value - before.value
        clear = low is None or high is None or low > 0 or high < 0
        if low is None:  # no samples: only what is plainly different
            clear = abs(apart) > (GIVEN_RATIO - 1) * max(abs(before.value), 1e-9)
        moved = 0 if not clear or abs(apart) <= LEAST.get(before.unit, 0.0) else 1 if apart > 0 else -1
    worse = moved * (1 if before.better == "lower" else -1)
    verdict: Verdict = "worse" if worse > 0 else "better" if worse < 0 else "same"
    return Change(section, before.name, before.unit, before.value, after.value, verdict, low, high)


def _statistic(row: Metric) -> str:
    """What is compared: of wall times the lower quartile, since a neighbour only ever adds to them."""
    return "p25" if row.timed and row.statistic == "p50" else row.statistic


def _timed(before: Metric, after: Metric, low: float | None, high: float | None, drift: float) -> int:
    """1: longer, -1: shorter, 0: nothing that could not be the machine."""
    assert before.value is not None and after.value is not None
    apart = after.value - before.value
    if low is None or high is None:  # a single time tells nothing on a shared machine, unless it is another order
        low = high = after.value / before.value if before.value > 0 else 1.0
        drift *= 1.6
    else:
        then, now = (stats.value(_statistic(row), row.samples, row.weights) or 0.0 for row in (before, after))
        apart = now - then
    if abs(apart) <= TIMED_LEAST.get(before.unit, 0.0):
        return 0
    return 1 if low > TIMED_RATIO * drift else -1 if high < 1 / (TIMED_RATIO * drift) else 0
