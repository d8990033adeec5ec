"""The intents that the shipped understanding models distinguish."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from enum import StrEnum

from voice_local.errors import ConfigError


class Intent(StrEnum):
    """The intent of a turn; each equals its name in `ConversationTurn.intent` and
    `Request.intent`."""

    AFFIRM = "affirm"
    APPOINTMENT = "appointment"
    BILLING = "billing"
    BOOKING = "booking"
    CANCEL_ORDER = "cancel_order"
    CHECK_ORDER_STATUS = "check_order_status"
    COMMAND = "command"
    COMPLAINT = "complaint"
    DENY = "deny"
    EMERGENCY = "emergency"
    EXPLAIN = "explain"
    FAREWELL = "farewell"
    GREETING = "greeting"
    HOME_CONTROL = "home_control"
    HUMAN_AGENT = "human_agent"
    MEDICATION = "medication"
    MUSIC = "music"
    OUT_OF_SCOPE = "out_of_scope"
    PRODUCT_QUESTION = "product_question"
    QUESTION = "question"
    REPEAT = "repeat"
    RETURN_ITEM = "return_item"
    SHOPPING_LIST = "shopping_list"
    SMALL_TALK = "small_talk"
    STOP = "stop"
    SYMPTOM = "symptom"
    TECHNICAL_SUPPORT = "technical_support"
    TIMER_REMINDER = "timer_reminder"
    TRANSLATE = "translate"


PERSONAL = frozenset(
    {Intent.BILLING, Intent.CANCEL_ORDER, Intent.CHECK_ORDER_STATUS, Intent.RETURN_ITEM}
)
"""Intents whose handlers access the data of one customer. Where a verifier is registered, they
require authentication by default."""


def check_known(intent: str, known: Collection[str]) -> None:
    """Raises ConfigError, which lists `known`, unless `intent` is one of them."""
    if intent in known:
        return
    close = difflib.get_close_matches(intent, known, 1, 0.6)
    near = f"did you mean {close[0]}? " if close else ""
    raise ConfigError(f"unknown intent {intent!r}", f"{near}one of: {', '.join(known)}")
