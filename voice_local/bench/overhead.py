"""What the conversation itself costs: scripted stages of equal delays, in real time.

Times are by the wall clock, from the end of the last audible sample to the first audible sample
that a device would have been given.
"""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.context import Context
from voice_local.bench.real_time import (
    AUDIBLE,
    Playback,
    converse,
)
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
from voice_local.errors import EngineError

SPEECH_S = 0.6
ABOUT = (
    f"Scripted stages of {STAGE_MS['stt']} ms (recognition), {STAGE_MS['llm']} ms (LLM) and "
    f"{STAGE_MS['tts']} ms "
    f"(voice) in real time, a commit window of {WINDOW_MS} ms, a detector by energy, chunks of "
    f"{CHUNK_MS} ms. Voice "
    "to voice by the wall clock, from the user's last audible sample to the first audible one "
    "pulled by the device."
)


def noises(count: int) -> list[Audio]:
    """What is said: `count` bursts of noise, 16 kHz."""
    rng = np.random.default_rng(7)
    return [
        (0.3 * rng.uniform(-1, 1, int(SPEECH_S * SAMPLE_RATE))).astype(np.float32)
        for _ in range(count)
    ]


async def turns(count: int, speculate: bool) -> list[float]:
    """Voice to voice of each of `count` turns, in milliseconds.

    Raises:
        EngineError: a turn was not answered.
    """
    live, loudspeaker = scripted_session(speculate)
    playback = Playback(SAMPLE_RATE)

    async def feed(chunk: Audio) -> None:
        live.push_frame(chunk)
        played = loudspeaker.pull(len(chunk))
        if np.abs(played).max() > AUDIBLE:
            playback.write(played)

    found = await converse(noises(count), feed, playback, CHUNK_MS)
    await live.aclose()
    answered = [value for value in found.voice_to_voice_ms if value is not None]
    if len(answered) < count:
        raise EngineError(
            f"{count - len(answered)} of {count} scripted turns were not answered",
            "is the machine busy?",
        )
    return answered


async def measure(context: Context) -> Section:
    """The section."""
    section, count = Section("overhead", ABOUT), 6 if context.quick else 25
    context.note(f"overhead: {2 * count} scripted turns in real time")
    ahead, waited = await turns(count, True), await turns(count, False)
    total = sum(STAGE_MS.values())
    best = max(WINDOW_MS, PAUSE_MS + total)
    section.metrics += [
        metric("voice_to_voice_ms.p50", ahead, "ms", timed=True),
        metric("voice_to_voice_ms.p95", ahead, "ms", "p95", timed=True),
        metric("without_speculation_ms.p50", waited, "ms", timed=True),
        metric("overhead_ms.p50", [value - best for value in ahead], "ms", timed=True),
        given("stage_sum_ms", float(total), "ms"),
        given("window_ms", float(WINDOW_MS), "ms"),
        given("pause_ms", float(PAUSE_MS), "ms"),
        given("least_possible_ms", float(best), "ms"),
    ]
    return section
