"""A live conversation: frames of sound in, events out, answers to a loudspeaker.

Everything is decided on the sample clock of the frames. A turn starts to be thought about at the
first pause and is heard once the pause has become an end; the user may interrupt, be echoed, cough,
or say "mhm" without losing the answer.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
    VoiceActivity,
)
from voice_local.conversation import (
    events,
    phrases,
)
from voice_local.conversation.context.conversation_context import Dialogue
from voice_local.conversation.context.prefill import PromptAhead
from voice_local.conversation.input.endpointing import (
    Dip,
    Endpointer,
    Pause,
    Resumed,
    SpeechEnded,
    SpeechStarted,
    last_audible,
)
from voice_local.conversation.input.interim import Partials
from voice_local.conversation.input.interruption import (
    ECHO_TAIL,
    KEPT_OVER_ECHO,
    OwnVoiceWatch,
    Verdict,
    judge,
)
from voice_local.conversation.output.speech_queue import Loudspeaker
from voice_local.conversation.rings import Rings
from voice_local.conversation.speculation import Thought
from voice_local.conversation.timing import (
    OnePace,
    Timing,
)
from voice_local.conversation.turn import Heard

NOTHING: Audio = np.zeros(0, dtype=np.float32)
QUESTION_ENDS_S = 1.2
"""Seconds of a question that may be left when it is answered: people know what it will be."""
RELEASED = SAMPLE_RATE * 3 // 10
"""Samples after push to talk is let go in which a first word may still arrive."""


class LiveConversation:
    """One person talking. Feed `hear`, read `stream`, let a device pull from `loudspeaker`.

    `own_share(seconds)`: the part 0..1 of the energy last heard that the loudspeaker had played.
    `timing`: the sound card's clocks; None: both sides run at one pace.

    Attributes:
        state: as `events.StateChanged` tells it.
        muted: while true, nothing is heard, nor kept.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        voice_activity: VoiceActivity,
        loudspeaker: Loudspeaker,
        own_share: Callable[[float], float] = lambda seconds: 0.0,
        timing: Timing | None = None,
    ) -> None:
        self.dialogue, self.loudspeaker = dialogue, loudspeaker
        self._timing = timing or OnePace(loudspeaker.sample_rate)
        self._vad, self._settings = voice_activity, dialogue.settings.conversation
        self._own_voice = OwnVoiceWatch(own_share)
        self._endpointer = Endpointer(dialogue.settings.vad)
        self._events: asyncio.Queue[events.Event | None] = asyncio.Queue()
        self._answer: Thought | None = None  # committed, being thought of or heard
        self._next: Thought | None = None  # of the utterance that is going on or just ended
        self._deciding = (
            False  # the answer is paused until it is known whether this is an interruption
        )
        self._dismissed = False  # the utterance going on is no turn
        self._wasted_ms, self._speculations = 0.0, 0
        self._before = NOTHING  # said just before the utterance that goes on, and part of its turn
        self._partials = Partials(
            lambda audio, interim: dialogue.transcribe(audio, interim=interim),
            self._settings.partial_ms,
            self._passed,
        )
        self._ahead = PromptAhead(dialogue)
        self._rings = Rings()
        self._timers = dialogue.abilities.timers if dialogue.abilities else None
        if self._timers:
            self._timers.listen(self._rings.add)
        self._clock = self._last_activity = 0
        self._last_spoke = -ECHO_TAIL
        self._idle_said = False
        self._mute_at: int | None = None
        self._held = False
        self.state, self.muted = "listening", False

    # What the front end calls.

    def hear(self, frame: Audio) -> None:
        """Takes the next 512 samples (16 kHz) of the microphone. Returns at once; must run in the
        event loop."""
        if not self._clock:
            self._ahead.between_turns()
        self._clock += len(frame)
        if (
            self._mute_at is not None
            and self._clock >= self._mute_at
            and not self._endpointer.speaking
        ):
            self.muted, self._mute_at, self._endpointer.patience_ms = True, None, None
        if self.muted:  # not even the pre-roll of what is said next
            frame = np.zeros_like(frame)
        probability = 0.0 if self.muted else self._vad.probability(frame)
        for event in self._endpointer.push(frame, probability):
            self._on(event)
        if (self._own_voice.heard or self._deciding) and self._endpointer.voiced_end == self._clock:
            self._over_answer()
        self._tick()

    async def stream(self) -> AsyncIterator[events.Event]:
        """What happens, until `aclose`."""
        while (event := await self._events.get()) is not None:
            yield event

    def say(self, text: str) -> None:
        """Lets the assistant say `text` of its own accord; it cuts off what is being said."""
        thought = self._thought()
        thought.announce(text)
        self._commit(thought)

    def interrupt(self) -> None:
        """Ends what is being said or thought of, as if the user had spoken over it; does nothing
        while there is nothing."""
        if self._answer is not None:
            self._deciding = False
            self._interrupt(by_voice=False)
            self._tick()

    def read(self, text: str) -> None:
        """Takes a typed turn of the user, to be answered aloud; it cuts off what is being said."""
        thought = self._thought()
        thought.read(text)
        self._commit(thought)

    def hold(self) -> None:
        """The user takes the turn (push to talk): no silence ends it until `release`."""
        self._held = True
        self.muted, self._mute_at, self._endpointer.patience_ms = False, None, math.inf

    def release(self) -> None:
        """The user gives the turn back: what is still on its way or being said belongs to it, then
        nothing is heard."""
        self._endpointer.patience_ms = self.dialogue.settings.vad.pause_ms
        self._held = False
        self._mute_at = self._clock + RELEASED

    def end_of_sound(self) -> None:
        """The microphone has ended: what was being said is over."""
        for event in self._endpointer.flush():
            self._on(event)
        self._tick()

    @property
    def heard_s(self) -> float:
        """Seconds of sound that it has been given."""
        return self._clock / SAMPLE_RATE

    @property
    def busy(self) -> bool:
        """Whether a turn is going on."""
        return self._endpointer.speaking or self._answer is not None or self._next is not None

    def rings_within(self, seconds: float) -> bool:
        """Whether a timer rings now or in so many seconds."""
        return bool(self._rings) or (self._timers is not None and self._timers.due_within(seconds))

    async def aclose(self) -> None:
        """Stops everything."""
        if self._timers:
            self._timers.close()
        for thought in (self._answer, self._next):
            if thought:
                thought.cancel()
        await asyncio.gather(self._ahead.aclose(), self._partials.aclose(), return_exceptions=True)
        self._events.put_nowait(None)

    # What the endpointer tells.

    def _on(self, event: object) -> None:
        self._last_activity = self._clock
        if isinstance(event, SpeechStarted):
            self._ahead.user_speaks()
            self._partials.begin()
            self._dismissed = False
            self._before = NOTHING
            if self._next and self._close_to(self._next):  # ended, but its words are not known yet
                self._before = self._next.audio
                self._take_back()
            else:
                if self._next:
                    self._commit(self._next)
                self._wasted_ms, self._speculations = 0.0, 0
            self._own_voice.begin(
                event.sample, self._answer is not None or self._clock - self._last_spoke < ECHO_TAIL
            )
            self._over_answer()
        elif isinstance(event, Dip):
            if self._settings.dips and self._settings.speculate and self._heeded:
                self._partials.look(
                    self._endpointer.so_far(), event.sample, self._endpointer.length_ms
                )
        elif isinstance(event, Pause):
            if self._settings.speculate and not self._own_voice.heard:
                self._think(self._utterance(self._endpointer.so_far()))
        elif isinstance(event, Resumed):
            self._take_back()
            self._dismissed = False
            self._own_voice.go_on(event.sample)
            self._over_answer()
        elif isinstance(event, SpeechEnded):
            if self._held:
                self._endpointer.patience_ms = math.inf
            self._ended(event)

    def _ended(self, event: SpeechEnded) -> None:
        if self._dismissed or self._own_voice.heard:
            return
        if self._next is None:
            self._think(self._utterance(event.audio))
        thought = self._next
        assert thought
        thought.record.commit_window_ms = (event.committed - event.end) * 1000 / SAMPLE_RATE
        thought.end, thought.spoken = event.end, self._timing.captured(last_audible(event))
        thought.ended = True
        if thought.judged:
            self._commit(thought)

    def _over_answer(self) -> None:
        """There is a voice. Is it the assistant's own? Else, if it speaks over the answer, is it to
        interrupt?"""
        was = self._own_voice.heard
        if self._own_voice.still_heard(self._clock):
            if self._deciding:  # its first moments did not tell
                self._go_on(Verdict.OWN_VOICE)
            return
        if was:
            self._endpointer.forget_before(self._clock - KEPT_OVER_ECHO)
        if self._answer is None or self._deciding:
            return
        if not self._settings.barge_in and not self._joins(self._answer):
            self._dismissed = True
            return
        self._deciding = True
        self._partials.hurry(self._settings.decide_ms)
        self.loudspeaker.pause()

    # Thinking ahead.

    def _utterance(self, audio: Audio) -> Heard:
        """The speech so far, with what the interim passes know of it."""
        end = self._endpointer.sound_end
        return Heard(
            audio, transcript=self._partials.known(end), pending=self._partials.under_way(end)
        )

    def _think(self, heard: Heard) -> None:
        if self._dismissed:
            return
        before = self._before
        if not len(before) and self._answer and self._joins(self._answer):
            before = self._answer.audio
        if len(before):
            heard = Heard(np.concatenate([before, heard.audio]))
        thought = self._thought()
        thought.audio = heard.audio
        self._next = thought
        thought.ahead = self._endpointer.speaking
        self._speculations += thought.ahead
        thought.begin(heard)

    def _joins(self, answer: Thought) -> bool:
        """Whether what the user says now belongs to the same turn: nothing was done and no word of
        the answer heard."""
        return self._close_to(answer) and answer.joinable and not self.loudspeaker.heard()

    def _close_to(self, thought: Thought) -> bool:
        """Whether at most a long pause lies between it and what the user says now, and it is no
        longest turn by itself."""
        vad = self.dialogue.settings.vad
        gap_ms = (self._endpointer.start - thought.end) * 1000 / SAMPLE_RATE
        return gap_ms <= vad.commit_longest_ms and len(thought.audio) < vad.max_turn_s * SAMPLE_RATE

    def _thought(self) -> Thought:
        return Thought(self.dialogue, self.loudspeaker, self._words_known, self._tell, self._keep)

    def _take_back(self) -> None:
        """The user goes on: what was thought ahead is wasted."""
        if self._next:
            self._wasted_ms += self._next.cancel()
            self._next = None

    def _words_known(self, thought: Thought, text: str) -> bool:
        """The words of an utterance that has paused or ended. False: it is no turn."""
        known, thought.judged = thought.judged, True
        if thought is not self._next:
            if thought is self._answer and not known:
                self._tell(events.UserSaid(text))
            return thought is self._answer
        if (
            self._deciding and thought.unheard
        ):  # somebody spoke, and nobody knows what: it is no false alarm
            self._deciding = False
            self._interrupt(by_voice=True)
        elif self._deciding and not self._decided(text, final=True):
            self._next = None
            return False
        echo = self._own_voice.believable(self._answer is not None)
        own = echo and judge(text, self.loudspeaker.recent_words(), self._settings, True)
        noise = (
            not text
            and not thought.unheard
            and self._endpointer.length_ms < self._settings.tolerant_s * 1000
        )
        if own is Verdict.OWN_VOICE or noise:
            self._next, self._dismissed = None, self._endpointer.speaking
            return False
        if thought.ended:
            self._commit(thought)
        return True

    # Interrupting.

    def _decided(self, text: str, final: bool) -> bool:
        """Whether the words that sound over the answer end it. If they do not, it goes on."""
        verdict = judge(text, self.loudspeaker.recent_words(), self._settings, final)
        if verdict is Verdict.WAIT:
            return False
        if verdict is Verdict.INTERRUPTION or (
            verdict is Verdict.BACKCHANNEL and self._question_ends
        ):
            self._deciding = False
            self._interrupt(by_voice=True)
            return True
        self._dismissed = self._endpointer.speaking
        self._go_on(verdict)
        return False

    @property
    def _question_ends(self) -> bool:
        """Whether the answer ends with a question that is nearly over: a "yes" over its end answers
        it."""
        answer = self._answer
        return (
            answer is not None
            and answer.over
            and answer.record.assistant_text.rstrip().endswith("?")
            and self.loudspeaker.queued_s <= QUESTION_ENDS_S
        )

    def _go_on(self, why: Verdict) -> None:
        """What had paused the answer was no interruption."""
        self._deciding = False
        self.loudspeaker.resume()
        self._tell(events.Continued(why.value))

    def _interrupt(self, by_voice: bool) -> None:
        answer = self._answer
        if answer is None:
            return
        if answer.over and self.loudspeaker.drained:
            self._finish(answer)  # the last word had just sounded
            return
        spent = answer.cancel()
        if by_voice and self._joins(answer):
            self.loudspeaker.cut()
            self._answer, self._before = None, answer.audio
            self._wasted_ms += spent + answer.record.speculation_wasted_ms
            self._speculations += answer.record.speculations
            self._tell(events.Joined())
            return
        answer.record.interrupted = True
        heard = self.loudspeaker.cut()
        self._tell(events.Interrupted(heard))
        self._close(answer, heard)

    # Committing and ending.

    def _commit(self, thought: Thought) -> None:
        if self._answer:
            self._interrupt(by_voice=len(thought.audio) > 0)
        if self._next is thought:
            self._next = None
        self._answer, self._deciding = thought, False
        if thought.asked:
            self._idle_said = False
            thought.record.speculations, thought.record.speculation_wasted_ms = (
                self._speculations,
                self._wasted_ms,
            )
            if thought.judged:
                self._tell(events.UserSaid(thought.record.user_text))
        thought.commit()

    def _finish(self, answer: Thought) -> None:
        """The answer has sounded to its end."""
        self._last_activity = self._last_spoke = self._clock
        self._close(answer, answer.record.assistant_text)

    def _close(self, answer: Thought, heard: str) -> None:
        self._answer = None
        record = answer.record
        record.heard_text = heard
        self._note_first_sound(answer)
        if answer.sounded is not None and answer.spoken is not None:
            record.first_audio_ms = (answer.sounded.at_s - answer.spoken.at_s) * 1000
            record.input_age_ms, record.output_latency_ms = (
                answer.spoken.latency_ms,
                answer.sounded.latency_ms,
            )
        answer.remember(heard)
        self.dialogue.answered(record)
        if answer.timer is not None and not heard:
            self._rings.add(answer.timer)  # cut off before it was heard: again
        self._tell(events.TurnEnded(record))
        if not self.busy:
            self._ahead.between_turns()

    def _note_first_sound(self, answer: Thought) -> None:
        first = self.loudspeaker.first_audible
        if answer.sounded is None and first is not None:
            answer.sounded = self._timing.sounded(first)

    def _keep(self, thought: Thought) -> None:
        """Told when a thought has nothing more to send."""
        if thought is self._next and not thought.judged:
            self._next = None

    # Every frame.

    def _tick(self) -> None:
        if self._next and self._next.complete_prob is not None and self._endpointer.speaking:
            self._endpointer.believe(self._next.complete_prob)
        if self._answer:
            self._note_first_sound(self._answer)
        if self._answer and self._answer.over and self.loudspeaker.drained and not self._deciding:
            self._finish(self._answer)
        if self._heeded:
            length_ms = self._endpointer.length_ms
            if self._next is None and self._partials.due(length_ms):
                self._partials.start(
                    self._endpointer.so_far(), self._endpointer.sound_end, length_ms
                )
        if self._deciding and not self._endpointer.speaking and self._next is None:
            self._decided("", final=True)
        if self._timers:
            self._timers.look()
        if (timer := self._rings.next(self._clock, self.busy)) is not None:
            thought = self._thought()
            thought.ring(timer)
            self._commit(thought)
        if not self.busy:
            self._idle()
        state = self._current_state()
        if state != self.state:
            self.state = state
            self._tell(events.StateChanged(state))

    @property
    def _heeded(self) -> bool:
        """Whether the user is speaking to the assistant."""
        return self._endpointer.speaking and not self._dismissed and not self._own_voice.heard

    def _current_state(self) -> str:
        if self._deciding and self.loudspeaker.paused:
            return "paused"
        if self._heeded:
            return "hearing"
        if self._answer:
            return "speaking" if self.loudspeaker.queued_s > 0 else "thinking"
        return "thinking" if self._next else "listening"

    def _passed(self, stable: str, tentative: str, length_ms: float) -> None:
        """The words of the utterance so far."""
        if not self._endpointer.speaking:
            return
        self._tell(events.Partial(stable, tentative))
        if (
            self._next is None and self._answer is None
        ):  # else what is said before it is not known yet
            self._ahead.words(stable, tentative)
        text = f"{stable} {tentative}".strip()
        if (
            self._deciding
            and not self._decided(text, final=False)
            and not text
            and length_ms >= self._settings.decide_ms
        ):
            self.loudspeaker.resume()  # still no word: it goes on, and words may yet end it

    def _idle(self) -> None:
        quiet_s = (self._clock - self._last_activity) / SAMPLE_RATE
        if (
            quiet_s >= self._settings.idle_s
            and not self._idle_said
            and self.dialogue.memory.exchanges
        ):
            self._idle_said = True
            self.say(phrases.IDLE)
        elif quiet_s >= 1.0:
            self._ahead.idle()

    def tell(self, event: events.Event) -> None:
        """Tells the front end something that happened beside the conversation."""
        self._tell(event)

    def _tell(self, event: events.Event) -> None:
        self._events.put_nowait(event)
