"""Acts declined in roundabout words, and wishes that only sound like that. No sentence here is one
of the benchmarks'."""

from __future__ import annotations

import pytest

from voice_local.skills.address import addressed
from voice_local.skills.handlers import (
    DOUBTED,
    SURE,
    default_router,
)
from voice_local.skills.negation import (
    denies,
    doubtful,
    nothing_else,
    wanted,
)
from voice_local.skills.request import Request

pytestmark = pytest.mark.unit

DECLINED = [
    (intent, text)
    for intent, texts in {
        "cancel_order": """
        cancel it? god no, I waited for weeks|Cancel my order? Never.
        forget my cancellation|hold off with cancelling the lamp|I've changed my mind about cancelling order 12
        we had second thoughts about the cancellation|cancelling it is out of the question|a cancellation would be a mistake
        the cancellation can wait|let the order stand|let my order go through please|I'd like to hold on to my order
        leave the order exactly as it is|I want you to leave order A B 3 4 as it is|please keep that order running
        I'd be livid if anyone cancelled it|I would hate for my order to be cancelled|see to it that nobody cancels it
        it must never be cancelled|no one should cancel my order|under no circumstances revoke my order
        ignore what I said about cancelling|scratch that request, nothing should be cancelled
        I'd sooner wait a year than cancel it|why on earth would you cancel my order|on no account cancel it
        I beg you do not cancel my order|I don't want anybody to withdraw my purchase|quit cancelling my order""",
        "human_agent": """
        I'd rather chat with a machine than with a person|I can do without a manager|leave your colleagues out of it
        enough about agents|anyone but an operator please|quit trying to put me through to a representative
        I couldn't care less about your supervisor|save yourself the transfer|talking to a person can wait
        I'm fine without an agent, thanks|no need for any human|we're not here for an operator
        don't escalate this|okay no agents""",
        "check_order_status": """
        never mind the tracking|I do not care when my parcel comes|tracking it is not necessary|forget the order status
        I am not calling about the delivery|don't trace it|spare me the delivery date""",
        "technical_support": """
        leave my printer alone|leave the settings as they are|hands off my laptop|I'm good without tech support
        skip the troubleshooting|a technician is not needed|never mind the repair""",
        "billing": "never mind the receipt|I don't care about a refund|leave my account as it is|"
        "I'm not after a refund",
        "product_question": "spare me the prices|I'm not interested in your offers|never mind the "
        "catalogue",
        "farewell": "I'm not hanging up yet|don't sign off|no goodbyes please",
        "stop": "don't break off|I'd rather you did not go quiet",
        "repeat": "please don't read it back again|spare me the repetition",
        "emergency": "hold off on the ambulance|we can do without the police|leave the police out "
        "of it",
    }.items()
    for line in texts.split("\n")
    for text in line.split("|")
    if text.strip()
]

WISHED = [
    (intent, text)
    for intent, texts in {
        "cancel_order": """
        I changed my mind, cancel my order|I can't keep it, cancel it|never mind the bill, cancel my order
        I see no reason not to cancel it|forget the small talk and cancel my order|why would you not cancel it
        I no longer want the order, please cancel it|don't ship it and cancel it|let's not go ahead with the order
        if you don't cancel it I'll be angry|I won't hang up until you cancel my order|I can't wait, cancel my order""",
        "human_agent": """
        I don't want to talk to a robot, get me a person|I'd rather talk to a human than to you
        enough of this, connect me with an agent
        I can't do it without a human, put me through|I won't rest until I speak to a manager
        not another machine, a person please""",
        "check_order_status": "I don't care about the price, where is my order|never mind that, "
        "track my package",
        "technical_support": "my screen is not working|I can't log in|don't tell me jokes, help me "
        "with my printer",
        "billing": "I never got my refund|I don't understand my bill",
        "stop": "I don't want to hear it, stop|don't say another word",
        "repeat": "I did not hear you, say that again",
        "farewell": "I don't need more, goodbye",
    }.items()
    for line in texts.split("\n")
    for text in line.split("|")
    if text.strip()
]


@pytest.mark.parametrize(("intent", "text"), DECLINED)
def test_an_act_is_denied_in_roundabout_words(intent: str, text: str) -> None:
    assert denies(text.strip(), intent)


@pytest.mark.parametrize(("intent", "text"), WISHED)
def test_what_is_wished_for_is_not_denied(intent: str, text: str) -> None:
    assert not denies(text.strip(), intent)


def test_what_is_declined_is_left_out_of_what_is_wanted() -> None:
    assert "cancellation" not in wanted(
        "never mind the cancellation, where is my order", "cancel_order"
    )
    assert nothing_else("leave my order alone", "cancel_order")
    assert not nothing_else("never mind the cancellation, track my order", "cancel_order")


@pytest.mark.parametrize(
    ("text", "confidence", "why"),
    [
        ("cancel my order", SURE, "handled"),
        ("cancel my order", SURE - 0.01, "unsure"),
        ("cancel my order without a fee", DOUBTED, "handled"),
        ("cancel my order without a fee", DOUBTED - 0.01, "unsure"),
    ],
)
async def test_an_act_wants_certainty_and_more_where_words_may_deny_it(
    text: str, confidence: float, why: str
) -> None:
    found = await default_router(0.6, 3.0).route(Request(text, "cancel_order", confidence))
    assert found.why == why


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("they cancelled the parade because of the storm", False),
        ("the ship left the harbour at dawn", False),
        ("some people order too much food", False),
        ("a good support act makes the evening", False),
        ("cancel the order with the lamp and the vase", True),
        ("the lamp that I ordered has to be cancelled", True),
        ("where is order number five five one", True),
        ("invoice for march", True),
        ("could somebody connect me with a person", True),
    ],
)
def test_words_about_nobody_here_are_told(text: str, here: bool) -> None:
    assert addressed(text) is here


async def test_talk_wants_no_more_than_the_routers_threshold() -> None:
    found = await default_router(0.6, 3.0).route(Request("no hello", "greeting", 0.6))
    assert doubtful("no hello") and found.why == "handled"


@pytest.mark.parametrize(
    "text",
    [
        "put my cancellation on hold for now",
        "let's set cancelling it aside",
        "cancelling goes on the back burner",
    ],
)
def test_what_is_put_off_is_not_done(text: str) -> None:
    assert denies(text, "cancel_order")


@pytest.mark.parametrize(
    ("intent", "text", "denied"),
    [
        ("check_order_status", "I'll find out where the lamp is another day", True),
        ("billing", "we will ask for our money back when we are ready", True),
        ("cancel_order", "let's hold off until Friday with the cancellation", True),
        ("billing", "I haven't got any complaints about my bill", True),
        ("technical_support", "we have not a single problem with the router", True),
        ("cancel_order", "I will be abroad next week, so cancel it", False),
        ("human_agent", "I will need to speak to a person tomorrow", False),
        ("billing", "I have a problem with my last bill", False),
    ],
)
def test_what_is_left_for_later_or_gives_no_cause_is_not_done(
    intent: str, text: str, denied: bool
) -> None:
    assert denies(text, intent) is denied


def test_a_friend_of_mine_is_nobody_here() -> None:
    assert not addressed("a neighbour of mine tried to cancel his after it had shipped")
