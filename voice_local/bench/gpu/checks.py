"""That every stage of the profile really runs on the card: what it claims, and what it holds of the
card's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voice_local.bench.gpu.calls import (
    Answer,
    recognize,
    speak,
    understand,
)
from voice_local.bench.gpu.trial import (
    Memory,
    Trial,
)
from voice_local.config import STAGES
from voice_local.engine.client import EngineClient
from voice_local.engine.stage_api import (
    StageReport,
)
from voice_local.errors import BenchmarkError

ON_THE_CARD = ("stt", "llm", "tts")
"""The classifiers may stay on the CPU: faster-whisper brings ONNX Runtime without CUDA, and two
together break."""

SHARE = 0.8
"""Of a model's weights that its process must hold of the card: llama.cpp keeps the embedding table
(6 %) in main memory."""


@dataclass(frozen=True)
class LoadedStage:
    """One stage, loaded alone and used once.

    Attributes:
        device: what it claims, `cpu`, `cuda` or `cuda:0`.
        held_mb: what its worker held afterwards, of the card or, in a rehearsal, of main memory.
        weights_mb: its model's files.
    """

    stage: str
    device: str
    runtime: str
    notes: str
    held_mb: float
    weights_mb: float
    load_s: float


async def use(stage: str, engine: EngineClient, trial: Trial, seed: int = 0) -> None:
    """One call of fixed length to a stage.

    Raises:
        BenchmarkError: it was not of that length.
    """
    lengths = trial.shapes.lengths
    if stage == "stt":
        await recognize(engine, *lengths.utterances[0], seed)
    elif stage in ("intent", "emotion"):
        await understand(engine, lengths.intent_words, seed)
    elif stage == "llm":
        await Answer(engine, lengths, seed, kept=True).whole()
    else:
        await speak(engine, lengths.clause)


async def hold(trial: Trial, stage: str) -> LoadedStage:
    """Loads `stage` alone, uses it and looks at what it holds."""
    memory = Memory(trial.card)
    async with trial.engine((stage,)) as worker:
        await use(stage, worker, trial)
        held, report = memory.of(worker.pid), worker.reports[0]
    return LoadedStage(
        stage,
        report.device,
        report.runtime,
        report.notes,
        round(held, 1),
        round(trial.weights_mb(stage), 1),
        round(report.load_s, 2),
    )


def check_devices(rows: Sequence[LoadedStage], rehearsal: bool) -> list[str]:
    """What a reader has to know of stages that are where they belong.

    Raises:
        BenchmarkError: one is not, or claims to be on a card that it holds nothing of.
    """
    findings = []
    for row in rows:
        claims = row.device.startswith("cuda")
        if rehearsal:
            if claims:
                raise BenchmarkError(
                    f"{row.stage} runs on {row.device} in a rehearsal on the CPU", "report this"
                )
            continue
        if row.stage in ON_THE_CARD and not claims:
            raise BenchmarkError(
                f"{row.stage} runs on the {row.device}, not on the card ({row.runtime})",
                "scripts/setup --cuda; the device of each stage: voice-local doctor",
            )
        if claims and row.held_mb < SHARE * row.weights_mb:
            raise BenchmarkError(
                f"{row.stage} claims {row.device} but holds {row.held_mb:.0f} MB of the card, its "
                f"weights are {row.weights_mb:.0f} MB",
                "end the other programs on the card, then check again",
            )
        if not claims:
            findings.append(
                f"{row.stage} runs on the CPU ({row.notes.split(',')[0]}), as the profile allows"
            )
    return findings


def same_device(alone: Sequence[LoadedStage], together: Sequence[StageReport]) -> None:
    """Nothing, when stages side by side are where they are alone.

    Raises:
        BenchmarkError: one moved.
    """
    expected = {row.stage: row.device for row in alone}
    for report in together:
        if report.device != expected[report.stage]:
            raise BenchmarkError(
                f"{report.stage} runs on {report.device} beside the others, alone on "
                f"{expected[report.stage]}",
                "free memory of the card: nvidia-smi",
            )


async def check_profile(trial: Trial) -> dict[str, Any]:
    """The step of that name: each stage alone, then all of them in one worker.

    Raises:
        BenchmarkError: see `check_devices` and `same_device`.
    """
    rows = []
    for stage in STAGES:
        trial.note(f"loading {stage} alone")
        rows.append(await hold(trial, stage))
    findings = check_devices(rows, trial.rehearsal)
    trial.note("loading all stages together")
    async with trial.engine(STAGES) as worker:
        same_device(rows, worker.reports)
    return {"stages": [vars(row) for row in rows], "findings": findings}
