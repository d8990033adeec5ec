"""How long everything takes: each stage cold and warm, by length; whole turns, by the recording and
by the record."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

from voice_local.audio.types import Audio
from voice_local.bench import (
    breakdown,
    conversations,
    sound_devices,
)
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.schema import (
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import speak
from voice_local.bench.stage_latency import (
    HISTORIES,
    LENGTHS_S,
    QUICK_S,
    SEGMENTS,
    Repeats,
    measure_stages,
    summary,
)
from voice_local.engine.client import EngineClient

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
        section.metrics += await measure_stages(
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
    _add_turns(section, turns)
    section.metrics += stages
    section.plots = _plots(section)
    return section


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

    spoken = await conversations.in_real_time(await context.conversation(engine), utterances())
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


def _add_turns(section: Section, turns: dict[str, Any]) -> None:
    """Voice to voice, from the recording and from the record, and whether the two agree."""
    recorded, records = turns["recorded"], turns["records"]
    in_records = [record.first_audio_ms for record in records]
    section.metrics += summary("voice_to_voice_ms", recorded)
    section.metrics += summary("record_first_audio_ms", in_records)
    section.metrics += summary(
        "record_compute_first_audio_ms", [record.compute_first_audio_ms for record in records]
    )
    section.metrics.append(
        given("unanswered_turns", turns["unanswered"], "count", "lower", timed=True)
    )
    if len(in_records) == len(recorded):
        apart = [abs(a - b) for a, b in zip(recorded, in_records, strict=True)]
        section.metrics.append(metric("recording_to_record_ms", apart, "ms", "max", timed=True))
        if max(apart, default=0.0) > AGREE_MS:
            section.findings.append(
                f"the turn record and the recording differ by up to {max(apart):.0f} ms "
                f"(more than {AGREE_MS:.0f}): do not trust the record"
            )
    else:
        section.findings.append(
            f"{len(recorded)} answers on the recording, {len(in_records)} in the records: not "
            f"compared"
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
            **{
                key: value
                for key, value in record.as_json().items()
                if key in breakdown.RECORD_KEYS
            },
        }
        for gap, known, record in zip(recorded, turns["words_known"], records, strict=False)
    ]


def _plots(section: Section) -> list[Plot]:
    """By utterance length, history length and segment length."""

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
                    list(SEGMENTS),
                    [c.replace(" ", "_") for c in SEGMENTS],
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
