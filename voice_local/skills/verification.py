"""Authentication of the speaker: its state in a conversation, and the request that is on hold while
the verifier asks questions."""

from __future__ import annotations

from dataclasses import replace

from voice_local.conversation.phrases import NOT_VERIFIED
from voice_local.conversation.responder import Reply
from voice_local.skills.intents import Intent
from voice_local.skills.negation import denies
from voice_local.skills.request import Request
from voice_local.skills.router import FinishedLate, IntentRouter, Routed, nobody

NEVER_WAITS = frozenset({Intent.EMERGENCY, Intent.STOP, Intent.FAREWELL, Intent.HUMAN_AGENT})
"""Intents that cancel the verification when they come in reply to a verifier's question. They are
answered as usual."""


class Verification:
    """The authentication of one conversation.

    `router`: has the handlers and the verifier.

    Attributes:
        authenticated: whether the speaker's identity is known.
    """

    def __init__(self, router: IntentRouter, authenticated: bool) -> None:
        self._router, self.authenticated = router, authenticated
        self._waiting: Request | None = None

    @property
    def waiting(self) -> bool:
        """Whether the verifier has asked a question, so that the next turn goes to it."""
        return self._waiting is not None and not self.authenticated

    def waits_for_commit(self, intent: str | None, confidence: float | None, text: str) -> bool:
        """Whether the handler of this turn may only run after the commit.

        So may the verifier, since it counts attempts.
        """
        return (
            self.waiting
            or self._router.waits_for_commit(intent, confidence, text)
            or (
                not self.authenticated
                and self._router.asks_verifier(intent, confidence, text)
                and not denies(text, intent or "")
            )
        )

    async def route(self, request: Request, finished_late: FinishedLate = nobody) -> Routed:
        """As `IntentRouter.route`, but an unknown speaker is sent to the verifier first."""
        waiting, self._waiting = (self._waiting if self.waiting else None), None
        if waiting and not self._gives_up(request):
            return await self._verify(replace(request, verifying=True), waiting, finished_late)
        routed = await self._router.route(request, finished_late)
        if routed.why == "request_auth" and self._router.has_verifier:
            return await self._verify(request, request, finished_late)
        return routed

    def _gives_up(self, request: Request) -> bool:
        return request.intent in NEVER_WAITS and self._router.handles(
            request.intent, request.confidence, request.text
        )

    async def _verify(self, said: Request, waiting: Request, finished_late: FinishedLate) -> Routed:
        """Passes what was `said` to the verifier; once it accepts, what was `waiting` is
        done."""
        found = await self._router.verify(said)
        if isinstance(found, Reply):
            self._waiting = waiting
            asked = {"intent": waiting.intent}
            return Routed(
                found if found.action else replace(found, action="request_auth", params=asked),
                "request_auth",
                waiting.intent,
            )
        if found is None and said is not waiting:
            return await self._router.route(replace(said, verifying=False), finished_late)
        if not found:
            return Routed(
                Reply(NOT_VERIFIED, "auth_failed", {"intent": waiting.intent}),
                "auth_failed",
                waiting.intent,
            )
        self.authenticated = True
        return replace(
            await self._router.route(replace(waiting, authenticated=True), finished_late),
            intent=waiting.intent,
        )
