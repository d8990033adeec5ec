"""Whether the assistant takes its own voice for the user's: `python -m benchmarks.echo [--answers 10] [--json FILE]`.

Its sound comes back to the microphone 20 dB down after 80 ms with a room's reflections. First the canceller alone, then
whole conversations: answers nobody interrupts, and one that a user talks over.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from benchmarks.documents import give_out
from benchmarks.rooms import RoomCard, room_response
from benchmarks.speakers import available, speak
from benchmarks.tiny_models import lines
from voice_local.assistant import Assistant
from voice_local.audio.echo import EchoCanceller
from voice_local.audio.level import dbfs
from voice_local.config import load
from voice_local.conversation import events
from voice_local.engine.protocol import SAMPLE_RATE, Audio
from voice_local.local.replay import SteadyEngine
from voice_local.local.talking import Talking
from voice_local.stages.vad_silero import SileroModel

ECHO_DB, DELAY_MS = -20.0, 80.0


def reduction_db(played: Audio, rate: int) -> dict[str, float]:
    """How much weaker `played` comes out of the canceller than it went in: the first two seconds, and after them."""
    response = room_response(rate, DELAY_MS) * 10 ** (ECHO_DB / 20)
    echo = np.convolve(played, response)[: len(played)].astype(np.float32)
    canceller, block = EchoCanceller(rate), rate // 100
    whole = len(played) // block * block
    out = np.concatenate([canceller.process(echo[i : i + block], played[i : i + block]) for i in range(0, whole, block)])

    def ratio(start: int, end: int) -> float:
        before, after = (float((x[start:end] ** 2).mean()) for x in (echo, out))
        return round(10 * float(np.log10(before / max(after, 1e-12))), 1)

    return {"first_2_s": ratio(0, 2 * rate), "after": ratio(2 * rate, whole)}


async def conversation(assistant: Assistant, answers: int, cancel: bool, over: bool) -> dict[str, Any]:
    """A conversation in the echoing room. `over`: the user talks over every answer."""
    audio = assistant.settings.audio.model_copy(update={"echo_cancel": cancel})
    dialogue = assistant.dialogue()
    dialogue.settings = dialogue.settings.model_copy(update={"audio": audio})
    steady = SteadyEngine(assistant.engine)
    dialogue.engine = steady
    card = RoomCard(audio, steady, room_response(audio.sample_rate, DELAY_MS), 10 ** (ECHO_DB / 20))
    talking = Talking(dialogue, SileroModel().stream(), card)
    command, sentences = available()["flite rms"], lines("sentences.txt")
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    told: list[events.Event] = []
    asked, spoken_over = 1, 0
    card.say(np.concatenate([quiet, speak(command, sentences[0])]))
    async for event in talking.stream():
        told.append(event)
        if over and isinstance(event, events.AssistantSays) and spoken_over < asked:
            spoken_over += 1
            card.say(np.concatenate([quiet[: SAMPLE_RATE // 2], speak(command, "please stop that and listen to me")]))
        elif isinstance(event, events.TurnEnded) and not event.record.interrupted:
            if asked >= answers:
                card.ended = True
            else:
                card.say(np.concatenate([quiet, speak(command, sentences[asked])]))
                asked += 1
    heard = {"silent_after_ms": silences_ms(card, audio.sample_rate)} if over else {}
    return {"asked": asked, "answered": sum(isinstance(e, events.TurnEnded) for e in told),
            "interrupted": sum(isinstance(e, events.Interrupted) for e in told),
            "paused_and_resumed": sum(isinstance(e, events.Continued) for e in told),
            "false_turns": sum(isinstance(e, events.UserSaid) for e in told) - asked - spoken_over, **heard}


def silences_ms(card: RoomCard, rate: int) -> list[float]:
    """From the user's first audible sample over an answer until the assistant had fallen silent, each time."""
    frame = rate // 100
    said, played = (np.array([dbfs(float(np.abs(part[i : i + frame]).max())) > -45 for part in side
                              for i in range(0, len(part) - frame + 1, frame)]) for side in (card.said, card.played))
    found = []
    for at in np.flatnonzero(said[1:] & ~said[:-1]) + 1:
        before = slice(max(0, at - 25), at)
        if said[before].any() or not played[before].any():
            continue  # not the beginning of an utterance, or not over an answer
        quiet = next(i for i in range(at, len(played)) if not played[i : i + 30].any())
        found.append(float(quiet - at) * 10)
    return found


async def measure(answers: int) -> dict[str, Any]:
    """The whole document."""
    settings = load("tiny")
    async with Assistant(settings) as assistant:
        parts = []
        for text in lines("sentences.txt")[:6]:
            async for chunk in assistant.engine.synthesize(text):
                parts.append(soxr.resample(chunk.samples, chunk.sample_rate, settings.audio.sample_rate))
        own = np.concatenate(parts).astype(np.float32)
        return {"echo_db": ECHO_DB, "delay_ms": DELAY_MS, "reduction_db": reduction_db(own, settings.audio.sample_rate),
                "answers": await conversation(assistant, answers, cancel=True, over=False),
                "without_canceller": await conversation(assistant, answers, cancel=False, over=False),
                "talked_over": await conversation(assistant, answers, cancel=True, over=True),
                "talked_over_without_canceller": await conversation(assistant, answers, cancel=False, over=True)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    give_out(asyncio.run(measure(args.answers)), args.json)


if __name__ == "__main__":
    main()
