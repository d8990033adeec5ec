"""One answer, from the words to its last segment: recognition → meaning → skills or LLM → segments.

It may begin while the user could still go on. Until `commit` nothing of it is played, and nothing
is done that has side effects. The engine may lose its worker at any moment: it is asked once more,
unless part of the answer's words was given out; the record's `fallbacks` say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, Protocol

from voice_local.audio.chime import chime
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.conversation import phrases
from voice_local.conversation.comprehension import repair, understand
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.events import Action, AssistantSays, Event
from voice_local.conversation.input.recognition import (
    Failed,
    NoSpeech,
    Outcome,
    Transcribed,
    Unintelligible,
    Utterance,
    recognize,
)
from voice_local.conversation.llm_answer import LlmAnswer
from voice_local.conversation.output.gate import SpeculationGate
from voice_local.conversation.output.speaker import Speaker
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.responder import Due, Reply, Said
from voice_local.conversation.response_marks import ResponseMarks, ResponseState
from voice_local.conversation.stopwatch import Stopwatch
from voice_local.conversation.tool_runner import ToolRunner
from voice_local.engine.api import SpeechChunk
from voice_local.engine.client import EngineClient
from voice_local.engine.middleware import Retry
from voice_local.engine.operations import CLASSIFY, Operation
from voice_local.errors import VoiceLocalError


class ResponseCallbacks(Protocol):
    """What a response calls in its session."""

    def on_transcript(self, response: Response, outcome: Outcome) -> bool:
        """The words are known, or what came of them. False: it is no turn."""
        ...

    def on_done(self, response: Response) -> None:
        """It has nothing more to send."""
        ...

    def emit(self, event: Event, response: Response | None = None, item: int | None = None) -> None:
        """Something happened."""
        ...

    def on_late(self, response: Response, reply: Reply | None) -> None:
        """A handler is done whose turn did not wait for it."""
        ...


class Response(ResponseMarks):
    """Make it, start it by one of `answer`, `answer_text`, `announce`, `instruct` and `ring`."""

    def __init__(
        self,
        context: ConversationContext,
        queue: SpeechQueue,
        number: int,
        callbacks: ResponseCallbacks,
        *,
        speaks: bool,
    ) -> None:
        super().__init__(number, f"{context.id}/{number}")
        self._context, self._callbacks, self._speaks = context, callbacks, speaks
        self._items = 0
        self._gate = SpeculationGate(queue, self._handed_over)
        self._watch = Stopwatch()
        call = replace(context.engine.context, turn_id=self.record.turn_id)
        self._engine = EngineClient(context.engine.transport, call)
        self._asking = EngineClient(Retry(context.engine.transport, self._retrying), call)
        self._speaker = Speaker(
            context, self._engine, self._gate, self.record, self._watch, speaks=speaks
        )
        self._committed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._done = False
        self._preamble = ""  # what the prompt said before the words

    # What the session does with it.

    def answer(self, utterance: Utterance, audio: Audio, *, early: bool) -> None:
        """Answers spoken words. `audio`: all that belongs to the turn."""
        self.user_initiated, self.audio, self.early = True, audio, early
        self._start(lambda: self._answer_utterance(utterance))

    def answer_text(self, text: str) -> None:
        """Answers typed words."""
        self.user_initiated = self.transcript_known = True
        self.record.user_text = text
        self._start(lambda: self._answer_words(Transcribed(text)))

    def answer_waiting(self, words: Awaitable[str]) -> None:
        """Answers words that were told before, or are yet to be."""
        self.user_initiated = self.told_before = True
        self._start(lambda: self._answer_waiting(words))

    def announce(self, text: str) -> None:
        """Says `text` without a question of the user."""
        self.transcript_known = True
        self._start(lambda: self._speaker.reply(text))

    def instruct(self, instructions: str) -> None:
        """Says what the LLM answers to `instructions`, without a question of the user."""
        self.transcript_known = True
        self._start(lambda: self._by_llm(instructions))

    def ring(self, due: Due) -> None:
        """Plays what is due: a chime, then what it is for."""
        self.transcript_known, self.due = True, due
        self.record.handled_by = str(due.kind)
        self._start(lambda: self._ring(due))

    def commit(self) -> None:
        """The user has finished: what is ready may be played."""
        now = self._watch.now()
        first = self._watch.first_sound_at
        if self.early:
            self.record.speculation_hit = True
            ready = now if first is None else min(first, now)
            self.record.speculation_saved_ms = (ready - self._watch.began_at) * 1000
        if self.state is ResponseState.SPECULATIVE:
            self.state = ResponseState.COMMITTED
        self._committed.set()
        self._gate.open()
        if self.done:
            self._gate.finish()
        self._tell_action()

    def cancel(self) -> float:
        """Stops it; the milliseconds it had been at work. What has side effects and was begun goes
        on to its end."""
        spent_ms = self._watch.ms()
        if self._task and not self._task.done():
            self.state = ResponseState.CANCELLED
            self._task.cancel()
        return spent_ms

    def remember(self, played: str) -> None:
        """Takes the turn into the history, its answer as far as it was `played`."""
        if self.user_initiated and self.record.user_text and self.failure is None:
            self._context.remember(self.record, self._preamble, played)

    # What the session asks of it.

    @property
    def committed(self) -> bool:
        """Whether the turn is committed."""
        return self._committed.is_set()

    @property
    def done(self) -> bool:
        """Whether it has nothing more to send."""
        return self._done

    @property
    def generation(self) -> int:
        """Of the output; 0 before the commit."""
        return self._gate.generation

    # Its own work.

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._watch.restart()
        self._task = asyncio.create_task(self._run(work))
        self._task.add_done_callback(lambda _: self._end())

    async def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
            self.record.total_latency_ms = self._watch.ms()
        except VoiceLocalError as error:
            self.state, self.failure = ResponseState.FAILED, error
            self.record.fallbacks.append(f"failed: {error.cause}")
        finally:
            self._end()

    def _end(self) -> None:
        """Has nothing more to send; also where it was cancelled before it began."""
        if self._done:
            return
        if self.state is ResponseState.COMMITTED:
            self.state = ResponseState.DONE
        self._done = True
        self._gate.finish()
        self._callbacks.on_done(self)

    async def _answer_utterance(self, utterance: Utterance) -> None:
        self.record.user_audio_duration = len(utterance.audio) / SAMPLE_RATE
        outcome = await recognize(self._context, self._asking, utterance)
        if isinstance(outcome, Failed):
            self.recognition_failed = True
            self.record.fallbacks.append(f"stt_failed: {outcome.cause}")
        else:
            self.record.stt_latency_ms = self._watch.ms()
        self.record.user_text = outcome.text
        if isinstance(outcome, Transcribed | Unintelligible):
            self.record.language = outcome.language
        if not self._callbacks.on_transcript(self, outcome):
            return
        if isinstance(outcome, Unintelligible) and self._context.responder.expects(outcome.text):
            outcome = Transcribed(outcome.text, outcome.language)
        if isinstance(outcome, Transcribed):
            await self._answer_words(outcome)
        else:
            await self._speaker.reply(repair(self._context, self.record, outcome))

    async def _answer_waiting(self, words: Awaitable[str]) -> None:
        self.record.user_text = await words
        self.transcript_known = True
        if self.record.user_text:
            await self._answer_words(Transcribed(self.record.user_text))
        else:
            await self._speaker.reply(repair(self._context, self.record, NoSpeech()))

    async def _answer_words(self, words: Transcribed) -> None:
        record, languages = self.record, self._context.languages
        if not any(character.isalnum() for character in words.text):
            record.fallbacks.append("no_words: there is no word in the text")
            await self._speaker.reply(phrases.NO_WORDS)
        elif words.language is not None and not languages.speaks(words.language):
            record.fallbacks.append(f"language_not_spoken: {words.language}")
            await self._speaker.reply(languages.refusal(words.language))
        else:
            meaning = await understand(self._context, self._asking, record, self._watch, words.text)
            self._preamble = meaning.preamble
            self.end_of_turn_probability = meaning.end_of_turn_probability
            answered = await self._context.responder.respond(
                Said(
                    words.text,
                    record,
                    meaning.found,
                    meaning.sureness,
                    self._speaks,
                    self._begin_side_effects,
                    lambda reply: self._callbacks.on_late(self, reply),
                )
            )
            if answered is None:
                await self._by_llm(words.text)
                return
            record.handled_by, reply = answered.by, answered.reply
            record.action, record.params = reply.action, dict(reply.params)
            self._tell_action()
            await self._speaker.reply(reply.text)

    async def _by_llm(self, text: str) -> None:
        self.record.handled_by = "llm"
        await LlmAnswer(
            self._context,
            self._engine,
            self._speaker,
            self.record,
            self._watch,
            ToolRunner(self._context.tools, self.record, self._begin_side_effects).run,
            preamble=self._preamble,
            speaks=self._speaks,
        ).give(text)

    async def _ring(self, due: Due) -> None:
        if self._speaks and due.chimes:
            await self._gate.send(SpeechChunk(chime(), SAMPLE_RATE), "")
        await self._speaker.reply(due.ring())

    async def _begin_side_effects(self) -> None:
        await self._committed.wait()
        self.side_effects_started = True

    async def _retrying(self, operation: Operation) -> None:
        self._speaker.note_restart("intent" if operation is CLASSIFY else "stt")
        await self._speaker.apologize()

    def _handed_over(self, text: str, audible: bool) -> None:
        self._callbacks.emit(AssistantSays(text, audible), self, self._items)
        self._items += 1

    def _tell_action(self) -> None:
        """Emits the action for the host program, once it is known and the turn is committed."""
        if self.record.action and self.committed:
            self._callbacks.emit(Action(self.record.action, self.record.params), self)
