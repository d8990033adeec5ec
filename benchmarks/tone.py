"""From which confidence on an emotion is sure enough to set the tone: `python -m benchmarks.tone
[--profile small]`.

For each emotion the smallest threshold (to a hundredth) is told at which at least 9 of 10 sentences
that would set the tone really have that emotion, on one half of the held-out sentences
(`heldout/feelings.tsv`, and ordinary questions, which have none); never, where fewer than `FEWEST`
are left. The other half then tells the precision and recall of the thresholds that the profile has.
With the public sets, also how many of GoEmotions' neutral comments would set a tone.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.documents import give_out
from voice_local.bench import heldout
from voice_local.bench.emotion import goemotions
from voice_local.config import (
    PROFILES,
    Settings,
    load,
)
from voice_local.engine.api import EMOTIONS
from voice_local.engine.local_engine import LocalEngine
from voice_local.models.folder import embedded_folder

WANTED, FEWEST, NEVER = 0.9, 3, 1.01
QUESTION = re.compile(
    r"(?:what|who|where|when|why|how|which|is|are|do|does|can|could|should|would|may|did|was|were|"
    r"will)\b"
)
ORDINARY = ("ordinary.txt", "ordinary_questions.txt")


@dataclass(frozen=True)
class Reading:
    """What a sentence has, and what the model tells."""

    text: str
    truth: str
    emotion: str
    confidence: float


def sentences() -> list[tuple[str, str]]:
    """(emotion, text) of every held-out sentence, in a fixed order: even places choose, odd ones
    check."""
    rows = [line.split("\t") for line in heldout.lines("feelings.tsv")[1:]]
    found = [(emotion, text) for emotion, text in rows]
    plain = [text for name in ORDINARY for text in heldout.lines(name)]
    return found + [("neutral", text) for text in plain if QUESTION.match(text)]


def smallest(readings: Sequence[Reading], emotion: str) -> float:
    """The smallest threshold at which `emotion` is told with the precision that is `WANTED`;
    `NEVER` for none."""
    told = [reading for reading in readings if reading.emotion == emotion]
    best = NEVER
    for hundredths in range(99, 29, -1):
        sure = [reading for reading in told if reading.confidence >= hundredths / 100]
        if len(sure) < FEWEST:
            continue
        if sum(reading.truth == emotion for reading in sure) < WANTED * len(sure):
            break
        best = hundredths / 100
    return best


def judged(readings: Sequence[Reading], thresholds: dict[str, float]) -> dict[str, Any]:
    """Of the readings that would set a tone: how many, how many of them rightly; and by emotion."""
    sure = [
        one
        for one in readings
        if one.emotion != "neutral" and one.confidence >= thresholds.get(one.emotion, NEVER)
    ]
    right = [one for one in sure if one.truth == one.emotion]
    by = {
        name: [
            sum(one.emotion == name for one in right),
            sum(one.emotion == name for one in sure),
            sum(one.truth == name for one in readings),
        ]
        for name in EMOTIONS
        if name != "neutral"
    }
    return {
        "set": len(sure),
        "right": len(right),
        "precision": round(len(right) / len(sure), 3) if sure else None,
        "right_told_there_by_emotion": by,
        "wrong": [
            f"{one.emotion} {one.confidence:.2f}: {one.text}"
            for one in sure
            if one.truth != one.emotion
        ],
    }


async def measure(settings: Settings, data: Path | None) -> dict[str, Any]:
    """Every figure."""
    engine = LocalEngine(settings, ("intent", "emotion"))

    async def read(rows: Sequence[tuple[str, str]]) -> list[Reading]:
        found = [(truth, text, await engine.understand(text)) for truth, text in rows]
        return [
            Reading(text, truth, meant.emotion or "neutral", meant.emotion_confidence or 0.0)
            for truth, text, meant in found
        ]

    readings = await read(sentences())
    have = dict(settings.conversation.emotion_thresholds)
    result: dict[str, Any] = {
        "profile": settings.profile,
        "model": settings.emotion.model,
        "chosen": {name: smallest(readings[::2], name) for name in EMOTIONS if name != "neutral"},
        "has": have,
        "choosing_half": judged(readings[::2], have),
        "checking_half": judged(readings[1::2], have),
    }
    if data:
        comments = await read([(row.label, row.text) for row in goemotions(data)])
        plain = [one for one in comments if one.truth == "neutral"]
        result["chosen_on_even_comments"] = {name: smallest(comments[::2], name) for name in have}
        result["goemotions"] = {
            "neutral": len(plain),
            "neutral_that_set_a_tone": judged(plain, have)["set"],
            "precision_of_odd": judged(comments[1::2], have)["precision"],
            "by_emotion": judged(comments[1::2], have)["right_told_there_by_emotion"],
        }
    await engine.aclose()
    return result


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--data-dir", type=Path, help="the public sets")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    # Nothing else is loaded.
    models = {"models_dir": embedded_folder("small")} if args.profile in PROFILES[1:] else {}
    give_out(asyncio.run(measure(load(args.profile, **models), args.data_dir)), args.json)


if __name__ == "__main__":
    main()
