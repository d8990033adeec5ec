"""How good a classifier's decisions are."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from voice_local.bench.labelled_rows import Row
from voice_local.bench.schema import (
    Better,
    Metric,
    Plot,
    Section,
    Series,
    metric,
)
from voice_local.engine.api import (
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import BenchmarkError

Values = npt.NDArray[Any]

RESAMPLES = 1000
WARM_UP = 3
WORST = 20


@dataclass(frozen=True)
class Decision:
    """What a row was taken for; `confidence` 0..1 of the model's best label, `ms` the call's wall
    time."""

    row: Row
    label: str
    confidence: float
    ms: float

    @property
    def right(self) -> bool:
        """Whether the label is the true one."""
        return self.label == self.row.label


async def classify(
    engine: EngineClient,
    rows: Sequence[Row],
    pick: Callable[[Understanding], tuple[str | None, float | None]],
) -> list[Decision]:
    """A decision a row; the first rows are asked once before, for the first calls of a model are
    slower.

    Raises:
        BenchmarkError: `pick` finds no label in the engine's answer: its stage is not loaded.
    """
    found = []
    for index, row in enumerate((*rows[:WARM_UP], *rows)):
        began = time.perf_counter()
        label, confidence = pick(await engine.understand(row.text))
        ms = (time.perf_counter() - began) * 1000
        if label is None:
            raise BenchmarkError("the engine gave no label", "measure with the stage loaded")
        if index >= min(WARM_UP, len(rows)):
            found.append(Decision(row, label, confidence or 0.0, ms))
    return found


def codes(names: Sequence[str], labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """Each name's place in `labels`; −1 where it is not among them."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places.get(name, -1) for name in names], dtype=np.int64)


def macro_f1(truth: npt.NDArray[np.int64], guess: npt.NDArray[np.int64], count: int) -> float:
    """Mean F1 of labels 0 … `count` − 1; rows of −1 are of none of them. Labels neither there nor
    guessed are left out."""
    there = np.bincount(truth[truth >= 0], minlength=count)
    guessed = np.bincount(guess[guess >= 0], minlength=count)
    right = np.bincount(truth[(truth == guess) & (truth >= 0)], minlength=count)
    some = (there + guessed) > 0  # a resampled set may lack a rare label
    return float((2 * right[some] / (there + guessed)[some]).mean()) if some.any() else 0.0


def recall_at_precision(scores: Values, positive: Values, precision: float) -> float:
    """The highest recall at any threshold on `scores` (high: positive) where at least `precision`
    of those found are right.

    Rows of one score are found together. 0 where no threshold is so precise, or nothing is
    positive.
    """
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    # A threshold parts scores, not rows of one score.
    last = np.append(np.diff(scores[order]) != 0, True)[: len(order)]
    good = last & (hits >= precision * np.arange(1, len(order) + 1) - 1e-9)
    return float(hits[good].max() / hits[-1]) if good.any() and hits[-1] else 0.0


def bootstrapped(
    name: str, function: Callable[..., float], arrays: Sequence[Values], better: Better
) -> Metric:
    """A share worked out from all rows together, its interval by resampling them; None of no
    rows."""
    rows = len(arrays[0])
    if not rows:
        return Metric(name, None, "share", better)
    rng = np.random.default_rng(7)
    drawn = [
        function(*(array[chosen] for array in arrays))
        for chosen in rng.integers(0, rows, (RESAMPLES, rows))
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Metric(
        name,
        round(function(*arrays), 4),
        "share",
        better,
        interval=(round(float(low), 4), round(float(high), 4)),
    )


def figures(decisions: Sequence[Decision], labels: Sequence[str], prefix: str = "") -> list[Metric]:
    """`accuracy` over the rows of `labels`, and their `macro_f1` over all rows: what others are
    taken for them counts."""
    inside = [found for found in decisions if found.row.label in set(labels)]
    truth, guess = (
        codes([f.row.label for f in decisions], labels),
        codes([f.label for f in decisions], labels),
    )
    there = sorted(set(truth[truth >= 0].tolist()))  # a label without rows has no F1
    again = {place: new for new, place in enumerate(there)}
    truth, guess = (
        np.array([again.get(int(i), -1) for i in part], dtype=np.int64) for part in (truth, guess)
    )
    return [
        metric(
            f"{prefix}accuracy",
            [found.right for found in inside],
            "share",
            "mean",
            "higher",
            paired=True,
        ),
        bootstrapped(
            f"{prefix}macro_f1", lambda t, g: macro_f1(t, g, len(there)), (truth, guess), "higher"
        ),
    ]


def latency(decisions: Sequence[Decision]) -> list[Metric]:
    """Median and 95th percentile of a call's wall time, in ms."""
    return [
        metric(
            f"latency_ms.{which}",
            [found.ms for found in decisions],
            "ms",
            which,
            timed=True,
            paired=True,
        )
        for which in ("p50", "p95")
    ]


def recalls(decisions: Sequence[Decision], labels: Sequence[str]) -> list[Metric]:
    """`recall.LABEL` of each label that has rows."""
    by = {
        label: [found.right for found in decisions if found.row.label == label] for label in labels
    }
    return [
        metric(f"recall.{label}", right, "share", "mean", "higher", paired=True)
        for label, right in by.items()
        if right
    ]


def mistaken(decisions: Sequence[Decision], least: int = 3) -> list[str]:
    """A finding for each label with `least` or more rows, most of which are taken for one and the
    same other label."""
    found = []
    for label in sorted({decision.row.label for decision in decisions}):
        taken = Counter(decision.label for decision in decisions if decision.row.label == label)
        (other, times), total = taken.most_common(1)[0], taken.total()
        if other != label and total >= least and times * 2 > total:
            how = (
                f"every {label} is called {other}"
                if times == total
                else f"{label} is mostly called {other}"
            )
            found.append(f"{how} ({times} of {total})")
    return found


def mistakes(decisions: Sequence[Decision], section: Section, *, texts: bool) -> None:
    """Puts the commonest mistakes into `section`, as a picture and as rows; `texts`: with the wrong
    rows, surest first."""
    common = Counter(
        (found.row.label, found.label) for found in decisions if not found.right
    ).most_common(WORST)
    section.detail["mistakes"] = [
        {"label": label, "called": called, "rows": times} for (label, called), times in common
    ]
    if common:
        section.plots.append(
            Plot(
                "bars",
                "Commonest mistakes",
                "label → called",
                "rows",
                (
                    Series(
                        "rows",
                        tuple(f"{label} → {called}" for (label, called), _ in common),
                        tuple(float(n) for _, n in common),
                    ),
                ),
            )
        )
    if texts:
        wrong = sorted(
            (found for found in decisions if not found.right), key=lambda found: -found.confidence
        )
        section.detail["wrong"] = [
            {
                "text": f.row.text,
                "label": f.row.label,
                "called": f.label,
                "confidence": round(f.confidence, 3),
            }
            for f in wrong
        ]
