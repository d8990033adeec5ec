"""Voice to voice with real people: `python -m benchmarks.natural_turns --data-dir DIR [--profile
small]`.

The spoken coffee orders of the data folder (over 50 people) are the user's turns of one
conversation in real time: first `--turns` that go to the LLM, then `--handled` that a host
program's handler answers. The gaps are read from the stereo recording: from the user's last audible
sample to the assistant's first. A turn in which the assistant said something to gain time
(`filler`) counts to the answer's own first word, by its record. Beside them stand the turn records'
own figures, and the waterfall of a median turn.

Any setting can be changed for a run, as for every command: VOICE_LOCAL__CONVERSATION__PREFILL=none.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import give_out
from voice_local.audio.files import read_audio
from voice_local.audio.level import (
    audible_span,
    dbfs,
)
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import conversations
from voice_local.bench.context import Context
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.output.speech_cache import (
    SpeechCache,
)
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.client import EngineClient
from voice_local.skills.request import Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import FinishedLate, IntentRouter, Routed, nobody

ORDERS = "picovoice_speech_to_intent/clean_flac"
KEYS = (
    "user_text",
    "assistant_text",
    "handled_by",
    "commit_window_ms",
    "stt_latency_ms",
    "intent_latency_ms",
    "llm_first_token_ms",
    "llm_first_clause_ms",
    "tts_latency_ms",
    "compute_first_audio_ms",
    "first_audio_ms",
    "filler",
    "speculations",
    "speculation_hit",
    "fallbacks",
)
REST_S = 2
"""Silence that is kept after an utterance, in seconds."""

STAGES = ("stt_latency_ms", "intent_latency_ms", "llm_first_clause_ms", "tts_latency_ms")


class LaterTurnsRouter(IntentRouter):
    """Leaves the first turns to the LLM and answers the later ones itself, whatever they mean."""

    def __init__(self, left: int) -> None:
        super().__init__(2.0, 1.0)
        self._left = left

    def waits_for_commit(
        self, intent: str | None, confidence: float | None, text: str = ""
    ) -> bool:
        """See `IntentRouter`: it only chooses words."""
        return False

    async def route(self, request: Request, finished_late: FinishedLate = nobody) -> Routed:
        """See `IntentRouter`."""
        if self.taken < self._left:
            return Routed(None, "no_handler")
        order = " ".join(request.text.rstrip(".!?").split()[-4:])
        return Routed(
            Reply(f"Thank you. I am passing on: {order}. It will be ready in five minutes."),
            "handled",
        )

    taken = 0
    """How many turns have ended."""


async def measure(data: Path, settings: Settings, turns: int, handled: int) -> dict[str, Any]:
    """p50 and p95 of the gaps, and each turn."""
    files = sorted((data / ORDERS).glob("*.flac"))[: turns + handled]
    router = LaterTurnsRouter(turns)

    def utterances() -> Iterator[Audio]:
        for number, path in enumerate(files):
            router.taken = number
            yield trimmed(read_audio(path))

    with tempfile.TemporaryDirectory() as folder:
        context = Context(settings, Path(folder), note=lambda line: print(line, file=sys.stderr))
        async with context.engine() as (engine, _):
            conversation = await _conversation(engine, settings, router)
            busy = _cpu_ticks()
            began = time.monotonic()
            spoken = await conversations.in_real_time(conversation, utterances())
            cores_busy = (_cpu_ticks() - busy) / 100 / (time.monotonic() - began)
    rate = settings.audio.sample_rate
    gaps = conversations.gaps_ms(spoken.user, spoken.assistant, rate, spoken.ends)
    rows = [_row(gap, spoken, number) for number, gap in enumerate(gaps)]
    llm, host = rows[:turns], rows[turns:]
    return {
        "profile": settings.profile,
        "commit": _commit(),
        "turns": len(files),
        "cores_busy": round(cores_busy, 2),
        "changed": settings.conversation.model_dump(mode="json", exclude_defaults=True),
        "unanswered": sum(row["voice_to_voice_ms"] is None for row in rows),
        "cut_in_two": sum(row["cut_in_two"] for row in rows),
        "fillers": sum(row.get("filler") is not None for row in rows),
        "under_runs": spoken.underruns,
        "llm": {
            "turns": len(llm),
            "voice_to_voice_ms": percentiles(llm),
            "waterfall_ms": waterfall(llm),
        },
        "handlers": {
            "turns": len(host),
            "voice_to_voice_ms": percentiles(host),
            "waterfall_ms": waterfall(host),
        },
        "apart_ms": max(
            (
                abs(row["voice_to_voice_ms"] - row["first_audio_ms"])
                for row in rows
                if row["voice_to_voice_ms"] is not None and row["first_audio_ms"] is not None
            ),
            default=0.0,
        ),
        "rows": rows,
    }


async def _conversation(
    engine: EngineClient, settings: Settings, router: IntentRouter
) -> ConversationContext:
    conversation = new_conversation(engine, settings, router, SpeechCache())
    await conversation.prepare()
    return conversation


def trimmed(audio: Audio) -> Audio:
    """The words with what was recorded around them, no longer than it takes to hear that they are
    over."""
    first, last = audible_span(audio, SAMPLE_RATE, dbfs(float(np.abs(audio).max())) - 40)
    return audio[max(0, first - SAMPLE_RATE // 4) : last + REST_S * SAMPLE_RATE]


def _row(
    gap: float | None, spoken: conversations.RecordedConversation, utterance: int
) -> dict[str, Any]:
    """One utterance. What was answered before it was over counts by the record of its last turn,
    and is marked."""
    records = [
        record for of, record in zip(spoken.of, spoken.records, strict=True) if of == utterance
    ]
    told = records[-1].as_json() if records else {}
    early = len(records) > 1
    own = told.get("first_audio_ms") if told.get("filler") or early else gap
    return {
        "voice_to_voice_ms": None if own is None else round(own, 1),
        "cut_in_two": early,
        **{key: told.get(key) for key in KEYS},
    }


def waterfall(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The median of each stage, and of what comes before the work begins: the silence that tells of
    a pause."""
    found = {}
    waits = [
        row["first_audio_ms"] - row["compute_first_audio_ms"]
        for row in rows
        if row["first_audio_ms"] is not None and row["compute_first_audio_ms"] is not None
    ]
    if waits:
        found["until_the_pause"] = round(float(np.median(waits)), 1)
    for stage in STAGES:
        known = [row[stage] for row in rows if row[stage] is not None]
        if known:
            found[stage.removesuffix("_latency_ms").removesuffix("_ms")] = round(
                float(np.median(known)), 1
            )
    return found


def percentiles(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Of voice to voice."""
    values = [row["voice_to_voice_ms"] for row in rows if row["voice_to_voice_ms"] is not None]
    return (
        {f"p{part}": round(float(np.percentile(values, part)), 1) for part in (50, 95)}
        if values
        else {}
    )


def _cpu_ticks() -> int:
    """Hundredths of a second that all cores were busy with anything since the machine's start."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    return sum(map(int, fields[:3])) + sum(map(int, fields[5:8]))


def _commit() -> str:
    root = Path(__file__).parent
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )
    return done.stdout.strip()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--handled", type=int, default=10)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not (args.data_dir / ORDERS).is_dir():
        print(f"{args.data_dir / ORDERS} is no folder of recordings", file=sys.stderr)
        raise SystemExit(2)
    settings = load(args.profile, models_dir=args.models_dir)
    give_out(asyncio.run(measure(args.data_dir, settings, args.turns, args.handled)), args.json)


if __name__ == "__main__":
    main()
