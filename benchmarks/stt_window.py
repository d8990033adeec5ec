"""The shortest encoder window of a Whisper: `python -m benchmarks.stt_window --folder DIR
[--profile P] [--write]`.

Whisper's weights were trained on 30 s. In a window that is too short for them they invent text.
Here every utterance of the folder (recordings with transcripts, in any layout of `voice-local bench
wer`) is recognized with windows from 5 s up to the model's own. The shortest one whose word error
rate is at most 5 % (relative) above the best is the model's property `shortest_window_s`; `--write`
keeps it in the manifest of the models.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import jiwer

from benchmarks.documents import give_out
from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE
from voice_local.bench import transcripts
from voice_local.bench.normalize import whisper_english
from voice_local.config import Settings, load
from voice_local.cpu_threads import thread_shares
from voice_local.engine.api import (
    Transcribe,
)
from voice_local.errors import VoiceLocalError
from voice_local.models.folder import (
    Manifest,
    ModelFolder,
    profile_folder,
    read_manifest,
    save_manifest,
)
from voice_local.stages.stt.whisper import WhisperStt

WINDOWS_S = (5.0, 10.0, 15.0, 20.0, 30.0)
SLACK = 1.05


def measure(settings: Settings, folder: Path, longest_s: float = 14.0) -> dict[str, Any]:
    """Word error rate and median time of each window, over the utterances of at most
    `longest_s`."""
    normal = whisper_english()
    rows = [
        (read_audio(row.audio), normal(row.text)) for row in transcripts.read(folder) if row.text
    ]
    rows = [(audio, text) for audio, text in rows if len(audio) <= longest_s * SAMPLE_RATE]
    models, threads = (
        ModelFolder(profile_folder(settings.profile, settings.models_dir)),
        thread_shares(0)["stt"],
    )
    result: dict[str, Any] = {
        "recognizer": settings.stt.model,
        "utterances": len(rows),
        "windows": {},
    }
    for window_s in WINDOWS_S:
        changed = settings.model_copy(
            update={"stt": settings.stt.model_copy(update={"window_s": window_s})}
        )
        stage = WhisperStt(changed, models, threads)
        heard, times = [], []
        for audio, _ in rows:
            began = time.perf_counter()
            heard.append(normal(stage.transcribe(Transcribe(audio)).text))
            times.append((time.perf_counter() - began) * 1000)
        wer = jiwer.wer([text for _, text in rows], heard)
        result["windows"][window_s] = {
            "wer": round(wer, 4),
            "median_ms": round(statistics.median(times), 1),
        }
        print(
            f"{window_s:.0f} s: WER {wer:.1%}, {statistics.median(times):.0f} ms", file=sys.stderr
        )
    best = min(found["wer"] for found in result["windows"].values())
    good = [window for window, found in result["windows"].items() if found["wer"] <= best * SLACK]
    result["shortest_window_s"] = min(good)
    return result


def write(settings: Settings, shortest_window_s: float) -> None:
    """Keeps the property in the manifest of the models."""
    root = profile_folder(settings.profile, settings.models_dir)
    known = read_manifest(root)
    about = dict(known.models.get(settings.stt.model, {"stage": "stt"}))
    about["properties"] = {**about.get("properties", {}), "shortest_window_s": shortest_window_s}
    save_manifest(root, Manifest(known.files, {**known.models, settings.stt.model: about}))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    try:
        settings = load(args.profile)
        found = measure(settings, args.folder)
        if args.write:
            write(settings, found["shortest_window_s"])
    except VoiceLocalError as error:
        print(f"error: {error.cause}\ntry: {error.remedy}", file=sys.stderr)
        raise SystemExit(2) from None
    give_out(found, args.json)


if __name__ == "__main__":
    main()
