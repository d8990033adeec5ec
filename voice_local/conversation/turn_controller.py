"""Whose turn it is: a pure reducer from (state, input, facts) to (state, effects).

It knows no audio, no engine and no clock. The session tells it what happened, with the facts at
that moment, and carries its effects out in order. Nothing else decides about responses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from voice_local.audio.types import SAMPLE_RATE
from voice_local.conversation import turn_inputs as given
from voice_local.conversation.input.interruption import (
    KEPT_OVER_ECHO,
    Verdict,
    classify_interruption,
)

QUESTION_ENDS_S = 1.2
"""Seconds of a question that may be left when it is answered: people know what it will be."""


def reduce(
    state: given.TurnState, happened: given.Input, facts: given.Facts, rules: given.Rules
) -> tuple[given.TurnState, tuple[given.Effect, ...]]:
    """The next state, and what is to be done, in order."""
    step = _Step(state, facts, rules)
    step.take(happened)
    return step.state, tuple(step.effects)


class _Step:
    """One call of `reduce`."""

    def __init__(self, state: given.TurnState, facts: given.Facts, rules: given.Rules) -> None:
        self.state, self._facts, self._rules = state, facts, rules
        self.effects: list[given.Effect] = []

    def take(self, happened: given.Input) -> None:
        """Changes `state`, adds to `effects`."""
        handlers: dict[type, Callable[[Any], None]] = {
            given.UtteranceStarted: self._started,
            given.UtterancePaused: self._paused,
            given.UtteranceResumed: self._resumed,
            given.UtteranceEnded: self._ended,
            given.VoiceOverAnswer: lambda _: self._over_answer(),
            given.TranscriptKnown: self._transcript,
            given.InterimKnown: self._interim,
            given.ResponseDone: self._done,
            given.BeginNow: self._begin_now,
            given.CancelResponse: self._cancel,
            given.ClearInput: self._clear,
            given.Tick: self._tick,
        }
        handlers[type(happened)](happened)

    def _set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    @property
    def _current(self) -> given.ResponseFacts | None:
        return self._named(self.state.current)

    @property
    def _candidate(self) -> given.ResponseFacts | None:
        return self._named(self.state.candidate)

    def _named(self, number: int | None) -> given.ResponseFacts | None:
        known = (self._facts.current, self._facts.candidate)
        return next((one for one in known if one and one.number == number), None)

    # The utterance.

    def _started(self, _: given.UtteranceStarted) -> None:
        self.effects.append(given.Do.BEGIN_INTERIM)
        self._set(dismissed=False, prefix=None)
        candidate = self._candidate
        if candidate and self._is_close(candidate):  # ended, but its words are not known yet
            self._set(prefix=candidate.number)
            self._drop_candidate()
        else:
            if candidate:
                self._commit(candidate.number, spoken=candidate.audio_samples > 0)
            self.effects.append(given.Do.RESET_SPECULATION)
        self._over_answer()

    def _paused(self, _: given.UtterancePaused) -> None:
        if self._rules.conversation.speculate and not self._facts.echo:
            self._start_candidate()

    def _resumed(self, _: given.UtteranceResumed) -> None:
        self._drop_candidate()
        self._set(dismissed=False)
        self._over_answer()

    def _ended(self, _: given.UtteranceEnded) -> None:
        if self.state.dismissed or self._facts.echo:
            return
        candidate = self._candidate
        if candidate is None:
            self._start_candidate()
        number = self.state.candidate
        if number is None:
            return
        self.effects.append(given.EndUtterance(number))
        if candidate and candidate.transcript_known:
            self._commit(number, spoken=True)

    def _start_candidate(self) -> None:
        if self.state.dismissed:
            return
        prefix, current = self.state.prefix, self._current
        if prefix is None and current and self._may_merge(current):
            prefix = current.number
        number = self.state.made + 1
        self._set(made=number, candidate=number)
        self.effects.append(given.StartCandidate(number, prefix))

    def _drop_candidate(self) -> None:
        if self.state.candidate is not None:
            self.effects.append(given.DropCandidate(self.state.candidate))
            self._set(candidate=None)

    def _is_close(self, response: given.ResponseFacts) -> bool:
        """Whether at most a long pause lies between it and what the user says now, and it is no
        longest turn by itself."""
        gap_ms = (self._facts.start - response.end) * 1000 / SAMPLE_RATE
        longest = self._rules.max_turn_s * SAMPLE_RATE
        return gap_ms <= self._rules.longest_gap_ms and response.audio_samples < longest

    def _may_merge(self, response: given.ResponseFacts) -> bool:
        """Whether what the user says now belongs to the same turn: nothing was done and no word of
        the answer played."""
        return self._is_close(response) and response.mergeable and not self._facts.played_any

    # The words.

    def _transcript(self, known: given.TranscriptKnown) -> None:
        candidate = self._candidate
        if candidate is None or known.number != candidate.number:
            return
        failed, text = candidate.recognition_failed, known.text
        if self.state.interruption_pending and failed:
            # Somebody spoke, and nobody knows what: it is no false alarm.
            self._set(interruption_pending=False)
            self._interrupt(by_voice=True)
        elif self.state.interruption_pending and not self._decided(text, final=True):
            self._drop_candidate()
            return
        if self._is_echo(text) or self._is_noise(text, failed):
            self._drop_candidate()
            self._set(dismissed=self._facts.speaking)
            return
        if candidate.utterance_ended:
            self._commit(candidate.number, spoken=True)

    def _is_echo(self, text: str) -> bool:
        """Whether the assistant has just said these words itself."""
        facts = self._facts
        if not facts.echo_possible or (self.state.current is None and not facts.echo_likely):
            return False
        return self._classify(text, final=True) is Verdict.OWN_VOICE

    def _is_noise(self, text: str, failed: bool) -> bool:
        tolerated_ms = self._rules.conversation.min_unintelligible_s * 1000
        return not text and not failed and self._facts.length_ms < tolerated_ms

    def _interim(self, known: given.InterimKnown) -> None:
        if not self.state.interruption_pending:
            return
        decided = self._decided(known.text, final=False)
        late = known.length_ms >= self._rules.conversation.min_interruption_ms
        if late and not decided and not known.text:
            # Still no word: the answer goes on, and words may yet end it.
            self.effects.append(given.Do.RESUME_OUTPUT)

    # Interruptions.

    def _classify(self, text: str, *, final: bool) -> Verdict:
        recent = self._facts.recent_segments
        return classify_interruption(text, recent, self._rules.conversation, final)

    def _over_answer(self) -> None:
        """There is a voice. Is it the assistant's own? Else, if it speaks over the answer, is it to
        interrupt?"""
        if self._facts.echo:
            if self.state.interruption_pending:  # its first moments did not tell
                self._go_on(Verdict.OWN_VOICE)
            return
        if self._facts.echo_ended:
            self.effects.append(given.FormerSoundIsEcho(self._facts.clock - KEPT_OVER_ECHO))
        current = self._current
        if current is None or self.state.interruption_pending:
            return
        if not self._rules.conversation.barge_in and not self._may_merge(current):
            self._set(dismissed=True)
            return
        self._set(interruption_pending=True)
        self.effects += [given.Do.REQUEST_INTERIM, given.Do.PAUSE_OUTPUT]

    def _decided(self, text: str, *, final: bool) -> bool:
        """Whether the words that sound over the answer end it. If they do not, it goes on."""
        verdict = self._classify(text, final=final)
        if verdict is Verdict.WAIT:
            return False
        answers = verdict is Verdict.BACKCHANNEL and self._question_ends
        if verdict is Verdict.INTERRUPTION or answers:
            self._set(interruption_pending=False)
            self._interrupt(by_voice=True)
            return True
        self._set(dismissed=self._facts.speaking)
        self._go_on(verdict)
        return False

    @property
    def _question_ends(self) -> bool:
        """Whether the answer ends with a question that is nearly over: a "yes" over its end answers
        it."""
        current = self._current
        return (
            current is not None
            and current.done
            and current.asks
            and self._facts.queued_s <= QUESTION_ENDS_S
        )

    def _go_on(self, verdict: Verdict) -> None:
        self._set(interruption_pending=False)
        self.effects += [given.Do.RESUME_OUTPUT, given.GoOn(verdict)]

    def _interrupt(self, *, by_voice: bool) -> None:
        current = self._current
        if current is None:
            return
        if current.done and self._facts.drained:
            self._finish(current.number)  # the last word had just sounded
        elif by_voice and self._may_merge(current):
            self._set(current=None, prefix=current.number)
            self.effects.append(given.Merge(current.number))
        else:
            self._set(current=None)
            self.effects.append(given.Interrupt(current.number, by_voice))

    # Responses.

    def _commit(self, number: int, *, spoken: bool) -> None:
        self._interrupt(by_voice=spoken)
        candidate = None if self.state.candidate == number else self.state.candidate
        self._set(candidate=candidate, current=number, interruption_pending=False)
        self.effects.append(given.Commit(number))

    def _begin_now(self, begin: given.BeginNow) -> None:
        number = self.state.made + 1
        self._set(made=number)
        self.effects.append(given.StartNow(number, begin.what))
        self._commit(number, spoken=False)

    def _cancel(self, _: given.CancelResponse) -> None:
        if self._current is not None:
            self._set(interruption_pending=False)
            self._interrupt(by_voice=False)

    def _clear(self, _: given.ClearInput) -> None:
        self._drop_candidate()
        self._set(dismissed=False, prefix=None)
        if self.state.interruption_pending:
            self._go_on(Verdict.FALSE_ALARM)

    def _done(self, done: given.ResponseDone) -> None:
        candidate = self._candidate
        if candidate and done.number == candidate.number and not candidate.transcript_known:
            self._set(candidate=None)
        self._tick(given.Tick())

    def _finish(self, number: int) -> None:
        self._set(current=None)
        self.effects.append(given.Finish(number))

    def _tick(self, _: given.Tick) -> None:
        current = self._current
        pending = self.state.interruption_pending
        if current and current.done and self._facts.drained and not pending:
            self._finish(current.number)
        if pending and not self._facts.speaking and self.state.candidate is None:
            self._decided("", final=True)
