"""A voice's sound as loud and as fast as the user wants it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from voice_local.audio.stretch import TimeStretch
from voice_local.conversation.output.speech_style import SpeechStyle
from voice_local.engine.api import SpeechChunk

LOUDEST_PEAK = 0.98
"""Louder samples are bent, not cut: what is loud already must not crackle."""


class Manner:
    """One segment's; `style` holds for all of it."""

    def __init__(self, style: SpeechStyle) -> None:
        self._style = style
        self._stretch: TimeStretch | None = None

    def of(self, chunk: SpeechChunk) -> SpeechChunk:
        """The next piece of the segment. One may be empty where the pieces are very short."""
        style = self._style
        if style.rate != 1.0:
            self._stretch = self._stretch or TimeStretch(style.rate, chunk.sample_rate)
            samples = self._stretch.push(chunk.samples, chunk.is_final)
            chunk = replace(chunk, samples=samples, remaining_s=chunk.remaining_s / style.rate)
        if style.volume != 1.0:
            samples = chunk.samples * np.float32(style.volume)
            if len(samples) and np.abs(samples).max() > LOUDEST_PEAK:
                samples = (LOUDEST_PEAK * np.tanh(samples / LOUDEST_PEAK)).astype(np.float32)
            chunk = replace(chunk, samples=samples)
        return chunk
