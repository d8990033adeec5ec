"""Carries out what the turn controller decides: starts, commits, cancels and ends responses."""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.conversation import events
from voice_local.conversation.due import LateReply
from voice_local.conversation.events import Event, Phase
from voice_local.conversation.input.endpointing import SpeechEnded, last_audible
from voice_local.conversation.input.recognition import Failed, Outcome, Utterance
from voice_local.conversation.output.recent_answers import RecentAnswers
from voice_local.conversation.responder import Reply
from voice_local.conversation.response import Response
from voice_local.conversation.surroundings import Surroundings
from voice_local.conversation.turn_controller import reduce
from voice_local.conversation.turn_inputs import (
    Commit,
    Do,
    DropCandidate,
    Effect,
    EndUtterance,
    Facts,
    Finish,
    FormerSoundIsEcho,
    GoOn,
    Input,
    Interrupt,
    Merge,
    ResponseDone,
    Rules,
    StartCandidate,
    StartNow,
    Tick,
    TranscriptKnown,
    TurnState,
)

NO_SOUND: Audio = np.zeros(0, dtype=np.float32)


class TurnManager:
    """See the module. `state` is the controller's; `around`: what the turns share; `answers`: which
    the last turns were given."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.rules = Rules.of(around.context.settings)
        self.state = TurnState()
        self._responses: dict[int, Response] = {}
        self._prefix: Audio = NO_SOUND
        self._reporting: int | None = None  # whose transcript is being handled now
        self._ending: SpeechEnded | None = None
        self._wasted_ms, self._speculations = 0.0, 0
        self._echo_ended = False
        self.answers = RecentAnswers()

    # What the session asks.

    @property
    def busy(self) -> bool:
        """Whether a turn is going on."""
        named = (self.state.current, self.state.candidate)
        return self.around.endpointer.speaking or named != (None, None)

    @property
    def current(self) -> Response | None:
        """The committed response that is being made or played."""
        return self._response(self.state.current)

    @property
    def candidate(self) -> Response | None:
        """The response to the current utterance, or to the one that has just ended."""
        return self._response(self.state.candidate)

    @property
    def heeds_user(self) -> bool:
        """Whether the user is speaking to the assistant."""
        around = self.around
        return around.endpointer.speaking and not self.state.dismissed and not around.echo.is_echo

    @property
    def phase(self) -> Phase:
        """What the session is doing."""
        return self.around.phase(self.state)

    def tick(self) -> None:
        """Time has passed."""
        current, around = self.current, self.around
        if current is None:
            return
        done = current.done and around.queue.drained
        undecided = around.endpointer.speaking or self.state.candidate is not None
        if not (
            undecided if self.state.interruption_pending else not done
        ):  # else there is nothing that time alone changes
            self.feed(Tick())

    def listen_for_echo(self) -> None:
        """There is a voice: whether it is the assistant's own is measured again."""
        was = self.around.echo.is_echo
        now = self.around.echo.still_echo(self.around.heard())
        self._echo_ended = was and not now

    def feed(self, happened: Input, ending: SpeechEnded | None = None) -> None:
        """Lets the controller decide, and does what it wants. `ending`: of `UtteranceEnded`."""
        self._ending = ending
        self.state, effects = reduce(self.state, happened, self._facts(), self.rules)
        self._echo_ended = False
        for effect in effects:
            self._do(effect)
        self._ending = None

    def cancel_all(self) -> list[Response]:
        """Stops everything; the responses that were under way."""
        running = [one for one in self._responses.values() if not one.done]
        for response in running:
            response.cancel()
        return running

    # What responses tell.

    def on_transcript(self, response: Response, outcome: Outcome) -> bool:
        """See `ResponseCallbacks`."""
        was_known, response.transcript_known = response.transcript_known, True
        if response.number != self.state.candidate:
            if (is_current := response.number == self.state.current) and not was_known:
                self.around.emit(response.said(outcome.text), response, None)
            return is_current
        response.recognition_failed = isinstance(outcome, Failed)
        self._reporting = response.number
        try:
            self.feed(TranscriptKnown(response.number, outcome.text))
        finally:
            self._reporting = None
        return response.number in (self.state.candidate, self.state.current)

    def on_done(self, response: Response) -> None:
        """See `ResponseCallbacks`."""
        self.feed(ResponseDone(response.number))
        self._forget_old()

    def on_late(self, response: Response, reply: Reply | None) -> None:
        """See `ResponseCallbacks`."""
        if reply is None:
            return
        record = response.record
        self.around.context.memory.note_late(record.turn_id, reply.text)
        if reply.text:  # first, so that whoever obeys the action knows that words are to come
            self.around.late(LateReply(record.handled_by or record.intent or "", reply.text))
        if reply.action:
            action = events.Action(reply.action, dict(reply.params), late=True)
            self.around.emit(action, response, None)

    def emit(self, event: Event, response: Response | None = None, item: int | None = None) -> None:
        """See `ResponseCallbacks`."""
        self.around.emit(event, response, item)

    # Facts.

    def _response(self, number: int | None) -> Response | None:
        return None if number is None else self._responses.get(number)

    def _facts(self) -> Facts:
        return self.around.facts(self.current, self.candidate, echo_ended=self._echo_ended)

    # Effects.

    def _do(self, effect: Effect) -> None:
        around = self.around
        match effect:
            case Do.BEGIN_INTERIM:
                self._prefix = NO_SOUND
                around.begun()
                around.interim.begin()
            case Do.REQUEST_INTERIM:
                around.interim.request_pass_at(self.rules.conversation.min_interruption_ms)
            case Do.RESET_SPECULATION:
                self._wasted_ms, self._speculations = 0.0, 0
            case Do.PAUSE_OUTPUT:
                around.queue.pause()
            case Do.RESUME_OUTPUT:
                around.queue.resume()
            case FormerSoundIsEcho(sample):
                around.endpointer.forget_before(sample)
            case GoOn(verdict):
                self.around.emit(events.FalseInterruption(verdict.value), self.current, None)
            case _:
                self._do_response(effect)

    def _do_response(self, effect: Effect) -> None:
        match effect:
            case StartCandidate(number, prefix):
                self._start_candidate(number, prefix)
            case StartNow(number, what):
                what(self._made(number))
            case DropCandidate(number):
                self._drop(number)
            case EndUtterance(number):
                self._end_utterance(self._responses[number])
            case Commit(number):
                self._commit(self._responses[number])
            case Merge(number):
                self._merge(self._responses[number])
            case Interrupt(number, by_voice):
                self._interrupt(self._responses[number], by_voice)
            case Finish(number):
                played = self.around.queue.played_text()
                self._close(self._responses[number], played, whole=True)

    def _made(self, number: int) -> Response:
        around = self.around
        response = Response(around.context, around.queue, number, self, speaks=around.speaks)
        self._responses[number] = response
        return response

    def _start_candidate(self, number: int, prefix: int | None) -> None:
        around, ending = self.around, self._ending
        audio = ending.audio if ending is not None else around.endpointer.so_far()
        before = self._prefix
        if not len(before) and prefix is not None and (joined := self._response(prefix)):
            before = joined.audio
        if len(before):
            audio = np.concatenate([before, audio])
            utterance = Utterance(audio)
        else:
            end = around.endpointer.sound_end
            interim = around.interim
            utterance = Utterance(audio, interim.known(end), interim.under_way(end))
        response = self._made(number)
        early = around.endpointer.speaking
        self._speculations += early
        response.answer(utterance, audio, early=early)

    def _drop(self, number: int) -> None:
        response = self._responses[number]
        if self.state.prefix == number:
            self._prefix = response.audio
        if self._reporting != number:  # else it ends by itself, and its work was no speculation
            self._wasted_ms += response.cancel()

    def _end_utterance(self, response: Response) -> None:
        event = self._ending
        assert event is not None
        response.record.commit_window_ms = (event.committed - event.end) * 1000 / SAMPLE_RATE
        response.end = event.end
        response.spoken = self.around.timing.captured(last_audible(event))
        response.utterance_ended = True

    def _commit(self, response: Response) -> None:
        if response.user_initiated:
            record = response.record
            record.speculations = self._speculations
            record.speculation_wasted_ms = self._wasted_ms
            if response.transcript_known and not response.told_before:
                self.around.emit(response.said(record.user_text), response, None)
        self.around.emit(response.started(), response, None)
        response.commit()

    def _merge(self, response: Response) -> None:
        spent_ms = response.cancel()
        self.around.queue.flush()
        self._prefix = response.audio
        self._wasted_ms += spent_ms + response.record.speculation_wasted_ms
        self._speculations += response.record.speculations
        self.around.emit(events.TurnMerged(), response, None)

    def _interrupt(self, response: Response, by_voice: bool) -> None:
        response.cancel()
        self.note_first_sound(response)
        response.record.interrupted = True
        played = self.around.queue.flush().played_text
        since_s = self.around.speech_start_s if by_voice else None
        self.around.emit(events.Interrupted(played, since_s), response, None)
        self._close(response, played, whole=False)

    def _close(self, response: Response, played: str, *, whole: bool) -> None:
        record = response.record
        record.heard_text = played
        self.note_first_sound(response)
        response.note_times()
        response.remember(played)
        self.answers.add(record.turn_id, response.generation)
        self.around.context.turn_ended(record)
        self.around.emit(events.TurnEnded(record), response, None)
        self.around.ended(response, whole)
        self._forget_old()

    def note_first_sound(self, response: Response | None) -> None:
        """Keeps when the answer was first audible, once it was."""
        first = self.around.queue.first_audible
        if response is not None and response.sounded is None and first is not None:
            response.sounded = self.around.timing.sounded(first)

    def _forget_old(self) -> None:
        named = {self.state.current, self.state.candidate, self.state.prefix}
        for number, response in tuple(self._responses.items()):
            if response.done and number not in named:
                del self._responses[number]
