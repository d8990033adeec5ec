"""How much weaker the assistant's own sound comes out of the echo canceller."""

from __future__ import annotations

import asyncio

import numpy as np
import soxr

from voice_local.audio.echo import EchoCanceller
from voice_local.audio.types import Audio
from voice_local.bench import tts
from voice_local.bench.heldout import lines
from voice_local.bench.rooms import room_response
from voice_local.config import Settings
from voice_local.engine.client import EngineClient

ECHO_DB, DELAY_MS = -20.0, 80.0


async def echo_reduction(engine: EngineClient, settings: Settings) -> dict[str, float]:
    """How much weaker the assistant's own sound comes out of the canceller: the first two seconds,
    and after them."""
    rate, parts = settings.audio.sample_rate, []
    for text in lines("sentences.txt")[:6]:
        segment, voice_hz, _, _ = await tts.spoken(engine, text)
        parts.append(soxr.resample(segment, voice_hz, rate))
    return await asyncio.to_thread(_reduced, np.concatenate(parts).astype(np.float32), rate)


def _reduced(played: Audio, rate: int) -> dict[str, float]:
    echo = np.convolve(played, room_response(rate, DELAY_MS) * 10 ** (ECHO_DB / 20))[
        : len(played)
    ].astype(np.float32)
    canceller, block = EchoCanceller(rate), rate // 100
    whole = len(played) // block * block
    out = np.concatenate(
        [
            canceller.process(echo[i : i + block], played[i : i + block])
            for i in range(0, whole, block)
        ]
    )

    def ratio(start: int, end: int) -> float:
        before, after = (float((x[start:end] ** 2).mean()) for x in (echo, out))
        return round(10 * float(np.log10(before / max(after, 1e-12))), 1)

    return {"first_2_s": ratio(0, 2 * rate), "after": ratio(2 * rate, whole)}
