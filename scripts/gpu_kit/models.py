"""The gpu benchmark's models made side by side, each in a folder of its own, then put together:
time on a card is dear.

models.py make STEP     makes one
models.py try STEP      uses it once on the card, so that its kernels are compiled
models.py merge FOLDER  into the benchmark's own folder
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

from voice_local.bench.gpu import (
    device,
    runner,
)
from voice_local.bench.gpu.checks import use
from voice_local.bench.gpu.shapes import shapes_called
from voice_local.bench.gpu.steps import STEPS
from voice_local.bench.gpu.trial import (
    BARK,
    Trial,
)
from voice_local.models.folder import (
    Manifest,
    read_manifest,
    save_manifest,
)

PARTS = Path(os.environ.get("GPU_PARTS", "/opt/voice_local_gpu/parts"))
STAGE = {"make_whisper": "stt", "make_vits": "tts", "make_bark": "tts", "make_llm": "llm"}
SHAPES = shapes_called(os.environ.get("GPU_SHAPES", "full"))
SOME_CARD = device.Device(device.Card("", "", 0, 0, ""), {})


def say(*words: object) -> None:
    """One line, and when."""
    print(time.strftime("%H:%M:%S"), *words, flush=True)


async def make(step: str) -> None:
    """Makes a model; kept with the step's result as the benchmark keeps it."""
    trial = Trial(PARTS / step, SHAPES, None, say)
    began = time.monotonic()
    await runner.perform(trial, step, runner.holds_for(trial, STEPS[step], {}))
    say(step, f"{time.monotonic() - began:.1f} s")


async def attempt(step: str) -> None:
    """Uses it once; kernels are compiled into the cache that the benchmark looks in."""
    trial = Trial(PARTS / step, SHAPES, None if SHAPES.name == "small" else SOME_CARD, say)
    changes = {"tts": {"adapter": "tts_bark", "model": BARK}} if step == "make_bark" else {}
    async with trial.engine((STAGE[step],), **changes) as worker:
        report, began = worker.reports[0], time.monotonic()
        await use(STAGE[step], worker, trial)
        say(
            step, "on", report.device, report.runtime, f"{(time.monotonic() - began) * 1000:.0f} ms"
        )


def merge(folder: Path) -> None:
    """Hard links, one manifest, the steps' results."""
    whole = Trial(folder, SHAPES, None, say)
    (folder / "steps").mkdir(parents=True, exist_ok=True)
    whole.models.mkdir(exist_ok=True)
    known = Manifest({}, {})
    for kept in sorted(PARTS.glob("*/steps/make_*.json")):
        root = kept.parents[1] / "models"
        for file in read_manifest(root).files:
            place = whole.models / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            os.link(root / file, place)
        known = Manifest(
            {**known.files, **read_manifest(root).files},
            {**known.models, **read_manifest(root).models},
        )
        shutil.copy(kept, folder / "steps" / kept.name)
    save_manifest(whole.models, known)
    say("there:", *runner.results(whole))


def main() -> None:
    """See the module."""
    match sys.argv[1:]:
        case ["make", step]:
            asyncio.run(make(step))
        case ["try", step]:
            asyncio.run(attempt(step))
        case ["merge", folder]:
            merge(Path(folder))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
