"""Interim passes: as often as the machine affords, and never in the way of the last one."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from voice_local.audio.types import Audio
from voice_local.conversation.input.interim import (
    InterimTranscriber,
)
from voice_local.engine.api import Transcript
from voice_local.errors import StageError

pytestmark = pytest.mark.unit
SOUND: Audio = np.zeros(16_000, dtype=np.float32)


class Recognizer:
    """Takes `seconds` for each pass; counts those that ran to their end."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.begun, self.ended = seconds, 0, 0
        self.interim = False

    async def __call__(self, audio: Audio, interim: bool) -> Transcript:
        self.begun += 1
        self.interim = interim
        await asyncio.sleep(self.seconds)
        self.ended += 1
        return Transcript("words", "en", 0.0)


async def passes(seconds: float) -> int:
    """How many passes a recognizer of that speed makes over ten seconds of speech, asked for every
    0.4 s."""
    recognizer = Recognizer(seconds)
    partials = InterimTranscriber(recognizer, 400, lambda *_: None)
    for frame in range(313):
        if partials.due(frame * 32.0):
            partials.start(SOUND, frame, frame * 32.0)
        await asyncio.sleep(0.032)
    await partials.aclose()
    return recognizer.begun


async def test_a_slow_machine_makes_fewer_passes() -> None:
    assert 20 <= await passes(0.02) <= 25
    assert 5 <= await passes(0.2) <= 9
    assert await passes(0.5) <= 2, "half a second would be waited for too often"


async def test_the_pass_over_the_whole_utterance_is_shared() -> None:
    recognizer = Recognizer(0.3)
    partials = InterimTranscriber(recognizer, 400, lambda *_: None)
    partials.start(SOUND, 100, 500.0)
    await asyncio.sleep(0.1)
    shared = partials.under_way(100)
    assert shared is not None
    found = await shared
    assert found is not None and found.text == "words" and recognizer.begun == 1
    assert partials.under_way(100) is None and partials.known(100) == found


async def test_a_pass_over_less_is_stopped() -> None:
    recognizer = Recognizer(0.3)
    partials = InterimTranscriber(recognizer, 400, lambda *_: None)
    partials.start(SOUND, 100, 500.0)
    await asyncio.sleep(0.1)
    assert partials.under_way(200) is None
    await asyncio.sleep(0.5)
    assert recognizer.ended == 0


async def test_a_pass_that_fails_tells_nothing() -> None:
    async def fails(audio: Audio, interim: bool) -> Transcript:
        raise StageError("no")

    partials = InterimTranscriber(fails, 400, lambda *_: None)
    partials.start(SOUND, 100, 500.0)
    shared = partials.under_way(100)
    assert shared is not None and await shared is None and partials.known(100) is None
