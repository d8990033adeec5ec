"""Routes each intent to a handler or to the LLM."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from voice_local.conversation.phrases import (
    LEFT,
    NO_ANSWER,
    NOT_VERIFIED,
    STILL_WORKING,
)
from voice_local.conversation.responder import Reply
from voice_local.skills.address import addressed
from voice_local.skills.calling import called, inline, late_result
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
from voice_local.skills.request import Handler, Request

log = logging.getLogger(__name__)
T = TypeVar("T")


Verifier = Callable[[Request], "bool | Reply | Awaitable[bool | Reply | None] | None"]
"""Authenticates the speaker.

True: authenticated, and the request is handled. False: refused. A `Reply` is said, and the next
turn goes to the verifier as well. None: the words are not about authentication, and are answered as
usual.
"""


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
    """The result of routing.

    Attributes:
        reply: the answer; None sends the turn to the LLM.
        why: the reason.
        intent: the one whose handler answered, where it is not that of the turn.
    """

    reply: Reply | None
    why: str
    intent: str | None = None


class IntentRouter:
    """The handlers by intent, for any number of conversations.

    `threshold`: turns with a lower confidence go to the LLM. `deadline_s`: most seconds that a
    handler may take. `intents`: those that may be registered; others than the shipped ones need a
    model of your own. `abilities`: whether conversations have the built-in abilities, which need no
    host program: clock, timers and the like.

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
        """Lets `handler` answer `intent`, in place of an earlier handler.

        With `requires_auth` it only runs for authenticated speakers; None means: if there is a
        verifier and the intent is `PERSONAL`. A handler with `side_effects` only runs once the turn
        is committed; one without may run while the user could still go on speaking, and its reply
        may then be dropped. `least`: the lowest confidence, if it is above the threshold of the
        router; `doubted`: the same for words that often negate ("not", "rather", "leave") or that
        are not addressed to the assistant. `built_in`: a handler of this package, which performs no
        action.

        Raises:
            ConfigError: no model gives this intent; the error lists the known ones.
        """
        check_known(intent, self._intents)
        self._routes[intent] = _Route(
            handler, requires_auth, fallback_to_llm, side_effects, least, doubted, built_in
        )

    def hosted(self, intent: str | None) -> bool:
        """Whether a host program has registered a handler for `intent`."""
        route = self._routes.get(intent or "")
        return route is not None and not route.built_in

    @property
    def has_host(self) -> bool:
        """Whether a host program has registered any handler."""
        return any(map(self.hosted, self._routes))

    def register_verifier(self, verifier: Verifier) -> None:
        """Lets `verifier` authenticate the speaker where a handler requires it."""
        self._verifier = verifier

    @property
    def has_verifier(self) -> bool:
        """Whether a verifier is registered."""
        return self._verifier is not None

    def waits_for_commit(
        self, intent: str | None, confidence: float | None, text: str = ""
    ) -> bool:
        """Whether the handler of a turn with the words `text` may only run after the commit."""
        route = self._route(intent, confidence, text)
        return route is not None and route.side_effects and not denies(text, intent or "")

    def handles(self, intent: str | None, confidence: float | None, text: str = "") -> bool:
        """Whether a handler answers a turn with this intent, confidence and text."""
        return self._route(intent, confidence, text) is not None

    def asks_verifier(self, intent: str | None, confidence: float | None, text: str = "") -> bool:
        """Whether the turn of an unauthenticated speaker goes to the verifier first."""
        route = self._route(intent, confidence, text)
        return self.has_verifier and route is not None and self._requires_auth(route, intent or "")

    async def route(self, request: Request, finished_late: FinishedLate = nobody) -> Routed:
        """Asks the handler. One that raises is logged and the LLM answers.

        One that takes longer than the deadline is left to its end if it has side effects: that is
        said, and `finished_late` gets its reply. Else it is given up and the LLM answers.

        A handler is never called for an act that the words deny. If they contain no other request
        a fixed sentence answers, else the LLM.
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
            task.add_done_callback(lambda done: finished_late(late_result(request.intent, done)))
            return Routed(Reply(STILL_WORKING), "handler_late")
        except Exception:  # a host program's code may fail in any way: the conversation goes on
            log.exception("the handler of %s failed", request.intent)
            return self._failed(route, "handler_failed")
        if reply is None and not route.fallback_to_llm:
            return Routed(Reply(""), "handled")
        return Routed(reply, "handled" if reply is not None else "handler_passed")

    async def verify(self, request: Request) -> bool | Reply | None:
        """The result of the verifier; False if there is none, or if it raises or takes too long."""
        if self._verifier is None:
            return False
        try:
            found = entities(request.text, asked=request.verifying)
            asked = asyncio.ensure_future(called(self._verifier, replace(request, entities=found)))
            return await self._in_time(asked, gives_up=True)
        except TimeoutError:
            log.warning("the verifier took more than %.1f s", self._deadline_s)
        except Exception:  # as for a handler
            log.exception("the verifier failed")
        return False

    def _begun(self, route: _Route, request: Request) -> asyncio.Task[Reply | None]:
        if route.built_in and not inspect.iscoroutinefunction(route.handler):
            work: Awaitable[Reply | None] = inline(route.handler, request)
        else:
            work = called(route.handler, request)
        task = asyncio.ensure_future(work)
        if route.side_effects:
            self._acting.setdefault(request.conversation_id, set()).add(task)
            task.add_done_callback(self._acting[request.conversation_id].discard)
        return task

    async def _in_time(self, task: asyncio.Future[T], *, gives_up: bool) -> T:
        """The result of `task` within the deadline. `gives_up`: it is cancelled where nobody waits
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
