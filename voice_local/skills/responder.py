"""Answers turns by built-in abilities, questions for a number, and a host program's handlers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from voice_local.config import Settings
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.input.interruption import laughs
from voice_local.conversation.output.deeds import (
    asks_for_a_deed,
    forbids_a_deed,
    presumes_a_deed,
)
from voice_local.conversation.output.speech_cache import SpeechCache
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.responder import Answered, Reply, Said
from voice_local.engine.api import Understanding
from voice_local.engine.client import EngineClient
from voice_local.skills import canned, emergencies, handlers
from voice_local.skills.abilities.abilities import Abilities, Ability
from voice_local.skills.abilities.general import asks_in_general
from voice_local.skills.abilities.timers import Timers
from voice_local.skills.asking import Asking
from voice_local.skills.handlers import default_router
from voice_local.skills.negation import denies
from voice_local.skills.request import Request
from voice_local.skills.router import IntentRouter, Routed
from voice_local.skills.verification import Verification
from voice_local.text.codes import code

BEYOND_SURE = 0.7
"""From this probability on an utterance counts as a request for something that nothing here can
do."""


class SkillResponder:
    """One conversation's skills; see `Responder`.

    Attributes:
        router: the handlers, shared by all conversations.
        verification: whether it is known who is speaking.
        abilities: None where the router has none.
        asking: the question for a number that is open.
    """

    def __init__(
        self, context: ConversationContext, router: IntentRouter, *, authenticated: bool = False
    ) -> None:
        talk = context.settings.conversation
        self._context, self._settings = context, talk
        self.router = router
        self.verification = Verification(router, authenticated)
        self.abilities = Abilities(context, talk.name, talk.place) if router.abilities else None
        self.asking = Asking(talk.intent_threshold)
        self._running: set[asyncio.Task[Routed]] = set()

    @property
    def authenticated(self) -> bool:
        """See `Responder`."""
        return self.verification.authenticated

    @authenticated.setter
    def authenticated(self, authenticated: bool) -> None:
        self.verification.authenticated = authenticated

    @property
    def reminders(self) -> Timers | None:
        """See `Responder`."""
        return self.abilities.timers if self.abilities else None

    def prepared_lines(self) -> tuple[str, ...]:
        """See `Responder`."""
        return canned.to_prepare(self.router.has_host)

    def expects(self, text: str) -> bool:
        """See `Responder`."""
        return self.asking.expects(text)

    def goes_on(self, text: str) -> bool:
        """See `Responder`."""
        return self.asking.goes_on(text)

    def interpret(
        self, text: str, found: Understanding, sureness: float
    ) -> tuple[Understanding, float]:
        """See `Responder`: emergencies are decided by wording and model together; laughter has no
        meaning."""
        found = emergencies.checked(text, found)
        if laughs(text):
            found = replace(found, intent=emergencies.NONE)
        if found.intent == emergencies.INTENT:
            sureness = found.intent_confidence or 0.0
        return found, sureness

    async def sureness(
        self, text: str, found: Understanding, alone: Callable[[], Awaitable[Understanding]]
    ) -> float:
        """See `Responder`: the topic may lift it, but over no handler's threshold."""
        confidence, router = found.intent_confidence or 0.0, self.router
        topic, last = self._context.topic.intent, self._context.memory.last_answer
        if topic is None or not router.handles(found.intent, confidence, text):
            return confidence
        acts = router.waits_for_commit(found.intent, confidence, text)
        if found.intent == topic and last.endswith("?") and not acts:
            return confidence  # it answers the question of a handler without side effects
        other = await alone()
        same = other.intent == found.intent
        return min(confidence, other.intent_confidence or 0.0) if same else 0.0

    def intent_for_llm(self, text: str, intent: str | None) -> str | None:
        """See `Responder`."""
        return None if intent is None or denies(text, intent) else intent

    def only_talks(self, intent: str | None) -> bool:
        """See `Responder`."""
        return not self.router.hosted(intent)

    def remember(self, record: ConversationTurn) -> None:
        """See `Responder`."""
        self.asking.update(record)

    def turn_ended(self, record: ConversationTurn) -> None:
        """See `Responder`."""
        if self.abilities and record.user_text:
            self.abilities.turn_ended(record.user_text, record.handled_by)

    async def respond(self, said: Said) -> Answered | None:
        """See `Responder`."""
        if self._context.tools.described and not self._is_ours(said):
            return None  # the LLM has tools for what else may be asked
        if not self.verification.waiting:  # else the turn is the verifier's
            ability = self._ability(said)
            if ability is not None:
                if ability.acts:
                    await said.begin_side_effects()
                return Answered(ability.reply(), ability.name)
            step = self.asking.step(
                said.text, said.record.intent, said.sureness, self._context.topic.intent
            )
            if step is not None and step.reply is not None:
                return Answered(step.reply, step.intent or "")
            if step is not None:
                return await self._route(said, step.words, step.intent, 1.0)
        return await self._route(said, said.text, said.record.intent, said.sureness)

    def _is_ours(self, said: Said) -> bool:
        """Whether a host program's handler, or an emergency, is to answer where the LLM has tools
        too."""
        intent = said.record.intent
        urgent = intent == emergencies.INTENT
        return urgent or self.verification.waiting or self.router.hosted(intent)

    async def _route(
        self, said: Said, text: str, intent: str | None, sureness: float
    ) -> Answered | None:
        """What the handler of `intent` answers; None: the LLM is to."""
        if intent is None and not self.verification.waiting:
            return None
        acts = self.verification.waits_for_commit(intent, sureness, text)
        if acts:
            await said.begin_side_effects()
        memory = self._context.memory
        request = Request(
            text,
            intent or "",
            sureness,
            self.verification.authenticated,
            memory.last_answer,
            tuple(memory.exchanges),
            conversation_id=self._context.id,
        )
        routed = await self._routed(said, request, acts=acts)
        if routed.why in ("handler_late", "handler_failed"):
            said.record.fallbacks.append(f"{routed.why}: {intent}")
        if routed.reply is None:
            return None
        by = "deny" if routed.why == "denied" else routed.intent or intent
        return Answered(self.asking.known(text, routed.reply), by or "")

    async def _routed(self, said: Said, request: Request, *, acts: bool) -> Routed:
        """Asks the handler. One with side effects runs to its end, even if cancelled."""
        if not acts:
            return await self.verification.route(request, said.finished_late)
        task = asyncio.create_task(self.verification.route(request, said.finished_late))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(lambda done: said.finished_late(_reply_of(done)))
            raise

    def _ability(self, said: Said) -> Ability | None:
        """What answers without the LLM and without a host program; None for nothing.

        What a host program has taken on is left to it.
        """
        if self.abilities is None:
            return None
        text, intent = said.text, said.record.intent
        sure = (said.record.intent_confidence or 0.0) >= self._settings.intent_threshold
        if sure and self.router.hosted(intent):
            return None
        found = self.abilities.find(
            text, self._context.memory.last_answer, sounds=said.sounds
        ) or self._by_meaning(said, sure)
        if self._is_left(text, found, intent):
            return self.abilities.left()
        if found is None and not self.router.handles(intent, said.record.intent_confidence, text):
            found = self.abilities.beyond(_beyond(text, said.meaning))
        if found is not None and found.name == "sums" and self.asking.expects(text):
            return None  # "12-34" is the number that was asked for
        return None if found is None or self._is_others(found, intent, sure) else found

    def _by_meaning(self, said: Said, sure: bool) -> Ability | None:
        """A refusal of what only the model detects."""
        intent = said.record.intent
        if sure and intent not in handlers.FOR_A_HOST and asks_for_a_deed(said.text):
            return Abilities.refusal(intent)
        return None

    def _is_left(self, text: str, found: Ability | None, intent: str | None) -> bool:
        """Whether the user forbids an action that was not planned."""
        return (
            (found is None or found.name == "limit")
            and not self.router.has_host
            and forbids_a_deed(text)
            and intent != emergencies.INTENT
        )

    def _is_others(self, found: Ability, intent: str | None, sure: bool) -> bool:
        """Whether a handler is to answer instead of the ability that was found."""
        if any(map(self.router.hosted, found.intents)):
            return True
        if intent == emergencies.INTENT and found.name != "help":
            return True
        # A limit's handler says so, too, and tells the host program what was wanted.
        return found.name == "limit" and sure and intent in handlers.FOR_A_HOST

    def end_after(self, seconds: float) -> None:
        """The conversation is only sure to go on for so long after its last turn."""
        if self.abilities:
            self.abilities.end_after(seconds)

    async def aclose(self) -> None:
        """See `Responder`."""
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.router.settle(self._context.id)


def _reply_of(done: asyncio.Task[Routed]) -> Reply | None:
    if done.cancelled() or done.exception() or done.result().why == "handler_late":
        return None  # the reply of a late one is said in a turn of its own
    return done.result().reply


_OWN_DEED = re.compile(
    r"\b(?:timers?|alarms?|remind\w*|wak\w+|the (?:time|date)|volume|louder|quieter|slower|"
    r"repeat\w*|(?:cancell?ing|setting|stopping|turning) (?:it|that)|i (?:was|am|have been))\b",
    re.IGNORECASE,
)
"""Thanks for what the abilities do, or a remark about the speaker."""


def _beyond(text: str, meant: Understanding) -> str | None:
    """What `text` asks for that nothing here can do or know; None where it may be possible."""
    if presumes_a_deed(text) and not _OWN_DEED.search(text):
        return "done"
    sure = (meant.beyond_prob or 0.0) >= BEYOND_SURE
    return meant.beyond if sure and code(text) is None and not asks_in_general(text) else None


def new_conversation(
    engine: EngineClient,
    settings: Settings,
    router: IntentRouter | None = None,
    cache: SpeechCache | None = None,
    vocabulary: tuple[str, ...] = (),
    *,
    instructions: str = "",
    authenticated: bool = False,
    conversation_id: str = "",
) -> ConversationContext:
    """A conversation that is answered by skills and the LLM. `router` None: the default handlers.
    Else as `ConversationContext`."""
    talk = settings.conversation
    own = router or default_router(talk.intent_threshold, talk.handler_deadline_s)
    return ConversationContext(
        engine,
        settings,
        lambda context: SkillResponder(context, own, authenticated=authenticated),
        cache,
        vocabulary,
        instructions=instructions,
        conversation_id=conversation_id,
    )
