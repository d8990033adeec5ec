"""Voices read back by the recognizer: `python -m benchmarks.voices [--all] [--json FILE] [VOICE
…]`.

Every voice that is named (by default the ones below; `--all`: every English voice of a real model
that is here) says the held-out sentences, one at a time through the engine, and the recognizer of
the profile writes what it hears. Words are compared after Whisper's English normalizer; letters
that are spelled and the figures of a time count as one word however
they are parted. First sound: of a segment of five words. coqui/joe is also timed against the ONNX
that it was converted from, call by call in turn, where that is installed (voice-local models
download piper-en_US-joe-medium).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import soxr

from benchmarks.documents import give_out
from voice_local.audio.level import finish_segment
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import heldout
from voice_local.bench.normalize import whisper_english
from voice_local.config import Settings, load
from voice_local.cpu_threads import thread_shares
from voice_local.engine.api import (
    Synthesize,
    TranscribeOptions,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.voice_models import EMBEDDED
from voice_local.engine.voices import (
    catalogue,
    find,
    speaking,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import VoiceLocalError
from voice_local.models.folder import (
    ModelFolder,
    profile_folder,
)
from voice_local.models.onnx_session import make_session
from voice_local.stages.tts.coqui import CoquiTts
from voice_local.text import espeak
from voice_local.text.pronounce import with_letter_a

SOME = (
    "hibari/heart",
    "coqui/joe",
    "kokoro/af_heart",
    "kokoro/am_michael",
    "kokoro/bf_emma",
    "kokoro/bm_george",
)
ONNX = "piper-en_US-joe-medium"
SEGMENT_WORDS = 5


def normalizer() -> Callable[[str], str]:
    """What texts are compared as."""
    english = whisper_english()

    def normal(text: str) -> str:
        text = re.sub(r"(?<=\d)[.:](?=\d)", "", english(text).replace("okay", "ok"))
        return re.sub(r"\b(?:[a-z] )+[a-z]\b", lambda match: match.group().replace(" ", ""), text)

    return normal


async def voice(engine: EngineClient, name: str, normal: Callable[[str], str]) -> dict[str, Any]:
    """One voice: its words as they are heard, its first sound."""
    truth, found, firsts, work_s, sound_s = [], [], [], 0.0, 0.0
    async for _ in engine.synthesize("", name):
        pass
    for text in heldout.lines("voice.txt"):
        began = time.perf_counter()
        chunks = [chunk async for chunk in engine.synthesize(text, name)]
        work_s += time.perf_counter() - began
        sound = np.concatenate([chunk.samples for chunk in chunks])
        sound_s += len(sound) / chunks[0].sample_rate
        heard = await engine.transcribe(
            at_16_khz(sound, chunks[0].sample_rate), TranscribeOptions(language="en")
        )
        truth.append(normal(text))
        found.append(normal(heard.text))
    for text in heldout.lines("voice.txt"):
        began = time.perf_counter()
        async for _ in engine.synthesize(segment(text), name):
            break
        firsts.append((time.perf_counter() - began) * 1000)
    return {
        "wer": round(float(jiwer.wer(truth, found)), 4),
        "sentences": len(truth),
        "first_sound_of_5_words_ms": {
            "median": round(statistics.median(firsts), 1),
            "max": round(max(firsts), 1),
        },
        "real_time_factor": round(work_s / sound_s, 3),
        "wrong": [{"said": a, "heard": b} for a, b in zip(truth, found, strict=True) if a != b],
    }


def segment(text: str) -> str:
    """The first words of `text`."""
    return " ".join(text.split()[:SEGMENT_WORDS])


def at_16_khz(sound: Audio, rate: int) -> Audio:
    """What the recognizer takes."""
    return np.asarray(soxr.resample(sound, rate, SAMPLE_RATE), dtype=np.float32)


def against_onnx(settings: Settings) -> dict[str, Any]:
    """First sound of joe and of the ONNX behind it, in turn: text to sound in this process, on as
    many threads."""
    threads = thread_shares(settings.cpu_threads)["tts"]
    models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
    folder = models.folder(ONNX)
    ours = CoquiTts(speaking(settings, "coqui/joe"), models, threads)
    path = next(iter(folder.glob("*.onnx")))
    about = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    session = make_session(path, threads)
    times: dict[str, list[float]] = {"coqui": [], "onnx": []}
    for text in heldout.lines("voice.txt"):
        began = time.perf_counter()
        next(ours.synthesize(Synthesize(segment(text)), lambda: False))
        times["coqui"].append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        onnx_sound(session, about, segment(text))
        times["onnx"].append((time.perf_counter() - began) * 1000)
    medians = {name: round(statistics.median(values), 1) for name, values in times.items()}
    return {
        "threads": threads,
        "median_ms": medians,
        "ratio": round(medians["coqui"] / medians["onnx"], 3),
    }


def onnx_sound(session: Any, about: dict[str, Any], text: str) -> Audio:
    """What Piper's ONNX makes of `text`, levelled and trimmed as ours."""
    ids, scale = about["phoneme_id_map"], about["inference"]
    phones = espeak.phones(with_letter_a(text, "eh"), about["espeak"]["voice"]).replace(
        espeak.TIE, ""
    )
    row = [1, 0, *(number for char in phones if char in ids for number in (ids[char][0], 0)), 2]
    scales = np.array(
        [scale["noise_scale"], scale["length_scale"], scale["noise_w"]], dtype=np.float32
    )
    sound = session.run(
        None,
        {
            "input": np.array([row], dtype=np.int64),
            "scales": scales,
            "input_lengths": np.array([len(row)], dtype=np.int64),
        },
    )[0]
    return finish_segment(
        np.asarray(sound, dtype=np.float32).flatten(), int(about["audio"]["sample_rate"])
    )


async def measure(settings: Settings, names: Sequence[str]) -> dict[str, Any]:
    """The whole document."""
    result: dict[str, Any] = {"recognizer": settings.stt.model, "voices": {}}
    normal = normalizer()
    async with WorkerEngine(
        settings, ("stt", "tts"), lambda line: print(line, file=sys.stderr)
    ) as engine:
        for name in names:
            result["voices"][name] = found = await voice(engine, name, normal)
            print(
                f"{name}: {found['wer']:.1%} of the words wrong, first sound "
                f"{found['first_sound_of_5_words_ms']['median']:.0f} ms",
                file=sys.stderr,
            )
    if "coqui/joe" in names:
        try:
            result["joe_against_its_onnx"] = against_onnx(settings)
        except VoiceLocalError as error:
            result["joe_against_its_onnx"] = f"not measured: {error.cause}"
    return result


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voices", nargs="*", help="as voice-local voices lists them")
    parser.add_argument("--all", action="store_true", help="every English voice of a real model")
    parser.add_argument("--profile", default="small", help="whose recognizer listens")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    settings = load(args.profile)
    try:
        ready = [
            one.full
            for one in catalogue(settings)
            if one.ready and one.language.startswith("en") and one.model != EMBEDDED
        ]
        names = [find(name, settings).full for name in args.voices] or (
            ready if args.all else [name for name in SOME if name in ready]
        )
        give_out(asyncio.run(measure(settings, names)), args.json)
    except VoiceLocalError as error:
        print(f"{error.cause}; try: {error.remedy}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
