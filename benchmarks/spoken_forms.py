"""Spoken forms, said and read back: `python -m benchmarks.spoken_forms [--profile small] [--voice
NAME] [--seed N]`.

The forms of `spoken_form_table`, drawn at random, are said as any answer is and read back by the
profile's recognizer. A form is right if one of its readings is in what was heard, both after
Whisper's English normalizer and the rules of `Matcher`. The seed is told, so that a run can be had
again.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from benchmarks.documents import give_out
from benchmarks.recordings import Recognizer
from benchmarks.spoken_form_classes.form import Form
from benchmarks.spoken_form_table import draw
from voice_local.audio.types import SAMPLE_RATE
from voice_local.bench.normalize import whisper_english
from voice_local.config import load
from voice_local.engine.voices import speaking
from voice_local.engine.worker_engine import WorkerEngine

FORMS = 120
HOMOPHONES = {
    "zero": "0",
    "one": "1",  # the normalizer writes a lone 1 as a word
    "brule": "brulee",
    "brulay": "brulee",
    "cream": "creme",
    "fiance": "fiancee",  # the same sounds
    "ave": "avenue",
    "mrs": "missus",
    "negative": "minus",
}
"""Words that are written in several ways and heard alike."""


SIGNS = (
    (r"\b0\d+\b", lambda found: " ".join(found.group())),  # else the normalizer takes "0042" for 42
    (r"(?<=\d{3})\.(?=\d{3})(?=[\d.]{7,8}\b)|(?<=\d{3}\.\d{3})\.(?=\d{4}\b)", " "),  # 555.123.4567
    (r"(?<=\d)\.(?=\d\d ?[ap]\.?m\b)", " "),  # 11.57 am
    (r"(?<=\d) ?[-−–] ?(?=\d+ ?(?:=|equals?\b|is\b))", " minus "),
    # 9-5, 8am-6pm
    (r"(?<![\d-])(\d{1,2} ?[ap]m|\d{1,2})[-–](?=\d{1,2}(?: ?[ap]m)?(?![\d-]))", r"\1 to "),
    (r"(?<![\w.])[-−](?=\d)", "minus "),
    (r"(?<=\d) ?(?:×|x|\*) ?(?=\d)", " times "),
    (r"\+", " plus "),
    (r"=", " equals "),
    (r"#(?=\d)", "number "),
    (r" %", "%"),
    (r"₹ ?(\d+)", r"\1 rupees"),
    (r"¥ ?(\d+)", r"\1 yen"),
    (r"₺ ?(\d+)", r"\1 lira"),
)
"""Signs that a recognizer may write and the normalizer drops or mistakes, in words."""


class Matcher:
    """Whether a reading was heard.

    Both are compared without blanks, for recognizers write digits and letters together or apart ("F
    B I", "555 1234"), and not within a longer number. Signs are words, `HOMOPHONES` are one word.
    """

    def __init__(self, normal: Callable[[str], str] | None = None) -> None:
        self._normal = normal or whisper_english()

    def key(self, text: str) -> str:
        """`text` as it is compared."""
        for sign, words in SIGNS:
            text = re.sub(sign, words, text)
        heard = ["", *(HOMOPHONES.get(word, word) for word in self._normal(text).split()), ""]
        joined = "".join(
            "0" if word in ("o", "oh") and (before[-1:].isdigit() or after[:1].isdigit()) else word
            for before, word, after in zip(heard, heard[1:], heard[2:], strict=False)
        )
        return re.sub(r"-(?=\d)", "minus", re.sub(r"\+(?=\d)", "plus", joined))

    def right(self, form: Form, heard: str) -> bool:
        """Whether one of the form's readings is in `heard`."""
        there = self.key(heard)
        for key in map(self.key, form.readings):
            within = r"(?<![\d.])" if key[:1].isdigit() else ""
            if key and re.search(rf"{within}{re.escape(key)}(?!\.?\d)", there):
                return True
        return False


async def measure(
    profile: str, voice: str | None, engine_name: str | None, seed: int, count: int
) -> dict[str, Any]:
    """The whole document."""
    settings = speaking(load(profile, stt={"language": "en"}), voice, engine_name)
    matcher, rows = Matcher(), []
    async with WorkerEngine(
        settings, ("stt", "tts"), lambda line: print(line, file=sys.stderr)
    ) as engine:
        recognizer = Recognizer(engine, settings)
        recognizer.normal = str  # the form's own comparison normalizes
        for form in draw(seed, count):
            pieces = [chunk async for chunk in engine.synthesize(form.text, settings.tts.voice)]
            sound = (
                np.concatenate([chunk.samples for chunk in pieces])
                if pieces
                else np.zeros(SAMPLE_RATE, np.float32)
            )
            rate = pieces[0].sample_rate if pieces else SAMPLE_RATE
            heard, _ = await recognizer.heard(
                np.asarray(soxr.resample(sound, rate, SAMPLE_RATE), dtype=np.float32)
            )
            rows.append((form, heard, matcher.right(form, heard)))
    kinds: dict[str, list[bool]] = {}
    for form, _, right in rows:
        kinds.setdefault(form.kind, []).append(right)
    spoken_by = f"{settings.tts.adapter}/{settings.tts.voice or 'default'}"
    return {
        "profile": profile,
        "voice": spoken_by,
        "seed": seed,
        "forms": len(rows),
        "right": sum(right for _, _, right in rows),
        "share": round(sum(right for _, _, right in rows) / len(rows), 4),
        "by_class": {kind: f"{sum(found)}/{len(found)}" for kind, found in sorted(kinds.items())},
        "missed": [
            {"class": form.kind, "text": form.text, "heard": heard, "right": form.readings[0]}
            for form, heard, right in rows
            if not right
        ],
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--voice")
    parser.add_argument("--engine", help="hibari, kokoro, coqui or bark; default: the profile's")
    parser.add_argument(
        "--seed", type=int, default=None, help="of the numbers drawn; default: a new one"
    )
    parser.add_argument("--forms", type=int, default=FORMS)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.forms < 1:
        print("--forms: at least 1", file=sys.stderr)
        raise SystemExit(2)
    seed = secrets.randbelow(2**31) if args.seed is None else args.seed
    print(f"seed {seed}", file=sys.stderr)
    give_out(
        asyncio.run(measure(args.profile, args.voice, args.engine, seed, args.forms)), args.json
    )


if __name__ == "__main__":
    main()
