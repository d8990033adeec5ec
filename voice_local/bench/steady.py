"""What the conversation itself costs, without a clock: figures that repeat to the last digit on any
machine, for CI.

Scripted stages in virtual time tell the latency that the conversation's logic adds; the number of
Python calls it makes for a second of sound stands for its work (an instruction count, as far as an
interpreter has one).
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from voice_local.audio.level import audible_span
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.context import Context
from voice_local.bench.schema import (
    Section,
    given,
    metric,
)
from voice_local.bench.scripted_session import (
    CHUNK_MS,
    PAUSE_MS,
    STAGE_MS,
    WINDOW_MS,
    scripted_session,
)
from voice_local.bench.virtual_time import VirtualLoop
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.errors import EngineError

TURNS = 12
CHUNK = SAMPLE_RATE * CHUNK_MS // 1000
SPEECH_CHUNKS, QUIET_CHUNKS = 40, 60

ABOUT = (
    f"The same scripted stages and {WINDOW_MS} ms window as in `overhead`, in virtual time: "
    f"nothing but the "
    "conversation's logic can make it longer. Calls: Python functions of this package called for a "
    "second of "
    "sound, in the first and in the last turns."
)


async def measure(context: Context) -> Section:
    """The section."""
    section = Section("steady", ABOUT)
    for name, ahead in (("ahead", True), ("without_speculation", False)):
        gaps, calls = await asyncio.to_thread(_run, ahead)
        section.metrics.append(metric(f"virtual_voice_to_voice_ms.{name}", gaps, "ms", paired=True))
        if ahead:
            per_s = [count / ((SPEECH_CHUNKS + QUIET_CHUNKS) * CHUNK_MS / 1000) for count in calls]
            section.metrics += [
                metric("calls_a_second", per_s, "count", "mean", paired=True),
                given("calls_last_to_first", sum(per_s[-4:]) / sum(per_s[:4]), "ratio", "lower"),
            ]
    floor = max(WINDOW_MS, PAUSE_MS + sum(STAGE_MS.values()))
    section.metrics.append(given("floor_ms", floor, "ms"))
    return section


def _run(ahead: bool) -> tuple[list[float], list[int]]:
    """(voice to voice in virtual ms, calls) of each turn."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(_turns(ahead))
    finally:
        loop.close()


async def _turns(ahead: bool) -> tuple[list[float], list[int]]:
    live, loudspeaker = scripted_session(ahead)
    rng, gaps, calls = np.random.default_rng(7), [], []
    for _ in range(TURNS):
        counter = _CallCounter()
        sys.setprofile(counter)
        try:
            gaps.append(await _turn(live, loudspeaker, rng))
        finally:
            sys.setprofile(None)
        calls.append(counter.count)
    await live.aclose()
    return gaps, calls


async def _turn(live: VoiceSession, loudspeaker: SpeechQueue, rng: np.random.Generator) -> float:
    """From the last audible sample heard to the first one played."""
    played: list[Audio] = []
    for chunk in range(SPEECH_CHUNKS + QUIET_CHUNKS):
        await asyncio.sleep(CHUNK_MS / 1000)
        level = 0.3 if chunk < SPEECH_CHUNKS else 0.0
        live.push_frame((level * rng.uniform(-1, 1, CHUNK)).astype(np.float32))
        played.append(loudspeaker.pull(CHUNK))
    first, end = audible_span(np.concatenate(played[SPEECH_CHUNKS:]), SAMPLE_RATE)
    # A chunk is heard, and the next one played, when its time has passed.
    if not end:
        raise EngineError(
            "a scripted turn was not answered in virtual time",
            "look at the conversation's tests first",
        )
    return first * 1000 / SAMPLE_RATE + CHUNK_MS


class _CallCounter:
    """A profiler that counts calls of this package's functions."""

    def __init__(self) -> None:
        self.count = 0
        self._bench = f"{Path(__file__).parent}{os.sep}"
        self._package = f"{Path(__file__).parents[1]}{os.sep}"

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(self._package) and not name.startswith(self._bench):
            self.count += 1
