"""What got better or worse between two reports, beyond noise: `voice-local bench compare A.json
B.json`.

Counts and qualities: the interval of the difference, by bootstrap (paired where the items are the
same), has to leave zero.
Wall times: machines are shared, and the second run may have had a worse neighbour through and
through, which no resampling inside a run can show. So a time has to change by more than 20 ms and a
fifth, and by more than the machine itself changed, which a fixed piece of work before and after
each section tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from voice_local.bench import stats
from voice_local.bench.schema import (
    Metric,
    Report,
    Section,
)
from voice_local.errors import BenchmarkError

TIMED_PART = 1.2
TIMED_LEAST = {"ms": 20.0, "s": 2.0, "ratio": 0.02, "count": 2.5, "cores": 0.1, "MB": 30.0}
"""A wall time has to change by more than this, and a fifth; twice as much where a single time was
taken."""

LEAST = {"MB": 20.0, "MB/turn": 0.25, "dB": 1.0, "ms": 5.0}
"""The same for what is no wall time; 0 where a unit is not named."""

GIVEN_PART = 0.1
GIVEN_LEAST = {"share": 0.03, "count": 0.5, "MB": 30.0}
"""Of figures without samples, by how much they have to change: so much, else a tenth."""

LEVEL = 0.99
"""Of the intervals: a report holds over a hundred figures, and none may be reported by chance."""

Verdict = Literal["better", "worse", "same"]


@dataclass(frozen=True)
class Change:
    """One figure in both reports; `low` and `high` bound the difference of what is compared."""

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
    _check_same_kind(before, after)
    changes: list[Change] = []
    remarks: list[str] = []
    others = {section.name: section for section in after.sections}
    same_machine = before.about.get("machine") == after.about.get("machine")
    if not same_machine:
        remarks.append("different machines: wall times are not compared")
    for section in before.sections:
        other = others.get(section.name)
        if other is None or other.status != section.status:
            remarks.append(
                f"{section.name}: {section.status} before, {other.status if other else 'not run'} "
                f"after"
            )
        if other is None:
            continue
        if other.status == "failed" != section.status:
            changes.append(Change(section.name, "status", "", 1, 0, "worse"))
        if section.status == other.status == "measured":
            changes += _changes(section, other, same_machine)
            remarks += _remarks(section, other)
    return changes, remarks


def _check_same_kind(before: Report, after: Report) -> None:
    for key in ("profile", "quick"):
        if before.about.get(key) != after.about.get(key):
            raise BenchmarkError(
                f"the reports are not of one kind: {key} is {before.about.get(key)!r} and "
                f"{after.about.get(key)!r}",
                "measure both in the same way",
            )


def _changes(before: Section, after: Section, same_machine: bool) -> list[Change]:
    """Of the figures that both have; wall times only if they are of the same machine."""
    found = {row.name: row for row in after.metrics}
    drift = _drift(before, after)
    changes = [
        _change(before.name, row, found[row.name], drift)
        for row in before.metrics
        if row.name in found and (same_machine or not row.timed)
    ]
    return [change for change in changes if change]


def _remarks(before: Section, after: Section) -> list[str]:
    """Figures that are gone, and findings that are new."""
    valued = {row.name for row in after.metrics if row.value is not None}
    gone = [
        f"{before.name}: {row.name} is no longer reported"
        for row in before.metrics
        if row.value is not None and row.name not in valued
    ]
    known = {_without_numbers(finding) for finding in before.findings}
    new = [
        f"{before.name}: {finding}"
        for finding in after.findings
        if _without_numbers(finding) not in known
    ]
    return gone + new


def _without_numbers(finding: str) -> str:
    return re.sub(r"[\d.]+", "#", finding)


def _drift(before: Section, after: Section) -> float:
    """How much faster or slower the machine was, at least 1: neighbours only add, so each side's
    best time counts."""
    if not before.reference_ms or not after.reference_ms:
        return 1.0
    one, other = min(before.reference_ms), min(after.reference_ms)
    return max(one, other) / min(one, other)


def _change(section: str, before: Metric, after: Metric, drift: float) -> Change | None:
    if before.value is None or after.value is None or before.better == "neither":
        return None
    low = high = None
    if len(before.samples) > 1 and len(after.samples) > 1:
        paired = before.paired and after.paired and len(before.samples) == len(after.samples)
        low, high = stats.difference(
            _statistic(before),
            before.samples,
            after.samples,
            (before.weights, after.weights),
            paired=paired,
            level=LEVEL,
        )
    else:
        low = high = after.value - before.value
    slack = _slack(before, after, drift)
    moved = 1 if low > slack else -1 if high < -slack else 0
    worse = moved * (1 if before.better == "lower" else -1)
    verdict: Verdict = "worse" if worse > 0 else "better" if worse < 0 else "same"
    return Change(section, before.name, before.unit, before.value, after.value, verdict, low, high)


def _statistic(row: Metric) -> str:
    """What is compared: of wall times the lower quartile, since a neighbour only ever adds to
    them."""
    return "p25" if row.timed and row.statistic == "p50" else row.statistic


def _slack(before: Metric, after: Metric, drift: float) -> float:
    """The change that is not reported."""
    assert before.value is not None and after.value is not None
    sampled = len(before.samples) > 1 and len(after.samples) > 1
    smaller = min(before.value, after.value)
    if before.timed:
        part = TIMED_PART * drift if sampled else 2 * drift
        return TIMED_LEAST.get(before.unit, 0.0) + (part - 1) * max(smaller, 0.0)
    if sampled:
        return LEAST.get(before.unit, 0.0)
    # Without samples: only what is plainly different.
    return GIVEN_LEAST.get(before.unit, GIVEN_PART * abs(smaller))
