"""The outline of recorded sound, small enough to be kept in a report: one interruption as both
sides of it sounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from voice_local.audio.types import Audio

POINTS_A_SECOND = 100
BEFORE_S, LENGTH_S = 4.0, 10.0
FULL_SCALE = 100
"""An outline's numbers are hundredths of full scale: whole numbers from -100 to 100."""


def outline(sound: Audio, rate: int) -> dict[str, list[int]]:
    """The lowest and highest sample of every hundredth of a second, in hundredths of full scale.

    `sound`: float32 (n,), -1..1, at `rate` Hz. An incomplete last hundredth is left out.
    """
    frame = rate // POINTS_A_SECOND
    parts = sound[: len(sound) // frame * frame].reshape(-1, frame)

    def scaled(values: Audio) -> list[int]:
        return [
            int(value) for value in np.clip(np.round(values * FULL_SCALE), -FULL_SCALE, FULL_SCALE)
        ]

    return (
        {"low": scaled(parts.min(axis=1)), "high": scaled(parts.max(axis=1))}
        if len(parts)
        else {"low": [], "high": []}
    )


def interruption(
    user: Audio, assistant: Audio, rate: int, cuts: Sequence[tuple[int, int]]
) -> dict[str, Any] | None:
    """Ten seconds around one interruption, as plain JSON; None if there was none.

    `user`, `assistant`: float32 (n,) at `rate` Hz. `cuts`: for each interruption the hundredth of a
    second in which the user's voice began, and the one in which the assistant had fallen silent.
    The one with the middle reaction is taken.
    """
    if not cuts:
        return None
    began, silent = sorted(cuts, key=lambda cut: cut[1] - cut[0])[(len(cuts) - 1) // 2]
    frame = rate // POINTS_A_SECOND
    start = max(0, began - int(BEFORE_S * POINTS_A_SECOND))
    part = slice(start * frame, (start + int(LENGTH_S * POINTS_A_SECOND)) * frame)
    return {
        "points_a_second": POINTS_A_SECOND,
        "full_scale": FULL_SCALE,
        "user_speaks_over_s": (began - start) / POINTS_A_SECOND,
        "assistant_silent_s": (silent - start) / POINTS_A_SECOND,
        "user": outline(user[part], rate),
        "assistant": outline(assistant[part], rate),
    }
