"""A whole text read aloud."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import numpy as np

from voice_local.conversation.output.segments import split
from voice_local.conversation.output.speech_queue import SEGMENT_GAP_S
from voice_local.engine.api import SpeechChunk
from voice_local.engine.client import EngineClient
from voice_local.errors import TextInputError
from voice_local.text.markup import without_markup

MOST_CHARACTERS = 20_000
"""Of a text that is read aloud."""


async def read_aloud(
    engine: EngineClient, text: str, voice: str | None
) -> AsyncGenerator[SpeechChunk, None]:
    """The sound of `text` as it is made, segment by segment, with `SEGMENT_GAP_S` of
    silence between segments.

    Raises:
        TextInputError: nothing in it can be pronounced. And as `EngineClient`.
    """
    begun = False
    for segment in split(without_markup(text)):
        first = True
        async with aclosing(engine.synthesize(segment, voice)) as chunks:
            async for chunk in chunks:
                yield _after_a_gap(chunk) if begun and first else chunk
                begun, first = begun or len(chunk.samples) > 0, False
    if not begun:
        raise TextInputError("there is nothing to pronounce in the text", "use words")


def _after_a_gap(chunk: SpeechChunk) -> SpeechChunk:
    gap = np.zeros(int(SEGMENT_GAP_S * chunk.sample_rate), dtype=np.float32)
    return replace(chunk, samples=np.concatenate([gap, chunk.samples]))
