"""Settings of voice activity and of the ends of turns."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from voice_local.config_section import Section


class VadSettings(Section):
    """Silero and the endpointer; `*_ms` on the sample clock.

    A frame is speech from `threshold` on, and stays speech until it falls below `neg_threshold`.
    `eager_end_of_turn_ms` of silence start a speculative response.
    `endpointing_delay_ms` of it end a turn where the probability that the sentence is finished is
    unknown; else between `min_endpointing_delay_ms` (finished for sure) and
    `max_endpointing_delay_ms` (not finished for sure).
    """

    threshold: float = Field(0.5, ge=0.05, le=0.95)
    neg_threshold: float = Field(0.35, ge=0.01, le=0.95)
    min_speech_ms: int = Field(96, ge=32)
    pre_roll_ms: int = Field(320, ge=0)
    eager_end_of_turn_ms: int = Field(64, ge=32)
    endpointing_delay_ms: int = Field(300, ge=64)
    min_endpointing_delay_ms: int = Field(160, ge=64)
    max_endpointing_delay_ms: int = Field(1200, ge=64)
    max_turn_s: float = Field(30.0, gt=1)

    @model_validator(mode="before")
    @classmethod
    def _below(cls, given: Any) -> Any:
        """A lower `threshold` takes `neg_threshold` along where that is not given."""
        try:
            lower = float(given["threshold"]) - 0.15
        except (KeyError, TypeError, ValueError):
            return given
        return {"neg_threshold": min(0.35, max(0.01, lower)), **given}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for low, high in (
            ("neg_threshold", "threshold"),
            ("min_endpointing_delay_ms", "max_endpointing_delay_ms"),
        ):
            least, most = getattr(self, low), getattr(self, high)
            if least > most:
                raise ValueError(f"{low} ({least}) is above {high} ({most})")
        return self
