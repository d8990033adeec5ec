"""One turn, start to end: words → meaning → handler or LLM → sound.

It may run before the user has surely finished. What it says then is held by its outlet, and what
has side effects waits for `committed`. The engine may lose its worker at any moment: what it was
asked is asked again once, unless part of the answer's words was already given out (a clause that
was being said goes on); the record's `fallbacks` say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np

from voice_local.audio.chime import chime
from voice_local.audio.level import audible_span
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.conversation import phrases
from voice_local.conversation.answer import Answer
from voice_local.conversation.context.conversation_context import Dialogue
from voice_local.conversation.context.languages import CANNED
from voice_local.conversation.input.interruption import laughs
from voice_local.conversation.output.manner import Manner
from voice_local.conversation.output.segments import (
    Phrase,
    split,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.api import (
    GenerateItem,
    SpeechChunk,
    Transcript,
    Understanding,
)
from voice_local.errors import (
    EngineError,
    TextInputError,
    WorkerDiedError,
)
from voice_local.skills import emergencies
from voice_local.skills.abilities.timers import Timer
from voice_local.skills.negation import denies
from voice_local.skills.router import Reply
from voice_local.text.markup import without_markup

T = TypeVar("T")
CLAUSES_AHEAD = 2
"""How many clauses generation may be ahead of synthesis."""


class Outlet(Protocol):
    """Where an answer's sound goes."""

    async def send(self, chunk: SpeechChunk, text: str) -> None:
        """Takes the next piece and the words it says; returns when there is room for more."""
        ...

    def show(self, text: str) -> None:
        """Takes words that could not be made to sound."""
        ...


@dataclass(frozen=True)
class Heard:
    """An utterance.

    Attributes:
        audio: 16 kHz.
        commit_window_ms: silence, as the voice detector saw it, after which the turn was taken as
            over.
        waited_ms: from the last audible sample until then.
        transcript: of exactly this sound, if an earlier pass told it.
        pending: the pass over exactly this sound, if one is running; its result is None where it
            failed.
    """

    audio: Audio
    commit_window_ms: float | None = None
    waited_ms: float = 0.0
    transcript: Transcript | None = None
    pending: asyncio.Task[Transcript | None] | None = None


class Turn:
    """Runs one turn. `outlet` None: a typed turn, nothing is spoken.

    `judge` is told the words as soon as they are known; false ends the turn without an answer.
    `acted` is called when a handler has asked for an action, before its words are said. `wrote` is
    told each clause of a typed turn's answer.

    Attributes:
        record: filled in while it runs.
        context: what the LLM was told of the user's words; for the memory.
        committed: set when the user has surely finished.
        complete_prob: that the user's sentence is finished, once known.
        unheard: whether the recognizer failed: that there are no words then tells nothing.
        bound: whether a handler with side effects has been asked: what was said can no longer be
            taken back.
        first_sound: event-loop time at which the first audible sound was there.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        outlet: Outlet | None,
        judge: Callable[[str], bool] = lambda text: True,
        acted: Callable[[], None] = lambda: None,
        wrote: Callable[[str], None] = lambda clause: None,
    ) -> None:
        self._dialogue, self._engine, self._outlet = dialogue, dialogue.engine, outlet
        self._judge, self._acted, self._wrote = judge, acted, wrote
        self.record = ConversationTurn()
        self.context = ""
        self.committed = asyncio.Event()
        self.complete_prob: float | None = None
        self.first_sound: float | None = None
        self.bound = self.unheard = False
        self._meant = Understanding()
        self._sureness = 0.0  # of the intent, as far as handlers are concerned
        self._apologized = self._within = False  # said sorry; in the middle of a clause's sound
        self._began = self._now()

    async def run(self, said: Heard | str) -> ConversationTurn:
        """Answers `said`."""
        self._began = self._now()
        record = self.record
        try:
            text, sure = await self._listen(said) if isinstance(said, Heard) else (said, True)
        except EngineError as error:
            record.fallbacks.append(f"stt_failed: {error.cause}")
            text, sure, self.unheard = "", False, True
        record.user_text = text
        if not self._judge(text):
            return record
        if self.unheard:
            await self._reply(Reply(phrases.NO_ANSWER))
        elif not text or not (sure or self._dialogue.asking.expects(text)):
            record.fallbacks.append(
                "no_words: nothing was understood in the sound"
                if not text
                else "unsure_words: the transcript is too unsure to act on"
            )
            await self._reply(Reply(self._dialogue.repairs.next() if self._outlet else ""))
        elif not any(character.isalnum() for character in text):
            record.fallbacks.append("no_words: there is no word in the text")
            await self._reply(Reply(phrases.NO_WORDS))
        elif record.language is not None and not self._dialogue.languages.speaks(record.language):
            record.fallbacks.append(f"language_not_spoken: {record.language}")
            await self._reply(Reply(self._dialogue.languages.refusal(record.language)))
        else:
            await self._understand(text)
            if not await self._by_ability(text) and not await self._by_asking(text):
                await self._route(text, record.intent, self._sureness)
        record.total_latency_ms = self._elapsed()
        return record

    async def ring(self, timer: Timer) -> ConversationTurn:
        """Lets `timer` be heard: a chime, then what it is for."""
        self._began = self._now()
        self.record.handled_by = str(timer.kind)
        if self._outlet is not None:
            await self._outlet.send(SpeechChunk(chime(), SAMPLE_RATE), "")
        await self._reply(Reply(timer.ring()))
        return self.record

    async def announce(self, text: str) -> ConversationTurn:
        """Says `text` without having been asked."""
        self._began = self._now()
        await self._reply(Reply(text))
        return self.record

    async def _listen(self, heard: Heard) -> tuple[str, bool]:
        self.record.user_audio_duration = len(heard.audio) / SAMPLE_RATE
        found = heard.transcript
        if found is None and heard.pending is not None:
            found = await asyncio.shield(heard.pending)
        if found is None:
            found = await self._again("stt", lambda: self._dialogue.transcribe(heard.audio))
        self.record.stt_latency_ms = self._elapsed()
        self.record.language = found.language if found.text else None
        return found.text, found.avg_logprob >= self._dialogue.settings.conversation.unsure_logprob

    async def _understand(self, text: str) -> None:
        record, began = self.record, self._elapsed()
        settings, found = self._dialogue.settings, Understanding()
        if (
            record.language
            and settings.intent.languages
            and record.language not in settings.intent.languages
        ):
            return  # an intent of words that the model never learnt would be a guess
        try:
            found = await self._again(
                "intent", lambda: self._engine.understand(text, self._dialogue.topic.intent)
            )
            sureness = await self._without_topic(text, found)
        # also a full queue, or a worker lost twice: the meaning is unknown, the turn goes on
        except EngineError as error:
            record.fallbacks.append(f"intent_failed: {error.cause}")
            sureness = found.intent_confidence or 0.0
        found = emergencies.checked(text, found)
        if laughs(text):
            found = replace(found, intent=emergencies.NONE)
        if found.intent is None:
            return
        self._meant = found
        self._sureness = (
            (found.intent_confidence or 0.0) if found.intent == emergencies.INTENT else sureness
        )
        record.intent, record.intent_confidence = found.intent, found.intent_confidence
        record.emotion, record.emotion_confidence = found.emotion, found.emotion_confidence
        record.intent_latency_ms = self._elapsed() - began
        record.tone = self._dialogue.tone_for(found)
        self.complete_prob = 0.0 if self._dialogue.asking.goes_on(text) else found.complete_prob
        self.context = self._dialogue.context(
            None if denies(text, found.intent) else found.intent, record.tone
        )

    async def _by_ability(self, text: str) -> bool:
        """Answers what the assistant can do by itself, or honestly says that it cannot; false for
        everything else."""
        dialogue = self._dialogue
        if dialogue.verification.waiting:
            return False  # the turn is the verifier's
        found = dialogue.ability(text, self.record, self._meant, sounds=self._outlet is not None)
        if found is None:
            return False
        if found.acts:
            await self.committed.wait()
            self.bound = True
        await self._handled(found.reply(), found.name)
        return True

    async def _without_topic(self, text: str, found: Understanding) -> float:
        """How sure the intent is for a handler: the topic may lift it, but over no handler's
        threshold."""
        told, router = found.intent_confidence or 0.0, self._dialogue.router
        topic, last = self._dialogue.topic.intent, self._dialogue.memory.last_answer
        if topic is None or not router.handles(found.intent, told, text):
            return told
        if (
            found.intent == topic
            and last.endswith("?")
            and not router.waits_for_commit(found.intent, told, text)
        ):
            return (
                told  # it answers what that handler, which does nothing by itself, has just asked
            )
        alone = await self._again("intent", lambda: self._engine.understand(text))
        return min(told, alone.intent_confidence or 0.0) if alone.intent == found.intent else 0.0

    async def _by_asking(self, text: str) -> bool:
        """Answers what has to do with a number that was asked for; false for everything else."""
        if self._dialogue.verification.waiting:
            return False  # the turn is the verifier's
        step = self._dialogue.asking.step(
            text, self.record.intent, self._sureness, self._dialogue.topic.intent
        )
        if step is None:
            return False
        if step.reply is not None:
            await self._handled(step.reply, step.intent)
        else:
            await self._route(step.words, step.intent, 1.0)
        return True

    async def _route(self, text: str, intent: str | None, sureness: float) -> None:
        """Lets the handler of `intent` answer, or the LLM."""
        dialogue, verification = self._dialogue, self._dialogue.verification
        if intent is not None or verification.waiting:
            if verification.waits_for_commit(intent, sureness, text):
                await self.committed.wait()
                self.bound = True
            routed = await verification.route(dialogue.request(text, intent, sureness))
            if routed.why in ("handler_late", "handler_failed"):
                self.record.fallbacks.append(f"{routed.why}: {intent}")
            if routed.reply is not None:
                by = "deny" if routed.why == "denied" else routed.intent or intent
                await self._handled(dialogue.asking.known(text, routed.reply), by or "")
                return
        self.record.handled_by = "llm"
        await self._answer(text)

    async def _handled(self, reply: Reply, by: str) -> None:
        """Says what was found without the LLM, and tells the action."""
        self.record.handled_by, self.record.action, self.record.params = (
            by,
            reply.action,
            dict(reply.params),
        )
        if reply.action:
            self._acted()
        await self._reply(reply)

    async def _reply(self, reply: Reply) -> None:
        for part in (
            [reply.text]
            if self._dialogue.phrases.get(reply.text)
            else split(without_markup(reply.text))
        ):
            self.record.assistant_text = f"{self.record.assistant_text} {part}".strip()
            await self._speak(part)

    async def _answer(self, text: str) -> None:
        """Generation and synthesis side by side, a bounded queue of clauses between them."""
        ready: asyncio.Queue[str | None] = asyncio.Queue(CLAUSES_AHEAD)
        language = self.record.language
        loading = asyncio.create_task(self._load_voice(language))
        thinking = asyncio.create_task(self._think(text, ready))
        try:
            try:
                async with asyncio.timeout(
                    self._dialogue.settings.conversation.llm_deadline_s if self._outlet else None
                ):
                    clause = await ready.get()
            except TimeoutError:
                self.record.fallbacks.append("llm_late: no first token in time, the answer follows")
                await self._gain_time()
                clause = await ready.get()
            while clause is not None:
                await self._speak(clause, CANNED if clause in phrases.FIXED else language)
                clause = await ready.get()
            await thinking
        finally:
            loading.cancel()
            thinking.cancel()

    async def _gain_time(self) -> None:
        """Puts the user off. The answer's latency counts on."""
        self.record.filler = phrases.LATER
        await self._speak(phrases.LATER)
        self.first_sound = self.record.compute_first_audio_ms = self.record.tts_latency_ms = None

    async def _load_voice(self, language: str | None) -> None:
        """Loads the voice of another language while the answer is thought of, if it is not loaded
        yet."""
        if self._outlet is None or self._dialogue.languages.is_own(language):
            return
        with suppress(EngineError):  # the first clause will meet it again
            async for _ in self._engine.synthesize("", self._dialogue.languages.voice(language)):
                pass

    async def _think(self, text: str, ready: asyncio.Queue[str | None]) -> None:
        try:
            await self._fill(text, ready)
        finally:
            task = asyncio.current_task()
            if task is None or not task.cancelling():  # else nobody waits for clauses any more
                await ready.put(None)

    async def _fill(self, text: str, ready: asyncio.Queue[str | None]) -> None:
        record, began = self.record, self._elapsed()
        early = self._dialogue.settings.conversation.early_clause
        answer = Answer(
            text,
            early=early,
            only_talks=not self._dialogue.router.hosted(record.intent),
            small_world=not self._dialogue.tells_words_first,
        )
        try:
            for attempt in (1, 2):
                try:
                    async for clause in answer.clauses(self._generate(text, began)):
                        if record.llm_first_clause_ms is None:
                            record.llm_first_clause_ms = self._elapsed() - began
                        await ready.put(clause)
                        record.assistant_text = f"{record.assistant_text} {clause}".strip()
                    if answer.claimed:
                        record.fallbacks.append(f"deed_claimed: {answer.claimed}")
                    break
                except WorkerDiedError:
                    self._restarted("llm")
                    if record.assistant_text or attempt == 2:
                        break
                    await self._apologize()
        except (EngineError, TextInputError) as error:
            if self._outlet is None and isinstance(error, TextInputError):
                raise  # whoever typed it is told
            record.fallbacks.append(f"llm_failed: {error.cause}")
        record.llm_latency_ms = self._elapsed() - began
        if not record.assistant_text:
            record.assistant_text = phrases.NO_ANSWER
            await ready.put(phrases.NO_ANSWER)

    async def _generate(self, text: str, began: float) -> AsyncGenerator[GenerateItem, None]:
        dialogue = self._dialogue
        while True:
            told = dialogue.messages(self.context, text, self.record.language)
            pieces = self._engine.generate(told, dialogue.options)
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        if self.record.llm_first_token_ms is None:
                            self.record.llm_first_token_ms = self._elapsed() - began
                        yield piece
                return
            except TextInputError:
                if not dialogue.forget_oldest():
                    raise
                self.record.fallbacks.append(
                    "history_shortened: the oldest turn no longer fits the context"
                )

    async def _speak(self, clause: str, language: str | None = CANNED) -> None:
        """Lets `clause` be heard, in a voice of its `language`; shows it where there is none."""
        if self._outlet is None or not clause:
            self._wrote(clause)
            return
        if not self._dialogue.languages.speaks(language):
            self._outlet.show(clause)
            return
        prepared, manner = self._dialogue.phrases.get(clause), Manner(self._dialogue.style)
        if prepared is not None:
            for number, chunk in enumerate(map(manner.of, prepared)):
                self._sounds(chunk, self._elapsed())
                await self._outlet.send(chunk, "" if number else clause)
            return
        began, sent, last = self._elapsed(), 0, None
        voice = self._dialogue.languages.voice(language)
        for attempt in (1, 2):
            try:
                said = (
                    f"{clause}," if isinstance(clause, Phrase) else clause
                )  # the voice stays up: more follows
                async with aclosing(self._engine.synthesize(said, voice)) as sound:
                    number = 0
                    async for chunk in sound:
                        number += 1
                        if number <= sent:
                            # given out before the worker was lost; it sounds alike every time
                            continue
                        chunk = manner.of(chunk)
                        self._sounds(chunk, began)
                        self._within = not chunk.is_final
                        await self._outlet.send(chunk, "" if sent else clause)
                        sent, last = number, chunk
                break
            except WorkerDiedError:
                self._restarted("tts")
                if attempt == 2 or (sent and not self._within):
                    break
                if not sent:
                    await self._apologize()
            except EngineError as error:
                self.record.fallbacks.append(f"tts_failed: {error.cause}")
                break
        if last is None:
            self._outlet.show(clause)
        elif self._within:  # the rest will never come: the clause is over all the same
            self._within = False
            silence = np.zeros(last.sample_rate // 100, dtype=np.float32)
            await self._outlet.send(SpeechChunk(silence, last.sample_rate), "")

    def _sounds(self, chunk: SpeechChunk, began: float) -> None:
        if self.first_sound is not None:
            return
        silent, end = audible_span(chunk.samples, chunk.sample_rate)
        if end == 0:
            return
        self.first_sound = self._now()
        self.record.compute_first_audio_ms = self._elapsed() + silent * 1000 / chunk.sample_rate
        self.record.tts_latency_ms = self._elapsed() - began

    async def _again(self, stage: str, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except WorkerDiedError:
            self._restarted(stage)
            await self._apologize()
            return await call()

    def _restarted(self, stage: str) -> None:
        self.record.fallbacks.append(f"engine_restarted: during {stage}")

    async def _apologize(self) -> None:
        """Says so while the engine comes back, if there is sound for it."""
        if self._outlet is None or self._apologized or self._within:
            return
        self._apologized = True
        for number, chunk in enumerate(self._dialogue.phrases.get(phrases.RESTARTED) or []):
            self.record.filler = phrases.RESTARTED
            await self._outlet.send(chunk, "" if number else phrases.RESTARTED)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _elapsed(self) -> float:
        return (self._now() - self._began) * 1000
