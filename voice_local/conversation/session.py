"""One person talking: sound and text in, events and speech out. The only way into a conversation;
host programs get one around a sound card from `Assistant.converse`.

The `turn_controller` decides, the `turn_manager` carries that out, the `session_core` moves in
time; here is what a client calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.conversation.events import Event
from voice_local.conversation.options import SessionUpdate
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session_core import SessionCore
from voice_local.conversation.text import checked_text
from voice_local.conversation.turn_inputs import (
    CancelResponse,
    ClearInput,
)


class VoiceSession(SessionCore):
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
        phase: what it is doing, as in `events.StateChanged`.
    """

    # Sound and text in.

    def push_audio(self, samples: Audio, sample_rate: int = SAMPLE_RATE) -> None:
        """Takes the next sound of the user, float32 mono of any length. Returns at once; must run
        in the event loop.

        Raises:
            AudioInputError: an unsupported rate, or samples of another shape.
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
        """Takes a typed turn, to be answered at once, and ends what is being played.

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
        """What was said so far is the user's whole turn. False: nothing was said, or nothing that
        asks for an answer."""
        said = self._input.commit(self._turns)
        if said:
            self._last_activity = self._clock
        self._tick()
        return said

    def clear_input(self, *, committed: bool = True) -> None:
        """Forgets what the user is saying; with `committed` also what waits for its answer."""
        self._input.clear(committed=committed)
        self._turns.feed(ClearInput())
        self._tick()

    # Answers.

    def create_response(self, instructions: str = "") -> bool:
        """Answers input that waits for it, else says the LLM's answer to `instructions`. False:
        there is neither.

        Raises:
            TextInputError: too long instructions.
        """
        if self._input.waiting:
            words = self._input.waiting.take()
            self._begin(lambda response: response.answer_waiting(words))
            return True
        if not instructions:
            return False
        text = checked_text(instructions)
        self._begin(lambda response: response.instruct(text))
        return True

    def say(self, text: str) -> None:
        """Says `text` now, and ends the answer that is being played.

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
        text = self.queue.text_until(self._turns.answers.generation_of(turn_id), played_s)
        return text is not None and self.context.memory.truncate(turn_id, text)

    def update(self, changes: SessionUpdate) -> None:
        """Changes what is not None, from the next turn on."""
        changes.apply_to(self.context)
        if changes.vad is not None or changes.conversation is not None:
            self._use_settings()
        if changes.spoken is not None:
            self._speak(changes.spoken)
        if changes.auto_response is not None:
            self._input.auto_response = changes.auto_response
        if changes.turn_detection is not None:
            self._input.detection = changes.turn_detection
            self._input.apply_detection()

    # Events out.

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until `aclose`. For one reader; see `EventQueue` for a slow one."""
        self._run()
        while (event := await self._events.get()) is not None:
            yield event

    def emit(self, event: Event) -> None:
        """Passes an event from outside the conversation to the reader."""
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

    # State.

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
    def has_waiting_input(self) -> bool:
        """Whether anything said waits for `create_response`."""
        return bool(self._input.waiting)

    @property
    def current_turn_id(self) -> str:
        """Of the turn that is being answered; empty: none is."""
        current = self._turns.current
        return current.record.turn_id if current is not None else ""

    @property
    def current_record(self) -> ConversationTurn | None:
        """What is known so far of the turn that is being answered; None: none is."""
        current = self._turns.current
        return current.record if current is not None else None

    @property
    def busy(self) -> bool:
        """Whether a turn is going on, or something is due to be said."""
        return self._turns.busy or bool(self._due)

    def due_within(self, seconds: float) -> bool:
        """Whether something, such as a timer, is being said, is due now or in so many seconds."""
        reminders, current = self.context.responder.reminders, self._turns.current
        if self._due or (current is not None and current.due is not None):
            return True
        return reminders is not None and reminders.due_within(seconds)
