"""What is known of a response while it is made and played."""

from __future__ import annotations

from enum import Enum

import numpy as np

from voice_local.audio.clocks import Moment
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.conversation.events import ResponseStarted, UserSaid
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.responder import Due
from voice_local.errors import VoiceLocalError


class ResponseState(Enum):
    """Where a response is. It only moves down this list."""

    SPECULATIVE = "speculative"
    COMMITTED = "committed"
    DONE = "done"
    """Everything was handed to the output."""
    CANCELLED = "cancelled"
    FAILED = "failed"


class ResponseMarks:
    """Set by the response itself and by its session.

    Attributes:
        number: of the response in its session.
        record: the turn's.
        audio: of the utterance, for more words to join it; empty where nothing was spoken.
        user_initiated: whether it answers the user.
        early: whether it began before the utterance had ended.
        transcript_known: whether its words are known and count.
        told_before: its words were told before it was asked for.
        utterance_ended: whether the user's utterance is committed.
        end: one past the utterance's last voiced sample.
        spoken: the user's last audible sample, when it was in the air.
        sounded: the answer's first audible sample, when it was in the air.
        due: what rings, if it is no answer.
        side_effects_started: whether anything was begun that cannot be undone.
        recognition_failed: the absence of words then means nothing.
        end_of_turn_probability: that the user's sentence is finished, once known.
        failure: why it failed, if it did.
        state: see `ResponseState`.
    """

    def __init__(self, number: int, turn_id: str) -> None:
        self.number = number
        self.record = ConversationTurn(turn_id=turn_id)
        self.state = ResponseState.SPECULATIVE
        self.audio: Audio = np.zeros(0, dtype=np.float32)
        self.user_initiated = self.early = False
        self.transcript_known = self.utterance_ended = self.told_before = False
        self.side_effects_started = self.recognition_failed = False
        self.end = 0
        self.spoken: Moment | None = None
        self.sounded: Moment | None = None
        self.due: Due | None = None
        self.end_of_turn_probability: float | None = None
        self.failure: VoiceLocalError | None = None

    def started(self) -> ResponseStarted:
        """What is told once it is committed."""
        return ResponseStarted(
            spoken=len(self.audio) > 0,
            user_initiated=self.user_initiated,
            start_s=max(0, self.end - len(self.audio)) / SAMPLE_RATE,
            end_s=self.end / SAMPLE_RATE,
        )

    def said(self, text: str) -> UserSaid:
        """What is told once its words are known."""
        began = self.started()
        return UserSaid(text, start_s=began.start_s, end_s=began.end_s)

    @property
    def mergeable(self) -> bool:
        """Whether more words of the user may still join the same utterance: nothing was done."""
        return (
            self.user_initiated
            and len(self.audio) > 0
            and self.record.action is None
            and not self.side_effects_started
        )

    def note_times(self) -> None:
        """Writes into the record when the answer sounded, once that is known."""
        if self.sounded is None or self.spoken is None:
            return
        self.record.first_audio_ms = (self.sounded.at_s - self.spoken.at_s) * 1000
        self.record.input_age_ms = self.spoken.latency_ms
        self.record.output_latency_ms = self.sounded.latency_ms
