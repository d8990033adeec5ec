"""The tone of the answers: the user's emotion with hysteresis, so that one word does not swing it."""

from __future__ import annotations

STRONG = 0.8
"""An emotion told with at least this confidence counts at once; a weaker one when it is told twice running."""

CALM_AFTER = 2
"""Neutral turns until a tone is given up."""


class Tone:
    """The emotion that answers are shaped by, one conversation's."""

    def __init__(self) -> None:
        self.emotion = "neutral"
        self._last = "neutral"
        self._calm = 0

    def hear(self, emotion: str | None, confidence: float | None) -> str:
        """Takes one turn's emotion; the tone to answer in."""
        self.emotion, self._last, self._calm = self._after(emotion, confidence)
        return self.emotion

    def preview(self, emotion: str | None, confidence: float | None) -> str:
        """What `hear` would return, changing nothing: for turns that may yet be taken back."""
        return self._after(emotion, confidence)[0]

    def _after(self, emotion: str | None, confidence: float | None) -> tuple[str, str, int]:
        if emotion is None:
            return self.emotion, self._last, self._calm
        if emotion == "neutral":
            calm = self._calm + 1
            return ("neutral" if calm >= CALM_AFTER else self.emotion), emotion, calm
        sure = (confidence or 0.0) >= STRONG or emotion == self._last
        return (emotion if sure else self.emotion), emotion, 0
