"""The figures and plots of the load sweep, by number of conversations."""

from __future__ import annotations

import math
from typing import Any

from voice_local.bench.schema import Metric, Plot, Series, given, metric


def percentile(values: list[float], q: int) -> float | None:
    """The `q`th percentile by nearest rank; None of none, or on an utterance without an answer
    (infinite)."""
    if not values:
        return None
    found = sorted(values)[max(0, math.ceil(q / 100 * len(values)) - 1)]
    return round(found, 1) if math.isfinite(found) else None


def level_figures(level: dict[str, Any], gaps: list[float]) -> list[Metric]:
    """Of one number of conversations: its row in the sweep, and every answered gap in ms."""
    name = f"sessions{level['sessions']}"
    return [
        metric(f"voice_to_voice_ms.{name}.p50", gaps, "ms", timed=True),
        given(
            f"voice_to_voice_ms.{name}.p95",
            level["voice_to_voice_ms"]["p95"],
            "ms",
            "lower",
            timed=True,
        ),
        given(
            f"voice_to_voice_ms.{name}.p99",
            level["voice_to_voice_ms"]["p99"],
            "ms",
            "lower",
            timed=True,
        ),
        *(
            given(f"{key}.{name}", level[key], "count", "lower", timed=True)
            for key in ("dropped", "under_runs", "refused")
        ),
        *(
            given(f"cpu_cores_a_session.{name}.{process}", cores, "cores", "lower", timed=True)
            for process, cores in level["cpu_cores_a_session"].items()
        ),
    ]


def level_plots(levels: list[dict[str, Any]]) -> list[Plot]:
    """Over the number of conversations, as far as half of the utterances were answered."""
    known = [level for level in levels if level["voice_to_voice_ms"]["p50"] is not None]
    counts = tuple(level["sessions"] for level in known)
    return [
        Plot(
            "lines",
            "Voice to voice by conversations at once",
            "conversations",
            "ms",
            tuple(
                Series(name, counts, tuple(level["voice_to_voice_ms"][name] for level in known))
                for name in ("p50", "p95", "p99")
            ),
        ),
        Plot(
            "lines",
            "Processor time a conversation",
            "conversations",
            "cores",
            tuple(
                Series(name, counts, tuple(level["cpu_cores_a_session"][name] for level in known))
                for name in ("worker", "front")
            ),
        ),
    ]
