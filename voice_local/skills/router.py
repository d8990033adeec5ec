"""Which intents are answered by a handler and which by the LLM."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from voice_local.conversation.context.history import Exchange
from voice_local.conversation.phrases import (
    LEFT,
    NO_ANSWER,
    NOT_VERIFIED,
    STILL_WORKING,
)
from voice_local.conversation.responder import Reply
from voice_local.skills.address import addressed
from voice_local.skills.entities import entities
from voice_local.skills.intents import (
    PERSONAL,
    Intent,
    check_known,
)
from voice_local.skills.negation import (
    denies,
    doubtful,
    nothing_else,
    wanted,
)

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """What a handler is told.

    Attributes:
        text: the user's words.
        intent, confidence: what they mean.
        authenticated: whether the host program knows who is speaking.
        last_answer: what the assistant said before.
        history: the turns so far, in order.
        entities: what was found in the words, by name: see `entities.Entity`.
        conversation_id: the conversation's, the same in all of its turns.
        verifying: whether the words reply to what a verifier asked.
    """

    text: str
    intent: str
    confidence: float
    authenticated: bool = False
    last_answer: str = ""
    history: tuple[Exchange, ...] = ()
    entities: Mapping[str, str] = field(default_factory=dict)
    conversation_id: str = ""
    verifying: bool = False


Handler = Callable[[Request], Reply | Awaitable[Reply | None] | None]
Verifier = Callable[[Request], "bool | Reply | Awaitable[bool | Reply | None] | None"]
"""Decides who is speaking. True: it is known, and what was asked for is done. False: refused. A
`Reply` is said, and the
next turn comes to the verifier too. None: these words are not about it; they are answered like any
others."""


FinishedLate = Callable[[Reply | None], None]


def nobody(reply: Reply | None) -> None:
    """Nobody waits for a late reply."""


@dataclass(frozen=True)
class _Route:
    handler: Handler
    requires_auth: bool | None
    fallback_to_llm: bool
    side_effects: bool
    least: float
    doubted: float
    built_in: bool


@dataclass(frozen=True)
class Routed:
    """The router's answer: `reply` None sends the turn to the LLM, and `why` says for which reason.

    `intent`: whose handler answered, where that is not the turn's own.
    """

    reply: Reply | None
    why: str
    intent: str | None = None


class IntentRouter:
    """Handlers by intent, for any number of conversations.

    `threshold`: intents less sure than this go to the LLM. `deadline_s`: how long a handler may
    take. `intents`: those that may be registered; other than the shipped ones only with a model of
    your own. `abilities`: the conversation also answers by itself what it can do without a host
    program: clock, timers and the like.

    Attributes:
        abilities: as given.
    """

    def __init__(
        self,
        threshold: float,
        deadline_s: float,
        intents: Sequence[str] = tuple(Intent),
        *,
        abilities: bool = False,
    ) -> None:
        self._threshold, self._deadline_s, self._intents = threshold, deadline_s, tuple(intents)
        self.abilities = abilities
        self._routes: dict[str, _Route] = {}
        self._verifier: Verifier | None = None
        self._acting: dict[str, set[asyncio.Task[Reply | None]]] = {}

    def register(
        self,
        intent: str,
        handler: Handler,
        *,
        requires_auth: bool | None = None,
        fallback_to_llm: bool = True,
        side_effects: bool = True,
        least: float = 0.0,
        doubted: float = 0.0,
        built_in: bool = False,
    ) -> None:
        """Lets `handler` answer `intent`, in place of any before it.

        With `requires_auth` it runs only for who is known; None: where there is a verifier and the
        intent is `PERSONAL`. A handler with `side_effects` runs only once the turn is committed;
        one without may run while the user could still go on speaking, and then its reply may be
        dropped. `least`: how sure the intent must be, where that is more than the router's
        threshold; `doubted`: the same for words that often deny ("not", "rather", "leave") or that
        speak of nobody here. `built_in`: it is this package's own, and does nothing.

        Raises:
            ConfigError: no model tells such an intent; the error lists those there are.
        """
        check_known(intent, self._intents)
        self._routes[intent] = _Route(
            handler, requires_auth, fallback_to_llm, side_effects, least, doubted, built_in
        )

    def hosted(self, intent: str | None) -> bool:
        """Whether a host program has taken `intent` on."""
        route = self._routes.get(intent or "")
        return route is not None and not route.built_in

    @property
    def has_host(self) -> bool:
        """Whether a host program has taken anything on."""
        return any(map(self.hosted, self._routes))

    def register_verifier(self, verifier: Verifier) -> None:
        """Lets `verifier` find out who is speaking, where a handler needs to know. Without one
        nobody is asked."""
        self._verifier = verifier

    @property
    def has_verifier(self) -> bool:
        """Whether a verifier is registered."""
        return self._verifier is not None

    def waits_for_commit(
        self, intent: str | None, confidence: float | None, text: str = ""
    ) -> bool:
        """Whether the handler of this turn (with the words `text`) may only run after the
        commit."""
        route = self._route(intent, confidence, text)
        return route is not None and route.side_effects and not denies(text, intent or "")

    def handles(self, intent: str | None, confidence: float | None, text: str = "") -> bool:
        """Whether a handler answers an intent that is so sure, told of the words `text`."""
        return self._route(intent, confidence, text) is not None

    def asks_verifier(self, intent: str | None, confidence: float | None, text: str = "") -> bool:
        """Whether who is not known would be brought before the verifier first."""
        route = self._route(intent, confidence, text)
        return self.has_verifier and route is not None and self._requires_auth(route, intent or "")

    async def route(self, request: Request, finished_late: FinishedLate = nobody) -> Routed:
        """Asks the handler. One that raises is logged and the LLM answers.

        One that takes longer than the deadline is left to its end if it has side effects: that is
        said, and `finished_late` gets its reply. Else it is given up and the LLM answers.

        An act that the words deny is never done; where they ask for nothing else that is said, else
        the LLM answers.
        """
        if denies(request.text, request.intent):
            return Routed(
                Reply(LEFT) if nothing_else(request.text, request.intent) else None, "denied"
            )
        route = self._route(request.intent, request.confidence, request.text)
        text = wanted(request.text, request.intent)
        request = replace(request, text=text, entities=entities(text))
        if route is None:
            known = request.intent in self._routes
            return Routed(None, "unsure" if known else "no_handler")
        if self._requires_auth(route, request.intent) and not request.authenticated:
            return Routed(
                Reply(NOT_VERIFIED, "request_auth", {"intent": request.intent}), "request_auth"
            )
        task = self._begun(route, request)
        try:
            reply = await self._in_time(task, gives_up=not route.side_effects)
        except TimeoutError:
            log.warning("the handler of %s took more than %.1f s", request.intent, self._deadline_s)
            if not route.side_effects:
                return self._failed(route, "handler_late")
            task.add_done_callback(lambda done: finished_late(_result(request.intent, done)))
            return Routed(Reply(STILL_WORKING), "handler_late")
        except Exception:  # a host program's code may fail in any way: the conversation goes on
            log.exception("the handler of %s failed", request.intent)
            return self._failed(route, "handler_failed")
        if reply is None and not route.fallback_to_llm:
            return Routed(Reply(""), "handled")
        return Routed(reply, "handled" if reply is not None else "handler_passed")

    async def verify(self, request: Request) -> bool | Reply | None:
        """What the verifier makes of a turn. One that is not there, raises or takes too long has
        verified nobody."""
        if self._verifier is None:
            return False
        try:
            found = entities(request.text, asked=request.verifying)
            asked = asyncio.ensure_future(_called(self._verifier, replace(request, entities=found)))
            return await self._in_time(asked, gives_up=True)
        except TimeoutError:
            log.warning("the verifier took more than %.1f s", self._deadline_s)
        except Exception:  # as a handler's
            log.exception("the verifier failed")
        return False

    def _begun(self, route: _Route, request: Request) -> asyncio.Task[Reply | None]:
        if route.built_in and not inspect.iscoroutinefunction(route.handler):
            work: Awaitable[Reply | None] = _inline(route.handler, request)
        else:
            work = _called(route.handler, request)
        task = asyncio.ensure_future(work)
        if route.side_effects:
            self._acting.setdefault(request.conversation_id, set()).add(task)
            task.add_done_callback(self._acting[request.conversation_id].discard)
        return task

    async def _in_time(self, task: asyncio.Future[T], *, gives_up: bool) -> T:
        """What comes of `task` within the deadline. `gives_up`: it is cancelled where nobody waits
        for it any more; else it goes on.

        Raises:
            TimeoutError: it took longer.
        """
        async with asyncio.timeout(self._deadline_s):
            return await (task if gives_up else asyncio.shield(task))

    async def settle(self, conversation_id: str) -> None:
        """Waits for what a conversation's handlers have begun and has side effects."""
        await asyncio.gather(*self._acting.pop(conversation_id, ()), return_exceptions=True)

    def _requires_auth(self, route: _Route, intent: str) -> bool:
        return (
            (self.has_verifier and intent in PERSONAL)
            if route.requires_auth is None
            else route.requires_auth
        )

    @staticmethod
    def _failed(route: _Route, why: str) -> Routed:
        return Routed(None if route.fallback_to_llm else Reply(NO_ANSWER), why)

    def _route(self, intent: str | None, confidence: float | None, text: str) -> _Route | None:
        route = self._routes.get(intent or "")
        if route is None:
            return None
        doubted = doubtful(text) or not addressed(text)
        least = max(self._threshold, route.least, route.doubted if doubted else 0.0)
        return route if (confidence or 0.0) >= least else None


async def _inline(handler: Handler, request: Request) -> Reply | None:
    """The package's own handlers compute next to nothing."""
    found = handler(request)
    return await found if inspect.isawaitable(found) else found


async def _called(function: Callable[[Request], Any], request: Request) -> Any:
    """A host program's function. One that is not `async` runs in a thread: it must not hold up the
    sound of every conversation."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object that is called like a function
    ):
        return await function(request)
    found = await asyncio.to_thread(function, request)
    return await found if inspect.isawaitable(found) else found


def _result(intent: str, done: asyncio.Task[Reply | None]) -> Reply | None:
    if done.cancelled():
        return None
    if error := done.exception():
        log.error("the handler of %s failed", intent, exc_info=error)
        return None
    return done.result()
