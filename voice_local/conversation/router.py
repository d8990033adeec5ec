"""Which intents are answered by a handler and which by the LLM."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from voice_local.conversation.address import addressed
from voice_local.conversation.negation import denies, doubtful, nothing_else, wanted
from voice_local.conversation.phrases import LEFT, NO_ANSWER, VERIFY

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """What a handler is told.

    Attributes:
        text: the user's words.
        intent, confidence: what they mean.
        authenticated: whether the host program knows who is speaking.
        last_answer: what the assistant said before.
    """

    text: str
    intent: str
    confidence: float
    authenticated: bool = False
    last_answer: str = ""


@dataclass(frozen=True)
class Reply:
    """What a handler answers.

    Attributes:
        text: to be said; empty says nothing.
        action, params: for the host program to act on; told to it once the turn is committed.
    """

    text: str
    action: str | None = None
    params: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Reply | Awaitable[Reply | None] | None]


@dataclass(frozen=True)
class _Route:
    handler: Handler
    requires_auth: bool
    fallback_to_llm: bool
    side_effects: bool
    least: float
    doubted: float


@dataclass(frozen=True)
class Routed:
    """The router's answer: `reply` None sends the turn to the LLM, and `why` says for which reason."""

    reply: Reply | None
    why: str


class IntentRouter:
    """Handlers by intent. `threshold`: intents less sure than this go to the LLM."""

    def __init__(self, threshold: float, deadline_s: float) -> None:
        self._threshold, self._deadline_s = threshold, deadline_s
        self._routes: dict[str, _Route] = {}

    def register(self, intent: str, handler: Handler, *, requires_auth: bool = False, fallback_to_llm: bool = True,
                 side_effects: bool = True, least: float = 0.0, doubted: float = 0.0) -> None:
        """Lets `handler` answer `intent`, in place of any before it.

        A handler with `side_effects` runs only once the turn is committed; one without may run while the user could
        still go on speaking, and then its reply may be dropped. `least`: how sure the intent must be, where that is more
        than the router's threshold; `doubted`: the same for words that often deny ("not", "rather", "leave") or that
        speak of nobody here.
        """
        self._routes[intent] = _Route(handler, requires_auth, fallback_to_llm, side_effects, least, doubted)

    def waits_for_commit(self, intent: str | None, confidence: float | None, text: str = "") -> bool:
        """Whether the handler of this turn (with the words `text`) may only run after the commit."""
        route = self._route(intent, confidence, text)
        return route is not None and route.side_effects and not denies(text, intent or "")

    async def route(self, request: Request) -> Routed:
        """Asks the handler. One that raises or takes too long is logged and the LLM answers.

        An act that the words deny is never done; where they ask for nothing else that is said, else the LLM answers.
        """
        if denies(request.text, request.intent):
            return Routed(Reply(LEFT) if nothing_else(request.text, request.intent) else None, "denied")
        route = self._route(request.intent, request.confidence, request.text)
        request = replace(request, text=wanted(request.text, request.intent))
        if route is None:
            known = request.intent in self._routes
            return Routed(None, "unsure" if known else "no_handler")
        if route.requires_auth and not request.authenticated:
            return Routed(Reply(VERIFY, "request_auth", {"intent": request.intent}), "request_auth")
        try:
            async with asyncio.timeout(self._deadline_s):
                found = route.handler(request)
                reply = await found if inspect.isawaitable(found) else found
        except TimeoutError:
            log.warning("the handler of %s took more than %.1f s", request.intent, self._deadline_s)
            return self._failed(route, "handler_late")
        except Exception:  # a host program's code may fail in any way: the conversation goes on
            log.exception("the handler of %s failed", request.intent)
            return self._failed(route, "handler_failed")
        if reply is None and not route.fallback_to_llm:
            return Routed(Reply(""), "handled")
        return Routed(reply, "handled" if reply is not None else "handler_passed")

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
