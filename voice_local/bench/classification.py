"""How good a classifier's decisions are, and how far its confidence can be believed."""

from __future__ import annotations

import csv
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from voice_local.bench.schema import (
    Better,
    Metric,
    Plot,
    Section,
    Series,
    metric,
)
from voice_local.bench.stats import wilson
from voice_local.engine.api import (
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import (
    BenchmarkError,
    TextInputError,
)

T = TypeVar("T")
Values = npt.NDArray[Any]
BINS = 15
RESAMPLES = 1000
WARM_UP = 3
WORST = 20


@dataclass(frozen=True)
class Row:
    """A text and what it truly is."""

    text: str
    label: str


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


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV with the columns `text` and `label` (others are left alone); a .tsv has
    tabs instead of commas.

    Raises:
        TextInputError: it cannot be read, a column is missing, a cell is empty, or there is no row;
            tells file and line.
    """
    remedy = "give a CSV in UTF-8 with a header: text,label"
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TextInputError(f"{path} cannot be read ({type(error).__name__})", remedy) from None
    reader = csv.reader(
        content.splitlines(keepends=True),
        delimiter="\t" if path.suffix == ".tsv" else ",",
        strict=True,
    )
    rows: list[Row] = []
    places: tuple[int, int] | None = None
    try:
        for cells in reader:
            if places is None:
                names = [cell.strip().lower() for cell in cells]
                if "text" not in names or "label" not in names:
                    raise TextInputError(
                        f"{path} has no columns text and label, but {', '.join(names)[:80]}", remedy
                    )
                places = names.index("text"), names.index("label")
            elif any(cell.strip() for cell in cells):
                text, label = (
                    cells[place].strip() if place < len(cells) else "" for place in places
                )
                if not text or not label:
                    raise TextInputError(
                        f"{path}:{reader.line_num}: the {'label' if text else 'text'} is missing",
                        remedy,
                    )
                rows.append(Row(text, label))
    except csv.Error as error:
        raise TextInputError(f"{path}:{reader.line_num}: {error}", remedy) from None
    if not rows:
        raise TextInputError(f"{path} holds no rows", remedy)
    return rows


def sample(rows: Sequence[T], most: int) -> list[T]:
    """`most` of the rows in their order, the same every time; all if there are fewer."""
    if len(rows) <= most:
        return list(rows)
    return [rows[i] for i in sorted(random.Random(5).sample(range(len(rows)), most))]


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


@dataclass(frozen=True)
class Bin:
    """Rows of like confidence: how many, their mean confidence, and the share that is right."""

    rows: int
    confidence: float
    right: float


def reliability(
    confidence: Values, right: Values, bins: int = BINS, *, adaptive: bool = False
) -> list[Bin]:
    """The rows in bins by confidence, empty ones left out.

    Of equal width over 0..1 (Guo et al. 2017), right-closed; `adaptive`: of equally many rows
    (Nguyen & O'Connor 2015).
    """
    order = np.argsort(confidence, kind="stable")
    if adaptive:
        parts = np.array_split(order, min(bins, len(order))) if len(order) else []
    else:
        place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
        parts = [order[place[order] == i] for i in range(bins)]
    return [
        Bin(len(part), float(confidence[part].mean()), float(right[part].mean()))
        for part in parts
        if len(part)
    ]


def calibration_error(
    confidence: Values, right: Values, bins: int = BINS, *, adaptive: bool = False
) -> float:
    """Expected calibration error (Naeini et al. 2015): mean |share right − confidence| over
    `reliability`'s bins, by rows.

    Of few rows it is too high: chance alone parts the two.
    """
    total = max(len(confidence), 1)
    return (
        sum(
            part.rows * abs(part.right - part.confidence)
            for part in reliability(confidence, right, bins, adaptive=adaptive)
        )
        / total
    )


def recall_at_precision(scores: Values, positive: Values, precision: float) -> float:
    """The highest recall at any threshold on `scores` (high: positive) where at least `precision`
    of those found are right.

    Rows of one score are found together. 0 where no threshold is so precise, or nothing is
    positive.
    """
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.append(np.diff(scores[order]) != 0, True)[
        : len(order)
    ]  # a threshold parts scores, not rows of one score
    good = last & (hits >= precision * np.arange(1, len(order) + 1) - 1e-9)
    return float(hits[good].max() / hits[-1]) if good.any() and hits[-1] else 0.0


def derived(
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
        derived(
            f"{prefix}macro_f1", lambda t, g: macro_f1(t, g, len(there)), (truth, guess), "higher"
        ),
    ]


def calibration(decisions: Sequence[Decision], prefix: str = "") -> tuple[list[Metric], Plot]:
    """`ece` (15 bins of equal width), `ece.adaptive` (of equally many rows), and the reliability
    diagram.

    Resampling adds its own chance to an error that is too high of few rows, so the intervals lie a
    little high.
    """
    confidence = np.array([found.confidence for found in decisions], dtype=np.float64)
    right = np.array([found.right for found in decisions], dtype=np.float64)
    metrics = [
        derived(f"{prefix}ece", calibration_error, (confidence, right), "lower"),
        derived(
            f"{prefix}ece.adaptive",
            lambda c, r: calibration_error(c, r, adaptive=True),
            (confidence, right),
            "lower",
        ),
    ]
    bins = reliability(confidence, right)
    bounds = [wilson(round(part.right * part.rows), part.rows) for part in bins]
    x = tuple(round(part.confidence, 4) for part in bins)
    measured = Series(
        "measured",
        x,
        tuple(round(part.right, 4) for part in bins),
        tuple(round(low, 4) for low, _ in bounds),
        tuple(round(high, 4) for _, high in bounds),
    )
    return metrics, Plot(
        "points",
        "Reliability",
        "confidence",
        "share right",
        (measured, Series("well calibrated", x, x)),
    )


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


def keep_known(rows: Sequence[Row], known: set[str], section: Section) -> list[Row]:
    """The rows whose label the model knows; the others are told in `section`, which is skipped if
    none is left."""
    unknown = Counter(row.label for row in rows if row.label not in known)
    if unknown:
        section.detail["unknown_labels"] = dict(unknown.most_common())
        told = (
            f"{unknown.total()} of {len(rows)} rows have a label that the model does not know: "
            f"{', '.join(label for label, _ in unknown.most_common(5))}"
        )
        section.findings.append(told)
        if unknown.total() == len(rows):
            section.status, section.reason = "skipped", told
    return [row for row in rows if row.label in known]
