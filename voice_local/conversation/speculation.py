"""A turn that may yet be taken back: begun at a pause, kept or thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import numpy as np

from voice_local.audio.clocks import Moment
from voice_local.audio.types import Audio
from voice_local.conversation import events
from voice_local.conversation.context.conversation_context import Dialogue
from voice_local.conversation.output.gate import HeldOutlet
from voice_local.conversation.output.speech_queue import Loudspeaker
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.turn import (
    Heard,
    Turn,
)
from voice_local.errors import VoiceLocalError
from voice_local.skills.abilities.timers import Timer


class Thought:
    """A running `Turn`, its outlet closed until `commit`.

    Attributes:
        audio: what it is about; empty for an announcement.
        asked: whether the user said something; false for an announcement.
        ahead: whether it was begun before the user had surely finished.
        judged: whether its words are known and stand.
        ended: whether the user's utterance has been committed.
        over: whether it has sent all it will.
        end: one past the utterance's last voiced sample.
        spoken: the user's last audible sample, when it was in the air.
        sounded: the answer's first audible sample, when it was in the air.
        timer: what rings, if it is no answer.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        loudspeaker: Loudspeaker,
        words_known: Callable[[Thought, str], bool],
        tell: Callable[[events.Event], None],
        done: Callable[[Thought], None],
    ) -> None:
        self._dialogue, self._tell, self._done = dialogue, tell, done
        self._outlet = HeldOutlet(
            loudspeaker, lambda text, audible: tell(events.AssistantSays(text, audible))
        )
        self._turn = Turn(dialogue, self._outlet, lambda text: words_known(self, text), self._act)
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0
        self.audio: Audio = np.zeros(0, dtype=np.float32)
        self.judged = self.ended = self.over = self.asked = self.ahead = False
        self.end = 0
        self.spoken: Moment | None = None
        self.sounded: Moment | None = None
        self.timer: Timer | None = None

    @property
    def record(self) -> ConversationTurn:
        """The turn's record."""
        return self._turn.record

    @property
    def complete_prob(self) -> float | None:
        """That the user's sentence is finished, once known."""
        return self._turn.complete_prob

    @property
    def unheard(self) -> bool:
        """Whether the recognizer failed: that there are no words then tells nothing."""
        return self._turn.unheard

    @property
    def joinable(self) -> bool:
        """Whether more words of the user may still be taken as the same utterance: nothing was done
        yet."""
        return (
            self.asked
            and len(self.audio) > 0
            and self.record.action is None
            and not self._turn.bound
        )

    def begin(self, heard: Heard) -> None:
        """Starts to think about `heard`."""
        self.asked = True
        self._start(lambda: self._turn.run(heard))

    def announce(self, text: str) -> None:
        """Starts to say `text` unasked."""
        self.judged = True
        self._start(lambda: self._turn.announce(text))

    def ring(self, timer: Timer) -> None:
        """Starts to let `timer` be heard."""
        self.judged = True
        self.timer = timer
        self._start(lambda: self._turn.ring(timer))

    def read(self, text: str) -> None:
        """Starts to answer typed words."""
        self.judged = self.asked = True
        self.record.user_text = text
        self._start(lambda: self._turn.run(text))

    def _start(self, work: Callable[[], Coroutine[object, object, ConversationTurn]]) -> None:
        self._began = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._run(work))

    async def _run(self, work: Callable[[], Coroutine[object, object, ConversationTurn]]) -> None:
        try:
            await work()
        except VoiceLocalError as error:
            self.record.fallbacks.append(f"failed: {error.cause}")
        finally:
            self.over = True
            self._outlet.finish()
            self._done(self)

    def commit(self) -> None:
        """The user has finished: what is ready may be heard."""
        now = asyncio.get_running_loop().time()
        ready = self._turn.first_sound if self._turn.first_sound is not None else now
        if self.ahead:
            self.record.speculation_hit = True
            self.record.speculation_saved_ms = (min(ready, now) - self._began) * 1000
        self._turn.committed.set()
        self._outlet.open()
        if self.over:
            self._outlet.finish()
        self._act()

    def _act(self) -> None:
        """Tells the host program what to do, once that is known and the user has surely
        finished."""
        if self.record.action and self._turn.committed.is_set():
            self._tell(events.Action(self.record.action, self.record.params))

    def cancel(self) -> float:
        """Stops it; the milliseconds it had been at work."""
        spent = asyncio.get_running_loop().time() - self._began
        if self._task:
            self._task.cancel()
        return spent * 1000

    def remember(self, heard: str) -> None:
        """Takes the turn into the memory, its answer as far as it was `heard`."""
        record = self.record
        if self.asked and record.user_text and heard:
            self._dialogue.remember(record, self._turn.context, heard)
