"""What stays in memory, by stage, and what every turn adds to it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import numpy as np
import psutil

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.process_usage import give_back_free_memory, resident_mb
from voice_local.bench.schema import (
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import speak
from voice_local.config import Settings
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.history import (
    Memory,
    estimate_tokens,
)
from voice_local.conversation.context.prompts import system_prompt
from voice_local.conversation.output.segments import LONGEST_SEGMENT
from voice_local.engine.api import (
    GenerateOptions,
)
from voice_local.engine.client import (
    EngineClient,
)
from voice_local.engine.counting import CountingEngine
from voice_local.errors import BenchmarkError
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.turn_taking import TurnTakingCard

WARM_UP = 8
"""Turns that are not counted: caches and arenas fill in them."""

LEAK_MB = 0.5
"""What a turn may add, by the lower end of the interval, before it is called a leak."""

QUICK_ANSWER_TOKENS = 12
"""A quick run has many short answers rather than a few long ones: what a turn leaves behind is
asked, not what it says."""

ABOUT = (
    "Resident memory of the engine's worker as each stage was loaded, and of both processes over "
    "spoken turns "
    "(sound in, sound out, as fast as they go), measured after each, once every stage has had the "
    "most that a turn "
    "may ask of it. The slope is a least-squares line over the "
    f"turns after the first {WARM_UP}; what a conversation itself keeps (its words) is kilobytes."
)


async def measure(context: Context) -> Section:
    """The section."""
    section = Section("memory", ABOUT)
    context = context.answering(QUICK_ANSWER_TOKENS) if context.quick else context
    count = WARM_UP + int(context.options.get("turns") or (24 if context.quick else 120))
    me = psutil.Process()
    give_back_free_memory()
    idle_mb = resident_mb(me)
    async with context.engine() as (engine, worker):
        section.metrics += [
            given(f"load_mb.{report.stage}", report.memory_mb, "MB", "lower")
            for report in worker.reports
        ]
        sounds = await asyncio.to_thread(_sounds, context)
        await _fill(engine, context.settings)
        conversation = await context.conversation(engine)
        process = psutil.Process(worker.pid)
        rows: list[tuple[float, float]] = []
        for number in range(count):
            await _turn(conversation, sounds[number % len(sounds)])
            give_back_free_memory()
            rows.append((resident_mb(me), resident_mb(process)))
            await asyncio.sleep(0)
        section.metrics += [
            given("worker_mb", rows[-1][1], "MB", "lower"),
            given("front_mb", rows[-1][0], "MB"),
            # Of a process that also ran what was measured before.
            given("front_idle_mb", idle_mb, "MB"),
            given("front_conversation_mb", rows[-1][0] - idle_mb, "MB", "lower"),
        ]
        section.metrics += [
            given(f"device_mb.{name}", value, "MB", "lower")
            for name, value in _device(worker.pid).items()
        ]
    loads, section.metrics = section.metrics, []
    for place, name in enumerate(("worker", "front")):
        after = [row[1 - place] for row in rows[WARM_UP:]]
        found = metric(
            f"growth_mb_a_turn.{name}", after, "MB/turn", "slope", weights=range(len(after))
        )
        section.metrics.append(found)
        if found.interval and found.interval[0] > LEAK_MB:
            section.findings.append(
                f"the {name} process grows by {found.value:.2f} MB with every turn "
                f"({found.interval[0]:.2f} to {found.interval[1]:.2f})"
            )
    section.metrics += sorted(loads, key=lambda row: row.name.startswith("load_mb"))
    section.plots.append(
        Plot(
            "lines",
            "Resident memory, turn by turn",
            "turn",
            "MB over the first turn",
            tuple(
                Series(
                    name,
                    tuple(range(1, count + 1)),
                    tuple(round(row[place] - rows[0][place], 2) for row in rows),
                )
                for place, name in enumerate(("front", "worker"))
            ),
        )
    )
    loaded = [m for m in section.metrics if m.name.startswith("load_mb.")]
    section.plots.append(
        Plot(
            "bars",
            "Memory taken while each stage was loaded",
            "stage",
            "MB",
            (
                Series(
                    "resident",
                    tuple(m.name.removeprefix("load_mb.") for m in loaded),
                    tuple(m.value or 0.0 for m in loaded),
                ),
            ),
        )
    )
    if not any(m.name.startswith("device_mb") for m in section.metrics):
        section.detail["device"] = "no card on this machine: device memory was not measured"
    return section


async def _fill(engine: EngineClient, settings: Settings) -> None:
    """The most that a turn asks of each stage: arenas and the LLM's cache become resident as they
    fill."""
    await engine.transcribe(
        np.random.default_rng(1).normal(0, 0.1, 30 * SAMPLE_RATE).astype(np.float32)
    )
    async for _ in engine.synthesize(" ".join(lines("sentences.txt"))[:LONGEST_SEGMENT]):
        pass
    memory, texts = (
        Memory(settings.memory, system_prompt(settings.llm.prompting)),
        lines("sentences.txt"),
    )
    for number in range(2 * settings.memory.token_budget):
        memory.add("", texts[number % len(texts)], texts[(number + 1) % len(texts)])
        messages = memory.messages("", texts[0])
        if estimate_tokens(messages) > 0.9 * settings.memory.token_budget:
            break
    async for _ in engine.generate(messages, GenerateOptions(max_tokens=1)):
        pass


def _sounds(context: Context) -> list[Audio]:
    """A few utterances; the bundled ones where nobody can speak."""
    texts = lines("sentences.txt")
    try:
        voices = context.voices()
    except BenchmarkError:
        from voice_local.audio.files import read_audio
        from voice_local.local.demo import bundled

        return [read_audio(path) for path in bundled()]
    names = sorted(voices)
    return [speak(voices[names[i % len(names)]], texts[i]) for i in range(8)]


def _device(pid: int) -> dict[str, float]:
    """Device memory of the process in MB, as the driver tells it; empty without a card."""
    if shutil.which("nvidia-smi") is None:
        return {}
    output = subprocess.run(
        ["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    rows = [line.split(",") for line in output.splitlines() if line.strip()]
    return {"worker": sum(float(used) for found, used in rows if int(found) == pid)} if rows else {}


async def _turn(conversation: ConversationContext, sound: Audio) -> None:
    """One spoken turn, as fast as the engine allows."""
    counting = CountingEngine(conversation.engine)
    card = TurnTakingCard([sound], conversation.settings.audio, counting)
    conversation.engine = counting
    local = LocalAudioSession(conversation, SileroModel().stream(), card)
    card.session = local.session
    async for _ in local.events():
        pass
    conversation.engine = EngineClient(counting.inner, counting.context)
