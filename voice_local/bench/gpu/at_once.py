"""How many conversations one worker holds at once: talkers that speak when their time comes,
answered or not.

Stages are as they are in every profile: one call at a time each, an answer of the LLM to its end.
What a talker says costs what it costs live: its words so far are looked for all the time while it
speaks, and all of its answer is said.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

from voice_local.audio.types import SAMPLE_RATE
from voice_local.bench import stats
from voice_local.bench.gpu.calls import (
    Answer,
    noise,
    recognize,
    speak,
    understand,
)
from voice_local.bench.gpu.checks import use
from voice_local.bench.gpu.trial import Trial
from voice_local.config import STAGES
from voice_local.engine.api import (
    TranscribeOptions,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineBusyError

LIMIT_MS = 1000.0
"""Of compute to the first sound, for 95 turns of a hundred: beyond, too many talk."""

GAP_MS = 50.0
"""A longer silence between two segments is heard."""

GAPS_ALLOWED = 0.05
"""Of the segments that follow another."""


@dataclass
class Level:
    """What so many conversations found.

    Attributes:
        parts: milliseconds of each turn's parts on its way to the first sound, by their names.
        gaps_ms: of each segment that followed another, how much later than due it came, 0 if in
            time.
    """

    sessions: int
    turns: int = 0
    refused: int = 0
    first_sound_ms: list[float] = field(default_factory=list)
    parts: dict[str, list[float]] = field(default_factory=dict)
    gaps_ms: list[float] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        late = sum(gap > GAP_MS for gap in self.gaps_ms)
        return {
            "sessions": self.sessions,
            "turns": self.turns,
            "refused": self.refused,
            "first_sound_ms": [round(one, 1) for one in self.first_sound_ms],
            "p50_ms": _rounded(nearest_rank(self.first_sound_ms, 50)),
            "p95_ms": _rounded(nearest_rank(self.first_sound_ms, 95)),
            "parts_p50_ms": {
                name: _rounded(stats.value("p50", took)) for name, took in self.parts.items()
            },
            "clauses": len(self.gaps_ms),
            "late_clauses": late,
        }


def nearest_rank(values: list[float], percent: int) -> float | None:
    """The percentile by nearest rank, of however few there are; None of none."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else None


def keeps_up(row: dict[str, Any]) -> bool:
    """Whether so many conversations were answered in time and without gaps."""
    return (
        row["p95_ms"] is not None
        and row["p95_ms"] <= LIMIT_MS
        and not row["refused"]
        and row["late_clauses"] <= GAPS_ALLOWED * row["clauses"]
    )


async def at_once(trial: Trial) -> dict[str, Any]:
    """Levels of more and more conversations, up to the first that is too much."""
    rows: list[dict[str, Any]] = []
    async with trial.engine(STAGES) as worker:
        for stage in STAGES:
            await use(stage, worker, trial)
        for count in trial.shapes.lengths.talkers:
            trial.note(f"{count} conversations")
            rows.append((await _level(worker, trial, count)).row())
            if not keeps_up(rows[-1]):
                break
    most = max((row["sessions"] for row in rows if keeps_up(row)), default=0)
    return {"levels": rows, "most": most, "reached_the_end": keeps_up(rows[-1])}


async def _level(engine: EngineClient, trial: Trial, count: int) -> Level:
    lengths, level = trial.shapes.lengths, Level(count)
    rng = random.Random(count)
    try:
        async with asyncio.TaskGroup() as group:
            for talker in range(count):
                # Spread over one round, so that as many speak at any time as would after a long
                # while.
                at = (talker + rng.random()) / count * lengths.turn_every_s
                while at < lengths.talk_s:
                    group.create_task(_turn(engine, trial, level, at, rng.randrange(10**6)))
                    at += lengths.turn_every_s * rng.uniform(0.75, 1.25)
    except ExceptionGroup as errors:  # one is enough to know, and what a step may raise
        raise errors.exceptions[0] from None
    return level


async def _turn(engine: EngineClient, trial: Trial, level: Level, wait_s: float, seed: int) -> None:
    await asyncio.sleep(wait_s)
    level.turns += 1
    try:
        await _said(engine, trial, seed)
        await _answered(engine, trial, level, seed)
    except EngineBusyError:
        level.refused += 1


async def _said(engine: EngineClient, trial: Trial, seed: int) -> None:
    """The user speaks, in real time; the words so far are looked for unless they still are from
    before."""
    seconds, every_s = (
        trial.shapes.lengths.utterances[0][0],
        trial.settings().conversation.interim_interval_ms / 1000,
    )
    sound, began = noise(seconds, seed), time.perf_counter()
    looking: asyncio.Task[Any] | None = None
    try:
        while (passed := time.perf_counter() - began) < seconds:
            if passed >= every_s and (looking is None or looking.done()):
                looking = asyncio.create_task(_look(engine, sound[: int(passed * SAMPLE_RATE)]))
            await asyncio.sleep(min(every_s, max(0.0, seconds - passed)))
    finally:
        if looking is not None:  # the turn is over: nobody waits for these any more
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def _look(engine: EngineClient, sound: Any) -> None:
    await engine.transcribe(sound, TranscribeOptions(interim=True))


async def _answered(engine: EngineClient, trial: Trial, level: Level, seed: int) -> None:
    """From the end of the speech to the last sound's computation."""
    lengths, times = trial.shapes.lengths, [time.perf_counter()]
    await recognize(engine, *lengths.utterances[0], seed)
    times.append(time.perf_counter())
    await understand(engine, lengths.intent_words, seed)
    times.append(time.perf_counter())
    # Nothing of the prompt is known: with so many conversations others have been read since.
    answer = Answer(engine, lengths, seed, kept=False)
    try:
        await answer.segment()
        times.append(time.perf_counter())
        _, sound_s = await speak(engine, lengths.clause)
        times.append(time.perf_counter())
        level.first_sound_ms.append((times[-1] - times[0]) * 1000)
        for name, start, end in zip(
            ("stt", "understand", "llm", "tts"), times, times[1:], strict=False
        ):
            level.parts.setdefault(name, []).append((end - start) * 1000)
        silent_from = times[-1] + sound_s
        for number in range(2, lengths.answer_tokens // lengths.clause_tokens + 1):
            await answer.segment(number)
            _, sound_s = await speak(engine, lengths.clause)
            now = time.perf_counter()
            level.gaps_ms.append(max(0.0, now - silent_from) * 1000)
            silent_from = max(silent_from, now) + sound_s
    finally:
        await answer.whole()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
