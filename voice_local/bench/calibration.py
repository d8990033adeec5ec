"""How far a classifier's confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voice_local.bench.classification import Decision, Values, bootstrapped
from voice_local.bench.schema import Metric, Plot, Series
from voice_local.bench.stats import wilson

BINS = 15


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


def calibration(decisions: Sequence[Decision], prefix: str = "") -> tuple[list[Metric], Plot]:
    """`ece` (15 bins of equal width), `ece.adaptive` (of equally many rows), and the reliability
    diagram.

    Resampling adds its own chance to an error that is too high of few rows, so the intervals lie a
    little high.
    """
    confidence = np.array([found.confidence for found in decisions], dtype=np.float64)
    right = np.array([found.right for found in decisions], dtype=np.float64)
    metrics = [
        bootstrapped(f"{prefix}ece", calibration_error, (confidence, right), "lower"),
        bootstrapped(
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
