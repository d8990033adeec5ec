"""What the memory strategy asks of the mind: a conversation summed up, and one that goes on from
its summary."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

WANTS = {
    "affirm": "said yes",
    "appointment": "wanted an appointment",
    "billing": "asked about a bill",
    "booking": "wanted to book",
    "cancel_order": "wanted to cancel an order",
    "check_order_status": "asked about an order",
    "command": "asked the assistant to do something",
    "complaint": "made a complaint",
    "deny": "said no",
    "emergency": "told of an emergency",
    "explain": "wanted something explained",
    "farewell": "said goodbye",
    "greeting": "said hello",
    "home_control": "wanted something done in the house",
    "human_agent": "wanted to talk to a person",
    "medication": "asked about medicine",
    "music": "wanted music",
    "out_of_scope": "asked something else",
    "product_question": "asked about an item",
    "question": "had a question",
    "repeat": "wanted to hear it again",
    "return_item": "wanted to return an item",
    "shopping_list": "used the shopping list",
    "small_talk": "talked a little",
    "stop": "asked for quiet",
    "symptom": "did not feel well",
    "technical_support": "had a problem with a device",
    "timer_reminder": "used a timer or a reminder",
    "translate": "wanted a translation",
}
SMALL = {"affirm", "deny", "farewell", "greeting", "repeat", "small_talk", "stop"}
_SENTENCE = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True)
class Exchange:
    """One exchange of a dialogue: what is told of it to the mind, what was said, and the slot
    values known by then."""

    context: str
    user: str
    assistant: str
    intent: str
    values: dict[str, str]


def transcript(exchanges: list[Exchange], earlier: str = "") -> str:
    """The conversation as `Memory.summarize` sends it."""
    lines = [f"Earlier: {earlier}"] if earlier else []
    for exchange in exchanges:
        lines += [f"User: {exchange.user}", f"Assistant: {exchange.assistant}"]
    return "\n".join(lines)


def summary(exchanges: list[Exchange], earlier: str = "") -> str:
    """At most three sentences: what was said before, what the user wanted with its values, what was
    answered last."""
    told = [e for e in exchanges if e.intent not in SMALL] or exchanges[-1:]
    wants: list[str] = []
    for exchange in told[-2:]:
        said = f"The user {WANTS[exchange.intent]}"
        said_words = f"{exchange.user} {exchange.assistant.lower()}"
        heard = [value for value in dict.fromkeys(exchange.values.values()) if value in said_words]
        said += f": {', '.join(heard)}." if heard else "."
        if said not in wants:
            wants.append(said)
    agreed = _SENTENCE.split(told[-1].assistant)[-1]
    first = _SENTENCE.split(earlier)[-2:-1] if earlier and len(wants) < 2 else []
    return " ".join([*first, *wants[-2:], f"The assistant said: {agreed}"])


def chosen(exchanges: list[Exchange], rng: random.Random) -> tuple[list[Exchange], list[Exchange]]:
    """A cut of `exchanges` into what a summary tells and what stays word for word, at least one
    each."""
    at = rng.randrange(1, len(exchanges))
    return exchanges[:at], exchanges[at:]
