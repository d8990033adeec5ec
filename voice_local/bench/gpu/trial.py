"""One run: where its models are, of what size, on which card; and the settings of the profile over
them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from voice_local.bench.gpu import device
from voice_local.bench.gpu.shapes import Shapes
from voice_local.bench.gpu.workfolder import (
    bytes_of,
    models_of,
)
from voice_local.config import (
    Settings,
    load,
)
from voice_local.engine.worker_engine import WorkerEngine

WHISPER, LLM, VITS = "random-whisper-turbo", "random-llama-Q4_K_M.gguf", "random-vits"
BARK, DISTILBERT = "random-bark", "random-distilbert"
MODELS = {"stt": WHISPER, "intent": DISTILBERT, "emotion": DISTILBERT, "llm": LLM, "tts": VITS}
"""The profile's stages over random weights: under names of their own, never under a real
model's."""

TIMEOUT_S = 300.0
"""For a start or a call: the first on a new card compiles kernels."""


@dataclass(frozen=True)
class Trial:
    """How to measure; `card` None is a rehearsal on the CPU, whose figures say nothing about a
    card."""

    folder: Path
    shapes: Shapes
    card: device.Device | None = None
    note: Callable[[str], None] = lambda _: None

    @property
    def rehearsal(self) -> bool:
        """See the class."""
        return self.card is None

    @property
    def models(self) -> Path:
        """The model folder."""
        return models_of(self.folder)

    def weights_mb(self, stage: str) -> float:
        """Megabytes of what the stage's model has in files; both classifiers lie in one folder."""
        name = f"{DISTILBERT}/{stage}.onnx" if stage in ("intent", "emotion") else MODELS[stage]
        return bytes_of(self.models, name) / 2**20

    def settings(self, **changes: dict[str, Any]) -> Settings:
        """The `gpu` profile's, its models replaced; `changes` by section. Whisper writes as for the
        first utterance."""
        sections: dict[str, dict[str, Any]] = {
            stage: {"model": name} for stage, name in MODELS.items()
        }
        sections["intent"]["adapter"], sections["emotion"]["adapter"] = (
            "intent_distilbert",
            "emotion",
        )
        sections["stt"]["max_tokens"] = self.shapes.lengths.utterances[0][1]
        sections["engine"] = {
            "start_timeout_s": TIMEOUT_S,
            "queue_timeout_s": TIMEOUT_S,
            "run_timeout_s": TIMEOUT_S,
        }
        for section, values in changes.items():
            sections[section] = {**sections[section], **values}
        where = {"device": "cpu", "cpu_threads": 1} if self.rehearsal else {}
        return load("gpu", models_dir=self.models, **where, **sections)

    @asynccontextmanager
    async def engine(
        self, stages: Sequence[str], **changes: dict[str, Any]
    ) -> AsyncIterator[WorkerEngine]:
        """A worker with `stages` loaded."""
        async with WorkerEngine(self.settings(**changes), stages, self.note) as worker:
            yield worker


class Memory:
    """What a worker holds of the card, in megabytes; in a rehearsal, of main memory. Make it before
    the worker starts."""

    def __init__(self, card: device.Device | None) -> None:
        self._uuid = card.card.uuid if card else ""
        self._before = device.settled_mb(self._uuid) if card else 0.0

    def of(self, pid: int) -> float:
        """By process where the driver tells, else by what the whole card holds more than before."""
        if not self._uuid:
            return float(psutil.Process(pid).memory_info().rss) / 2**20
        measured = device.process_mb(self._uuid, pid)
        return device.used_mb(self._uuid) - self._before if measured is None else measured
