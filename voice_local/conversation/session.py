"""One person talking: sound and text in, events and speech out. The only way into a conversation.

The `turn_controller` decides, the `turn_manager` carries that out; here is what comes in. The clock
is the count of samples while sound comes, and the event loop's time while none does.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from voice_local.audio.types import SAMPLE_RATE, Audio, VoiceActivity
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
from voice_local.conversation.options import SessionUpdate, TurnDetection
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.response import Response
from voice_local.conversation.speech_input import SpeechInput
from voice_local.conversation.surroundings import Surroundings
from voice_local.conversation.text import checked_text
from voice_local.conversation.timing import OnePace, Timing
from voice_local.conversation.turn_inputs import (
    BeginNow,
    CancelResponse,
    ClearInput,
    InterimKnown,
    Tick,
    UtteranceEnded,
)
from voice_local.conversation.turn_manager import TurnManager

PULSE_S = 0.05
"""How often the session looks at the time while no sound comes."""

QUIET_S = 1.0
"""So long after the last turn the history may be summarized."""


class VoiceSession:
    """Push sound or text, read `events`, and play what `queue` gives.

    Args:
        context: what its turns share.
        voice_activity: None: it takes no sound.
        queue: where its speech goes; None: it is not spoken, answers come as text.
        echo_ratio: (seconds) → the part 0..1 of the energy last recorded that the loudspeaker had
            played.
        timing: the sound card's clocks; None: both sides run at one pace.
        paced_by_sound: sound comes without a break, so that it alone is the clock: of a sound card.

    Attributes:
        phase: what it is doing, as `events.StateChanged` tells it.
    """

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
            self._settings.partial_ms,
            self._on_interim,
        )
        self._input = SpeechInput(
            context.settings,
            voice_activity,
            self._endpointer,
            self._echo,
            self._interim,
            lambda: self._clock - self._spoke_at < ECHO_TAIL,
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
            self._due.patience = math.inf
        if reminders := context.responder.reminders:
            reminders.listen(self._due.add)

    # Sound and text in.

    def push_audio(self, samples: Audio, sample_rate: int = SAMPLE_RATE) -> None:
        """Takes the next sound of the user, float32 mono of any length. Returns at once; must run
        in the event loop.

        Raises:
            AudioInputError: a rate that no sound has, or samples of another shape.
        """
        for frame in self._frames.push(samples, sample_rate):
            self.push_frame(frame)

    def push_frame(self, frame: Audio) -> None:
        """Takes the next 512 samples of 16 kHz; else as `push_audio`."""
        self._run()
        if not self._input.heard:
            self._prefill.between_turns()
        self._pushed_at = asyncio.get_running_loop().time()
        self._clock += len(frame)
        if self._input.push(frame, self._turns):
            self._last_activity = self._clock
        self._tick()

    def push_text(self, text: str) -> str:
        """Takes a typed turn, to be answered at once; it cuts off what is being said.

        Returns the turn's id.

        Raises:
            TextInputError: an empty or too long text.
        """
        checked = checked_text(text)
        return self._begin(lambda response: response.answer_text(checked))

    async def ask(self, text: str) -> ConversationTurn:
        """As `push_text`, and waits for the end of the turn.

        Raises:
            TextInputError: an empty or too long text. VoiceLocalError: the turn failed.
        """
        waiter: asyncio.Future[ConversationTurn] = asyncio.get_running_loop().create_future()
        self._waiters[self.push_text(text)] = waiter
        return await waiter

    async def next_due(self) -> ConversationTurn:
        """Waits until what is due next, such as a timer, has been said."""
        waiter: asyncio.Future[ConversationTurn] = asyncio.get_running_loop().create_future()
        self._due_waiters.append(waiter)
        self._run()
        return await waiter

    def commit_input(self) -> bool:
        """What was said so far is the user's whole turn. False: nothing was said."""
        said = self._input.commit(self._turns)
        if said:
            self._last_activity = self._clock
            self._tick()
        return said

    def clear_input(self) -> None:
        """Forgets what the user is saying, and what was said and is not answered yet."""
        self._input.clear()
        self._turns.feed(ClearInput())
        self._tick()

    # Answers.

    def create_response(self, instructions: str = "") -> bool:
        """Answers input that waits for it, or else says what the LLM makes of `instructions`.
        False: there is neither.

        Raises:
            TextInputError: too long instructions.
        """
        ended, self._input.awaiting = self._input.awaiting, None
        if ended is not None:
            self._turns.feed(UtteranceEnded(), ended)
            return True
        if not instructions:
            return False
        told = checked_text(instructions)
        self._begin(lambda response: response.instruct(told))
        return True

    def say(self, text: str) -> None:
        """Lets the assistant say `text` of its own accord; it cuts off what is being said.

        Raises:
            TextInputError: an empty or too long text.
        """
        checked = checked_text(text)
        self._begin(lambda response: response.announce(checked))

    def cancel_response(self) -> None:
        """Ends what is being said or prepared, as if the user had spoken over it."""
        self._turns.feed(CancelResponse())
        self._tick()

    def truncate(self, turn_id: str, played_s: float) -> bool:
        """A client that plays the sound itself has played so much of that turn's answer: the
        history keeps no more. False: the turn is not known any more."""
        text = self.queue.text_until(self._turns.generation_of(turn_id), played_s)
        return text is not None and self.context.memory.truncate(turn_id, text)

    def update(self, changes: SessionUpdate) -> None:
        """Changes what is not None, from the next turn on."""
        changes.apply_to(self.context)
        if changes.auto_response is not None:
            self._input.auto_response = changes.auto_response
        if changes.turn_detection is not None:
            self._input.detection = changes.turn_detection
            self._input.set_patience()

    # Events out.

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until `aclose`. For one reader; see `EventQueue` for a slow one."""
        self._run()
        while (event := await self._events.get()) is not None:
            yield event

    def emit(self, event: Event) -> None:
        """Tells the reader something that happened beside the conversation."""
        self._emit(event, None, None)

    # Push to talk.

    def hold(self) -> None:
        """The user takes the turn: no silence ends it until `release`."""
        self._input.hold()

    def release(self) -> None:
        """The user gives the turn back: what is still on its way or being said belongs to it, then
        no sound counts."""
        self._input.release()

    @property
    def muted(self) -> bool:
        """While true, no sound counts, nor is it kept."""
        return self._input.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._input.muted = muted

    # How it stands.

    @property
    def heard_s(self) -> float:
        """Seconds of sound that it has been given."""
        return self._input.heard / SAMPLE_RATE

    @property
    def only_playing(self) -> bool:
        """Whether nothing is left of the turn but to play what is ready."""
        current = self._turns.current
        if current is None or not current.done or self._endpointer.speaking:
            return False
        return self.queue.first_audible is not None

    @property
    def busy(self) -> bool:
        """Whether a turn is going on."""
        return self._turns.busy

    def due_within(self, seconds: float) -> bool:
        """Whether something, such as a timer, is being said, is due now or in so many seconds."""
        reminders, current = self.context.responder.reminders, self._turns.current
        if self._due or (current is not None and current.due is not None):
            return True
        return reminders is not None and reminders.due_within(seconds)

    async def aclose(self) -> None:
        """Stops everything; what has side effects and was begun is waited for."""
        if self._closed:
            return
        self._closed = True
        if reminders := self.context.responder.reminders:
            reminders.close()
        self._turns.cancel_all()
        if self._pulse:
            self._pulse.cancel()
        context = self.context
        begun = (context.responder.aclose(), context.tools.settle())
        work = (self._prefill.aclose(), self._interim.aclose(), *begun)
        await asyncio.gather(*work, return_exceptions=True)
        for waiter in (*self._waiters.values(), *self._due_waiters):
            waiter.cancel()
        self._events.close()

    # What happens inside.

    def _run(self) -> None:
        """Looks at the time from now on."""
        if self._pulse is None and self._pulses:
            self._pulse = asyncio.create_task(self._look_at_time())

    async def _look_at_time(self) -> None:
        loop = asyncio.get_running_loop()
        longest_s = self.context.settings.vad.commit_longest_ms / 1000
        while True:
            await asyncio.sleep(PULSE_S)
            silent_s = loop.time() - self._pushed_at
            if silent_s < 2 * PULSE_S:
                continue  # the sound is the clock
            self._clock += int(PULSE_S * SAMPLE_RATE)
            if (
                silent_s > longest_s
                and self._input.detection is TurnDetection.VAD
                and not self._input.held
            ):
                self.commit_input()  # the client has stopped sending in the middle of a turn
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
        if not self._endpointer.speaking:
            return
        self._emit(events.Partial(stable, tentative), None, None)
        state = self._turns.state
        if state.candidate is None and state.current is None:
            self._prefill.words(stable, tentative)  # else what is said before is not known yet
        self._turns.feed(InterimKnown(f"{stable} {tentative}".strip(), length_ms))

    def _tick(self) -> None:
        turns = self._turns
        turns.note_first_sound(turns.current)
        turns.feed(Tick())
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
