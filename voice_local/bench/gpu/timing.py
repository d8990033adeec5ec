"""The timed steps: each a worker with what it needs, warmed up, then calls of fixed length."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from voice_local.bench.gpu.calls import (
    Answer,
    Rows,
    document,
    recognize,
    repeat,
    speak,
    understand,
)
from voice_local.bench.gpu.checks import use
from voice_local.bench.gpu.trial import (
    BARK,
    Memory,
    Trial,
)
from voice_local.config import STAGES
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import BenchmarkError

PROMPTS = {"fresh": False, "kept": True}
"""Of the LLM: nothing of the prompt known from before, or only the last words new as in a
conversation."""

SAMPLE_S = 0.1
"""Between two looks at the memory."""


async def time_stt(trial: Trial) -> dict[str, Any]:
    """Utterances in the whole window of 30 s, as the profile has it, and in one of their own
    length."""
    rows, lengths = Rows(), trial.shapes.lengths
    for seconds, tokens in lengths.utterances:
        for name, window in (("", None), (".own_window", 0.0)):
            changes: dict[str, Any] = {"max_tokens": tokens, "window_s": window}
            async with trial.engine(("stt",), stt=changes) as worker:
                await _series(worker, f"stt_ms.{seconds}s{name}", seconds, tokens, rows, trial)
    return document(rows)


async def _series(
    worker: WorkerEngine, name: str, seconds: int, tokens: int, rows: Rows, trial: Trial
) -> None:
    async def one(seed: int) -> None:
        rows.add(name, await recognize(worker, seconds, tokens, seed))

    await repeat(one, rows, trial.shapes.lengths.warm_ups, trial.shapes.lengths.repeats)


async def time_intent(trial: Trial) -> dict[str, Any]:
    """The intent alone, and intent and emotion side by side as a turn has them."""
    rows, lengths = Rows(), trial.shapes.lengths
    for name, stages in (("intent_ms", ("intent",)), ("understand_ms", ("intent", "emotion"))):
        async with trial.engine(stages) as worker:
            await _classify(worker, f"{name}.{lengths.intent_words}w", rows, trial)
    return document(rows)


async def _classify(worker: WorkerEngine, name: str, rows: Rows, trial: Trial) -> None:
    async def one(seed: int) -> None:
        rows.add(name, await understand(worker, trial.shapes.lengths.intent_words, seed))

    await repeat(one, rows, trial.shapes.lengths.warm_ups, trial.shapes.lengths.repeats)


async def time_llm(trial: Trial) -> dict[str, Any]:
    """First token, and tokens a second after it."""
    rows, lengths = Rows(), trial.shapes.lengths
    async with trial.engine(("llm",)) as worker:
        for prompt, kept in PROMPTS.items():
            await _generate(
                worker, f"llm_first_token_ms.{lengths.prompt_tokens}t.{prompt}", kept, rows, trial
            )
    return document(rows)


async def _generate(worker: WorkerEngine, name: str, kept: bool, rows: Rows, trial: Trial) -> None:
    async def one(seed: int) -> None:
        pieces = await Answer(worker, trial.shapes.lengths, seed, kept).whole()
        rows.add(name, pieces[0])
        if not kept:
            rows.add("llm_tokens_per_s", (len(pieces) - 1) * 1000 / (pieces[-1] - pieces[0]))

    await repeat(one, rows, trial.shapes.lengths.warm_ups, trial.shapes.lengths.repeats)


async def time_tts(trial: Trial) -> dict[str, Any]:
    """First sound of a segment of five words, which is all of it: the adapter speaks a segment at
    once."""
    async with trial.engine(("tts",)) as worker:
        return await _voice(worker, "tts", trial.shapes.lengths.repeats, trial)


async def time_bark(trial: Trial) -> dict[str, Any]:
    """The same segment by Bark.

    Raises:
        BenchmarkError: it does not run on the card.
    """
    async with trial.engine(("tts",), tts={"adapter": "tts_bark", "model": BARK}) as worker:
        where = worker.reports[0].device
        if where.startswith("cuda") is trial.rehearsal:
            raise BenchmarkError(f"Bark runs on {where}", "scripts/setup --cuda")
        return await _voice(worker, "bark", trial.shapes.lengths.slow_repeats, trial)


async def _voice(worker: WorkerEngine, name: str, repeats: int, trial: Trial) -> dict[str, Any]:
    """Raises BenchmarkError when a segment is not as long every time."""
    rows, seconds = Rows(), []

    async def one(seed: int) -> None:
        first, lasted = await speak(worker, trial.shapes.lengths.clause)
        rows.add(f"{name}_first_sound_ms.5w", first)
        rows.add(f"{name}_times_real_time", lasted * 1000 / first)
        seconds.append(round(lasted, 2))

    await repeat(one, rows, 1 if name == "bark" else trial.shapes.lengths.warm_ups, repeats)
    if max(seconds) > 1.1 * min(seconds):
        raise BenchmarkError(
            f"the same text lasted {min(seconds)} to {max(seconds)} s", "make the models again"
        )
    return document(rows, sound_s=seconds[-1])


async def time_first_sound(trial: Trial) -> dict[str, Any]:
    """From the end of a turn of three seconds to the first sound, one stage after the other, the
    LLM going on meanwhile."""
    rows, lengths = Rows(), trial.shapes.lengths
    async with trial.engine(STAGES) as worker:
        for prompt, kept in PROMPTS.items():
            await _turns(worker, prompt, kept, rows, trial, lengths.repeats)
    return document(rows)


async def _turns(
    worker: WorkerEngine, prompt: str, kept: bool, rows: Rows, trial: Trial, repeats: int
) -> None:
    async def one(seed: int) -> None:
        parts = await turn(worker, trial, seed, kept)
        rows.add(f"first_sound_ms.{prompt}", sum(parts.values()))
        for part, took in parts.items():
            rows.add(f"first_sound_part_ms.{prompt}.{part}", took)

    await repeat(one, rows, trial.shapes.lengths.warm_ups, repeats)


async def turn(worker: WorkerEngine, trial: Trial, seed: int, kept: bool) -> dict[str, float]:
    """Milliseconds of each part of one turn's way to its first sound, in their order.

    Raises:
        BenchmarkError: a part was not of its length.
    """
    lengths = trial.shapes.lengths
    parts = {
        "stt": await recognize(worker, *lengths.utterances[0], seed),
        "understand": await understand(worker, lengths.intent_words, seed),
    }
    began = time.perf_counter()
    answer = Answer(worker, lengths, seed, kept)
    await answer.segment()
    llm_ms = (time.perf_counter() - began) * 1000
    first, _ = await speak(worker, lengths.clause)
    pieces = await answer.whole()
    return {
        **parts,
        "llm_first_token": pieces[0],
        "llm_first_clause": llm_ms - pieces[0],
        "tts": first,
    }


async def memory(trial: Trial) -> dict[str, Any]:
    """What the worker of all stages holds: loaded, at most during turns, and how much more after
    them than before."""
    held = Memory(trial.card)
    peak = 0.0
    async with trial.engine(STAGES) as worker:
        loaded = held.of(worker.pid)

        async def watch() -> None:
            nonlocal peak
            while True:
                peak = max(peak, await asyncio.to_thread(held.of, worker.pid))
                await asyncio.sleep(SAMPLE_S)

        watching = asyncio.create_task(watch())
        try:
            for stage in STAGES:
                await use(stage, worker, trial)
            first = held.of(worker.pid)
            for seed in range(trial.shapes.lengths.repeats):
                await turn(worker, trial, seed, kept=True)
            last = held.of(worker.pid)
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
    figures = {"loaded": loaded, "peak": max(peak, first, last), "growth": last - first}
    return {"memory_mb": {name: round(value, 1) for name, value in figures.items()}}
