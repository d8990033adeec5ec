"""Extracts the values in a sentence that a handler gets besides the words."""

from __future__ import annotations

import re
from enum import StrEnum

from voice_local.text.codes import code

_DEVICES = (
    "printer",
    "router",
    "tablet",
    "laptop",
    "computer",
    "phone",
    "screen",
    "camera",
    "keyboard",
    "wifi",
    "internet",
    "app",
    "account",
    "password",
)
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{2})?"
_AMOUNT = re.compile(rf"[$€£]?{_NUMBER}")
_MONEY = re.compile(rf"[$€£]{_NUMBER}|{_NUMBER}(?= (?:dollars?|euros?|pounds?)\b)")


class Entity(StrEnum):
    """Names of the entities.

    `ORDER_NUMBER`: in capitals and digits, "AB1234". `AMOUNT`: of money, as written, "$25.50".
    `DEVICE`: that the user needs help with, "printer".
    """

    ORDER_NUMBER = "order_number"
    AMOUNT = "amount"
    DEVICE = "device"


def entities(text: str, *, asked: bool = False) -> dict[str, str]:
    """The entities in `text`, by name. `asked`: the text answers a question for a code."""
    money = _MONEY.search(text)
    found = {
        Entity.ORDER_NUMBER: code(text, asked=asked),
        Entity.AMOUNT: money and money.group(0),
        Entity.DEVICE: device(text),
    }
    return {name.value: value for name, value in found.items() if value is not None}


def amount(text: str) -> str | None:
    """The first amount in `text`, which is about a bill, so that a number without a currency
    counts."""
    found = _AMOUNT.search(text)
    return found.group(0) if found else None


def device(text: str) -> str | None:
    """The device that `text` mentions."""
    words = re.findall(r"\w+", text.lower())
    return next((name for name in _DEVICES if name in words), None)
