"""Many conversations at once, in real time, until the engine no longer keeps up.

Open loop: every talker speaks when a Poisson clock says so, whether or not it was answered, so a
slow engine is not spared (Schroeder, Wierman & Harchol-Balter 2006). Each talker is a voice of its
own, with its own sound card and conversation, all in one front process over one engine.
"""

from __future__ import annotations

import asyncio
import math
import random
from contextlib import aclosing
from itertools import takewhile
from typing import (
    Any,
)

import psutil

from voice_local.audio.types import Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench.call_counter import CallCounter
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.load_figures import level_figures, level_plots, percentile
from voice_local.bench.process_usage import cpu_s, give_back_free_memory, resident_mb
from voice_local.bench.rooms import RoomCard
from voice_local.bench.schema import (
    Section,
    given,
)
from voice_local.bench.speakers import speak
from voice_local.bench.talkers import Talker, talk
from voice_local.conversation.output.speech_cache import SpeechCache
from voice_local.engine.client import EngineClient
from voice_local.errors import (
    ConfigError,
    WorkerDiedError,
)
from voice_local.local.audio_session import LocalAudioSession
from voice_local.skills.responder import (
    new_conversation,
)

LIMIT_MS = 2000.0
QUIET = 12

ABOUT = (
    "Concurrent conversations in real time over one engine, from the recorded sound of each: "
    "utterance's last "
    "audible sample to the answer's first. Talkers speak by a Poisson clock whether answered or "
    "not. `dropped`: "
    "utterances with no answer; `under_runs`: answers that ran dry while sounding; `refused`: "
    "calls the engine "
    "turned away; `batch_sizes`: how many calls of a stage the engine took "
    "together, which for the engine of today is always one. Percentiles are over all utterances, "
    "those without an "
    "answer as endless."
)


async def measure(context: Context) -> Section:
    """The section; `detail["levels"]` has the sweep.

    Raises:
        ConfigError: `sessions` is no list of numbers.
    """
    counts = counts_of(
        context.options.get("sessions") or ("1,4" if context.quick else "1,2,4,8,16,24")
    )
    seconds = 20.0 if context.quick else 60.0
    section = Section("load", ABOUT)
    sounds = await asyncio.to_thread(_sounds, context, max(counts))
    levels = []
    async with context.engine() as (engine, worker):
        cache = SpeechCache()
        await new_conversation(engine, context.settings, None, cache).prepare()
        section.metrics.append(
            given("front_mb_a_session", await _front_mb(context, engine, cache), "MB", "lower")
        )
        for count in counts:
            context.note(f"load: {count} conversations for {seconds:.0f} s")
            levels.append(
                await _level(
                    context, engine, psutil.Process(worker.pid), cache, sounds, count, seconds
                )
            )
            if worker.restarts:
                raise WorkerDiedError(
                    f"the engine's worker died with {count} conversations",
                    "see the last lines of its log",
                )
    section.detail["levels"] = [level for level, _ in levels]
    # In order: a level that was kept up with by luck, after one that was not, does not count.
    kept_up = [
        level["sessions"]
        for level, _ in takewhile(
            lambda pair: _keeps_up(pair[0]), sorted(levels, key=lambda pair: pair[0]["sessions"])
        )
    ]
    section.metrics.append(
        given("sessions_under_2_s", max(kept_up, default=0), "count", "higher", timed=True)
    )
    section.detail["sessions_under_2_s"] = max(kept_up, default=0)
    for level, samples in levels:
        section.metrics += level_figures(level, samples)
        if level["dropped"]:
            section.findings.append(
                f"{level['sessions']} conversations: {level['dropped']} of {level['turns']} "
                f"utterances "
                "were not answered"
            )
    section.plots += level_plots(section.detail["levels"])
    return section


def counts_of(text: str) -> list[int]:
    """The numbers in `text`, parted by commas.

    Raises:
        ConfigError: it is no list of numbers from 1 to 512.
    """
    try:
        counts = [int(part) for part in text.split(",")]
    except ValueError:
        counts = []
    if not counts or min(counts) < 1 or max(counts) > 512:
        raise ConfigError(
            f"--sessions {text!r} is no list of numbers from 1 to 512", "as in --sessions 1,2,4,8"
        )
    return counts


def _sounds(context: Context, talkers: int) -> list[list[Audio]]:
    """A few utterances of each talker, in a voice of its own as far as there are voices."""
    voices, texts = context.voices(), lines("sentences.txt")
    names = sorted(voices)
    # Beyond 16, talkers share recordings: making them takes longer than saying them.
    few = min(talkers, 16)
    return [
        [speak(voices[names[i % len(names)]], texts[(5 * i + k) % len(texts)]) for k in range(4)]
        for i in range(few)
    ]


async def _front_mb(context: Context, engine: EngineClient, cache: SpeechCache) -> float:
    """What one more conversation takes in this process, resident: of `QUIET` that listen to
    silence, after a first one."""

    async def listen(talker: Talker) -> None:
        talking = LocalAudioSession(
            new_conversation(engine, context.settings, None, cache),
            SileroModel().stream(),
            talker.card,
        )
        async with aclosing(talking.events()) as stream:  # type: ignore[type-var]
            async for _ in stream:
                pass

    talkers, tasks, resident = [], [], []
    for count in (1, QUIET):
        talkers += [Talker(RoomCard(context.settings.audio)) for _ in range(count)]
        give_back_free_memory()  # what is free would be taken first and not seen
        tasks += [asyncio.create_task(listen(talker)) for talker in talkers[-count:]]
        await asyncio.sleep(2.0)
        # What the measuring itself keeps, the recordings, is not the conversation's.
        resident.append(
            resident_mb(psutil.Process()) - sum(talker.recording_mb for talker in talkers)
        )
    for task in tasks:
        task.cancel()
    for failed in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(failed, Exception):  # then it took less than it should have
            raise failed
    return round((resident[1] - resident[0]) / QUIET, 2)


async def _level(
    context: Context,
    engine: EngineClient,
    worker: psutil.Process,
    cache: SpeechCache,
    sounds: list[list[Audio]],
    count: int,
    seconds: float,
) -> tuple[dict[str, Any], list[float]]:
    """One number of conversations: its row, and every answered gap in ms."""
    counting, front = CallCounter(engine), psutil.Process()
    talkers = [Talker(RoomCard(context.settings.audio)) for _ in range(count)]
    before, began = [cpu_s(worker), cpu_s(front)], asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for i, talker in enumerate(talkers):
            group.create_task(
                talk(
                    talker,
                    new_conversation(counting, context.settings, None, cache),
                    sounds[i % len(sounds)],
                    random.Random(100 * count + i),
                    seconds,
                )
            )
    passed = asyncio.get_running_loop().time() - began
    spent = [cpu_s(worker) - before[0], cpu_s(front) - before[1]]
    gaps = [gap for talker in talkers for gap in talker.gaps_ms if gap is not None]
    turns = sum(talker.said for talker in talkers)
    return {
        "sessions": count,
        "turns": turns,
        "answered": len(gaps),
        "voice_to_voice_ms": {
            f"p{q}": percentile(gaps + [math.inf] * (turns - len(gaps)), q) for q in (50, 95, 99)
        },
        "under_runs": sum(talker.underruns for talker in talkers),
        "dropped": turns - len(gaps),
        "refused": counting.refused,
        "batch_sizes": {
            stage: {str(size): number for size, number in sizes.items()}
            for stage, sizes in sorted(counting.batches.items())
        },
        "interrupted": sum(record.interrupted for talker in talkers for record in talker.records),
        "late_blocks": sum(talker.late_blocks for talker in talkers),
        "cpu_cores_a_session": {
            name: round(used / passed / count, 3)
            for name, used in zip(("worker", "front"), spent, strict=True)
        },
        "worker_mb": round(resident_mb(worker), 1),
        "seconds": round(passed, 1),
    }, gaps


def _keeps_up(level: dict[str, Any]) -> bool:
    p95 = level["voice_to_voice_ms"]["p95"]
    return (
        p95 is not None
        and p95 < LIMIT_MS
        and not level["refused"]
        and level["dropped"] * 20 <= level["turns"]
    )
