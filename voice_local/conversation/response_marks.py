"""What is known of a response while it is made and played."""

from __future__ import annotations

from enum import Enum

import numpy as np

from voice_local.audio.clocks import Moment
from voice_local.audio.types import Audio
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
        self.transcript_known = self.utterance_ended = False
        self.side_effects_started = self.recognition_failed = False
        self.end = 0
        self.spoken: Moment | None = None
        self.sounded: Moment | None = None
        self.due: Due | None = None
        self.end_of_turn_probability: float | None = None
        self.failure: VoiceLocalError | None = None
