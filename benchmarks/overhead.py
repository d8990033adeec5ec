"""What the conversation itself costs: `python -m benchmarks.overhead [--json FILE]`. Scripted stages in real time.

Stages of 50 (recognition), 100 (LLM) and 80 ms (voice), a commit window of 200 ms, a detector by energy, chunks of
20 ms: as other frameworks were measured. Times are by the wall clock, from the end of the last audible chunk to the
first audible sample that a device would have been given.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import give_out
from voice_local.config import load
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.live import LiveConversation
from voice_local.conversation.loudspeaker import Loudspeaker
from voice_local.conversation.router import IntentRouter
from voice_local.engine.protocol import SAMPLE_RATE, Audio
from voice_local.stages.scripted import ScriptedEngine

CHUNK = SAMPLE_RATE // 50
STAGE_MS = {"stt": 50, "llm": 100, "tts": 80}
WINDOW_MS, PAUSE_MS = 200, 64
SPEECH_CHUNKS, QUIET_CHUNKS = 30, 60


class Energy:
    """A voice detector by energy."""

    def probability(self, frame: Audio) -> float:
        """Speech is what is over −40 dBFS."""
        return 1.0 if float(np.sqrt((frame**2).mean())) > 0.01 else 0.0


async def turns(count: int, speculate: bool) -> list[float]:
    """Voice to voice of each of `count` turns, in milliseconds."""
    # Pauses are seen in whole chunks: the third silent one is at 60 ms, the fourth would be at 80.
    settings = load("tiny", vad={"commit_window_ms": WINDOW_MS, "pause_ms": PAUSE_MS // 20 * 20, "min_speech_ms": 60},
                    conversation={"speculate": speculate, "partial_ms": 10_000})
    engine = ScriptedEngine(answers=["Okay. "], stt_s=STAGE_MS["stt"] / 1000, token_s=STAGE_MS["llm"] / 1000,
                            clause_s=STAGE_MS["tts"] / 1000)
    loudspeaker = Loudspeaker(SAMPLE_RATE)
    live = LiveConversation(Dialogue(engine, settings, IntentRouter(2.0, 1.0)), Energy(), loudspeaker)
    rng, found = np.random.default_rng(7), []
    began, number = time.perf_counter() + 0.1, 0
    for _ in range(count):
        ended, heard = 0.0, None
        for chunk in range(SPEECH_CHUNKS + QUIET_CHUNKS):
            number += 1
            due = began + number * CHUNK / SAMPLE_RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            level = 0.3 if chunk < SPEECH_CHUNKS else 0.0
            live.hear((level * rng.uniform(-1, 1, CHUNK)).astype(np.float32))
            if chunk == SPEECH_CHUNKS - 1:
                ended = due
            played = loudspeaker.pull(CHUNK)
            loud = np.flatnonzero(np.abs(played) > 0.005)
            if heard is None and len(loud):
                heard = time.perf_counter() + loud[0] / SAMPLE_RATE
        assert heard is not None, "the turn was not answered"
        found.append((heard - ended) * 1000)
    await live.aclose()
    return found


def summary(values: list[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {"p50": round(statistics.median(values), 1), "p95": round(float(np.percentile(values, 95)), 1)}


async def measure(count: int) -> dict[str, Any]:
    """The whole document."""
    ahead, waited = summary(await turns(count, True)), summary(await turns(count, False))
    total = sum(STAGE_MS.values())
    return {"voice_to_voice_ms": ahead, "without_speculation_ms": waited, "stage_sum_ms": total, "window_ms": WINDOW_MS,
            "pause_ms": PAUSE_MS, "overhead_ms": round(ahead["p50"] - max(WINDOW_MS, PAUSE_MS + total), 1), "turns": count}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, nargs="?", const=None, default=None, help="also write the figures here")
    parser.add_argument("--turns", type=int, default=25)
    args = parser.parse_args()
    give_out(asyncio.run(measure(args.turns)), args.json)


if __name__ == "__main__":
    main()
