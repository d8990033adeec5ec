"""The `gpu` section: skipped with one line where there is no card, else all steps that are not done
yet."""

from __future__ import annotations

import time
from pathlib import Path

from voice_local.base_folders import base_folder
from voice_local.bench.context import Context
from voice_local.bench.gpu import (
    device,
    runner,
    table,
)
from voice_local.bench.gpu.shapes import (
    FULL,
    SMALL,
)
from voice_local.bench.gpu.trial import Trial
from voice_local.bench.schema import Section
from voice_local.errors import (
    BenchmarkError,
    VoiceLocalError,
)


def work_folder(rehearsal: bool) -> Path:
    """Where models and results are kept between runs, by default."""
    cache = base_folder("XDG_CACHE_HOME", ".cache")
    return cache / "voice_local" / ("gpu_rehearsal" if rehearsal else "gpu_bench")


async def measure(context: Context) -> Section:
    """Options: `gpu_folder`, `gpu_step` (only that and what it needs), `gpu_rehearse` (any text:
    CPU, small shapes).

    Without a card the section is `skipped`. A step that failed makes it `failed`, with what is
    known.
    """
    began = time.monotonic()
    rehearsal = bool(context.options.get("gpu_rehearse"))
    folder = Path(context.options.get("gpu_folder") or work_folder(rehearsal))
    try:
        card = None if rehearsal else device.check()
    except BenchmarkError as error:
        return Section("gpu", table.ABOUT, "skipped", f"{error.cause}; {error.remedy}")
    trial = Trial(folder, SMALL if rehearsal else FULL, card, context.note)
    try:
        done = await runner.run(trial, context.options.get("gpu_step"))
    except VoiceLocalError as error:
        made = table.section(trial, runner.results(trial), time.monotonic() - began)
        made.status, made.reason = "failed", f"{error.cause}; {error.remedy}"
        return made
    return table.section(trial, done, time.monotonic() - began)
