"""Two-turn errands through sound, end to end: `python -m benchmarks.errands [--json FILE]`.

Held-out errands in held-out voices go through the whole assistant (recognition, understanding,
handlers, LLM, voice), the second turn once the first answer has been heard. An errand is done right
when both turns' words and intents, the slot in the last answer and its sound are.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

from benchmarks.documents import give_out
from benchmarks.tiny_models import judge, lines
from voice_local.assistant import Assistant
from voice_local.audio.level import dbfs
from voice_local.audio.types import SAMPLE_RATE
from voice_local.audio.vad import SileroModel
from voice_local.bench.rooms import RoomCard
from voice_local.bench.speakers import (
    available,
    speak,
)
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation import events
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.counting import CountingEngine
from voice_local.local.audio_session import LocalAudioSession
from voice_local.skills.handlers import default_router
from voice_local.skills.router import IntentRouter

RIGHT_WER = 0.15
"""Words are right up to this word error rate over both turns."""

AUDIBLE_DBFS = -30.0


async def errand(
    assistant: Assistant, turns: list[str], command: list[str]
) -> tuple[list[ConversationTurn], float]:
    """The records of a conversation in which one person says `turns`, and the last answer's peak
    level."""
    conversation = assistant.context()
    steady = CountingEngine(assistant.engine)
    conversation.engine = steady
    card = RoomCard(assistant.settings.audio, steady)
    waiting = [
        np.concatenate([np.zeros(SAMPLE_RATE // 2, np.float32), speak(command, text)])
        for text in turns
    ]
    card.say(waiting.pop(0))
    records: list[ConversationTurn] = []
    began = 0
    async for event in LocalAudioSession(conversation, SileroModel().stream(), card).events():
        if isinstance(event, events.UserSaid):
            began = len(card.played)
        elif isinstance(event, events.TurnEnded):
            records.append(event.record)
            if waiting:
                card.say(waiting.pop(0))
            else:
                card.ended = True
    return records, dbfs(
        float(np.abs(np.concatenate(card.played[began:] or [np.zeros(1, np.float32)])).max())
    )


def host_program(settings: Settings) -> IntentRouter:
    """One that runs every errand and leaves the words to the LLM: without it the assistant would
    say that it cannot."""
    router = default_router(
        settings.conversation.intent_threshold, settings.conversation.handler_deadline_s
    )
    for intent in (
        "home_control",
        "shopping_list",
        "booking",
        "appointment",
        "music",
        "return_item",
        "timer_reminder",
    ):
        router.register(intent, lambda request: None, side_effects=False)
    return router


async def measure() -> dict[str, Any]:
    """The whole document."""
    voices, rows = available(), []
    settings = load("tiny")
    async with Assistant(settings, host_program(settings)) as assistant:
        for index, line in enumerate(lines("errands.jsonl")):
            case = json.loads(line)
            name = sorted(voices)[index % len(voices)]
            records, level = await errand(assistant, case["turns"], voices[name])
            heard, answers = [r.user_text for r in records], [r.assistant_text for r in records]
            wer = jiwer.wer(" ".join(case["turns"]), " ".join(heard))
            rows.append(
                {
                    "voice": name,
                    "said": case["turns"],
                    "heard": heard,
                    "answers": answers,
                    "wer": round(wer, 3),
                    "right": {
                        "words": wer <= RIGHT_WER,
                        "intents": [r.intent for r in records] == case["intents"],
                        "slot": len(records) == len(case["turns"]) and judge(case, answers[-1]),
                        "audible": level > AUDIBLE_DBFS,
                    },
                }
            )
    parts = ("words", "intents", "slot", "audible")
    return {
        "machine": platform.machine(),
        "errands": len(rows),
        "right": sum(all(row["right"].values()) for row in rows),
        **{part: sum(row["right"][part] for row in rows) for part in parts},
        "rows": rows,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    give_out(asyncio.run(measure()), args.json)


if __name__ == "__main__":
    main()
