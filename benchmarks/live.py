"""Live turns with the embedded models in real time: `python -m benchmarks.live [--turns 40] [--json FILE] [--wav FILE]`.

Held-out sentences in held-out voices; voice to voice is read from both sides of the recording, from the user's last audible
sample to the assistant's first, by energy. The last ten turns say what the first ten did, so that only the conversation's
length parts them.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from benchmarks.documents import give_out
from benchmarks.overhead import summary
from benchmarks.rooms import RoomCard
from benchmarks.speakers import available, speak
from benchmarks.tiny_models import lines
from voice_local.assistant import Assistant
from voice_local.config import load
from voice_local.conversation import events
from voice_local.engine.protocol import Audio

AUDIBLE = 10 ** (-50 / 20)


def gaps_ms(user: Audio, assistant: Audio, rate: int, ends: list[int]) -> list[float]:
    """From each user turn's last audible sample (before sample `ends[i]`) to the assistant's next audible one."""
    frame = rate // 200

    def loud(side: Audio) -> Any:
        count = len(side) // frame
        return np.flatnonzero(np.abs(side[: count * frame].reshape(count, frame)).max(axis=1) > AUDIBLE)

    said, answered = loud(user), loud(assistant)
    found = []
    for end in ends:
        last = said[said * frame < end][-1]
        later = answered[answered > last]
        if len(later):
            found.append(float(later[0] - last - 1) * frame * 1000 / rate)
    return found


async def measure(count: int, wav: Path | None) -> dict[str, Any]:
    """The whole document."""
    settings, voices = load("tiny"), available()
    card = RoomCard(settings.audio)
    sentences = lines("sentences.txt")
    ends: list[int] = []
    records = []
    async with Assistant(settings) as assistant:
        def next_turn() -> None:
            index = len(ends) % max(10, count - 10)
            name = sorted(voices)[index % len(voices)]
            card.say(np.concatenate([np.zeros(16_000, np.float32), speak(voices[name], sentences[index % len(sentences)])]))
            ends.append(0)

        next_turn()
        async for event in assistant.converse(card):
            if isinstance(event, events.UserSaid):
                ends[-1] = sum(map(len, card.recorded))
            elif isinstance(event, events.TurnEnded) and not event.record.interrupted:
                records.append(event.record)
                if len(ends) >= count:
                    break
                next_turn()
    user, answer, rate = np.concatenate(card.recorded), np.concatenate(card.played), settings.audio.sample_rate
    if wav:
        sf.write(wav, np.stack([user, answer], axis=1), rate)
    found = gaps_ms(user, answer, rate, [end for end in ends if end])
    ten = min(10, len(found) // 2)
    first, last = (float(np.median(part)) for part in (found[:ten], found[-ten:]))
    return {"turns": len(found), "voice_to_voice_ms": summary(found), "record_first_audio_ms": summary(
                [r.first_audio_ms for r in records if r.first_audio_ms is not None]),
            "first_ten_ms": round(first, 1), "last_ten_ms": round(last, 1), "last_to_first": round(last / first, 3),
            "by_llm": sum(r.handled_by == "llm" for r in records), "overruns": card.overruns,
            "speculations": sum(r.speculations for r in records),
            "speculation_hits": sum(r.speculation_hit for r in records),
            "wasted_ms": round(sum(r.speculation_wasted_ms for r in records), 1)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--wav", type=Path, help="keep both sides here, left the user")
    args = parser.parse_args()
    give_out(asyncio.run(measure(args.turns, args.wav)), args.json)


if __name__ == "__main__":
    main()
