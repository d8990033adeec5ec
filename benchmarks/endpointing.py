"""When a turn is taken as over: `python -m benchmarks.endpointing [--json FILE] [--data-dir DIR]`.

Pauses put into spoken sentences; read speech with its natural pauses, cut or not by the silence waited for; room noise.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import give_out
from benchmarks.rooms import RoomCard
from benchmarks.speakers import available, speak, with_noise
from benchmarks.tiny_models import lines
from voice_local.assistant import Assistant
from voice_local.audio.files import read_audio
from voice_local.audio.level import audible_span
from voice_local.config import load
from voice_local.conversation import events
from voice_local.conversation.endpointing import Endpointer, SpeechEnded
from voice_local.engine.protocol import SAMPLE_RATE, VAD_FRAME, Audio
from voice_local.local.replay import SteadyEngine
from voice_local.local.talking import Talking
from voice_local.stages.vad_silero import SileroModel

PAUSES_MS = (100, 200, 250)
WINDOWS_MS = (160, 200, 250, 300, 400, 500, 700, 1000, 1200)
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def with_pause(text: str, command: list[str], pause_ms: int) -> Audio:
    """`text` said in two halves with exactly `pause_ms` between their audible ends."""
    words = text.split()
    halves = [speak(command, " ".join(part)) for part in (words[: len(words) // 2], words[len(words) // 2 :])]
    trimmed = []
    for half in halves:
        first, end = audible_span(half, SAMPLE_RATE)
        trimmed.append(half[first:end])
    gap = np.zeros(pause_ms * SAMPLE_RATE // 1000, dtype=np.float32)
    return np.concatenate([trimmed[0], gap, trimmed[1]])


async def hear(assistant: Assistant, audio: Audio) -> tuple[list[events.Event], RoomCard]:
    """What a fresh conversation makes of `audio`, its clock waiting for the engine."""
    dialogue = assistant.dialogue()
    steady = SteadyEngine(assistant.engine)
    dialogue.engine = steady
    card = RoomCard(assistant.settings.audio, steady)
    card.say(audio)
    talking = Talking(dialogue, SileroModel().stream(), card)
    told = []
    watcher = asyncio.create_task(_end_when_quiet(card))
    async for event in talking.stream():
        told.append(event)
    await watcher
    return told, card


async def _end_when_quiet(card: RoomCard) -> None:
    while not card.quiet:
        await asyncio.sleep(0.01)
    card.ended = True


async def inserted(assistant: Assistant, count: int) -> dict[str, Any]:
    """Share of sentences with a pause inside that were taken as one turn, and whose ends were kept."""
    voices = available()
    result: dict[str, Any] = {}
    for pause_ms in PAUSES_MS:
        one = 0
        for index, text in enumerate(lines("sentences.txt")[:count]):
            name = sorted(voices)[index % len(voices)]
            said = with_pause(text, voices[name], pause_ms)
            told, _ = await hear(assistant, with_noise(said, None, index))
            one += sum(isinstance(event, events.TurnEnded) for event in told) == 1
        result[f"{pause_ms} ms"] = {"one_turn": one, "of": count}
    return result


def ends_lost(count: int) -> int:
    """How many sentences' first or last audible 20 ms are outside what the endpointer hands on."""
    voices, lost = available(), 0
    for index, text in enumerate(lines("sentences.txt")[:count]):
        said = with_noise(speak(voices[sorted(voices)[index % len(voices)]], text), None, index)
        first, end = audible_span(said, SAMPLE_RATE, -40)
        silent = np.zeros(2 * SAMPLE_RATE, dtype=np.float32)
        spans = ended(np.concatenate([said, silent]), 600)
        margin = SAMPLE_RATE // 50
        lost += not spans or spans[0][0] > first + margin or spans[-1][1] < end - margin
    return lost


def ended(audio: Audio, window_ms: int) -> list[tuple[int, int]]:
    """(first, last + 1) sample of each utterance handed on with a fixed window, pre-roll and tail included."""
    settings = load("tiny", vad={"commit_window_ms": window_ms}).vad
    endpointer, silero = Endpointer(settings), SileroModel().stream()
    found = []
    for start in range(0, len(audio) - VAD_FRAME + 1, VAD_FRAME):
        frame = audio[start : start + VAD_FRAME]
        for event in endpointer.push(frame, silero.probability(frame)):
            if isinstance(event, SpeechEnded):
                last = event.end + min(event.committed - event.end, SAMPLE_RATE // 5)
                found.append((last - len(event.audio), last))
    return found


def natural(data: Path, count: int = 50) -> dict[str, Any]:
    """Read utterances cut in two or more, by the silence waited for: Silero alone, no words known."""
    files = sorted([*data.glob("librispeech*/**/*.flac"), *data.glob("librispeech*/**/*.wav")])[:count]
    sounds = [np.concatenate([read_audio(file), np.zeros(2 * SAMPLE_RATE, np.float32)]) for file in files]
    return {"utterances": len(sounds), "cut": {
        f"{window} ms": sum(len(ended(sound, window)) > 1 for sound in sounds) for window in WINDOWS_MS}}


async def noise(assistant: Assistant, data: Path) -> dict[str, Any]:
    """False turns in office and kitchen noise."""
    files = sorted([*data.glob("pipecat_ambience/*.mp3"), *data.glob("picovoice_speech_to_intent/noise_*.flac")])
    seconds, turns = 0.0, 0
    for file in files:
        audio = read_audio(file)
        seconds += len(audio) / SAMPLE_RATE
        told, _ = await hear(assistant, audio)
        turns += sum(isinstance(event, events.UserSaid) for event in told)
    return {"files": len(files), "seconds": round(seconds, 1), "false_turns": turns}


async def measure(data: Path, count: int) -> dict[str, Any]:
    """The whole document."""
    async with Assistant(load("tiny")) as assistant:
        return {"inserted_pauses": await inserted(assistant, count), "first_or_last_word_lost": {
                    "sentences": count, "lost": ends_lost(count)}, "natural_pauses": natural(data),
                "noise": await noise(assistant, data)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--data-dir", type=Path, default=DATA)
    parser.add_argument("--sentences", type=int, default=50)
    args = parser.parse_args()
    give_out(asyncio.run(measure(args.data_dir, args.sentences)), args.json)


if __name__ == "__main__":
    main()
