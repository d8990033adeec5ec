"""One conversation by text or from recordings: utterances in, finished turns out, nothing ahead of
its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import numpy as np

from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Audio,
    VoiceActivity,
)
from voice_local.conversation.context.conversation_context import Dialogue
from voice_local.conversation.input.endpointing import (
    Endpointer,
    SpeechEnded,
    last_audible,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.turn import (
    Heard,
    Outlet,
    Turn,
)
from voice_local.errors import TextInputError

LOOK_S = 0.05
"""Between two looks for a timer that is waited for."""

MAX_TEXT = 2000
"""Longest typed turn, in characters."""


class Session:
    """A dialogue, and, unless it is typed, the voice detector and endpointer that hear it.

    `lasts_s`: it ends by itself, so many seconds after the last turn.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        voice_activity: VoiceActivity | None = None,
        lasts_s: float | None = None,
    ) -> None:
        if lasts_s is not None and dialogue.abilities:
            dialogue.abilities.end_after(lasts_s)
        self.dialogue = dialogue
        self._vad = voice_activity
        self._endpointer = Endpointer(dialogue.settings.vad)

    async def reply_to_text(
        self,
        text: str,
        outlet: Outlet | None = None,
        wrote: Callable[[str], None] = lambda clause: None,
    ) -> ConversationTurn:
        """A typed turn, answered aloud where there is an `outlet`; else `wrote` is told each clause
        as it comes.

        Raises:
            TextInputError: see `checked_text`.
        """
        return await self._take(Turn(self.dialogue, outlet, wrote=wrote), checked_text(text))

    async def reply_to_sound(self, heard: Heard, outlet: Outlet) -> ConversationTurn:
        """A spoken turn."""
        record = await self._take(Turn(self.dialogue, outlet), heard)
        record.commit_window_ms = heard.commit_window_ms
        if record.compute_first_audio_ms is not None:
            record.first_audio_ms = heard.waited_ms + record.compute_first_audio_ms
        return record

    async def _take(self, turn: Turn, said: Heard | str) -> ConversationTurn:
        turn.committed.set()
        record = await turn.run(said)
        if record.user_text and record.assistant_text:
            self.dialogue.remember(record, turn.context, record.assistant_text)
        self.dialogue.answered(record)
        return record

    async def rings(
        self, wait_s: float, outlet: Callable[[], Outlet | None] = lambda: None
    ) -> AsyncIterator[ConversationTurn]:
        """A turn for every timer that rang unheard or rings within `wait_s` seconds, each given out
        by its own `outlet`."""
        timers = self.dialogue.abilities.timers if self.dialogue.abilities else None
        while timers and (timers.rung or timers.due_within(wait_s)):
            while not timers.rung:
                await asyncio.sleep(LOOK_S)
                timers.look()
            yield await Turn(self.dialogue, outlet()).ring(timers.rung.pop(0))

    def tell_rings(self, tell: Callable[[str], None]) -> None:
        """Lets `tell` be told at once what a timer that rings says, while a typed conversation goes
        on."""
        if self.dialogue.abilities:
            self.dialogue.abilities.timers.listen(lambda timer: tell(timer.ring()))

    def still_waiting(self) -> list[str]:
        """What has not rung yet: "5 minute timer"."""
        return (
            [timer.name() for timer in self.dialogue.abilities.timers.waiting]
            if self.dialogue.abilities
            else []
        )

    def hear(self, frame: Audio) -> Heard | None:
        """Takes one frame of 512 samples; an utterance when it has just been committed."""
        assert self._vad is not None, "a typed conversation hears nothing"
        for event in self._endpointer.push(frame, self._vad.probability(frame)):
            if isinstance(event, SpeechEnded):
                return _heard(event)
        return None

    def hear_all(self, audio: Audio) -> Iterator[Heard]:
        """Every utterance of a whole recording, as if it had been listened to; silence follows its
        end."""
        settings = self.dialogue.settings.vad
        silence = np.zeros(
            (settings.commit_window_ms + 100) * SAMPLE_RATE // 1000, dtype=np.float32
        )
        whole = np.concatenate([audio, silence])
        for start in range(0, len(whole) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
            utterance = self.hear(whole[start : start + FRAME_SAMPLES])
            if utterance:
                yield utterance


def _heard(event: SpeechEnded) -> Heard:
    """An ended utterance; the waiting is counted from the last audible sample."""
    return Heard(
        event.audio,
        (event.committed - event.end) * 1000 / SAMPLE_RATE,
        (event.committed - last_audible(event)) * 1000 / SAMPLE_RATE,
    )


def checked_text(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without outer blanks.

    Raises:
        TextInputError: nothing is left, more than `limit` characters, or bytes that are no
            characters (Python hands on what is not UTF-8 among a command's arguments as lone
            surrogates).
    """
    text = text.strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TextInputError(
            "the text holds bytes that are not UTF-8", "write it in UTF-8"
        ) from None
    if not text:
        raise TextInputError("the text is empty", "say something")
    if len(text) > limit:
        raise TextInputError(
            f"the text has {len(text)} characters, the limit is {limit}", "split it into parts"
        )
    return text
