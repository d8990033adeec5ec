"""One conversation: frames in, turns out. Front ends only feed it and play what it says."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from voice_local.audio.level import audible_span, dbfs
from voice_local.config import Settings
from voice_local.conversation.endpointing import Endpointer, SpeechEnded
from voice_local.conversation.history import History
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.turn import Heard, Speaker, Turn
from voice_local.engine.protocol import (
    SAMPLE_RATE,
    VAD_FRAME,
    Audio,
    Engine,
    GenerateOptions,
    VoiceActivity,
)
from voice_local.errors import TextInputError

MAX_TEXT = 2000
"""Longest typed turn, in characters."""


class Session:
    """A conversation's state: its voice detector, its endpointer, its history.

    `voice_activity` None: a typed conversation.
    """

    def __init__(self, engine: Engine, settings: Settings, voice_activity: VoiceActivity | None = None) -> None:
        self._engine, self._settings = engine, settings
        self._vad = voice_activity
        self._endpointer = Endpointer(settings.vad)
        self.history = History()
        self._options = GenerateOptions(settings.llm.max_tokens, settings.llm.temperature, settings.seed)

    async def reply_to_text(self, text: str) -> ConversationTurn:
        """A typed turn.

        Raises:
            TextInputError: empty, or longer than `MAX_TEXT`.
        """
        return await self._turn(None).run(checked_text(text))

    async def reply_to_sound(self, heard: Heard, speaker: Speaker) -> ConversationTurn:
        """A spoken turn."""
        return await self._turn(speaker).run(heard)

    def hear(self, frame: Audio) -> Heard | None:
        """Takes one frame of 512 samples; an utterance when it has just been committed."""
        assert self._vad is not None, "a typed conversation hears nothing"
        for event in self._endpointer.push(frame, self._vad.probability(frame)):
            if isinstance(event, SpeechEnded):
                return heard(event)
        return None

    def hear_all(self, audio: Audio) -> Iterator[Heard]:
        """Every utterance of a whole recording, as if it had been listened to; silence follows its end."""
        silence = np.zeros((self._settings.vad.commit_window_ms + 100) * SAMPLE_RATE // 1000, dtype=np.float32)
        whole = np.concatenate([audio, silence])
        for start in range(0, len(whole) - VAD_FRAME + 1, VAD_FRAME):
            utterance = self.hear(whole[start : start + VAD_FRAME])
            if utterance:
                yield utterance

    def _turn(self, speaker: Speaker | None) -> Turn:
        return Turn(self._engine, self.history, self._options, self._settings.tts.voice, speaker)


def heard(event: SpeechEnded) -> Heard:
    """An ended utterance; the waiting is counted from the last audible sample, 40 dB under the loudest, by energy."""
    peak = dbfs(float(np.abs(event.audio).max()))
    _, audible_end = audible_span(event.audio, SAMPLE_RATE, max(-60.0, peak - 40))
    after = len(event.audio) - audible_end if audible_end else 0
    kept_after_end = min(event.committed - event.end, SAMPLE_RATE // 5)
    waited = event.committed - event.end - kept_after_end + after
    return Heard(event.audio, (event.committed - event.end) * 1000 / SAMPLE_RATE, waited * 1000 / SAMPLE_RATE)


def checked_text(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without outer blanks.

    Raises:
        TextInputError: nothing is left, or more than `limit` characters.
    """
    text = text.strip()
    if not text:
        raise TextInputError("the text is empty", "say something")
    if len(text) > limit:
        raise TextInputError(f"the text has {len(text)} characters, the limit is {limit}", "split it into parts")
    return text
