"""The default handlers. They invent no data and claim no action; the request is passed to the host
program as an action."""

from __future__ import annotations

import re
from collections.abc import Sequence

from voice_local.conversation.responder import (
    Reply,
)
from voice_local.skills import (
    emergencies,
    order_handlers,
)
from voice_local.skills.abilities import (
    commands,
    limits,
)
from voice_local.skills.emergencies import Danger
from voice_local.skills.entities import (
    amount,
    device,
)
from voice_local.skills.intents import Intent
from voice_local.skills.negation import names_the_act
from voice_local.skills.request import Request
from voice_local.skills.router import IntentRouter

GREETING = "Hello! How can I help you?"
FAREWELL = "Goodbye, and have a nice day!"
NO_REPEAT = commands.NO_REPEAT
SUPPORT = (
    "I am sorry about the trouble. Please turn it off, wait ten seconds, and turn it on again. Did "
    "that help?"
)
STILL_BROKEN = (
    "Then please see whether it is plugged in, and whether its cables and its connection are as "
    "they should be."
)
NO_MORE_ADVICE = (
    "I am sorry, then I know no more to try. Whoever made or sold it can help you further."
)
WORKS_AGAIN = "I am glad that it works again."
BILLING, PRODUCT, HUMAN = limits.ACCOUNT, limits.GOODS, limits.PERSON
EMERGENCY = (
    "If someone is in danger, call the emergency number now. Say where you are and what happened, "
    "and stay on the line."
)
SELF_HARM = (
    "I am so sorry that it hurts this much. You do not have to go through it alone. Please call "
    "the emergency number or a crisis line now, and tell someone near you how you feel."
)
OTHERS_SELF_HARM = (
    "Please stay with them if you can, and call the emergency number or a crisis line now. Listen "
    "to them, and do not leave them alone."
)
HELP = {
    Danger.BODILY: EMERGENCY,
    Danger.SELF_HARM: SELF_HARM,
    Danger.OTHERS_SELF_HARM: OTHERS_SELF_HARM,
}
"""The answers in an emergency. They claim neither that help was called nor that it was not, since a
host program may call it."""
FIXED = (
    GREETING,
    FAREWELL,
    NO_REPEAT,
    SUPPORT,
    STILL_BROKEN,
    NO_MORE_ADVICE,
    WORKS_AGAIN,
    BILLING,
    PRODUCT,
    HUMAN,
    *HELP.values(),
    *order_handlers.FIXED,
)

_WORKED = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|great|thanks|thank you|okay|ok)\W+)*(?:(?:it|that|this|everything) "
    r"(?:now |finally )?(?:did(?: it)?|does|works?|worked|helped|is working|is fine)\b(?! (?:not|"
    r"nothing|no|n))|yes\W*$|solved\b|fixed\b)"
)
_ABOUT_OTHERS = re.compile(
    r"^\W*(?:what|why|how|when|where|who|which)\b(?!.*\b(?:i|me|my|we|us|you)\b)"
)


def technical_support(request: Request) -> Reply:
    """General first steps of troubleshooting, one after the other; a host program may go on from
    them."""
    steps = {SUPPORT: STILL_BROKEN, STILL_BROKEN: NO_MORE_ADVICE, NO_MORE_ADVICE: NO_MORE_ADVICE}
    answer = steps.get(request.last_answer, SUPPORT)
    if answer != SUPPORT and _WORKED.search(request.text.lower()):
        return Reply(WORKS_AGAIN, "solved")
    found = device(request.text)
    return Reply(answer, "technical_support", {"device": found} if found else {})


def _asked_whether_it_helped(last_answer: str) -> bool:
    """Whether the last answer was `SUPPORT`, heard at least up to the first word of its
    question."""
    return SUPPORT.startswith(last_answer) and len(last_answer.split()) > SUPPORT.split().index(
        "Did"
    )


def affirm(request: Request) -> Reply | None:
    """Answers a yes to "Did that help?"; any other yes is left to the LLM."""
    return Reply(WORKS_AGAIN, "solved") if _asked_whether_it_helped(request.last_answer) else None


def deny(request: Request) -> Reply | None:
    """Answers a no to "Did that help?"; any other no is left to the LLM."""
    return (
        Reply(STILL_BROKEN, "technical_support")
        if _asked_whether_it_helped(request.last_answer)
        else None
    )


def billing(request: Request) -> Reply:
    """Says that the assistant has no access to bills."""
    found = amount(request.text)
    return Reply(BILLING, "billing", {"amount": found} if found else {})


def product_question(request: Request) -> Reply:
    """Says that the assistant cannot look up products."""
    return Reply(PRODUCT, "product_question", {"question": request.text})


def greeting(request: Request) -> Reply:
    """Says hello."""
    return Reply(GREETING)


def farewell(request: Request) -> Reply:
    """Says goodbye; the host program may hang up."""
    return Reply(FAREWELL, "end_conversation")


def repeat(request: Request) -> Reply:
    """Repeats the last answer."""
    return Reply(request.last_answer or NO_REPEAT)


def stop(request: Request) -> Reply | None:
    """Says nothing, if the words name the act: the model also gives this intent to laughter."""
    return Reply("", "stop") if names_the_act(request.text, "stop") else None


def human_agent(request: Request) -> Reply | None:
    """Says that no person can take over; questions about people are left to the LLM."""
    return None if _ABOUT_OTHERS.match(request.text.lower()) else Reply(HUMAN, "transfer_to_human")


def emergency(request: Request) -> Reply:
    """Says how to get help, immediately and never through the LLM."""
    return Reply(HELP[emergencies.kind(request.text)], "emergency", {"text": request.text})


DEFAULT = {
    **order_handlers.DEFAULT,
    "technical_support": technical_support,
    "billing": billing,
    "product_question": product_question,
    "greeting": greeting,
    "farewell": farewell,
    "repeat": repeat,
    "affirm": affirm,
    "deny": deny,
    "stop": stop,
    "human_agent": human_agent,
    "emergency": emergency,
}
FOR_A_HOST = frozenset(
    {
        "check_order_status",
        "cancel_order",
        "technical_support",
        "billing",
        "product_question",
        "human_agent",
    }
)
"""Intents whose requests only a host program can fulfil."""

SURE, DOUBTED = 0.7, 0.85
"""Lowest confidence of the model for an act, and for one in words that may negate it or are not
addressed to the assistant."""
TALK = ("greeting", "emergency")
"""Intents without a lowest confidence: a greeting does no harm, and an emergency is checked by its
wording."""


def default_router(
    threshold: float, deadline_s: float, more_intents: Sequence[str] = ()
) -> IntentRouter:
    """A router with all handlers in `DEFAULT`. They have no side effects, so they may run before
    the commit.

    `more_intents`: those of a model of your own, in addition to the shipped ones.
    """
    router = IntentRouter(
        threshold, deadline_s, tuple(dict.fromkeys((*Intent, *more_intents))), abilities=True
    )
    for intent, handler in DEFAULT.items():
        least, doubted = (0.0, 0.0) if intent in TALK else (SURE, DOUBTED)
        router.register(
            intent,
            handler,
            requires_auth=False,
            fallback_to_llm=intent != "emergency",
            side_effects=False,
            least=least,
            doubted=doubted,
            built_in=True,
        )
    return router
