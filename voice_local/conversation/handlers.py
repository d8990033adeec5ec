"""The default handlers. They invent no data: they say what is being done and leave the doing to the host program."""

from __future__ import annotations

from collections.abc import Sequence

from voice_local.conversation import emergencies, order_handlers
from voice_local.conversation.emergencies import Danger
from voice_local.conversation.entities import amount, device
from voice_local.conversation.intents import Intent
from voice_local.conversation.router import IntentRouter, Reply, Request

GREETING = "Hello! How can I help you?"
FAREWELL = "Goodbye, and have a nice day!"
NO_REPEAT = "I have not said anything yet."
SUPPORT = "I am sorry about the trouble. Please turn it off, wait ten seconds, and turn it on again. Did that help?"
BILLING = "Let me get your billing details. I can also connect you with a person."
PRODUCT = "Let me look that product up."
HUMAN = "I will connect you with a person. One moment, please."
EMERGENCY = ("If someone is in danger, call the emergency number now. Say where you are and what happened, and stay on the "
             "line.")
SELF_HARM = ("I am so sorry that it hurts this much. You do not have to go through it alone. Please call the emergency "
             "number or a crisis line now, and tell someone near you how you feel.")
OTHERS_SELF_HARM = ("Please stay with them if you can, and call the emergency number or a crisis line now. Listen to them, "
                    "and do not leave them alone.")
HELP = {Danger.BODILY: EMERGENCY, Danger.SELF_HARM: SELF_HARM, Danger.OTHERS_SELF_HARM: OTHERS_SELF_HARM}
"""What is said in danger. Nothing here calls anybody, and a host program may: so neither is claimed."""
FIXED = (GREETING, FAREWELL, NO_REPEAT, SUPPORT, BILLING, PRODUCT, HUMAN, *HELP.values(), *order_handlers.FIXED)


def technical_support(request: Request) -> Reply:
    """First step of every repair; the host program may go on from there."""
    found = device(request.text)
    return Reply(SUPPORT, "technical_support", {"device": found} if found else {})


def billing(request: Request) -> Reply:
    """Fetches billing details."""
    found = amount(request.text)
    return Reply(BILLING, "billing", {"amount": found} if found else {})


def product_question(request: Request) -> Reply:
    """Looks a product up."""
    return Reply(PRODUCT, "product_question", {"question": request.text})


def greeting(request: Request) -> Reply:
    """Says hello."""
    return Reply(GREETING)


def farewell(request: Request) -> Reply:
    """Says goodbye; the host program may hang up."""
    return Reply(FAREWELL, "end_conversation")


def repeat(request: Request) -> Reply:
    """Says the last answer again."""
    return Reply(request.last_answer or NO_REPEAT)


def stop(request: Request) -> Reply:
    """Falls silent."""
    return Reply("", "stop")


def human_agent(request: Request) -> Reply:
    """Hands over to a person."""
    return Reply(HUMAN, "transfer_to_human")


def emergency(request: Request) -> Reply:
    """Tells the way to help, at once and never through the LLM."""
    return Reply(HELP[emergencies.kind(request.text)], "emergency", {"text": request.text})


DEFAULT = {**order_handlers.DEFAULT, "technical_support": technical_support, "billing": billing,
           "product_question": product_question, "greeting": greeting, "farewell": farewell, "repeat": repeat,
           "stop": stop, "human_agent": human_agent, "emergency": emergency}

SURE, DOUBTED = 0.7, 0.85
"""How sure the model must be of an act, and where the words may deny one or speak of nobody here."""
TALK = ("greeting", "emergency")
"""No acts: a greeting does no harm, and an emergency is checked by its wording."""


def default_router(threshold: float, deadline_s: float, more_intents: Sequence[str] = ()) -> IntentRouter:
    """A router with all of `DEFAULT`. They only choose words, so they may run ahead of the commit.

    `more_intents`: what a model of your own tells beside the shipped ones' intents.
    """
    router = IntentRouter(threshold, deadline_s, tuple(dict.fromkeys((*Intent, *more_intents))))
    for intent, handler in DEFAULT.items():
        least, doubted = (0.0, 0.0) if intent in TALK else (SURE, DOUBTED)
        router.register(intent, handler, requires_auth=False, fallback_to_llm=intent != "emergency", side_effects=False,
                        least=least, doubted=doubted)
    return router
