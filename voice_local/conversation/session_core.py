"""What a session is made of, and what moves it: its parts, its clock, and what happens in time.

The clock is the count of samples while sound comes, and the event loop's time while none does.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace

from voice_local.audio.types import SAMPLE_RATE, VoiceActivity
from voice_local.conversation import events, phrases
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.prefill import PromptPrefill
from voice_local.conversation.due import DueQueue
from voice_local.conversation.event_queue import EventQueue
from voice_local.conversation.events import Event, Phase, Place
from voice_local.conversation.input.endpointing import (
    Endpointer,
)
from voice_local.conversation.input.frames import Frames
from voice_local.conversation.input.interim import InterimTranscriber
from voice_local.conversation.input.interruption import ECHO_TAIL, EchoWatch
from voice_local.conversation.input.waiting_turns import WaitingTurns
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.response import Response
from voice_local.conversation.speech_input import SpeechInput
from voice_local.conversation.surroundings import Surroundings
from voice_local.conversation.timing import OnePace, Timing
from voice_local.conversation.turn_inputs import (
    BeginNow,
    InterimKnown,
    Rules,
)
from voice_local.conversation.turn_manager import TurnManager

PULSE_S = 0.05
"""How often the session looks at the time while no sound comes."""

QUIET_S = 1.0
"""So long after the last turn the history may be summarized."""


class SessionCore:
    """A session without the methods that a client calls; see `session.VoiceSession`."""

    def __init__(
        self,
        context: ConversationContext,
        voice_activity: VoiceActivity | None = None,
        queue: SpeechQueue | None = None,
        echo_ratio: Callable[[float], float] = lambda seconds: 0.0,
        timing: Timing | None = None,
        *,
        paced_by_sound: bool = False,
    ) -> None:
        self.context = context
        self.queue = queue or SpeechQueue(SAMPLE_RATE, text_only=True)
        self._settings = context.settings.conversation
        self._frames = Frames()
        self._endpointer = Endpointer(context.settings.vad)
        self._echo = EchoWatch(echo_ratio)
        self._events = EventQueue()
        self._interim = InterimTranscriber(
            lambda audio, interim: context.transcribe(audio, interim=interim),
            self._settings.interim_interval_ms,
            self._on_interim,
        )
        self._input = SpeechInput(
            context.settings,
            voice_activity,
            self._endpointer,
            self._echo,
            self._interim,
            lambda: self._clock - self._spoke_at < ECHO_TAIL,
            WaitingTurns(context.transcribe, self._on_waiting),
            lambda event: self._emit(event, None, None),
        )
        self._prefill, self._due = PromptPrefill(context), DueQueue()
        self._clock = self._last_activity = 0
        self._spoke_at = -ECHO_TAIL
        self._asked_whether_there = False
        self._pulse: asyncio.Task[None] | None = None
        self._pulses = not paced_by_sound
        self._pushed_at = -math.inf  # loop time
        self._waiters: dict[str, asyncio.Future[ConversationTurn]] = {}  # by turn
        self._due_waiters: list[asyncio.Future[ConversationTurn]] = []
        self._closed = False
        self.phase = Phase.LISTENING
        self._turns = TurnManager(
            Surroundings(
                context,
                self.queue,
                self._endpointer,
                self._echo,
                self._interim,
                timing or OnePace(self.queue.sample_rate),
                lambda: self._input.heard,
                self._emit,
                self._prefill.user_speaks,
                self._turn_ended,
                self._due.add,
                speaks=queue is not None,
            )
        )
        if queue is None:  # a written answer that takes its time is not cut off by a timer
            self._due.max_wait = math.inf
        if reminders := context.responder.reminders:
            reminders.listen(self._due.add)

    def _run(self) -> None:
        """Looks at the time from now on."""
        if self._pulse is None and self._pulses:
            self._pulse = asyncio.create_task(self._look_at_time())

    async def _look_at_time(self) -> None:
        loop = asyncio.get_running_loop()
        longest_s = self.context.settings.vad.max_endpointing_delay_ms / 1000
        while True:
            await asyncio.sleep(PULSE_S)
            silent_s = loop.time() - self._pushed_at
            if silent_s < 2 * PULSE_S:
                continue  # the sound is the clock
            self._clock += int(PULSE_S * SAMPLE_RATE)
            gone = silent_s > longest_s and self._input.ends_by_silence
            if gone and self._input.commit(self._turns):
                self._last_activity = self._clock  # the client stopped in the middle of a turn
            self._tick()

    def _begin(self, start: Callable[[Response], None]) -> str:
        self._run()
        self._turns.feed(BeginNow(start))
        self._last_activity = self._clock
        current = self._turns.current
        assert current
        self._tick()
        return current.record.turn_id

    def _on_interim(self, stable: str, tentative: str, length_ms: float) -> None:
        if not self._turns.heeds_user:
            return
        self._emit(events.Partial(stable, tentative), None, None)
        state = self._turns.state
        if state.candidate is None and state.current is None:
            self._prefill.words(stable, tentative)  # else what is said before is not known yet
        self._turns.feed(InterimKnown(f"{stable} {tentative}".strip(), length_ms))

    def _on_waiting(self, text: str | None) -> None:
        self._emit(events.UserSaid(text or "", failed=text is None), None, None)

    def _tick(self) -> None:
        turns = self._turns
        turns.note_first_sound(turns.current)
        turns.tick()
        self._input.look_for_words(turns)
        if reminders := self.context.responder.reminders:
            reminders.look()
        if (due := self._due.next(self._clock, turns.busy)) is not None:
            turns.feed(BeginNow(lambda response: response.ring(due)))
        if not turns.busy:
            self._idle()
        if (now := turns.phase) is not self.phase:
            self.phase = now
            self._emit(events.StateChanged(now), None, None)

    def _idle(self) -> None:
        quiet_s = (self._clock - self._last_activity) / SAMPLE_RATE
        talked = bool(self.context.memory.exchanges) and self._input.heard > 0
        if quiet_s >= self._settings.idle_s and not self._asked_whether_there and talked:
            self._asked_whether_there = True
            self._begin(lambda response: response.announce(phrases.IDLE))
        elif quiet_s >= QUIET_S:
            self._prefill.idle()

    def _turn_ended(self, response: Response, whole: bool) -> None:
        record = response.record
        if whole:
            self._last_activity = self._spoke_at = self._clock
        if response.user_initiated:
            self._asked_whether_there = False
        if response.due is not None and not whole and not record.heard_text:
            self._due.add(response.due)  # cut off before it was heard: again
        elif response.due is not None:
            for waiter in self._due_waiters:
                if not waiter.done():  # else nobody waits any more
                    waiter.set_result(record)
            self._due_waiters.clear()
        if (one := self._waiters.pop(record.turn_id, None)) is not None and not one.done():
            if response.failure is not None:
                one.set_exception(response.failure)
            else:
                one.set_result(record)
        if not self._turns.busy:
            self._prefill.between_turns()

    def _emit(self, event: Event, response: Response | None, item: int | None) -> None:
        turn_id = response.record.turn_id if response else ""
        place = Place(self.context.id, turn_id, item, self._clock)
        self._events.put(replace(event, place=place))

    def _use_settings(self) -> None:
        settings = self.context.settings
        self._settings = settings.conversation
        self._endpointer.settings = settings.vad
        self._input.settings = settings
        self._turns.rules = Rules.of(settings)

    def _speak(self, speaks: bool) -> None:
        self.queue.text_only = not speaks
        self._turns.around.speaks = speaks

    async def aclose(self) -> None:
        """Stops everything; what has side effects and was begun is waited for."""
        if self._closed:
            return
        self._closed = True
        if reminders := self.context.responder.reminders:
            reminders.close()
        self._turns.cancel_all()
        self._input.waiting.clear()
        if self._pulse:
            self._pulse.cancel()
        context = self.context
        begun = (context.responder.aclose(), context.tools.settle())
        work = (self._prefill.aclose(), self._interim.aclose(), *begun)
        await asyncio.gather(*work, return_exceptions=True)
        for waiter in (*self._waiters.values(), *self._due_waiters):
            waiter.cancel()
        self._events.close()
