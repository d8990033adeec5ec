"""Statistics of small, skewed samples, by resampling (Efron & Tibshirani 1993); a fixed seed makes
figures repeat."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RESAMPLES = 2000


def _ratio(rows: Floats, weights: Floats) -> Floats:
    return np.asarray(rows.sum(axis=-1) / np.maximum(weights.sum(axis=-1), 1e-12))


def _slope(rows: Floats, places: Floats) -> Floats:
    """Least squares of the rows over their `places`."""
    x = places - places.mean(axis=-1, keepdims=True)
    y = rows - rows.mean(axis=-1, keepdims=True)
    return np.asarray((x * y).sum(axis=-1) / np.maximum((x**2).sum(axis=-1), 1e-12))


STATISTICS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "p25": lambda rows, _: np.asarray(np.percentile(rows, 25, axis=-1)),
    "p50": lambda rows, _: np.asarray(np.median(rows, axis=-1)),
    "p95": lambda rows, _: np.asarray(np.percentile(rows, 95, axis=-1)),
    "p99": lambda rows, _: np.asarray(np.percentile(rows, 99, axis=-1)),
    "mean": lambda rows, _: np.asarray(rows.mean(axis=-1)),
    "max": lambda rows, _: np.asarray(rows.max(axis=-1)),
    "sum": lambda rows, _: np.asarray(rows.sum(axis=-1)),
    "ratio": _ratio,  # sum of samples over sum of weights: a word error rate over utterances
    "slope": _slope,  # per item, over the items' places (weights)
}


def value(statistic: str, samples: Sequence[float], weights: Sequence[float] = ()) -> float | None:
    """`statistic` of `samples`; None of none, and where it is no number."""
    if not samples:
        return None
    found = float(
        STATISTICS[statistic](
            np.asarray(samples, dtype=np.float64), np.asarray(weights, dtype=np.float64)
        )
    )
    return found if math.isfinite(found) else None


def resampled(
    statistic: str, samples: Sequence[float], weights: Sequence[float] = (), seed: int = 7
) -> Floats:
    """`RESAMPLES` values of `statistic` over samples drawn with replacement, items with their
    weights."""
    rng = np.random.default_rng(seed)
    rows, below = np.asarray(samples, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    chosen = rng.integers(0, len(rows), (RESAMPLES, len(rows)))
    return STATISTICS[statistic](rows[chosen], below[chosen] if len(below) else below)


def interval(
    statistic: str, samples: Sequence[float], weights: Sequence[float] = ()
) -> tuple[float, float] | None:
    """95 % percentile bootstrap; None with fewer than two samples.

    For a share of all or none the bootstrap says nothing; Wilson's interval is used there (Wilson
    1927), and for no errors in n words three in n as the upper end (Hanley & Lippman-Hand 1983).
    """
    if len(samples) < 2:
        return None
    if statistic == "mean" and set(samples) in ({0.0}, {1.0}):
        low, high = wilson(int(sum(samples)), len(samples))
        return round(low, 4), round(high, 4)
    if statistic == "ratio" and not any(samples) and sum(weights) > 0:
        return 0.0, round(3 / sum(weights), 4)
    low, high = np.percentile(resampled(statistic, samples, weights), [2.5, 97.5])
    return round(float(low), 4), round(float(high), 4)


def wilson(right: int, total: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z, share = 1.96, right / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def difference(
    statistic: str,
    before: Sequence[float],
    after: Sequence[float],
    weights: tuple[Any, Any] = ((), ()),
    *,
    paired: bool,
    level: float = 0.95,
    relative: bool = False,
) -> tuple[float, float]:
    """Confidence interval of `after` − `before` (or `after` / `before`) at `level`.

    `paired`: sample i of both is the same item, so both are resampled alike.
    """
    rng = np.random.default_rng(11)
    a, b = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    below = [np.asarray(part, dtype=np.float64) for part in weights]
    first = rng.integers(0, len(a), (RESAMPLES, len(a)))
    second = first if paired else rng.integers(0, len(b), (RESAMPLES, len(b)))
    function = STATISTICS[statistic]
    old = function(a[first], below[0][first] if len(below[0]) else below[0])
    new = function(b[second], below[1][second] if len(below[1]) else below[1])
    change = new / np.maximum(np.abs(old), 1e-9) if relative else new - old
    tail = (1 - level) / 2 * 100
    low, high = np.percentile(change, [tail, 100 - tail])
    return float(low), float(high)
