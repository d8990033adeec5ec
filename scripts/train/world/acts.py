"""What acts of each intent are called: as a verb phrase, as a noun, and what has the act done to
it.

For templates of what is denied or wished in roundabout words: {vp} "cancel my order", {ing}
"cancelling my order", {past} "cancelled my order", {np} "the cancellation". World slots ({code},
{item} …) may stand in all of them.
"""

from __future__ import annotations

import random

from scripts.train.world.phrases import gerund

VERBS: dict[str, str] = {
    "cancel_order": "cancel my order|cancel the order|cancel it|cancel order {code}|cancel that|"
    "cancel the {item}|call off the order|call off my order|call it off|scrap the order|"
    "scrap my {item} order|drop the order|void order {code}|withdraw my order|stop my order|"
    "abort the purchase|undo the order|kill the order|cancel my purchase|cancel the whole thing|"
    "cancel everything i ordered|cancel my {item}|halt the order|terminate the order|"
    "revoke my order|pull my order|delete my order|take my order off",
    "check_order_status": "track my package|track the parcel|track my order|check my order|"
    "check order {code}|look up my order|look up order {code}|find my parcel|"
    "check the status of my order|locate my package|check on the delivery|chase up the delivery|"
    "see where my order is|find out where my {item} is|trace the shipment|"
    "tell me where my parcel is|tell me when it arrives|check the tracking|"
    "give me the order status|look into my delivery|follow up on the order|"
    "check where the {item} is",
    "human_agent": "transfer me|transfer me to a person|put me through to an agent|put me through|"
    "connect me to a human|connect me with anyone|get a person|get me an operator|"
    "fetch your manager|hand me over to a colleague|pass me on to a representative|forward my call|"
    "switch me to a real person|get somebody on the line|call a supervisor|bring in a human|"
    "escalate this to a person|let a human take over|involve an agent|send me to the call center|"
    "redirect me to staff|patch me through to someone|hand the call to an operator",
    "technical_support": "fix my {device}|repair the {device}|help me with my {device}|"
    "restart the {device}|reset the {device}|troubleshoot my {device}|send a technician|"
    "look at my {device}|help me with the password|walk me through the repair|check my connection|"
    "reset my password|sort out my {device}|help me with the app|diagnose the {device}|"
    "give me tech support|open a support ticket",
    "billing": "send me a bill|send the invoice|explain my bill|refund me|refund my money|"
    "give me a refund|charge my card|show me my bill|check my invoice|go over the bill|"
    "pull up my account balance|email the receipt|bill me|check the charges|look at my payments|"
    "dispute the charge|print a statement|talk about the bill",
    "product_question": "tell me the price|tell me about the {item}|describe the {item}|"
    "look up the {item}|show me your products|recommend a product|check the stock|"
    "compare the {item} with the {item2}|quote me a price|tell me what it costs|list your offers|"
    "go over the features of the {item}|sell me a {item}",
    "farewell": "hang up|leave|end the call|end this conversation|say goodbye|go away|disconnect|"
    "finish the call|sign off",
    "stop": "stop|stop talking|be quiet|shut up|pause|fall silent|stop reading|stop the story|"
    "break off|go quiet",
    "repeat": "repeat that|say that again|repeat yourself|repeat it|say it once more|"
    "go over it again|tell me again|read it back again|repeat the last sentence|start over again",
    "emergency": "call an ambulance|call the police|send the fire brigade|get a doctor|"
    "call for help|phone the police|ring nine one one|alert the paramedics|dial nine nine nine|"
    "send anyone|contact emergency services|bring an ambulance|notify the police|"
    "involve the police|get help",
    "home_control": "turn off the light|turn on the heater|switch off the {appliance}|"
    "switch on the {room} light|open the window|close the blinds|lock the door|dim the lamp|"
    "touch the thermostat|turn the heating up|unlock the door|change the temperature|"
    "start the {appliance}|shut the curtains",
    "timer_reminder": "set an alarm|set a timer|remind me|remind me to {chore}|wake me up|"
    "wake me at {time}|delete the alarm|cancel the timer|stop the alarm",
    "music": "play music|play that song|play the radio|skip this song|turn the volume up|"
    "put on some jazz|stop the music",
    "shopping_list": "add {food} to the list|put {food} on the list|write down {food}|delete the "
    "shopping list|buy {food}",
    "booking": "book a table|reserve a room|cancel my reservation|change the booking|book anything|"
    "move the reservation",
    "appointment": "make an appointment|cancel my appointment|move the appointment|book me in with "
    "the doctor",
    "return_item": "return the {item}|send the {item} back|exchange the {item}|swap my {item}|take "
    "it back",
    "translate": "translate that|translate it into {lang}|say it in {lang}",
}
NOUNS: dict[str, str] = {
    "cancel_order": "the cancellation|a cancellation|my cancellation|the cancelling|cancelling|"
    "that cancellation",
    "check_order_status": "the tracking|the order status|the delivery date|tracking|"
    "a status update|the tracking number|the search",
    "human_agent": "the transfer|a human|an operator|an agent|a real person|the person|"
    "a human agent|a representative|your colleagues|the supervisor|a transfer|your manager|"
    "customer service|anybody else|a live agent",
    "technical_support": "the repair|technical support|the technician|troubleshooting|the restart|"
    "tech support|the help",
    "billing": "the refund|the invoice|the bill|a receipt|the statement|my bill|billing details|a "
    "refund|the billing",
    "product_question": "the price|the product details|your products|the offers|the price list|the "
    "specifications|a quote",
    "farewell": "the goodbye|goodbyes|the farewell",
    "stop": "the pause|the silence|a break|stopping",
    "repeat": "the repetition|repeats|the repeat|an encore",
    "emergency": "the ambulance|the police|an ambulance|the fire brigade|the paramedics|emergency "
    "services|the cops",
    "home_control": "the lights|the heater|the blinds|the thermostat",
    "timer_reminder": "the alarm|the reminder|the timer|the wake up call",
    "music": "the music|the song|the radio",
    "shopping_list": "the list|the shopping list",
    "booking": "the booking|the table",
    "appointment": "the appointment",
    "return_item": "the return|the exchange",
    "translate": "the translation",
}
ACTING = (
    "cancel_order",
    "check_order_status",
    "human_agent",
    "technical_support",
    "billing",
    "product_question",
    "farewell",
    "stop",
    "repeat",
    "emergency",
)
"""Those that a handler answers: drawn more often."""
_PAST = {
    "get": "got",
    "put": "put",
    "send": "sent",
    "tell": "told",
    "give": "gave",
    "find": "found",
    "go": "went",
    "say": "said",
    "hang": "hung",
    "leave": "left",
    "shut": "shut",
    "fall": "fell",
    "break": "broke",
    "read": "read",
    "start": "started",
    "take": "took",
    "bring": "brought",
    "ring": "rang",
    "let": "let",
    "see": "saw",
    "be": "was",
    "sell": "sold",
    "show": "showed",
    "book": "booked",
    "set": "set",
    "wake": "woke",
    "make": "made",
    "buy": "bought",
    "write": "wrote",
    "swap": "swapped",
    "stop": "stopped",
    "drop": "dropped",
    "scrap": "scrapped",
    "skip": "skipped",
    "cancel": "cancelled",
    "transfer": "transferred",
    "withdraw": "withdrew",
    "undo": "undid",
    "refer": "referred",
}
_VOWELS = "aeiou"


def past(phrase: str) -> str:
    """`phrase` with its first verb in the past: "cancel my order" → "cancelled my order"."""
    verb, _, rest = phrase.partition(" ")
    if verb in _PAST:
        form = _PAST[verb]
    elif verb.endswith("e"):
        form = f"{verb}d"
    elif verb.endswith("y") and verb[-2] not in _VOWELS:
        form = f"{verb[:-1]}ied"
    else:
        form = f"{verb}ed"
    return f"{form} {rest}".strip()


def draw(rng: random.Random, intents: tuple[str, ...] | None = None) -> tuple[str, dict[str, str]]:
    """An intent and values of {vp}, {ing}, {past} and {np} for an act of it; they may hold slots of
    the world."""
    intent = rng.choice(intents or (ACTING if rng.random() < 0.8 else tuple(VERBS)))
    phrase = rng.choice(VERBS[intent].split("|"))
    return intent, {
        "vp": phrase,
        "ing": gerund(phrase),
        "past": past(phrase),
        "np": rng.choice(NOUNS[intent].split("|")),
    }
