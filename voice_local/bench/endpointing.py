"""When a turn is taken as over: cut too early, or waited for too long, by the silence window; with
and without the head that tells finished sentences."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voice_local.audio.files import read_audio
from voice_local.audio.level import audible_span
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import conversations
from voice_local.bench.context import Context
from voice_local.bench.endpointer_alone import WINDOWS_MS, ends_lost, natural_cuts
from voice_local.bench.heldout import lines
from voice_local.bench.schema import (
    Metric,
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import (
    speak,
    with_noise,
)
from voice_local.config import Settings
from voice_local.conversation import events
from voice_local.engine.client import EngineClient

PAUSES_MS = (100, 200, 250)
"""Inside a sentence, after the fourth word."""

LONG_PAUSES_MS = (400, 700)
ANSWER_TOKENS = 8
"""Answers are short: what is measured is over when they begin."""

SAFE = 0.98

ABOUT = (
    "Held-out sentences in held-out voices with a pause of known length after the fourth word, "
    "through the whole "
    "live conversation, its clock waiting for the engine. A sentence taken as more than one turn "
    "is a false "
    "cut-off; the wait is the silence from the last voiced frame to the commit, on sentences "
    "without a pause. "
    "`head`: the finished-sentence probability moves the window, as shipped; `fixed`: the window "
    "stays. Natural "
    "pauses: read speech, Silero alone."
)


@dataclass
class OperatingPoint:
    """One way to wait, over every sentence: cut ones by pause, waits in ms, and how many were not
    heard at all."""

    name: str
    window_ms: int
    head: bool
    cut: dict[int, list[float]] = field(default_factory=dict)
    waits_ms: list[float] = field(default_factory=list)
    unheard: int = 0


async def measure(context: Context) -> Section:
    """The section."""
    section = Section("endpointing", ABOUT)
    context = context.answering(ANSWER_TOKENS)
    count = 5 if context.quick else 20
    pauses = (250, 700) if context.quick else (*PAUSES_MS, *LONG_PAUSES_MS)
    plan = _plan(context)
    sounds = await asyncio.to_thread(_sounds, context, count, pauses)
    async with context.engine() as (engine, _):
        for point in plan:
            context.note(f"endpointing: {point.name}")
            await _measure_point(engine, _waiting(context.settings, point), point, sounds)
        false_turns = await _noise(engine, context) if context.data else None
    for point in plan:
        section.metrics += _figures(point)
    _add_ends_lost(section, ends_lost(sounds[0]))
    natural = natural_cuts(context.data, 20 if context.quick else 50) if context.data else {}
    for window, cut in natural.items():
        section.metrics.append(
            metric(f"natural_cut.fixed_{window}ms", cut, "share", "mean", paired=True)
        )
    _add_noise(section, false_turns)
    _add_findings(section, plan, context.settings.vad.endpointing_delay_ms)
    section.detail["operating_point"] = {
        "window_ms": context.settings.vad.endpointing_delay_ms,
        "shortest_ms": context.settings.vad.min_endpointing_delay_ms,
        "longest_ms": context.settings.vad.max_endpointing_delay_ms,
        "finished_sentence_head": True,
    }
    section.plots += _plots(plan, natural)
    return section


def _plan(context: Context) -> list[OperatingPoint]:
    """The ways to wait that are measured, the shipped one first."""
    shipped = context.settings.vad.endpointing_delay_ms
    others = () if context.quick else tuple(w for w in WINDOWS_MS if w != shipped)
    return [
        OperatingPoint("head", shipped, True),
        *(OperatingPoint(f"fixed {window} ms", window, False) for window in (shipped, *others)),
    ]


async def _measure_point(
    engine: EngineClient, settings: Settings, point: OperatingPoint, sounds: dict[int, list[Audio]]
) -> None:
    """Every sentence as `point` waits; `sounds` are by the pause in them, 0: none."""
    for pause_ms in (pause for pause in sounds if pause):
        counts = [len(await _turns(engine, settings, sound)) for sound in sounds[pause_ms]]
        point.cut[pause_ms] = [float(turns > 1) for turns in counts]
        point.unheard += sum(turns == 0 for turns in counts)
    for sound in sounds[0]:
        turns = await _turns(engine, settings, sound)
        if turns and turns[-1].commit_window_ms is not None:
            point.waits_ms.append(turns[-1].commit_window_ms)


def _add_ends_lost(section: Section, lost: list[float]) -> None:
    section.metrics.append(metric("ends_lost", lost, "share", "mean", paired=True))
    if any(lost):
        section.findings.append(
            f"the first or last audible 20 ms of {sum(lost):.0f} of {len(lost)} sentences is cut "
            f"away"
        )


def _add_noise(section: Section, false_turns: tuple[float, float] | None) -> None:
    if false_turns is None:
        section.detail["noise"] = (
            "no noise recordings given (--data): false turns in noise were not measured"
        )
        return
    turns, seconds = false_turns
    section.metrics.append(given("false_turns_in_noise", turns, "count", "lower"))
    section.metrics.append(given("noise_seconds", seconds, "s"))
    if turns:
        section.findings.append(f"{turns:.0f} turns were heard in {seconds:.0f} s of noise")


def _add_findings(section: Section, plan: list[OperatingPoint], shipped: int) -> None:
    unheard = sum(point.unheard for point in plan)
    if unheard:
        section.findings.append(
            f"{unheard} sentences were not heard at all; they do not count as cut"
        )
    short = [cut for pause, rows in plan[0].cut.items() if pause < shipped for cut in rows]
    if short and 1 - np.mean(short) < SAFE:
        section.findings.append(
            f"{sum(short):.0f} of {len(short)} sentences with a pause under the window were cut in "
            f"two"
        )


def _waiting(settings: Settings, point: OperatingPoint) -> Settings:
    """`settings` that wait as `point` says."""
    vad = {"endpointing_delay_ms": point.window_ms}
    if not point.head:
        vad |= {
            "min_endpointing_delay_ms": point.window_ms,
            "max_endpointing_delay_ms": point.window_ms,
        }
    return settings.model_copy(update={"vad": settings.vad.model_copy(update=vad)})


async def _turns(engine: EngineClient, settings: Settings, sound: Audio) -> list[Any]:
    """The records of what was taken as turns in `sound`."""
    conversation = conversations.conversation(engine, settings)
    spoken = await conversations.as_fast_as_it_goes(conversation, sound)
    return spoken.records


def _sounds(context: Context, count: int, pauses: tuple[int, ...]) -> dict[int, list[Audio]]:
    """Sentences by the pause in them; 0: none. Half a second of quiet around each."""
    voices, texts = context.voices(), lines("sentences.txt")
    names = sorted(voices)
    made: dict[int, list[Audio]] = {0: [], **{pause: [] for pause in pauses}}
    for index in range(count):
        command, text = voices[names[index % len(names)]], texts[index % len(texts)]
        made[0].append(with_noise(speak(command, text), None, index))
        words = text.split()
        before, after = (
            _trimmed(speak(command, " ".join(part))) for part in (words[:4], words[4:])
        )
        for pause in pauses:
            silence = np.zeros(pause * SAMPLE_RATE // 1000, dtype=np.float32)
            made[pause].append(with_noise(np.concatenate([before, silence, after]), None, index))
    return made


def _trimmed(audio: Audio) -> Audio:
    first, end = audible_span(audio, SAMPLE_RATE)
    return audio[first:end]


def _figures(point: OperatingPoint) -> list[Metric]:
    key = "head" if point.head else f"fixed_{point.window_ms}ms"
    found = [
        metric(f"cut.{key}.pause_{pause}ms", rows, "share", "mean", paired=True)
        for pause, rows in point.cut.items()
    ]
    found.append(given(f"unheard.{key}", point.unheard, "count", "lower"))
    return found + [
        metric(f"wait_ms.{key}.{part}", point.waits_ms, "ms", part) for part in ("p50", "p95")
    ]


async def _noise(engine: EngineClient, context: Context) -> tuple[float, float] | None:
    """(false turns, seconds) over recordings without speech."""
    assert context.data
    files = sorted(
        [
            *context.data.glob("pipecat_ambience/*.mp3"),
            *context.data.glob("picovoice_speech_to_intent/noise_*.flac"),
        ]
    )
    seconds, turns, longest = 0.0, 0, 30 if context.quick else 10_000
    for file in files:
        audio = read_audio(file)[: longest * SAMPLE_RATE]
        seconds += len(audio) / SAMPLE_RATE
        spoken = await conversations.as_fast_as_it_goes(
            conversations.conversation(engine, context.settings), audio
        )
        turns += sum(isinstance(event, events.UserSaid) for event in spoken.event_log)
    return (float(turns), round(seconds, 1)) if files else None


def _plots(plan: list[OperatingPoint], natural: dict[int, list[float]]) -> list[Plot]:
    def share(point: OperatingPoint) -> float:
        return float(np.mean([cut for rows in point.cut.values() for cut in rows]))

    def wait(point: OperatingPoint) -> float:
        return round(float(np.median(point.waits_ms)), 1) if point.waits_ms else 0.0

    fixed = sorted((point for point in plan if not point.head), key=lambda point: point.window_ms)
    plots = [
        Plot(
            "lines",
            "False cut-offs against the wait",
            "median wait, ms",
            "share cut in two",
            (
                Series(
                    "fixed window", tuple(wait(p) for p in fixed), tuple(share(p) for p in fixed)
                ),
                Series("finished-sentence head, as shipped", (wait(plan[0]),), (share(plan[0]),)),
            ),
        )
    ]
    if natural:
        plots.append(
            Plot(
                "lines",
                "Read speech cut at a natural pause (Silero alone)",
                "window, ms",
                "share cut in two",
                (
                    Series(
                        "fixed window",
                        tuple(natural),
                        tuple(float(np.mean(cut)) for cut in natural.values()),
                    ),
                ),
            )
        )
    return plots
