"""How long everything takes: each stage cold and warm, by length; whole turns, by the recording and
by the record."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from voice_local.audio.types import (
    FRAME_SAMPLES,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench import (
    breakdown,
    conversations,
    sound_devices,
)
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.schema import (
    Metric,
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import speak
from voice_local.config import (
    Prompting,
    Settings,
)
from voice_local.conversation.context.history import Memory
from voice_local.conversation.context.prompts import (
    system_prompt,
    turn_context,
)
from voice_local.engine.api import (
    GenerateOptions,
)
from voice_local.engine.client import EngineClient

T = TypeVar("T")
LENGTHS_S = (1, 3, 8, 20)
HISTORIES = (0, 2, 6, 12)
CLAUSES = {
    "3 words": "let me check",
    "8 words": "your order will arrive on monday before noon",
    "16 words": "i am sorry you had to wait so long and i will do my best today",
}
QUICK_S, QUICK_LEAST = 4.0, 3
"""In a quick run a measurement is repeated no longer than this, but so often at least: real models
take seconds a call."""

AGREE_MS = 30.0
"""How far the turn record may be from the recording."""

ABOUT = (
    "Stages are called one at a time through the engine, each sound and text several times. Voice "
    "to voice is "
    "measured in real time, from the user's last audible sample (40 dB under the utterance's "
    "loudest) to the "
    "assistant's first (over −45 dBFS) on the recorded stereo sound, the silence waited for "
    "included. Speech: "
    "held-out sentences in held-out synthetic voices."
)


async def measure(context: Context) -> Section:
    """The section; with the option `device`, only what the whole program takes through sound
    devices."""
    if "device" in context.options:
        return await sound_devices.measure(context)
    section = Section("latency", ABOUT)
    repeats = 20 if context.quick else 100
    began = time.perf_counter()
    async with context.engine() as (engine, worker):
        section.metrics.append(
            given("start_s", time.perf_counter() - began, "s", "lower", timed=True)
        )
        section.metrics += [
            given(f"load_s.{report.stage}", report.load_s, "s", "lower", timed=True)
            for report in worker.reports
        ]
        section.metrics += await _stages(
            engine, context, Repeats(repeats, QUICK_S if context.quick else math.inf)
        )
        turns = await _turns(engine, context, 6 if context.quick else 20)
        if not context.quick:
            for seconds in LENGTHS_S:
                found = await _turns(engine, context, 5, seconds)
                section.metrics.append(
                    metric(f"voice_to_voice_ms.{seconds}s.p50", found["recorded"], "ms", timed=True)
                )
    stages, section.metrics = section.metrics, []
    _whole(section, turns)
    section.metrics += stages
    section.plots = _plots(section)
    return section


@dataclass(frozen=True)
class Repeats:
    """How often a measurement is made: `most` times, no longer than `seconds`, but `QUICK_LEAST`
    times at least."""

    most: int
    seconds: float

    async def of(self, call: Callable[[int], Awaitable[T]]) -> list[T]:
        """The results of `call(0)`, `call(1)` …"""
        found: list[T] = []
        began = time.perf_counter()
        while len(found) < self.most and (
            len(found) < QUICK_LEAST or time.perf_counter() - began < self.seconds
        ):
            found.append(await call(len(found)))
        return found


async def _stages(engine: EngineClient, context: Context, repeats: Repeats) -> list[Metric]:
    """Cold (the first call after loading) and warm, by length."""
    voices, texts, found = context.voices(), lines("sentences.txt"), []
    names = sorted(voices)
    sounds = {
        seconds: [
            conversations.of_length(voices[names[i % len(names)]], texts[i * 3 :] + texts, seconds)
            for i in range(5)
        ]
        for seconds in LENGTHS_S
    }
    text = "where is my order it should have been here on monday"
    options = GenerateOptions(context.settings.llm.max_tokens, seed=context.settings.seed)

    async def stt(audio: Audio) -> float:
        began = time.perf_counter()
        await engine.transcribe(audio)
        return (time.perf_counter() - began) * 1000

    async def understand() -> float:
        began = time.perf_counter()
        await engine.understand(text)
        return (time.perf_counter() - began) * 1000

    async def llm(history: int, salt: int) -> tuple[float | None, float]:
        began, first = time.perf_counter(), None
        async for _ in engine.generate(_prompt(context.settings, history, salt), options):
            first = first or (time.perf_counter() - began) * 1000
        return first, (time.perf_counter() - began) * 1000

    async def tts(clause: str) -> float | None:
        began, first = time.perf_counter(), None
        async for _ in engine.synthesize(
            clause
        ):  # to its end: what is given up would still be at work in the next
            first = first or (time.perf_counter() - began) * 1000
        return first  # None: nothing to say

    cold = {
        "stt": await stt(sounds[3][0]),
        "understand": await understand(),
        "llm_first_token": (await llm(0, 0))[0],
        "tts_first_sound": await tts(CLAUSES["8 words"]),
    }
    found += [
        given(f"cold_ms.{name}", took, "ms", "lower", timed=True) for name, took in cold.items()
    ]
    for seconds in LENGTHS_S:
        context.note(f"latency: recognition of {seconds} s")
        found += summary(
            f"stt_ms.{seconds}s", await repeats.of(partial(_nth, stt, sounds[seconds]))
        )
    found += summary("understand_ms", await repeats.of(lambda _: understand()))
    found += _vad(sounds[8][0])
    for history in HISTORIES:
        # A new conversation each time: what the LLM keeps of the one before is only the system
        # prompt.
        times = await repeats.of(partial(_shifted, llm, history))
        found += summary(f"llm_first_token_ms.history{history}", [first for first, _ in times])
        if history == 0:
            found += summary("llm_ms.history0", [whole for _, whole in times])
    for name, clause in CLAUSES.items():
        await tts(clause)  # a length that was not said before costs more the first time
        found += summary(
            f"tts_first_sound_ms.{name.replace(' ', '_')}",
            await repeats.of(partial(_same, tts, clause)),
        )
    return found


async def _nth(call: Callable[[Audio], Awaitable[T]], sounds: list[Audio], number: int) -> T:
    return await call(sounds[number % len(sounds)])


async def _shifted(call: Callable[[int, int], Awaitable[T]], history: int, number: int) -> T:
    return await call(history, 1 + number)


async def _same(call: Callable[[str], Awaitable[T]], clause: str, number: int) -> T:
    return await call(clause)


def _vad(audio: Audio) -> list[Metric]:
    """One frame of 32 ms through the voice detector, in the front process."""
    stream, times = SileroModel().stream(), []
    for start in range(0, len(audio) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        began = time.perf_counter()
        stream.probability(audio[start : start + FRAME_SAMPLES])
        times.append((time.perf_counter() - began) * 1000)
    return summary("vad_frame_ms", times[10:])


def summary(name: str, samples: list[Any]) -> list[Metric]:
    """p50, p95 and p99 of times in ms, as far as there are enough; the raw numbers are kept once,
    with the median."""
    known = [float(x) for x in samples if x is not None]
    found = [metric(f"{name}.p50", known, "ms", "p50", timed=True)]
    return found + [
        replace(metric(f"{name}.{part}", known, "ms", part, timed=True), samples=())
        for part in ("p95", "p99")
    ]


def _prompt(settings: Settings, history: int, salt: int) -> Any:
    """What the LLM is sent after `history` turns, as the conversation would send it."""
    memory, texts = (
        Memory(settings.memory, system_prompt(settings.llm.prompting)),
        lines("sentences.txt"),
    )
    context = (
        turn_context("order_status", "neutral")
        if settings.llm.prompting is Prompting.TRAINED
        else ""
    )
    for number in range(history):
        memory.add(
            context,
            texts[(salt * 7 + number) % len(texts)],
            "let me check that for you, one moment please.",
        )
    return memory.messages(context, texts[salt % len(texts)])


async def _turns(
    engine: EngineClient, context: Context, count: int, seconds: int | None = None
) -> dict[str, Any]:
    """A conversation of `count` turns in real time; `seconds` of speech each, else one sentence."""
    voices, texts = context.voices(), lines("sentences.txt")
    names = sorted(voices)
    context.note(
        f"latency: {count} turns in real time"
        + (f", {seconds} s of speech each" if seconds else "")
    )

    def utterances() -> Iterator[Audio]:
        for i in range(count):
            voice = voices[names[i % len(names)]]
            yield (
                conversations.of_length(voice, texts[i:], seconds)
                if seconds
                else speak(voice, texts[i % len(texts)])
            )

    spoken = await conversations.in_real_time(await context.dialogue(engine), utterances())
    rate = context.settings.audio.sample_rate
    gaps = conversations.gaps_ms(spoken.user, spoken.assistant, rate, spoken.ends)
    known = conversations.words_known_ms(spoken.user, rate, spoken.ends)
    kept = [r for r in spoken.records if not r.interrupted and r.first_audio_ms is not None]
    return {
        "recorded": [gap for gap in gaps if gap is not None],
        "records": kept,
        "said": count,
        "words_known": [ms for ms, gap in zip(known, gaps, strict=True) if gap is not None],
        "unanswered": sum(gap is None for gap in gaps),
        "gaps": gaps,
        "overruns": spoken.card.overruns,
    }


def _whole(section: Section, turns: dict[str, Any]) -> None:
    """Voice to voice, from the recording and from the record, and whether the two agree."""
    recorded, records = turns["recorded"], turns["records"]
    told = [record.first_audio_ms for record in records]
    section.metrics += summary("voice_to_voice_ms", recorded)
    section.metrics += summary("record_first_audio_ms", told)
    section.metrics += summary(
        "record_compute_first_audio_ms", [record.compute_first_audio_ms for record in records]
    )
    section.metrics.append(
        given("unanswered_turns", turns["unanswered"], "count", "lower", timed=True)
    )
    if len(told) == len(recorded):
        apart = [abs(a - b) for a, b in zip(recorded, told, strict=True)]
        section.metrics.append(metric("recording_to_record_ms", apart, "ms", "max", timed=True))
        if max(apart, default=0.0) > AGREE_MS:
            section.findings.append(
                f"the turn record and the recording differ by up to {max(apart):.0f} ms "
                f"(more than {AGREE_MS:.0f}): do not trust the record"
            )
    else:
        section.findings.append(
            f"{len(recorded)} answers on the recording, {len(told)} in the records: not compared"
        )
    if turns["unanswered"]:
        section.findings.append(f"{turns['unanswered']} of {turns['said']} turns got no answer")
    slow = [gap for gap in recorded if gap > 2000]
    if slow:
        section.findings.append(
            f"{len(slow)} of {len(recorded)} answers began later than 2 s after the user's last "
            f"sound"
        )
    section.detail["turns"] = [
        {
            "voice_to_voice_ms": gap,
            "words_known_ms": known,
            **{key: value for key, value in record.as_json().items() if key in breakdown.TOLD},
        }
        for gap, known, record in zip(recorded, turns["words_known"], records, strict=False)
    ]


def _plots(section: Section) -> list[Plot]:
    """By utterance length, history length and clause length."""

    def line(prefix: str, places: list[Any], keys: list[str], name: str) -> Series:
        rows = [section.find(f"{prefix}.{key}.p50") for key in keys]
        bounds = [row.interval or (row.value or 0.0, row.value or 0.0) for row in rows]
        return Series(
            name,
            tuple(places),
            tuple(row.value or 0.0 for row in rows),
            tuple(b[0] for b in bounds),
            tuple(b[1] for b in bounds),
        )

    plots = [
        Plot(
            "lines",
            "Recognition by utterance length",
            "seconds of speech",
            "ms",
            (line("stt_ms", list(LENGTHS_S), [f"{s}s" for s in LENGTHS_S], "p50"),),
        ),
        Plot(
            "lines",
            "LLM's first token by history",
            "turns before",
            "ms",
            (
                line(
                    "llm_first_token_ms", list(HISTORIES), [f"history{h}" for h in HISTORIES], "p50"
                ),
            ),
        ),
        Plot(
            "bars",
            "First sound of a clause",
            "clause",
            "ms",
            (
                line(
                    "tts_first_sound_ms",
                    list(CLAUSES),
                    [c.replace(" ", "_") for c in CLAUSES],
                    "p50",
                ),
            ),
        ),
    ]
    turns = section.detail.get("turns", [])
    if turns:
        plots.append(
            Plot(
                "points",
                "Voice to voice, turn by turn",
                "turn",
                "ms",
                (
                    Series(
                        "recording",
                        tuple(range(1, len(turns) + 1)),
                        tuple(float(t["voice_to_voice_ms"]) for t in turns),
                    ),
                    Series(
                        "turn record",
                        tuple(range(1, len(turns) + 1)),
                        tuple(float(t["first_audio_ms"]) for t in turns),
                    ),
                ),
            )
        )
    return plots
