"""The conversation that `overhead` and `steady` time: scripted stages and a detector by energy, so
that only the conversation's own logic is measured.

Stages of 50 (recognition), 100 (LLM) and 80 ms (voice), an endpointing delay of 200 ms, chunks of
20 ms: as other frameworks were measured.
"""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import Settings, load
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.session import VoiceSession
from voice_local.skills.responder import new_conversation
from voice_local.skills.router import IntentRouter

CHUNK_MS = 20
STAGE_MS = {"stt": 50, "llm": 100, "tts": 80}
WINDOW_MS, PAUSE_MS = 200, 64


class EnergyDetector:
    """A voice detector by energy."""

    def probability(self, frame: Audio) -> float:
        """Speech is what is over −40 dBFS."""
        return 1.0 if float(np.sqrt((frame**2).mean())) > 0.01 else 0.0


def scripted_settings(*, speculate: bool) -> Settings:
    """What the scripted conversation is set to."""
    # Pauses are seen in whole chunks: the third silent one is at 60 ms, the fourth would be at 80.
    return load(
        "tiny",
        vad={
            "endpointing_delay_ms": WINDOW_MS,
            "eager_end_of_turn_ms": PAUSE_MS // CHUNK_MS * CHUNK_MS,
            "min_speech_ms": 60,
        },
        conversation={"speculate": speculate, "interim_interval_ms": 10_000},
    )


def scripted_engine() -> ScriptedEngine:
    """Stages that take `STAGE_MS`."""
    return ScriptedEngine(
        answers=["Okay."],
        stt_s=STAGE_MS["stt"] / 1000,
        token_s=STAGE_MS["llm"] / 1000,
        segment_s=STAGE_MS["tts"] / 1000,
    )


def scripted_session(speculate: bool) -> tuple[VoiceSession, SpeechQueue]:
    """A session on scripted stages, and the queue that its speech is pulled from."""
    queue = SpeechQueue(SAMPLE_RATE)
    settings = scripted_settings(speculate=speculate)
    conversation = new_conversation(scripted_engine(), settings, IntentRouter(2.0, 1.0))
    return VoiceSession(conversation, EnergyDetector(), queue), queue
