"""What the recognizer makes of real recordings: `python -m benchmarks.real_speech --data-dir DIR
[--profile P] [--json FILE]`.

Read speech, spoken digits and coffee orders are heard as the product hears a file (voice detector
first); office and kitchen noise should give no word at all. The folder's README says where its
recordings come from.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import jiwer

from benchmarks.documents import give_out
from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE
from voice_local.audio.vad import SileroModel
from voice_local.config import (
    STAGES,
    Settings,
    load,
)
from voice_local.conversation.input.recordings import transcribe
from voice_local.engine.client import EngineClient
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.models import properties
from voice_local.text.spoken import to_spoken

READ = {
    "LibriSpeech test-other": ("librispeech_test_other", "flac"),
    "LibriSpeech test-clean": ("librispeech_test_clean_kennethwang", ""),
    "LJSpeech": ("ljspeech_32_coqui", "flac"),
    "spoken digits": ("fsdd", "recordings"),
}
ORDERS = "picovoice_speech_to_intent"
NOISES = ("pipecat_ambience/office-ambience-24000-mono.mp3", f"{ORDERS}/noise_kitchen.flac")


class RecordingsBenchmark:
    """Recordings of a data folder, heard by one engine."""

    def __init__(self, engine: EngineClient, data: Path, settings: Settings) -> None:
        self.engine, self.data, self.silero = engine, data, SileroModel()
        self.recognizer = properties.of_settings(settings)

    async def heard(self, path: Path) -> str:
        """The words in a file."""
        return to_spoken(
            (await transcribe(self.engine, read_audio(path), self.silero, self.recognizer)).text
        )

    async def read(self, folder: str, under: str) -> dict[str, Any]:
        """Word error rate over the transcripts of one folder."""
        truth, found = [], []
        for line in (
            (self.data / folder / "transcripts.tsv").read_text(encoding="utf-8").splitlines()
        ):
            name, text = line.split("\t")
            path = self.data / folder / under / (name if "." in name else f"{name}.flac")
            truth.append(to_spoken(text))
            found.append(await self.heard(path))
        return {
            "recordings": len(truth),
            "wer": round(jiwer.wer(truth, found), 4),
            "right": sum(a == b for a, b in zip(truth, found, strict=True)),
        }

    async def orders(self) -> dict[str, Any]:
        """How many of the words of the orders' slots were heard: there are no transcripts."""
        labels = json.loads((self.data / ORDERS / "labels.json").read_text(encoding="utf-8"))
        words = right = 0
        for name, label in labels.items():
            heard = (await self.heard(self.data / ORDERS / "clean_flac" / name)).split()
            for value in label["slots"].values():
                for word in to_spoken(value).split():
                    words += 1
                    right += word in heard
        return {"recordings": len(labels), "slot_words": words, "heard": right}

    async def noise(self, name: str) -> dict[str, Any]:
        """Words invented in a recording without speech."""
        return {
            "seconds": round(len(read_audio(self.data / name)) / SAMPLE_RATE),
            "words": len((await self.heard(self.data / name)).split()),
        }


async def measure(data: Path, profile: str) -> dict[str, Any]:
    """The whole document; what is not in `data` is left out and named."""
    result: dict[str, Any] = {"profile": profile, "missing": []}
    settings = load(profile)
    async with WorkerEngine(settings, STAGES, lambda line: print(line, file=sys.stderr)) as engine:
        recordings = RecordingsBenchmark(engine, data, settings)
        for name, (folder, under) in READ.items():
            if (data / folder / "transcripts.tsv").exists():
                result[name] = await recordings.read(folder, under)
            else:
                result["missing"].append(name)
        if (data / ORDERS / "labels.json").exists():
            result["coffee orders"] = await recordings.orders()
        else:
            result["missing"].append("coffee orders")
        for noise in NOISES:
            if (data / noise).exists():
                result[f"invented words, {Path(noise).stem}"] = await recordings.noise(noise)
            else:
                result["missing"].append(noise)
    return result


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not args.data_dir.is_dir():
        print(f"{args.data_dir} is not a folder of recordings", file=sys.stderr)
        raise SystemExit(2)
    give_out(asyncio.run(measure(args.data_dir, args.profile)), args.json)


if __name__ == "__main__":
    main()
