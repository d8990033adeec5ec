"""What comes of one utterance's sound: four outcomes, never one empty string for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from voice_local.audio.types import Audio
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.engine.api import Transcript
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError


@dataclass(frozen=True)
class Utterance:
    """One utterance.

    Attributes:
        audio: 16 kHz.
        transcript: of exactly this sound, if an earlier pass made it.
        pending: the pass over exactly this sound, if one is running; its result is None where it
            failed.
    """

    audio: Audio
    transcript: Transcript | None = None
    pending: asyncio.Task[Transcript | None] | None = None


@dataclass(frozen=True)
class Transcribed:
    """Words. `language`: ISO 639-1; None for typed words."""

    text: str
    language: str | None = None


@dataclass(frozen=True)
class Unintelligible:
    """Words that are too unsure to act on."""

    text: str
    language: str | None = None


@dataclass(frozen=True)
class NoSpeech:
    """There are no words in the sound."""

    text: str = ""


@dataclass(frozen=True)
class Failed:
    """The recognizer failed: that there are no words tells nothing."""

    cause: str
    text: str = ""


Outcome = Transcribed | Unintelligible | NoSpeech | Failed


async def recognize(
    context: ConversationContext, engine: EngineClient, utterance: Utterance
) -> Outcome:
    """The words of `utterance`; never raises `EngineError`."""
    found = utterance.transcript
    try:
        if found is None and utterance.pending is not None:
            found = await asyncio.shield(utterance.pending)
        if found is None:
            found = await context.transcribe(utterance.audio, engine=engine)
    except EngineError as error:
        return Failed(error.cause)
    if not found.text:
        return NoSpeech()
    if found.avg_logprob < context.settings.conversation.unsure_logprob:
        return Unintelligible(found.text, found.language)
    return Transcribed(found.text, found.language)
