"""How much silence ends a turn, by the probability that the sentence is finished."""

from __future__ import annotations

import math

from voice_local.config_vad import VadSettings

UNFINISHED, AS_LIKELY, FINISHED = 0.05, 0.8, 0.98
"""Finished-sentence probabilities at which the window is longest, the middle one, and shortest: the
operating point.

Not symmetric: cutting somebody short is worse than a wait. Of held-out sentences heard to their
middle, 22 % are given 0.8 or more and 1 % 0.98 or more; of whole ones 90 % and 21 %
(`benchmarks/LOG.md`, 2026-11-24).
"""


def endpointing_delay_ms(settings: VadSettings, end_of_turn_probability: float | None) -> float:
    """The silence that ends a turn, in ms.

    The setting `endpointing_delay_ms` where nothing is known (None), shorter the surer it is that
    the sentence is finished.

    Geometric in the odds on both sides of `AS_LIKELY`: by default 160, 203, 300, 468 and 1,200 ms
    at probabilities of 0.98, 0.95, 0.8, 0.5 and 0.05.
    """
    middle = settings.endpointing_delay_ms
    if end_of_turn_probability is None:
        return middle
    odds = _log_odds(end_of_turn_probability) - _log_odds(AS_LIKELY)
    sure, far = (
        (FINISHED, settings.min_endpointing_delay_ms)
        if odds > 0
        else (UNFINISHED, settings.max_endpointing_delay_ms)
    )
    part = min(1.0, odds / (_log_odds(sure) - _log_odds(AS_LIKELY)))
    return float(middle * (far / middle) ** part)


def _log_odds(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
