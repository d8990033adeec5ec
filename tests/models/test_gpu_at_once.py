"""Conversations at once, as the gpu benchmark has them: who is late, who is refused, and where it
stops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from voice_local.audio.types import Audio
from voice_local.bench.gpu import (
    at_once,
    table,
)
from voice_local.bench.gpu.runner import Result
from voice_local.bench.gpu.shapes import SMALL
from voice_local.bench.gpu.trial import Trial
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    FinishReason,
    GenerateItem,
    GenerateOptions,
    GenerationDone,
    Message,
    SpeechChunk,
    TextDelta,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import EngineBusyError

pytestmark = pytest.mark.models
QUICK = replace(
    SMALL,
    lengths=replace(
        SMALL.lengths,
        utterances=((1, 8),),
        answer_tokens=16,
        clause_tokens=4,
        talkers=(1, 2, 3),
        talk_s=0.2,
        turn_every_s=0.2,
    ),
)


class Counting:
    """An engine that says what it is asked for, at once; `busy_from`: so many recognitions and no
    more are taken."""

    def __init__(self, busy_from: int = 1000) -> None:
        self.interims = self.finals = self.spoken = 0
        self.busy_from = busy_from

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        self.interims += options.interim
        self.finals += not options.interim
        if self.finals > self.busy_from:
            raise EngineBusyError("the engine's queue is full", "try again in a moment")
        return Transcript("one two three four five six seven eight", "en", 0.0)

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        return Understanding()

    async def generate(
        self, messages: Sequence[Message], options: GenerateOptions
    ) -> AsyncIterator[GenerateItem]:
        for _ in range(options.max_tokens):
            yield TextDelta(" word")
        yield GenerationDone(FinishReason.LENGTH)

    async def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        self.spoken += 1
        yield SpeechChunk(np.zeros(16_000, dtype=np.float32), 16_000)


class CountingTrial(Trial):
    """Measures `engine_to_be`."""

    engine_to_be: Counting

    @asynccontextmanager
    async def engine(
        self, stages: Sequence[str], **changes: dict[str, Any]
    ) -> AsyncIterator[WorkerEngine]:
        yield cast(WorkerEngine, self.engine_to_be)


def trial_of(engine: Counting, folder: Path) -> CountingTrial:
    trial = CountingTrial(folder, QUICK)
    object.__setattr__(trial, "engine_to_be", engine)
    return trial


async def test_every_talker_is_heard_while_he_speaks_and_gets_all_of_his_answer(
    tmp_path: Path,
) -> None:
    engine = Counting()
    found = await at_once.at_once(trial_of(engine, tmp_path))
    turns = sum(row["turns"] for row in found["levels"])
    assert [row["sessions"] for row in found["levels"]] == [1, 2, 3] and turns >= 6
    assert engine.finals == turns + 1, "one more: each stage is used once before"
    assert engine.spoken == 4 * turns + 1 and engine.interims >= turns, (
        "sixteen tokens are four clauses"
    )
    assert all(
        row["clauses"] == 3 * row["turns"] and not row["late_clauses"] for row in found["levels"]
    )
    assert (found["most"], found["reached_the_end"]) == (3, True)


async def test_it_stops_where_calls_are_refused(tmp_path: Path) -> None:
    found = await at_once.at_once(trial_of(Counting(busy_from=2), tmp_path))
    assert [bool(row["refused"]) for row in found["levels"]] == [False, True]
    assert (found["most"], found["reached_the_end"]) == (1, False)
    card = replace(
        trial_of(Counting(), tmp_path),
        card=cast(Any, type("Card", (), {"machine": "x", "libraries": {}})()),
    )
    made = table.section(card, {"at_once": Result("at_once", {}, "", 1.0, found)}, 1.0)
    assert made.find("conversations_at_once").value == 1
    assert any(
        "1 conversations at once" in line and "calls were refused" in line for line in made.findings
    )


@pytest.mark.parametrize(
    ("first_sound_ms", "gaps_ms", "up"),
    [
        ([100.0] * 19 + [5000.0], [0.0], True),
        ([100.0] * 18 + [5000.0] * 2, [0.0], False),
        ([100.0], [0.0] * 19 + [80.0], True),
        ([100.0], [0.0] * 9 + [80.0], False),
        ([], [], False),
    ],
)
def test_what_keeping_up_is(first_sound_ms: list[float], gaps_ms: list[float], up: bool) -> None:
    row = at_once.Level(2, first_sound_ms=first_sound_ms, gaps_ms=gaps_ms).row()
    assert at_once.keeps_up(row) is up
