"""A spoken conversation from recordings, on the same path as a microphone's sound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from importlib import resources
from pathlib import Path

import numpy as np

from voice_local.audio.files import write_wav
from voice_local.audio.level import audible_span
from voice_local.audio.types import Audio
from voice_local.audio.vad import SileroModel
from voice_local.config import Settings
from voice_local.conversation.events import TurnEnded
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.client import EngineClient
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.turn_taking import TurnTakingCard
from voice_local.skills.responder import new_conversation

CONVERSATION = "conversation.flac"
"""Beside the answers: both sides."""

RATE = 24_000
"""Of the files, Hz."""

MARGIN_S = 0.02
"""Silence that is kept around an answer."""


def bundled() -> list[Path]:
    """The recordings of the bundled conversation's user, in order."""
    folder = Path(str(resources.files("voice_local"))) / "recordings"
    return sorted(folder.glob("user_*.flac"))


def card_for(sounds: list[Audio], settings: Settings) -> TurnTakingCard:
    """The user of a demonstration: says `sounds` (16 kHz), each after the answer before."""
    return TurnTakingCard(sounds, settings.audio.model_copy(update={"sample_rate": RATE}))


async def converse(
    engine: EngineClient, settings: Settings, card: TurnTakingCard, out: Path
) -> AsyncIterator[ConversationTurn]:
    """Lets `card` talk to one session; yields each turn once its answer is in `out` as
    `reply_N.wav`.

    Raises:
        OutputError: `out` cannot be written.
    """
    audio = settings.audio.model_copy(update={"sample_rate": RATE, "echo_cancel": False})
    settings = settings.model_copy(update={"audio": audio})
    context = new_conversation(engine, settings)
    await context.prepare()
    local = LocalAudioSession(context, SileroModel().stream(), card)
    card.session = local.session
    number = since = 0
    async with aclosing(local.events()) as events:  # type: ignore[type-var]
        async for event in events:
            if not isinstance(event, TurnEnded):
                continue
            turn, number = event.record, number + 1
            sound = _trimmed(card.assistant(since))
            since = card.position
            if len(sound):
                target = out / f"reply_{number}.wav"
                write_wav(target, sound, RATE)
                turn.audio_path = str(target)
            yield turn


def _trimmed(sound: Audio) -> Audio:
    """Without the silence around it."""
    begin, end = audible_span(sound, RATE)
    margin = int(MARGIN_S * RATE)
    return sound[max(0, begin - margin) : end + margin] if end else np.zeros(0, np.float32)
