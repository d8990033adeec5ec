"""The figures of the comparison with other frameworks, and their targets."""

from __future__ import annotations

import dataclasses

import numpy as np

from voice_local.bench import stats
from voice_local.bench.normalize import count
from voice_local.bench.schema import Better, Metric, Plot, Section, Series, given, metric
from voice_local.bench.systems import PEERS, VARIANTS, Run

TARGETS = {
    "ratio.scripted.pipecat": 0.7,
    "ratio.scripted.livekit_early": 1.1,
    "ratio.tiny.better_peer": 0.8,
    "ratio.tiny.better_tuned_peer": 0.8,
    "ratio.tiny.straight_line": 0.6,
}
OF_REAL_MODELS = {"better_peer": 0.75, "straight_line": 0.6}
"""The targets of every profile but tiny."""


def add_figures(section: Section, mode: str, found: dict[str, Run]) -> None:
    """The figures of one mode."""
    for name, run in found.items():
        times = [value for value in run.voice_to_voice_ms if value is not None]
        # Another's slower day is no news of ours.
        better: Better = "lower" if name == "ours" else "neither"
        section.metrics.append(
            metric(f"voice_to_voice_ms.{mode}.{name}", times, "ms", "p50", better, timed=True)
        )
        section.metrics += [
            given(f"unanswered.{mode}.{name}", run.unanswered, "count", better, timed=True),
            given(f"cut_in.{mode}.{name}", run.cut_in, "count", better, timed=True),
        ]
        if mode != "scripted":
            wrong = count(" ".join(section.detail["sentences"]), " ".join(run.heard).lower())
            share = wrong.all / max(1, wrong.words)
            section.metrics.append(given(f"wer.{mode}.{name}", share, "share", better, timed=True))
        turns = len(run.voice_to_voice_ms)
        if run.unanswered:
            section.findings.append(
                f"{mode}, {name}: {run.unanswered} of {turns} turns got no answer"
            )
        if run.cut_in:
            section.findings.append(
                f"{mode}, {name}: {run.cut_in} of {turns} answers began before the user had "
                f"finished"
            )
    section.detail[mode] = {name: vars(run) for name, run in found.items()}
    if "ours" not in found:
        section.findings.append(f"{mode}: ours was not measured")
        return
    ratios = {
        name: ratio(f"ratio.{mode}.{name}", found["ours"], run)
        for name, run in found.items()
        if name != "ours"
    }
    # Of one of them alone, nothing can be said of the better.
    if mode != "scripted" and set(PEERS) <= set(ratios):
        best = {"better_peer": [ratios[peer] for peer in PEERS]}
        if tuned := [row for name, row in ratios.items() if name in VARIANTS and name not in PEERS]:
            best["better_tuned_peer"] = tuned
        for title, rows in best.items():
            toughest = max(rows, key=lambda row: row.value or 0.0)
            ratios[title] = dataclasses.replace(toughest, name=f"ratio.{mode}.{title}")
    section.metrics += ratios.values()
    section.plots.append(_bars(section, mode, list(found)))


def _bars(section: Section, mode: str, names: list[str]) -> Plot:
    rows = [section.find(f"voice_to_voice_ms.{mode}.{name}") for name in names]
    bounds = [row.interval or (row.value or 0.0, row.value or 0.0) for row in rows]
    title = "Voice to voice, " + (
        "scripted stages" if mode == "scripted" else f"the models of {mode}"
    )
    medians = Series(
        "median",
        tuple(names),
        tuple(row.value or 0.0 for row in rows),
        tuple(low for low, _ in bounds),
        tuple(high for _, high in bounds),
    )
    return Plot("bars", title, "system", "ms", (medians,))


def ratio(name: str, ours: Run, other: Run) -> Metric:
    """Ours over the other's, of the medians of those utterances that both answered; None if there
    are none."""
    both = [
        (a, b)
        for a, b in zip(ours.voice_to_voice_ms, other.voice_to_voice_ms, strict=True)
        if a is not None and b is not None
    ]
    if not both:
        return Metric(name, None, "ratio", timed=True)
    mine, theirs = [a for a, _ in both], [b for _, b in both]
    interval = (
        stats.difference("p50", theirs, mine, paired=True, relative=True) if len(both) > 1 else None
    )
    return Metric(
        name,
        round(float(np.median(mine) / np.median(theirs)), 4),
        "ratio",
        timed=True,
        interval=interval and (round(interval[0], 4), round(interval[1], 4)),
    )


def check_targets(section: Section, targets: dict[str, float]) -> None:
    """Says which target is missed, or met by less than the uncertainty."""
    known = {row.name: row for row in section.metrics}
    for name, limit in targets.items():
        row = known.get(name)
        if row is None or row.value is None:
            continue
        low, high = row.interval or (row.value, row.value)
        finding = (
            f"{name} is {row.value:.2f} (95 % interval {low:.2f} to {high:.2f}), the target is at "
            f"most {limit:.2f}"
        )
        if row.value > limit:
            section.findings.append(
                f"{finding}: missed" + (", but the interval reaches it" if low <= limit else "")
            )
        elif high > limit:
            section.findings.append(f"{finding}: met, but the interval goes beyond it")
