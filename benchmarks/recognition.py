"""Real people, recognized: `python -m benchmarks.recognition --data-dir DIR [--profile small]
[--json FILE] [SECTION …]`.

Sections: `read` (LibriSpeech: words wrong, time, against faster-whisper's own call, with a foreign
vocabulary), `orders` and `digits` (with and without their vocabulary), `noise` (no word may come),
`voice` (the profile's voice read back). Everything goes as `voice-local transcribe` does it: Silero
first, then the recognizer in its worker. Texts are compared after Whisper's English normalizer. The
folder's README says where its recordings come from.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from benchmarks.documents import give_out
from benchmarks.recordings import Recognizer, clips
from voice_local.audio.files import read_audio
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import heldout
from voice_local.config import (
    Settings,
    load,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.models.folder import (
    ModelFolder,
    profile_folder,
)
from voice_local.text.vocabulary import parse_vocabulary

READ = {"librispeech_test_other": "flac", "librispeech_test_clean_kennethwang": ""}
ORDERS, DIGITS = "picovoice_speech_to_intent", "fsdd"
NOISES = ("pipecat_ambience/office-ambience-24000-mono.mp3", f"{ORDERS}/noise_kitchen.flac")
COFFEE = parse_vocabulary(
    "americano, cappuccino, espresso, latte, mocha, iced mocha, iced coffee, drip coffee, house "
    "coffee, light roast, "
    "medium roast, dark roast, single shot, double shot, triple shot, small, medium, large, eight "
    "ounce, twelve ounce, "
    "sixteen ounce, twenty ounce, whole milk, skim milk, soy milk, almond milk, cream, sugar, "
    "brown sugar, sweetener, "
    "a little bit of, a lot of, lots of, some"
)
"""The words of a coffee menu, as its owner would give them."""

NUMBERS = parse_vocabulary("zero, one, two, three, four, five, six, seven, eight, nine")
SHORT_S, LONG_S = 14.0, 10.0
SECTIONS = ("read", "orders", "digits", "noise", "voice")


async def read_speech(data: Path, recognizer: Recognizer, settings: Settings) -> dict[str, Any]:
    """LibriSpeech by folder; each recording by us, with a foreign vocabulary, and by
    faster-whisper's own call in turn."""
    theirs = own_call(settings)
    result: dict[str, Any] = {}
    for folder, under in READ.items():
        rows = clips(data, folder, under)
        truth = [recognizer.normal(clip.text) for clip in rows]
        ours, foreign, other, whole = [], [], [], {}
        for number, clip in enumerate(rows):
            ours.append(await recognizer.heard(clip.audio))
            other.append(theirs(clip.audio))
            foreign.append(await recognizer.heard(clip.audio, COFFEE))
            if clip.seconds > LONG_S:
                whole[number] = recognizer.normal(
                    (await recognizer.engine.transcribe(clip.audio)).text
                )
        short = [number for number, clip in enumerate(rows) if clip.seconds < SHORT_S]
        mine, their = (
            statistics.median(times[number][1] for number in short) for times in (ours, other)
        )
        result[folder] = {
            "recordings": len(rows),
            "wer": recognizer.wer(truth, [text for text, _ in ours]),
            "wer_with_a_foreign_vocabulary": recognizer.wer(truth, [text for text, _ in foreign]),
            "wer_of_faster_whisper": recognizer.wer(
                truth, [recognizer.normal(text) for text, _ in other]
            ),
            "median_ms_under_14_s": round(mine, 1),
            "faster_whisper_median_ms_under_14_s": round(their, 1),
            "ratio": round(mine / their, 3),
            "median_ms_with_a_foreign_vocabulary": round(
                statistics.median(foreign[number][1] for number in short), 1
            ),
        }
        if whole:
            result[folder] |= {
                "over_10_s": len(whole),
                "wer_over_10_s": recognizer.wer(
                    [truth[n] for n in whole], [ours[n][0] for n in whole]
                ),
                "wer_over_10_s_in_one_window": recognizer.wer(
                    [truth[n] for n in whole], list(whole.values())
                ),
            }
    return result


def own_call(settings: Settings) -> Any:
    """faster-whisper's `transcribe` with its defaults on the same weights and threads, computed in
    int8 as ours."""
    from faster_whisper import WhisperModel

    folder = ModelFolder(profile_folder(settings.profile, settings.models_dir)).folder(
        settings.stt.model
    )
    model: Any = WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=0, local_files_only=True
    )

    def call(audio: Audio) -> tuple[str, float]:
        began = time.perf_counter()
        segments, _ = model.transcribe(audio)
        text = " ".join(segment.text for segment in segments)
        return text, (time.perf_counter() - began) * 1000

    call(np.zeros(SAMPLE_RATE, dtype=np.float32))
    return call


async def orders(data: Path, recognizer: Recognizer) -> dict[str, Any]:
    """Slot values found whole in the transcripts of coffee orders, with and without the menu's
    words, in turn."""
    labels = json.loads((data / ORDERS / "labels.json").read_text(encoding="utf-8"))
    values = sum(len(label["slots"]) for label in labels.values())
    ways = {"as_it_is": (), "with_vocabulary": COFFEE}
    right = dict.fromkeys(ways, 0)
    times: dict[str, list[float]] = {way: [] for way in ways}
    missed: dict[str, list[Any]] = {way: [] for way in ways}
    for name, label in labels.items():
        audio = read_audio(data / ORDERS / "clean_flac" / name)
        for way, vocabulary in ways.items():
            text, spent = await recognizer.heard(audio, vocabulary)
            times[way].append(spent)
            for slot in label["slots"].values():
                value = recognizer.normal(slot.strip())
                found = f" {value} " in f" {text} "
                right[way] += found
                missed[way] += [] if found else [value]
    medians = {way: statistics.median(spent) for way, spent in times.items()}
    return {
        "recordings": len(labels),
        "values": values,
        **{
            way: {
                "found": right[way],
                "share": round(right[way] / values, 4),
                "median_ms": round(medians[way], 1),
                "missed": sorted(set(missed[way])),
            }
            for way in ways
        },
        "time_with_over_without": round(medians["with_vocabulary"] / medians["as_it_is"], 3),
    }


async def digits(data: Path, recognizer: Recognizer) -> dict[str, Any]:
    """Single digits over the telephone band: how many are right."""
    rows = clips(data, DIGITS, "recordings")
    result: dict[str, Any] = {"recordings": len(rows)}
    for way, vocabulary in (("as_it_is", ()), ("with_vocabulary", NUMBERS)):
        found = [(await recognizer.heard(clip.audio, vocabulary))[0] for clip in rows]
        right = sum(
            text == recognizer.normal(clip.text) for text, clip in zip(found, rows, strict=True)
        )
        result[way] = {
            "right": right,
            "share": round(right / len(rows), 4),
            "no_word": sum(not text for text in found),
        }
    return result


async def noise(data: Path, recognizer: Recognizer) -> dict[str, Any]:
    """Words in recordings of rooms where nobody speaks."""
    result = {}
    for name in NOISES:
        audio = read_audio(data / name)
        result[Path(name).stem] = {
            "seconds": round(len(audio) / SAMPLE_RATE),
            **{
                way: (await recognizer.heard(audio, vocabulary))[0]
                for way, vocabulary in (("words", ()), ("words_with_vocabulary", COFFEE))
            },
        }
    return result


async def voice(recognizer: Recognizer) -> dict[str, Any]:
    """Twenty held-out sentences spoken by the profile's voice and read back; its first sound of a
    five-word segment."""
    truth, found, firsts = [], [], []
    for text in heldout.lines("voice.txt")[:20]:
        pieces = [chunk async for chunk in recognizer.engine.synthesize(text)]
        sound = np.concatenate([chunk.samples for chunk in pieces])
        heard = np.asarray(
            soxr.resample(sound, pieces[0].sample_rate, SAMPLE_RATE), dtype=np.float32
        )
        truth.append(recognizer.normal(text))
        found.append((await recognizer.heard(heard))[0])
    for text in heldout.lines("voice.txt"):
        began = time.perf_counter()
        async for _ in recognizer.engine.synthesize(" ".join(text.split()[:5])):
            break
        firsts.append((time.perf_counter() - began) * 1000)
    return {
        "sentences": len(truth),
        "wer": recognizer.wer(truth, found),
        "wrong": [{"said": a, "heard": b} for a, b in zip(truth, found, strict=True) if a != b],
        "first_sound_of_5_words_ms": {
            "median": round(statistics.median(firsts), 1),
            "max": round(max(firsts), 1),
        },
    }


async def measure(data: Path, profile: str, sections: Sequence[str]) -> dict[str, Any]:
    """The whole document."""
    settings = load(profile)
    result: dict[str, Any] = {"profile": profile, "recognizer": settings.stt.model}
    async with WorkerEngine(
        settings, ("stt", "tts"), lambda line: print(line, file=sys.stderr)
    ) as engine:
        recognizer = Recognizer(engine, settings)
        await recognizer.heard(np.zeros(SAMPLE_RATE, dtype=np.float32))
        for name in sections:
            print(name, file=sys.stderr)
            if name == "read":
                result[name] = await read_speech(data, recognizer, settings)
            elif name == "voice":
                result[name] = await voice(recognizer)
            else:
                result[name] = await {"orders": orders, "digits": digits, "noise": noise}[name](
                    data, recognizer
                )
    return result


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", default=[], help=", ".join(SECTIONS))
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    unknown = [name for name in args.sections if name not in SECTIONS]
    if not args.data_dir.is_dir() or unknown:
        print(
            f"no section {unknown[0]}"
            if unknown
            else f"{args.data_dir} is no folder of recordings",
            file=sys.stderr,
        )
        raise SystemExit(2)
    give_out(
        asyncio.run(measure(args.data_dir, args.profile, args.sections or SECTIONS)), args.json
    )


if __name__ == "__main__":
    main()
