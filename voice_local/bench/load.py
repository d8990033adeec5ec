"""Many conversations at once, in real time, until the engine no longer keeps up.

Open loop: every talker speaks when a Poisson clock says so, whether or not it was answered, so a
slow engine is not spared (Schroeder, Wierman & Harchol-Balter 2006). Each talker is a voice of its
own, with its own sound card and conversation, all in one front process over one engine.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import (
    AsyncGenerator,
)
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import takewhile
from typing import (
    Any,
)

import numpy as np
import psutil

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench import conversations
from voice_local.bench.context import Context
from voice_local.bench.faults import STAGE_OF
from voice_local.bench.heldout import lines
from voice_local.bench.memory import give_back_free_memory
from voice_local.bench.rooms import RoomCard
from voice_local.bench.schema import (
    Metric,
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import speak
from voice_local.conversation import events
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.output.speech_cache import (
    SpeechCache,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.api import (
    CallContext,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.operations import Operation
from voice_local.errors import (
    ConfigError,
    EngineBusyError,
    WorkerDiedError,
)
from voice_local.local.audio_session import LocalAudioSession
from voice_local.skills.responder import (
    new_conversation,
)

PAUSE_S = 3.0
THINK_S = 3.0
"""A talker is silent for `PAUSE_S` and an exponential time of mean `THINK_S` after each
utterance."""

SETTLE_S = 6.0
"""After the last utterance the answers may still come."""

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


class CountedEngine(EngineClient):
    """The same engine; counts what it refuses, and the calls of each stage by how many went
    together.

    The engine of today takes one call of a stage at a time: its batches are of one.

    Attributes:
        refused, batches: the counts.
    """

    def __init__(self, engine: EngineClient) -> None:
        super().__init__(self, engine.context)
        self._inner = engine.transport
        self.refused = 0
        self.batches: dict[str, Counter[int]] = {}

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        self.batches.setdefault(STAGE_OF.get(operation.name, operation.name), Counter())[1] += 1
        try:
            async with aclosing(self._inner.call(operation, request, context)) as items:
                async for item in items:
                    yield item
        except EngineBusyError:
            self.refused += 1
            raise


@dataclass
class Talker:
    """One conversation's outcome: `gaps_ms` an utterance (None: not answered)."""

    card: RoomCard
    said: int = 0
    gaps_ms: list[float | None] = field(default_factory=list)
    underruns: int = 0
    late_blocks: int = 0
    records: list[ConversationTurn] = field(default_factory=list)

    @property
    def recording_mb(self) -> float:
        """Of the sound kept so far."""
        sides = (self.card.said, self.card.recorded, self.card.played)
        return sum(block.nbytes for side in sides for block in side) / 2**20


async def measure(context: Context) -> Section:
    """The section; `detail["levels"]` has the sweep.

    Raises:
        ConfigError: `sessions` is no list of numbers.
    """
    counts = _counts(
        context.options.get("sessions") or ("1,4" if context.quick else "1,2,4,8,16,24")
    )
    seconds = 20.0 if context.quick else 60.0
    section = Section("load", ABOUT)
    sounds = await asyncio.to_thread(_sounds, context, max(counts))
    levels = []
    async with context.engine() as (engine, worker):
        phrases = SpeechCache()
        await new_conversation(engine, context.settings, None, phrases).prepare()
        section.metrics.append(
            given("front_mb_a_session", await _front_mb(context, engine, phrases), "MB", "lower")
        )
        for count in counts:
            context.note(f"load: {count} conversations for {seconds:.0f} s")
            levels.append(
                await _level(
                    context, engine, psutil.Process(worker.pid), phrases, sounds, count, seconds
                )
            )
            if worker.restarts:
                raise WorkerDiedError(
                    f"the engine's worker died with {count} conversations", "see what it wrote last"
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
        section.metrics += _figures(level, samples)
        if level["dropped"]:
            section.findings.append(
                f"{level['sessions']} conversations: {level['dropped']} of {level['turns']} "
                f"utterances "
                "were not answered"
            )
    section.plots += _plots(section.detail["levels"])
    return section


def _counts(text: str) -> list[int]:
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
    few = min(
        talkers, 16
    )  # beyond, talkers share recordings: making them takes longer than saying them
    return [
        [speak(voices[names[i % len(names)]], texts[(5 * i + k) % len(texts)]) for k in range(4)]
        for i in range(few)
    ]


async def _front_mb(context: Context, engine: EngineClient, phrases: SpeechCache) -> float:
    """What one more conversation takes in this process, resident: of `QUIET` that listen to
    silence, after a first one."""

    async def listen(talker: Talker) -> None:
        talking = LocalAudioSession(
            new_conversation(engine, context.settings, None, phrases),
            SileroModel().stream(),
            talker.card,
        )
        async with aclosing(talking.events()) as told:  # type: ignore[type-var]
            async for _ in told:
                pass

    talkers, tasks, resident = [], [], []
    for count in (1, QUIET):
        talkers += [Talker(RoomCard(context.settings.audio)) for _ in range(count)]
        give_back_free_memory()  # what is free would be taken first and not seen
        tasks += [asyncio.create_task(listen(talker)) for talker in talkers[-count:]]
        await asyncio.sleep(2.0)
        # What the measuring itself keeps, the recordings, is not the conversation's.
        resident.append(_mb(psutil.Process()) - sum(talker.recording_mb for talker in talkers))
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
    phrases: SpeechCache,
    sounds: list[list[Audio]],
    count: int,
    seconds: float,
) -> tuple[dict[str, Any], list[float]]:
    """One number of conversations: its row, and every answered gap in ms."""
    watched, front = CountedEngine(engine), psutil.Process()
    talkers = [Talker(RoomCard(context.settings.audio)) for _ in range(count)]
    before, began = [_cpu_s(worker), _cpu_s(front)], asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for i, talker in enumerate(talkers):
            group.create_task(
                _talk(
                    talker,
                    new_conversation(watched, context.settings, None, phrases),
                    sounds[i % len(sounds)],
                    random.Random(100 * count + i),
                    seconds,
                )
            )
    passed = asyncio.get_running_loop().time() - began
    spent = [_cpu_s(worker) - before[0], _cpu_s(front) - before[1]]
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
        "refused": watched.refused,
        "batch_sizes": {
            stage: {str(size): number for size, number in sizes.items()}
            for stage, sizes in sorted(watched.batches.items())
        },
        "interrupted": sum(record.interrupted for talker in talkers for record in talker.records),
        "late_blocks": sum(talker.late_blocks for talker in talkers),
        "cpu_cores_a_session": {
            name: round(used / passed / count, 3)
            for name, used in zip(("worker", "front"), spent, strict=True)
        },
        "worker_mb": round(_mb(worker), 1),
        "seconds": round(passed, 1),
    }, gaps


async def _talk(
    talker: Talker,
    dialogue: ConversationContext,
    sounds: list[Audio],
    rng: random.Random,
    seconds: float,
) -> None:
    """Lets one talker talk for about `seconds`."""
    card, loop = talker.card, asyncio.get_running_loop()
    starts: list[int] = []
    rate = dialogue.settings.audio.sample_rate

    async def speak_now_and_then() -> None:
        end = loop.time() + seconds
        await asyncio.sleep(rng.uniform(0.3, 3.0))  # nobody starts together
        while loop.time() < end:
            audio = sounds[talker.said % len(sounds)]
            starts.append(sum(map(len, card.recorded)))
            card.say(audio)
            talker.said += 1
            await asyncio.sleep(len(audio) / SAMPLE_RATE + PAUSE_S + rng.expovariate(1 / THINK_S))
        await asyncio.sleep(SETTLE_S)
        card.ended = True

    speaking = asyncio.create_task(speak_now_and_then())
    talking = LocalAudioSession(dialogue, SileroModel().stream(), card)
    try:
        async with aclosing(talking.events()) as told:  # type: ignore[type-var]
            async for event in told:
                if isinstance(event, events.TurnEnded):
                    talker.records.append(event.record)
                if speaking.done() and card.ended:
                    break
        await speaking
    finally:
        speaking.cancel()
    talker.underruns, talker.late_blocks = talking.session.queue.underruns, card.late
    user, answer = np.concatenate(card.recorded), np.concatenate(card.played)
    # Each utterance's stretch lasts until the next begins: what is answered later than that, is not
    # answered.
    stretches = [*starts[1:], len(user)]
    talker.gaps_ms = [
        conversations.gap_ms(user[a:b], answer[a:b], rate)
        for a, b in zip(starts, stretches, strict=True)
    ]


def percentile(values: list[float], q: int) -> float | None:
    """The `q`th percentile by nearest rank; None of none, or on an utterance without an answer
    (infinite)."""
    if not values:
        return None
    found = sorted(values)[max(0, math.ceil(q / 100 * len(values)) - 1)]
    return round(found, 1) if math.isfinite(found) else None


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


def _keeps_up(level: dict[str, Any]) -> bool:
    p95 = level["voice_to_voice_ms"]["p95"]
    return (
        p95 is not None
        and p95 < LIMIT_MS
        and not level["refused"]
        and level["dropped"] * 20 <= level["turns"]
    )


def _figures(level: dict[str, Any], gaps: list[float]) -> list[Metric]:
    name = f"sessions{level['sessions']}"
    return [
        metric(f"voice_to_voice_ms.{name}.p50", gaps, "ms", timed=True),
        given(
            f"voice_to_voice_ms.{name}.p95",
            level["voice_to_voice_ms"]["p95"],
            "ms",
            "lower",
            timed=True,
        ),
        given(
            f"voice_to_voice_ms.{name}.p99",
            level["voice_to_voice_ms"]["p99"],
            "ms",
            "lower",
            timed=True,
        ),
        *(
            given(f"{key}.{name}", level[key], "count", "lower", timed=True)
            for key in ("dropped", "under_runs", "refused")
        ),
        *(
            given(f"cpu_cores_a_session.{name}.{process}", cores, "cores", "lower", timed=True)
            for process, cores in level["cpu_cores_a_session"].items()
        ),
    ]


def _plots(levels: list[dict[str, Any]]) -> list[Plot]:
    known = [level for level in levels if level["voice_to_voice_ms"]["p50"] is not None]
    counts = tuple(level["sessions"] for level in known)
    return [
        Plot(
            "lines",
            "Voice to voice by conversations at once",
            "conversations",
            "ms",
            tuple(
                Series(name, counts, tuple(level["voice_to_voice_ms"][name] for level in known))
                for name in ("p50", "p95", "p99")
            ),
        ),
        Plot(
            "lines",
            "Processor time a conversation",
            "conversations",
            "cores",
            tuple(
                Series(name, counts, tuple(level["cpu_cores_a_session"][name] for level in known))
                for name in ("worker", "front")
            ),
        ),
    ]
