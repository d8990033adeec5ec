"""Places for an answer's sound."""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import Audio
from voice_local.conversation.output.speech_queue import SEGMENT_GAP_S
from voice_local.engine.api import SpeechChunk


class BufferOutput:
    """Keeps all that was said, with `SEGMENT_GAP_S` of silence between segments."""

    def __init__(self) -> None:
        self.sample_rate = 0
        self._parts: list[Audio] = []
        self._within = False  # a segment

    async def send(self, chunk: SpeechChunk, text: str = "") -> None:
        """Takes the next piece."""
        self.sample_rate = chunk.sample_rate
        if self._parts and not self._within:
            self._parts.append(np.zeros(int(SEGMENT_GAP_S * chunk.sample_rate), dtype=np.float32))
        self._parts.append(chunk.samples)
        self._within = not chunk.is_final

    def show(self, text: str) -> None:
        """Keeps only sound."""

    @property
    def samples(self) -> Audio:
        """Everything so far; empty when nothing was said."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=np.float32)
