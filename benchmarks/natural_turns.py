"""Voice to voice with real people: `python -m benchmarks.natural_turns --data-dir DIR [--profile small] [--turns 20]`.

The spoken coffee orders of the data folder (over 50 people) are the user's turns of one conversation in real time. The
gaps are read from the stereo recording: from the user's last audible sample to the assistant's first. Beside them stand
the turn records' own figures.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import give_out
from voice_local.audio.files import read_audio
from voice_local.bench import conversations
from voice_local.bench.context import Context
from voice_local.config import load
from voice_local.engine.protocol import Audio

ORDERS = "picovoice_speech_to_intent/clean_flac"
KEYS = ("user_text", "handled_by", "commit_window_ms", "stt_latency_ms", "llm_first_token_ms", "tts_latency_ms",
        "compute_first_audio_ms", "first_audio_ms", "speculation_hit", "fallbacks")


async def measure(data: Path, profile: str, count: int) -> dict[str, Any]:
    """p50 and p95 of the gaps, and each turn."""
    files = sorted((data / ORDERS).glob("*.flac"))[:count]

    def utterances() -> Iterator[Audio]:
        for path in files:
            yield read_audio(path)

    settings = load(profile)
    with tempfile.TemporaryDirectory() as folder:
        context = Context(settings, Path(folder), note=lambda line: print(line, file=sys.stderr))
        async with context.engine() as (engine, _):
            spoken = await conversations.in_real_time(await context.dialogue(engine), utterances())
    gaps = conversations.gaps_ms(spoken.user, spoken.assistant, settings.audio.sample_rate, spoken.ends)
    heard = [gap for gap in gaps if gap is not None]
    told = [record.first_audio_ms for record in spoken.records if record.first_audio_ms is not None]
    return {
        "profile": profile, "turns": len(files), "unanswered": len(gaps) - len(heard),
        "voice_to_voice_ms": percentiles(heard), "record_first_audio_ms": percentiles(told),
        "gaps_ms": [None if gap is None else round(gap, 1) for gap in gaps],
        "records": [{key: value for key, value in record.as_json().items() if key in KEYS} for record in spoken.records]}


def percentiles(values: list[float]) -> dict[str, float]:
    """Of times in ms."""
    return {f"p{part}": round(float(np.percentile(values, part)), 1) for part in (50, 95)} if values else {}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not (args.data_dir / ORDERS).is_dir():
        print(f"{args.data_dir / ORDERS} is no folder of recordings", file=sys.stderr)
        raise SystemExit(2)
    give_out(asyncio.run(measure(args.data_dir, args.profile, args.turns)), args.json)


if __name__ == "__main__":
    main()
