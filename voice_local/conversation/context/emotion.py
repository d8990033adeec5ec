"""The tone of the answers: the user's emotion where it is sure enough, and not given up at the
first calm word."""

from __future__ import annotations

from collections.abc import Mapping

CALM_AFTER = 2
"""Turns without a sure emotion until a tone is given up."""


class EmotionSmoother:
    """The emotion that answers are shaped by, one conversation's.

    `thresholds`: the confidence from which on an emotion is sure; one that is not there never is.
    """

    def __init__(self, thresholds: Mapping[str, float]) -> None:
        self._thresholds = thresholds
        self.emotion = "neutral"
        self._calm = 0

    def update(self, emotion: str | None, confidence: float | None) -> str:
        """Takes one turn's emotion; the tone to answer in."""
        self.emotion, self._calm = self._after(emotion, confidence)
        return self.emotion

    def preview(self, emotion: str | None, confidence: float | None) -> str:
        """What `update` would return, changing nothing: for turns that may yet be taken back."""
        return self._after(emotion, confidence)[0]

    def _after(self, emotion: str | None, confidence: float | None) -> tuple[str, int]:
        if emotion is None:
            return self.emotion, self._calm
        least = self._thresholds.get(emotion)
        if emotion != "neutral" and least is not None and (confidence or 0.0) >= least:
            return emotion, 0
        calm = self._calm + 1
        return ("neutral" if calm >= CALM_AFTER else self.emotion), calm
