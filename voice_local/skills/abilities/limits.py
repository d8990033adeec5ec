"""What the assistant cannot do without a host program, and the answer that says so."""

from __future__ import annotations

from voice_local.skills.abilities.timer_sayings import NO_TIME_TOLD

HOME = "I can't switch, open or set anything in your home from here."
CONTACT = "I can't call or write to anybody from here."
PERSON = "I can't connect you with a person from here. I can only talk with you myself."
LIST = "I can't keep lists or notes here."
BOOK = "I can't book, move or cancel anything here."
BUY = "I can't order, buy or return anything here."
MEDIA = "I can't play or record anything here."
ACCOUNT = "I can't look into bills, payments or accounts from here."
GOODS = "I can't look up products, prices or stock here."
LIVE = "I have no connection to the outside, so I can't know that."
PRIVATE = "I can't see your calendar, mail or messages from here."
HANDS = "I am only a voice, so I can't make, fetch or find anything."
DONE = "I haven't done anything like that. I can only talk with you and keep the time."
SAID = (HOME, CONTACT, PERSON, LIST, BOOK, BUY, MEDIA, ACCOUNT, GOODS, LIVE, PRIVATE, HANDS, DONE)
"""All these answers."""

BY_INTENT = {
    "home_control": HOME,
    "shopping_list": LIST,
    "booking": BOOK,
    "appointment": BOOK,
    "music": MEDIA,
    "return_item": BUY,
    "human_agent": PERSON,
    "timer_reminder": NO_TIME_TOLD,
    "billing": ACCOUNT,
    "product_question": GOODS,
}
"""The answer to a request by the intent that the understanding model gives it."""

BY_KIND = {
    "live": LIVE,
    "private": PRIVATE,
    "contact": CONTACT,
    "home": HOME,
    "media": MEDIA,
    "book": BOOK,
    "buy": BUY,
    "list": LIST,
    "hands": HANDS,
    "done": DONE,
}
"""The answer by the kind of request that the understanding model takes for impossible here, see
`stages.classify.understanding.BEYOND`."""
