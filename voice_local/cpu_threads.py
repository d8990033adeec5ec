"""How many CPU threads each runtime gets."""

from __future__ import annotations

import os


def thread_shares(total: int) -> dict[str, int]:
    """Divides `total` CPU threads (0: all allowed cores) among the runtimes.

    Recognition runs before anything else of its turn and gets all; generation and synthesis overlap
    and share; the classifiers are too small to gain from more than one.
    """
    cores = total or len(os.sched_getaffinity(0))
    llm = max(1, cores // 2)
    return {"stt": cores, "intent": 1, "emotion": 1, "llm": llm, "tts": max(1, cores - llm)}
