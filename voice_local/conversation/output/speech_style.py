"""How loud and how fast a conversation speaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SpeechStyle:
    """`volume`: factor on the samples; `rate`: how much faster than the voice speaks by itself."""

    volume: float = 1.0
    rate: float = 1.0
