"""Runs steps, each in a process of its own, and resumes: a finished step leaves `steps/NAME.json`
and is not run again.

What a result holds for is kept with it: the shapes, the results that it was built on and, for
figures, the machine. A result of anything else, or a broken one, counts for nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voice_local.bench.gpu.steps import (
    RUN_LIMIT_S,
    STEP_LIMIT_S,
    STEPS,
    Step,
    wanted,
)
from voice_local.bench.gpu.trial import Trial
from voice_local.bench.gpu.workfolder import (
    bytes_of,
    make_room,
)
from voice_local.errors import (
    BenchmarkError,
    VoiceLocalError,
    by_name,
)
from voice_local.offline.switches import worker_environment

FORMAT = 1
Results = dict[str, "Result"]


@dataclass(frozen=True)
class Result:
    """What a finished step left.

    Attributes:
        holds_for: see the module.
        finished: when, UTC; also what later steps know it by.
        found: the step's own.
    """

    step: str
    holds_for: dict[str, Any]
    finished: str
    seconds: float
    found: dict[str, Any]


def place(trial: Trial, name: str) -> Path:
    """Where the step's result is kept."""
    return trial.folder / "steps" / f"{name}.json"


def holds_for(trial: Trial, step: Step, done: Results) -> dict[str, Any]:
    """What a result of `step` would hold for now."""
    machine = "" if step.model else trial.card.machine if trial.card else "a rehearsal on the CPU"
    return {
        "format": FORMAT,
        "shapes": trial.shapes.digest(),
        "machine": machine,
        "needs": {need: done[need].finished for need in step.needs},
    }


def finished(trial: Trial, step: Step, done: Results) -> Result | None:
    """The step's result if it still holds and, of one that makes a model, the model is whole."""
    try:
        kept = Result(**json.loads(place(trial, step.name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if any(need not in done for need in step.needs) or kept.holds_for != holds_for(
        trial, step, done
    ):
        return None
    return None if step.model and not bytes_of(trial.models, step.model) else kept


def results(trial: Trial) -> Results:
    """Every step's result that holds."""
    done: Results = {}
    for step in STEPS.values():
        found = finished(trial, step, done)
        if found:
            done[step.name] = found
    return done


async def perform(trial: Trial, name: str, holds: dict[str, Any]) -> None:
    """Runs one step here and keeps its result, whole or not at all."""
    began = time.monotonic()
    found = await STEPS[name].run(trial)
    path = place(trial, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    result = Result(
        name, holds, datetime.now(UTC).isoformat(), round(time.monotonic() - began, 2), found
    )
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    os.replace(partial, path)


async def in_own_process(trial: Trial, name: str, holds: dict[str, Any], limit_s: float) -> None:
    """`perform` in a process of its own, ended after `limit_s`.

    Raises:
        BenchmarkError: it took too long, or died. Whatever the step itself raised.
    """
    log = trial.folder / "steps" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = worker_environment(len(os.sched_getaffinity(0)))
    # Kernels are compiled once, wherever the trial is resumed.
    environment["CUDA_CACHE_PATH"] = str(trial.folder / "kernels")
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "voice_local.bench.gpu.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            env=environment,
        )
    try:
        async with asyncio.timeout(limit_s):
            await _talk(process, trial, name, holds)
    except TimeoutError:
        raise BenchmarkError(
            f"{name} was not done in {limit_s:.0f} s", f"run it again: it resumes; see {log}"
        ) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise BenchmarkError(f"{name} died (exit code {process.returncode})", f"see {log}")


async def _talk(
    process: asyncio.subprocess.Process, trial: Trial, name: str, holds: dict[str, Any]
) -> None:
    """Tells the child what to do and passes on what it says until it ends."""
    assert process.stdin and process.stdout
    request = {
        "folder": str(trial.folder),
        "shapes": trial.shapes.name,
        "card": asdict(trial.card) if trial.card else None,
        "step": name,
        "holds_for": holds,
    }
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        said = json.loads(line)
        if "failed" in said:
            raise by_name(said["failed"], said["cause"], said["remedy"])
        trial.note(said["note"])
    await process.wait()


Perform = Callable[[Trial, str, dict[str, Any], float], Awaitable[None]]


async def run(
    trial: Trial, only: str | None = None, perform_step: Perform = in_own_process
) -> Results:
    """Runs what is not done yet, in order; `only`: that step, done or not, and what it needs.
    Returns all that holds.

    A step that fails costs those that need it, and no others: time on a card is dear.

    Raises:
        BenchmarkError: an unknown step, no room, or the time for all of them is over.
        VoiceLocalError: what the first step that failed raised, after all others.
    """
    steps = wanted(only)
    make_room(trial.folder, trial.shapes.need_gb)
    end = time.monotonic() + RUN_LIMIT_S
    done: Results = {}
    first: VoiceLocalError | None = None
    for step in steps:
        found = finished(trial, step, done)
        if found and step.name != only:
            trial.note(f"{step.name}: done before, in {found.seconds:.0f} s")
            done[step.name] = found
        elif any(need not in done for need in step.needs):
            trial.note(
                f"{step.name}: left out, it needs "
                f"{', '.join(need for need in step.needs if need not in done)}"
            )
        else:
            try:
                done[step.name] = await _retry(
                    trial, step, done, end - time.monotonic(), perform_step
                )
            except VoiceLocalError as error:
                trial.note(f"{step.name} failed: {error.cause}; {error.remedy}")
                first = first or error
    if first:
        raise first
    return results(trial)


async def _retry(
    trial: Trial, step: Step, done: Results, left_s: float, perform_step: Perform
) -> Result:
    """Runs one step, whatever is left of it from before.

    Raises:
        BenchmarkError: no time is left, or it left no result. Whatever the step itself raised.
    """
    if left_s <= 0:
        raise BenchmarkError(f"time is up before {step.name}", "run it again: it resumes")
    trial.note(f"{step.name} …")
    place(trial, step.name).unlink(missing_ok=True)
    await perform_step(trial, step.name, holds_for(trial, step, done), min(left_s, STEP_LIMIT_S))
    found = finished(trial, step, done)
    if found is None:
        raise BenchmarkError(f"{step.name} left no result", "report this")
    trial.note(f"{step.name}: {found.seconds:.0f} s")
    return found
