"""`turn_detection` of the Realtime API, and what it means for the endpointer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from voice_local.config_vad import VadSettings
from voice_local.server.realtime.protocol import ClientError, known_keys, number, object_of

COMMON = ("type", "create_response", "interrupt_response", "idle_timeout_ms")
KEYS = {
    "server_vad": {*COMMON, "threshold", "prefix_padding_ms", "silence_duration_ms"},
    "semantic_vad": {*COMMON, "eagerness"},
}

LEAST_SILENCE_MS = 64


class Eagerness(StrEnum):
    """How long `semantic_vad` waits for a sentence that is not finished."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    AUTO = "auto"


STRETCH = {Eagerness.LOW: 2.0, Eagerness.HIGH: 0.5}
"""By how much the longest delay is stretched."""


@dataclass(frozen=True)
class Detection:
    """What ends a user's turn.

    Attributes:
        silence_ms: of `server_vad`: the delay, whatever is said; None: `semantic_vad`, by the
            probability that the sentence is finished.
        threshold, padding_ms: of `server_vad`.
        eagerness: of `semantic_vad`.
        creates: whether a finished turn is answered.
        interrupts: whether speech over an answer may end it.
        idle_ms: silence after which the user is asked whether they are there; None: never.
    """

    silence_ms: int | None = None
    threshold: float = 0.5
    padding_ms: int = 300
    eagerness: Eagerness = Eagerness.AUTO
    creates: bool = True
    interrupts: bool = True
    idle_ms: int | None = None

    @property
    def idle_s(self) -> float:
        """As a setting."""
        return math.inf if self.idle_ms is None else self.idle_ms / 1000

    def vad(self, own: VadSettings) -> VadSettings:
        """The endpointer's settings; `own`: the profile's."""
        if self.silence_ms is None:
            stretch = STRETCH.get(self.eagerness, 1.0)
            longest = max(
                own.min_endpointing_delay_ms,
                own.endpointing_delay_ms,
                int(own.max_endpointing_delay_ms * stretch),
            )
            return own.model_copy(update={"max_endpointing_delay_ms": longest})
        delay = max(LEAST_SILENCE_MS, self.silence_ms)
        return own.model_copy(
            update={
                "threshold": self.threshold,
                "neg_threshold": max(0.01, self.threshold - 0.15),
                "pre_roll_ms": self.padding_ms,
                "endpointing_delay_ms": delay,
                "min_endpointing_delay_ms": delay,
                "max_endpointing_delay_ms": delay,
                "eager_end_of_turn_ms": min(own.eager_end_of_turn_ms, delay),
            }
        )

    def as_json(self) -> dict[str, Any]:
        """As the API writes it."""
        told: dict[str, Any] = {
            "create_response": self.creates,
            "interrupt_response": self.interrupts,
        }
        if self.silence_ms is None:
            return {"type": "semantic_vad", "eagerness": self.eagerness.value, **told}
        return {
            "type": "server_vad",
            "threshold": self.threshold,
            "prefix_padding_ms": self.padding_ms,
            "silence_duration_ms": self.silence_ms,
            "idle_timeout_ms": self.idle_ms,
            **told,
        }


def detection_of(value: Any, name: str) -> Detection | None:
    """The detection that a client names; None: it commits turns itself.

    Raises:
        ClientError: a field that is not known, or a value that cannot be.
    """
    if value is None:
        return None
    given = object_of(value, name)
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in KEYS:
        raise ClientError(
            f"'{name}.type' has to be server_vad or semantic_vad.", param=f"{name}.type"
        )
    known_keys(given, KEYS[kind], name)

    def of(key: str, default: float, least: float, most: float, *, whole: bool = True) -> float:
        asked = given.get(key)
        if asked is None:
            return default
        return number(asked, f"{name}.{key}", least, most, whole=whole)

    def flag(key: str) -> bool:
        asked = given.get(key)
        if asked is not None and not isinstance(asked, bool):
            raise ClientError(
                f"'{name}.{key}' has to be true or false.", "invalid_type", f"{name}.{key}"
            )
        return asked is not False

    idle = given.get("idle_timeout_ms")
    found = Detection(
        creates=flag("create_response"),
        interrupts=flag("interrupt_response"),
        idle_ms=None if idle is None else int(of("idle_timeout_ms", 0, 1000, 3_600_000)),
    )
    if kind == "semantic_vad":
        return _semantic(found, given.get("eagerness"), f"{name}.eagerness")
    return Detection(
        silence_ms=int(of("silence_duration_ms", 500, 0, 10_000)),
        threshold=max(0.05, min(0.95, of("threshold", 0.5, 0, 1, whole=False))),
        padding_ms=int(of("prefix_padding_ms", 300, 0, 5000)),
        creates=found.creates,
        interrupts=found.interrupts,
        idle_ms=found.idle_ms,
    )


def _semantic(found: Detection, eagerness: Any, name: str) -> Detection:
    try:
        chosen = Eagerness(eagerness or "auto")
    except ValueError:
        raise ClientError(
            f"'{name}' has to be one of: {', '.join(Eagerness)}.", param=name
        ) from None
    return Detection(
        eagerness=chosen,
        creates=found.creates,
        interrupts=found.interrupts,
        idle_ms=found.idle_ms,
    )
