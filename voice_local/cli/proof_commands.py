"""What the offline proof runs: the commands a user runs, and a host program, on a recording that is
long enough."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voice_local.audio.files import (
    read_audio,
    write_wav,
)
from voice_local.audio.types import SAMPLE_RATE
from voice_local.local.demo import bundled

PAUSE_S = 4.0
"""Between two sentences of the recording: time for an answer."""
TYPED = ("hello", "turn on the lamp", "what can you do?", "book a table for five", "thank you")
TYPING_S = 5.0

HOST = """\
import asyncio, sys
from pathlib import Path
from voice_local import Assistant, WavCard, events, load

async def main(profile, wav, models_dir):
    settings = load(profile, models_dir=Path(models_dir) if models_dir else None)
    turns = 0
    async with Assistant(settings) as assistant:
        async for event in assistant.converse(WavCard(Path(wav), settings.audio)):
            turns += isinstance(event, events.TurnEnded)
    print(turns)

asyncio.run(main(*sys.argv[1:]))
"""
"""Somebody else's program around `Assistant`: its own process has no command line of ours that
could set switches."""


@dataclass(frozen=True)
class Command:
    """One of them.

    Attributes:
        name: for a person.
        words: what is executed.
        typed: makes what comes on its standard input, as it comes.
    """

    name: str
    words: list[str]
    typed: Callable[[], Iterable[str]] = tuple


def recording(path: Path, seconds: float) -> Path:
    """Writes the bundled user's sentences, again and again with pauses, until they fill `seconds`;
    `path`."""
    pause = np.zeros(int(PAUSE_S * SAMPLE_RATE), dtype=np.float32)
    sentences = [np.concatenate([read_audio(file), pause]) for file in bundled()]
    length = int(seconds * SAMPLE_RATE)
    rounds = -(-length // sum(map(len, sentences)))
    write_wav(path, np.concatenate(sentences * rounds)[:length], SAMPLE_RATE)
    return path


def _typing(seconds: float) -> Iterator[str]:
    """Sentences of somebody who types for `seconds`."""
    began, number = time.monotonic(), 0
    while (left := began + seconds - time.monotonic()) > 0:
        yield TYPED[number % len(TYPED)] + "\n"
        number += 1
        time.sleep(min(TYPING_S, left))


def commands(profile: str, models_dir: Path | None, folder: Path, seconds: float) -> list[Command]:
    """What is run of `profile`; what it writes for the user goes below `folder`. The long ones, of
    `seconds`, are first."""
    wav = str(recording(folder / "user.wav", seconds))
    chosen = ["--profile", profile, *(["--models-dir", str(models_dir)] if models_dir else [])]

    def ours(*words: str) -> list[str]:
        return [sys.executable, "-m", "voice_local", *words, *chosen]

    return [
        Command("talk", ours("talk", "--wav", wav, "--json")),
        Command(
            "Assistant in another program",
            [sys.executable, "-c", HOST, profile, wav, str(models_dir or "")],
        ),
        Command("chat", ours("chat"), lambda: _typing(seconds)),
        Command("chat --once", ours("chat", "--once", "turn on the lamp", "--json")),
        Command("transcribe", ours("transcribe", wav, "--json")),
        Command("demo", ours("demo", "--out", str(folder), "--json")),
    ]
