"""The voice: time to first sound, pace, whether an independent recognizer reads it, level, leading
silence, seams."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import soxr

from voice_local.audio.level import (
    PEAK_DBFS,
    audible_span,
    dbfs,
    rms_frames,
)
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.normalize import count
from voice_local.bench.schema import (
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.conversation.input.recordings import transcribe
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import BenchmarkError
from voice_local.models import properties
from voice_local.text.spoken import to_spoken

LEAD_MS = 60.0
"""More silence than this before a segment is a fault: it is waited for like any other latency."""

CLICK = 0.12
"""A step between neighbouring samples at a segment's edge, in full scale; speech itself steps so
far only inside vowels."""

ABOUT = (
    "Held-out sentences, one clause at a time through the engine. An independent recognizer "
    "(pocketsphinx, its "
    "own English model, open vocabulary) reads them, and so does the profile's. Levels after the "
    "engine's own "
    "levelling; seams where two clauses meet in the loudspeaker."
)


async def measure(context: Context) -> Section:
    """The section."""
    section = Section("tts", ABOUT)
    texts = lines("voice.txt")[
        : int(context.options.get("clauses") or 12) if context.quick else None
    ]
    recognizer, silero, rows = SphinxRecognizer(), SileroModel(), []
    async with context.engine(("stt", "tts")) as (engine, _):
        await spoken(engine, "the first call is slower")
        for text in texts:
            sound, rate, first_ms, work_s = await spoken(engine, text)
            begin, end = audible_span(sound, rate)
            truth, there = to_spoken(text), resampled(sound, rate)
            own = (
                await transcribe(engine, there, silero, properties.of_settings(context.settings))
            ).text
            read = recognizer.read(there)
            rows.append(
                {
                    "text": text,
                    "independent": read,
                    "own_ears": own,
                    "first_sound_ms": first_ms and round(first_ms, 1),
                    "seconds": round(len(sound) / rate, 3),
                    "real_time_factor": round(work_s * rate / max(1, len(sound)), 4),
                    "lead_ms": round(begin * 1000 / rate, 1),
                    "silent": end == 0,
                    "peak_dbfs": round(dbfs(float(np.abs(sound).max(initial=0.0))), 2),
                    "rms_dbfs": round(
                        dbfs(float(rms_frames(sound[begin:end], rate // 50).mean()))
                        if end
                        else -120.0,
                        2,
                    ),
                    "words": len(truth.split()),
                    "independent_errors": count(truth, read).all,
                    "own_errors": count(truth, own).all,
                }
            )
        steps = await seams(engine, texts[:6])
    _figures(section, rows, steps)
    section.detail["clauses"] = rows
    return section


async def spoken(engine: EngineClient, text: str) -> tuple[Audio, int, float | None, float]:
    """(samples, rate in Hz, ms until the first piece or None without any, seconds of work) of one
    segment."""
    began, parts, rate = time.perf_counter(), [], SAMPLE_RATE
    first_ms: float | None = None
    async for chunk in engine.synthesize(text):
        first_ms = first_ms or (time.perf_counter() - began) * 1000
        parts.append(chunk.samples)
        rate = chunk.sample_rate
    sound = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
    return sound, rate, first_ms, time.perf_counter() - began


def resampled(sound: Audio, rate: int) -> Audio:
    """At 16 kHz with a little room around it."""
    room = np.zeros(SAMPLE_RATE // 4, dtype=np.float32)
    there = (
        sound
        if rate == SAMPLE_RATE
        else np.asarray(soxr.resample(sound, rate, SAMPLE_RATE), dtype=np.float32)
    )
    return np.concatenate([room, there, room])


class SphinxRecognizer:
    """pocketsphinx with its own English model.

    Raises:
        BenchmarkError: it is not installed.
    """

    def __init__(self) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError:
            raise BenchmarkError(
                "pocketsphinx, the independent recognizer, is not installed",
                "pip install 'voice-local[bench]'",
            ) from None
        self._decoder: Any = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")

    def read(self, audio: Audio) -> str:
        """The words it hears in 16 kHz sound."""
        self._decoder.start_utt()
        self._decoder.process_raw(
            (np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True
        )
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return str(found.hypstr) if found else ""


async def seams(engine: EngineClient, texts: list[str]) -> list[float]:
    """The greatest step between neighbouring samples within 2 ms of each place where a segment
    begins or ends."""
    loudspeaker, rate = SpeechQueue(48_000), 48_000
    generation = loudspeaker.begin()
    for text in texts:
        words = text
        async for chunk in engine.synthesize(text):
            loudspeaker.feed(generation, chunk, words)
            words = ""  # what follows goes on with the same segment
    loudspeaker.finish(generation)
    sound = loudspeaker.pull(int(loudspeaker.queued_s * rate) + rate // 10)
    sound = np.concatenate([np.zeros(rate // 10, np.float32), sound])
    near, silent = rate // 500, np.abs(sound) < 1e-7
    change = np.flatnonzero(np.diff(_long(silent, rate // 50).astype(np.int8)))
    step = np.abs(np.diff(sound))
    return [float(step[max(0, at - near) : at + near].max()) for at in change]


def _long(flags: Any, least: int) -> Any:
    """Only those runs of true that last at least `least`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    kept = np.zeros(len(flags), dtype=bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin >= least:
            kept[begin:end] = True
    return kept


def _figures(section: Section, rows: list[dict[str, Any]], steps: list[float]) -> None:
    def column(key: str) -> list[float]:
        return [float(row[key]) for row in rows if row[key] is not None]

    section.metrics += [
        metric("first_sound_ms.p50", column("first_sound_ms"), "ms", timed=True, paired=True),
        metric(
            "first_sound_ms.p95", column("first_sound_ms"), "ms", "p95", timed=True, paired=True
        ),
        metric(
            "real_time_factor", column("real_time_factor"), "ratio", "p50", timed=True, paired=True
        ),
        metric(
            "wer.independent",
            column("independent_errors"),
            "share",
            "ratio",
            weights=column("words"),
            paired=True,
        ),
        metric(
            "wer.own_ears",
            column("own_errors"),
            "share",
            "ratio",
            weights=column("words"),
            paired=True,
        ),
        metric("lead_ms.p50", column("lead_ms"), "ms", paired=True),
        metric("lead_ms.max", column("lead_ms"), "ms", "max", paired=True),
        metric("peak_dbfs.max", column("peak_dbfs"), "dBFS", "max", "neither", paired=True),
        metric("rms_dbfs", column("rms_dbfs"), "dBFS", "p50", "neither", paired=True),
        metric("seam_step.max", steps, "ratio", "max"),
        given("seams", len(steps), "count"),
    ]
    late = [row for row in rows if row["lead_ms"] > LEAD_MS]
    if late:
        section.findings.append(
            f"{len(late)} of {len(rows)} clauses begin with over {LEAD_MS:.0f} ms of silence "
            f"(up to {max(row['lead_ms'] for row in late):.0f} ms)"
        )
    silent = [row["text"] for row in rows if row["silent"]]
    if silent:
        section.findings.append(f"{len(silent)} of {len(rows)} clauses are silent: {silent[0]!r}")
    outside = [
        row for row in rows if not PEAK_DBFS[0] - 0.5 <= row["peak_dbfs"] <= PEAK_DBFS[1] + 0.5
    ]
    if outside:
        section.findings.append(
            f"{len(outside)} of {len(rows)} clauses peak outside {PEAK_DBFS[0]:g} to "
            f"{PEAK_DBFS[1]:g} dBFS"
        )
    if steps and max(steps) > CLICK:
        section.findings.append(f"a seam clicks: a step of {max(steps):.2f} of full scale")
    names = tuple(str(number + 1) for number in range(len(rows)))
    rows = [row for row in rows if row["first_sound_ms"] is not None] or rows
    section.plots += [
        Plot(
            "bars",
            "Silence before each clause",
            "clause",
            "ms",
            (Series("lead", names, tuple(column("lead_ms"))),),
        ),
        Plot(
            "bars",
            "First sound of each clause",
            "clause",
            "ms",
            (Series("first sound", names, tuple(column("first_sound_ms"))),),
        ),
    ]
