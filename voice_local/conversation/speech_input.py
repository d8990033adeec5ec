"""The user's sound, frame by frame: voice activity, endpointing and echo, given to the turns."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from voice_local.audio.types import SAMPLE_RATE, Audio, VoiceActivity
from voice_local.config import Settings
from voice_local.conversation.events import Event
from voice_local.conversation.events import SpeechStarted as UserStarted
from voice_local.conversation.events import SpeechStopped as UserStopped
from voice_local.conversation.input.endpointing import (
    Dip,
    Endpointer,
    Pause,
    Resumed,
    SpeechEnded,
    SpeechStarted,
)
from voice_local.conversation.input.interim import InterimTranscriber
from voice_local.conversation.input.interruption import EchoWatch
from voice_local.conversation.input.waiting_turns import WaitingTurns
from voice_local.conversation.options import TurnDetection
from voice_local.conversation.turn_inputs import (
    UtteranceEnded,
    UtterancePaused,
    UtteranceResumed,
    UtteranceStarted,
    VoiceOverAnswer,
)
from voice_local.conversation.turn_manager import TurnManager

RELEASED = SAMPLE_RATE * 3 // 10
"""Samples after push to talk is let go in which a first word may still arrive."""


class SpeechInput:
    """One session's.

    `spoke_lately`: whether the assistant's voice may still be in the room. `emit`: is given when
    the user begins and ends to speak.

    Attributes:
        heard: samples of sound until now.
        settings: may be changed at any time.
        muted: while true, no sound counts, nor is it kept.
        held: the user has taken the turn (push to talk).
        detection: what ends a user's turn.
        auto_response: whether a finished turn is answered without being asked for.
        waiting: the finished turns that wait to be asked for.
    """

    def __init__(
        self,
        settings: Settings,
        voice_activity: VoiceActivity | None,
        endpointer: Endpointer,
        echo: EchoWatch,
        interim: InterimTranscriber,
        spoke_lately: Callable[[], bool],
        waiting: WaitingTurns,
        emit: Callable[[Event], None],
    ) -> None:
        self.settings, self._vad = settings, voice_activity
        self._endpointer, self._echo, self._interim = endpointer, echo, interim
        self._spoke_lately = spoke_lately
        self._mute_at: int | None = None
        self.heard = 0
        self.muted = self.held = False
        self.detection, self.auto_response = TurnDetection.VAD, True
        self.waiting, self._emit = waiting, emit
        self._user_speaks = False

    def push(self, frame: Audio, turns: TurnManager) -> bool:
        """Takes the next 512 samples of 16 kHz. Whether anything began or ended."""
        assert self._vad is not None, "this session takes no sound"
        self.heard += len(frame)
        over = self._mute_at is not None and self.heard >= self._mute_at
        if over and not self._endpointer.speaking:
            self.muted, self._mute_at, self._endpointer.delay_override_ms = True, None, None
        if self.muted:  # not even the pre-roll of what is said next
            frame = np.zeros_like(frame)
        probability = 0.0 if self.muted else self._vad.probability(frame)
        happened = self._endpointer.push(frame, probability)
        for event in happened:
            self._on_endpoint(event, turns)
        voiced = self._endpointer.voiced_end == self._endpointer.clock
        if voiced and (self._echo.is_echo or turns.state.interruption_pending):
            turns.listen_for_echo()
            turns.feed(VoiceOverAnswer())
        if happened or voiced:  # else nothing has changed
            self._tell_user_speaks(turns)
        return bool(happened)

    def _tell_user_speaks(self, turns: TurnManager) -> None:
        heeded = turns.heeds_user
        if not self._user_speaks and heeded and not turns.state.interruption_pending:
            self._user_speaks = True
            self._emit(UserStarted(self._endpointer.start / SAMPLE_RATE))
        elif self._user_speaks and not heeded:
            self._tell_stopped()

    def _tell_stopped(self) -> None:
        if self._user_speaks:
            self._user_speaks = False
            self._emit(UserStopped(self._endpointer.voiced_end / SAMPLE_RATE))

    def commit(self, turns: TurnManager) -> bool:
        """What was said so far is the user's whole turn. False: nothing was said, or nothing that
        asks for an answer."""
        if not self._endpointer.speaking:
            return False
        heeded = not turns.state.dismissed and not self._echo.is_echo
        for event in self._endpointer.flush():
            self._on_endpoint(event, turns)
        return heeded

    def clear(self, *, committed: bool) -> None:
        """Forgets what the user is saying; with `committed` also what waits to be answered."""
        if committed:
            self.waiting.clear()
        self._endpointer.clear()
        self._tell_stopped()

    def hold(self) -> None:
        """The user takes the turn (push to talk): no silence ends it until `release`."""
        self.held = True
        self.muted, self._mute_at = False, None
        self.apply_detection()

    def release(self) -> None:
        """The user gives the turn back: what is still on its way or being said belongs to it, then
        no sound counts."""
        self._endpointer.delay_override_ms = self.settings.vad.eager_end_of_turn_ms
        self.held = False
        self._mute_at = self.heard + RELEASED

    @property
    def ends_by_silence(self) -> bool:
        """Whether silence ends a turn."""
        return not self.held and self.detection is TurnDetection.VAD

    def apply_detection(self) -> None:
        """Lets silence end a turn, or not, as `ends_by_silence` says."""
        self._endpointer.delay_override_ms = None if self.ends_by_silence else math.inf

    def look_for_words(self, turns: TurnManager) -> None:
        """Begins an interim pass where one is due, and lets the endpointer know how the words so
        far end."""
        endpointer, candidate = self._endpointer, turns.candidate
        if candidate and candidate.end_of_turn_probability is not None and endpointer.speaking:
            endpointer.set_end_of_turn_probability(candidate.end_of_turn_probability)
        if turns.heeds_user and turns.state.candidate is None:
            length_ms = endpointer.length_ms
            if self._interim.due(length_ms):
                self._interim.start(endpointer.so_far(), endpointer.sound_end, length_ms)

    def _on_endpoint(self, event: object, turns: TurnManager) -> None:
        talk, echo = self.settings.conversation, self._echo
        if isinstance(event, SpeechStarted):
            echo.begin(event.sample, turns.state.current is not None or self._spoke_lately())
            turns.listen_for_echo()
            turns.feed(UtteranceStarted())
        elif isinstance(event, Dip):
            if talk.dips and talk.speculate and turns.heeds_user:
                ends = self._endpointer
                self._interim.look(ends.so_far(), event.sample, ends.length_ms)
        elif isinstance(event, Pause):
            if self.auto_response:
                turns.feed(UtterancePaused())
        elif isinstance(event, Resumed):
            echo.go_on(event.sample)
            turns.listen_for_echo()
            turns.feed(UtteranceResumed())
        elif isinstance(event, SpeechEnded):
            self.apply_detection()
            heeded = not turns.state.dismissed and not echo.is_echo
            self._tell_stopped()
            if self.auto_response:
                turns.feed(UtteranceEnded(), event)
            elif heeded:
                self.waiting.add(event.audio)
