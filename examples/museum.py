"""A museum's guide: a voice of its own, instructions, a handler, a tool, and its sound in chunks.

    python examples/museum.py --profile small visitor.wav    # writes the guide's side to guide.wav

The LLM of profile `tiny` follows no instructions and calls no tools.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import numpy as np

from voice_local import Assistant, InMemoryCard, Intent, Reply, Request, events, load
from voice_local.audio.files import read_audio, write_wav
from voice_local.audio.types import Audio

RATE = 24_000
OPEN = {"monday": "closed", "sunday": "10 to 16"}


def light(request: Request) -> Reply:
    """A handler: it answers instead of the LLM, once the visitor has surely finished."""
    return Reply("The light is on.", "light", {"words": request.text})


def opening_hours(day: str = "") -> str:
    """A tool: the LLM calls it and puts what it returns in its own words."""
    return OPEN.get(day.lower(), "9 to 18")


async def speak(card: InMemoryCard, visitor: Path) -> None:
    """The visitor's side, as it would come from a microphone."""
    await card.feed(read_audio(visitor))
    card.end()


async def play(card: InMemoryCard, sound: list[Audio]) -> None:
    """The guide's side, chunk by chunk."""
    async for chunk in card.playback():
        sound.append(chunk)


async def talk(profile: str, visitor: Path, voice: str | None) -> list[Audio]:
    """One visitor's conversation; the guide's sound."""
    sound: list[Audio] = []
    async with Assistant(load(profile)) as assistant:
        assistant.router.register(Intent.HOME_CONTROL, light)
        card = InMemoryCard(assistant.settings.audio, input_rate=16_000, output_rate=RATE)
        task = "You are the guide of the ship museum."
        guide = assistant.converse(card, instructions=task, authenticated=True, voice=voice)
        guide.add_tool(opening_hours, "Tells when the museum is open on a day.", side_effects=False)
        playing = asyncio.create_task(play(card, sound))
        speaking = asyncio.create_task(speak(card, visitor))
        async for event in guide:
            if isinstance(event, events.Action | events.TurnEnded):
                print(event)
        await asyncio.gather(playing, speaking)
    return sound


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("visitor", type=Path)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--voice", help="as `voice-local voices` lists them")
    parser.add_argument("--out", type=Path, default=Path("guide.wav"))
    options = parser.parse_args()
    sound = asyncio.run(talk(options.profile, options.visitor, options.voice))
    write_wav(options.out, np.concatenate(sound), RATE)


if __name__ == "__main__":
    main()
