"""Handlers of requests about orders. Without a host program an order can be neither looked up nor
cancelled; its number is only read back."""

from __future__ import annotations

import re
from collections.abc import Callable

from voice_local.conversation.responder import (
    Reply,
)
from voice_local.skills.request import Request
from voice_local.text.codes import (
    code,
    spelled,
)

STATUS, CANCEL = "check_order_status", "cancel_order"
INTENTS = frozenset({STATUS, CANCEL})
"""Intents that are about one order."""
ASK, CONFIRM = "ask_order_number", "confirm_order_number"
"""Actions. After `ASK` the digits of the next turn are taken for the number; after `CONFIRM` the
next turn says whether the number is right."""

ASK_STATUS = (
    "I can take down the number, but nothing here can look it up. What is your order number?"
)
ASK_CANCEL = "I can take down the number, but nothing here can cancel it. Which order number is it?"
HOST_ASK_STATUS = "Sure. What is your order number?"
HOST_ASK_CANCEL = "I can ask for that. Which order number should be cancelled?"
FIXED = (ASK_STATUS, ASK_CANCEL)

_ORDER = r"\s(?:\w+\s){0,2}?(?:orders?|purchases?|parcels?|packages?|shipments?|deliver(?:y|ies))\b"
_WORDED = (
    (CANCEL, re.compile(rf"\bcancel{_ORDER}", re.IGNORECASE)),
    (
        STATUS,
        re.compile(
            rf"\b(?:where(?:['’]?s|\sis|\sare)|track|the status of|check on|look up){_ORDER}",
            re.IGNORECASE,
        ),
    ),
)
_OF_IT = (
    (CANCEL, re.compile(r"\bcancel\s(?:it|that|this|the one)\b", re.IGNORECASE)),
    (
        STATUS,
        re.compile(
            r"\b(?:where\sis|track|check(?:\son)?|look\sup)\s(?:it|that|this)\b", re.IGNORECASE
        ),
    ),
)
_NO_REQUEST = re.compile(
    r"^\W*(?:how|why|when|should|did|if|what|who|is it|do i|he|she|they)\b", re.IGNORECASE
)


def worded(text: str, *, of_order: bool = False) -> str | None:
    """The intent that the wording of `text` names, for where the model is not sure: "cancel the
    order I made".

    `of_order`: the previous turns are about an order, so that "cancel it" means the order.
    """
    if _NO_REQUEST.search(text):
        return None
    return next(
        (
            intent
            for intent, pattern in (*_WORDED, *(_OF_IT if of_order else ()))
            if pattern.search(text)
        ),
        None,
    )


def check_order_status(request: Request) -> Reply:
    """Reads back the order number, or asks for it. Nothing is looked up."""
    return _answer(request, STATUS, ASK_STATUS, "I heard order {}. Nothing here can look it up.")


def cancel_order(request: Request) -> Reply:
    """Reads back the order number, or asks for it. Nothing is cancelled."""
    return _answer(request, CANCEL, ASK_CANCEL, "I heard order {}. Nothing here can cancel it.")


def host_check_order_status(request: Request) -> Reply:
    """For a host program that looks up the order on this action."""
    return _answer(request, STATUS, HOST_ASK_STATUS, "Let me check order {} for you.")


def host_cancel_order(request: Request) -> Reply:
    """For a host program that requests the cancellation on this action."""
    return _answer(request, CANCEL, HOST_ASK_CANCEL, "I am asking for order {} to be cancelled.")


DEFAULT: dict[str, Callable[[Request], Reply]] = {STATUS: check_order_status, CANCEL: cancel_order}
"""Without a host program."""
WITH_HOST: dict[str, Callable[[Request], Reply]] = {
    STATUS: host_check_order_status,
    CANCEL: host_cancel_order,
}


def _answer(request: Request, intent: str, ask: str, answer: str) -> Reply:
    found = code(request.text)
    if found is None:
        return Reply(ask, ASK, {"for": intent})
    return Reply(answer.format(spelled(found)), intent, {"order_number": found})
