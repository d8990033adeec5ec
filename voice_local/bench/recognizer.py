"""Sounds with known words, and what the recognizer makes of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench.normalize import Errors, count, whisper_english
from voice_local.bench.schema import Section
from voice_local.conversation.input.recordings import transcribe
from voice_local.engine.client import EngineClient
from voice_local.errors import AudioInputError
from voice_local.models.properties import RecognizerProperties


@dataclass(frozen=True)
class Sample:
    """One thing to be recognised: `sound` gives it at 16 kHz, may raise AudioInputError; `text` is
    its words."""

    name: str
    text: str
    speaker: str
    noise: str
    sound: Callable[[], Audio]


@dataclass(frozen=True)
class Recognized:
    """What the recognizer made of a sample; `errors` after the normalizer, `plain` without; both
    times in seconds."""

    sample: Sample
    text: str
    errors: Errors
    plain: Errors
    audio_s: float
    work_s: float


class Recognizer:
    """An engine with Silero before it, and the normalizer."""

    def __init__(self, engine: EngineClient, properties: RecognizerProperties) -> None:
        self.engine, self.properties = engine, properties
        self.silero, self.normal = SileroModel(), whisper_english()

    async def transcribe(self, audio: Audio) -> str:
        """The words."""
        return (await transcribe(self.engine, audio, self.silero, self.properties)).text

    async def all(self, samples: Sequence[Sample], section: Section) -> list[Recognized]:
        """What it makes of every sample; recordings that cannot be read are counted in `section`,
        unless that is all of them."""
        rows, broken = [], []
        for one in samples:
            try:
                audio = await asyncio.to_thread(one.sound)
            except AudioInputError as error:
                broken.append(error)
                continue
            began = time.perf_counter()
            text = await self.transcribe(audio)
            work_s = time.perf_counter() - began
            errors = count(self.normal(one.text), self.normal(text))
            rows.append(
                Recognized(
                    one, text, errors, count(one.text, text), len(audio) / SAMPLE_RATE, work_s
                )
            )
        if broken and not rows:
            raise broken[0]
        if broken:
            section.findings.append(
                f"{len(broken)} of {len(samples)} recordings cannot be read, the first: "
                f"{broken[0].cause}"
            )
        return rows
