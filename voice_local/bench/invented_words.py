"""Words that the recognizer invents where nobody speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.bench.context import Context
from voice_local.bench.recognizer import Recognizer, Sample
from voice_local.bench.rooms import room_response
from voice_local.bench.schema import Section, given, metric
from voice_local.errors import AudioInputError
from voice_local.text.spoken import to_spoken

WORDLESS_S = 10
PIECE_S = 30
"""Long recordings of noise are heard in pieces of so many seconds."""

RECORDED = ("pipecat_ambience/*.mp3", "picovoice_speech_to_intent/noise_*.flac")


def wordless_sounds() -> dict[str, Audio]:
    """Ten seconds each of what holds no words: silence, and a room's noises (16 kHz, the same every
    time)."""
    rng, length = np.random.default_rng(3), WORDLESS_S * SAMPLE_RATE
    time_s = np.arange(length) / SAMPLE_RATE
    room = room_response(SAMPLE_RATE, 5)
    pink = np.sqrt(np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 50.0))
    fan = np.fft.irfft(np.fft.rfft(rng.standard_normal(length)) / pink, length)
    knocks = np.convolve((rng.random(length) > 0.9999) * 1.0, room)[:length]
    sounds = {
        "digital silence": np.zeros(length),
        "noise at -80 dBFS": rng.standard_normal(length) * 1e-4,
        "hiss at -40 dBFS": rng.standard_normal(length) * 0.01,
        "fan at -45 dBFS": fan / fan.std() * 0.0056,
        "fan at -30 dBFS": fan / fan.std() * 0.0316,
        "mains hum": 0.05 * np.sin(2 * np.pi * 100 * time_s)
        + 0.02 * np.sin(2 * np.pi * 200 * time_s),
        "knocks in a room": knocks / np.abs(knocks).max() * 0.5,
    }
    return {name: sound.astype(np.float32) for name, sound in sounds.items()}


async def measure_invented(
    context: Context, recognizer: Recognizer, empty: Sequence[Sample], section: Section
) -> None:
    """Words in sound without any: synthetic, the data folder's noise, and recordings whose
    transcript is empty."""
    sounds = [("synthetic", name, audio) for name, audio in wordless_sounds().items()]
    noises = [
        Sample(path.name, "", "", "", partial(read_audio, path))
        for pattern in RECORDED
        for path in (sorted(context.data.glob(pattern)) if context.data else ())
    ]
    for one in (*noises, *empty):
        try:
            audio = await asyncio.to_thread(one.sound)
        except AudioInputError as error:
            section.detail.setdefault("left_out", {})[one.name] = error.cause
            continue
        for start in range(0, len(audio), PIECE_S * SAMPLE_RATE):
            name = f"{one.name} {one.noise} from {start // SAMPLE_RATE} s"
            sounds.append(
                ("recorded", " ".join(name.split()), audio[start : start + PIECE_S * SAMPLE_RATE])
            )
    rows: list[dict[str, Any]] = []
    for kind, name, audio in sounds:
        text = to_spoken(await recognizer.transcribe(audio))
        rows.append(
            {
                "kind": kind,
                "sound": name,
                "minutes": len(audio) / SAMPLE_RATE / 60,
                "words": len(text.split()),
                "heard": text,
            }
        )
    section.detail["invented"] = rows
    parts = {"invented": rows} | {
        f"invented.{kind}": [row for row in rows if row["kind"] == kind]
        for kind in ("synthetic", "recorded")
    }
    for prefix, part in parts.items():
        section.metrics += (
            []
            if not part
            else [
                metric(
                    f"{prefix}.words_per_minute",
                    [row["words"] for row in part],
                    "words/min",
                    "ratio",
                    weights=[row["minutes"] for row in part],
                    paired=True,
                ),
                metric(
                    f"{prefix}.recordings_with_words",
                    [bool(row["words"]) for row in part],
                    "share",
                    "mean",
                    paired=True,
                ),
            ]
        )
    section.metrics.append(given("invented.minutes", sum(row["minutes"] for row in rows), "min"))
    wordy = [row for row in rows if row["words"]]
    if wordy:
        section.findings.append(
            f"words were invented in {len(wordy)} of {len(rows)} sounds without any: "
            f"{wordy[0]['sound']} gave {wordy[0]['heard'][:60]!r}"
        )
