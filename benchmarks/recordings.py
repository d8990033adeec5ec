"""Recordings of real people, and the product's way from one to words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jiwer

from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench.normalize import whisper_english
from voice_local.config import Settings
from voice_local.conversation.input.recordings import transcribe
from voice_local.engine.api import TranscribeOptions
from voice_local.engine.client import EngineClient
from voice_local.models import properties


@dataclass(frozen=True)
class Clip:
    """A recording and its words."""

    audio: Audio
    text: str

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.audio) / SAMPLE_RATE


def clips(data: Path, folder: str, under: str) -> list[Clip]:
    """The recordings of one folder of the data."""
    found = []
    for line in (data / folder / "transcripts.tsv").read_text(encoding="utf-8").splitlines():
        name, text = line.split("\t")
        path = data / folder / under / (name if "." in name else f"{name}.flac")
        found.append(Clip(read_audio(path), text))
    return found


class Recognizer:
    """The product's way from a recording to words."""

    def __init__(self, engine: EngineClient, settings: Settings) -> None:
        self.engine, self.silero, self.normal = engine, SileroModel(), whisper_english()
        self.recognizer = properties.of_settings(settings)

    async def heard(self, audio: Audio, vocabulary: tuple[str, ...] = ()) -> tuple[str, float]:
        """(normalized words, milliseconds)."""
        began = time.perf_counter()
        found = await transcribe(
            self.engine,
            audio,
            self.silero,
            self.recognizer,
            TranscribeOptions(vocabulary=vocabulary),
        )
        return self.normal(found.text), (time.perf_counter() - began) * 1000

    def wer(self, truth: Sequence[str], found: Sequence[str]) -> float:
        """Word error rate of normalized texts."""
        return round(float(jiwer.wer(list(truth), list(found))), 4)
