"""What denies an act and what only looks like it. No sentence here is one of the benchmarks'."""

from __future__ import annotations

import pytest

from voice_local.skills.negation import (
    denies,
    wanted,
)

pytestmark = pytest.mark.unit

DENIED = [
    (intent, text)
    for intent, texts in {
        "cancel_order": """
        skip the order update, I couldn't care less|spare me the update|
        why would I want to cancel my order|it's not that I want to cancel it|
        Do not cancel order AB1234.|Please don't cancel my order number 5678.|never cancel my order
        dont cancel my order
        don’t cancel it|please do not cancel anything|I don't want to cancel my order
        i do not want you to cancel the order
        I don't want my purchase cancelled|no, don't cancel|no need to cancel order 12|You don't have to cancel it
        you do not need to cancel that|I didn't ask you to cancel my order|I never asked for it to be cancelled
        I never said to cancel|I'd rather not cancel|I would rather you didn't cancel it|we'd prefer not to cancel
        stop, don't cancel my order|wait do not cancel it|You must not cancel order 99|you shouldn't cancel that order
        I'm not cancelling my order|i am not going to cancel it|I won't cancel|we will not be cancelling anything
        keep it, don't cancel it|I told you not to cancel my order|please make sure not to cancel it
        can you ship it without cancelling the rest|do something instead of cancelling my order|better not cancel it
        nobody asked you to cancel my order|who said to cancel my order|Cancel my order? No, don't.
        I was going to cancel my order but please don't|forget about cancelling|the last thing I want is to cancel it
        I refuse to cancel my order|it's not necessary to cancel|do not under any circumstances cancel order 7
        don't you dare cancel it|never ever cancel that order|I don't think so, do not cancel it
        order ab12 don't cancel it
        i have not asked you to cancel|don't just cancel my order|do not please cancel my order
        I do not want you to just cancel it
        do not be so quick to cancel it|I don't intend to cancel|there is no reason to cancel my order yet
        please cancel none of them|no don't, I want to keep it|no don't I want to keep the order
        it would be better if you didn't cancel it|I have no plans to cancel
        let's not cancel my order|let us not cancel it|I hope you are not going to cancel my order
        keep it, not cancel it
        I want to keep my order not cancel it|cancel nothing please|there's no way I want this cancelled
        don't you cancel it
        leave the order alone, no cancelling|please don't touch my order
        I want no cancellation, I did not ask for cancelling""",
        "human_agent": """
        I don't want to talk to a human.|i dont want a person|I don't need an agent|no need for an operator
        please don't transfer me|do not connect me to anybody|don't put me through to a representative
        no human please|please no agents|you don't need to get a manager|I'd rather not speak with a person
        I'm not interested in talking to a person|I never asked for a representative|I won't need a human
        I don't feel like talking to a person|I want no agent
        I didn't ask to speak to a manager|never transfer me|I don't wish to be connected with anyone""",
        "check_order_status": """
        don't check my order|no need to track it|you don't have to look up my order|I'm not asking about my order
        I don't want to know where my package is|I did not ask you to track my parcel
        never mind the rest, don't track my order
        you can stop tracking my order|who cares where my package is""",
        "technical_support": """
        I don't need help with my laptop|no support please|please don't fix my router|I don't want a technician
        no need to repair it|I didn't ask for technical support|do not reset my phone""",
        "billing": """
        don't send me an invoice|I'm not calling about my bill|I don't want a receipt|no invoice please
        no need to send the bill""",
        "emergency": """
        Please don't call the police|don't call an ambulance yet|no need to call 911
        you don't have to alert the fire brigade
        I don't want you to send the paramedics|I don't need an ambulance|never call the cops on him|no police please
        let us not call the police|I want no ambulance|please no paramedics""",
        "farewell": "don't hang up|please do not go yet|don't leave me|I'm not leaving|I am not "
        "going anywhere",
        "stop": "don't stop|please don't be quiet|do not shut up|I don't want you to stop|no need "
        "to stop",
        "repeat": "don't repeat that|no need to say it again|you don't have to repeat yourself|I "
        "don't want to hear it again",
        "product_question": "I'm not asking about the price|don't tell me the price|I don't want "
        "to know what it costs",
        "home_control": """
        Do not turn off the lamp.|don't switch on the heater|I don't want the lights on|never open the garage door
        please don't dim the lights|you don't have to close the window""",
        "timer_reminder": "don't remind me at ten|do not wake me tomorrow|I don't need an alarm|no "
        "reminder please",
        "music": "don't play music|please never play that song|I don't want to hear any music",
        "shopping_list": "don't add milk|do not put eggs on the list",
        "booking": "don't book a table|I don't want to book a room",
    }.items()
    for line in texts.split("\n")
    for text in line.split("|")
    if text.strip()
]

ASKED = [
    (intent, text)
    for intent, texts in {
        "music": "skip this song|skip the next track|you can skip that one song",
        "cancel_order": """
        please skip my delivery this month|can I skip my subscription this month|
        skip the small talk and cancel my order|spare me the speech and please cancel it|
        cancel my order|Why don't you cancel my order?|can't you cancel my order|couldn't you just cancel it
        won't you cancel my order please|I can't wait to cancel this order|don't forget to cancel my order
        please don't hesitate to cancel it|I don't want it any more, cancel it|I don't want it cancel it
        I don't want the jacket, please cancel my order|my order has not arrived so cancel it
        don't track it, cancel it
        I haven't received it, I want to cancel|I do not know how to cancel my order|don't ask me why, just cancel it
        no, cancel order 12|not order 12, cancel order 13|don't cancel order 4471, cancel order 4472
        never mind the other one, cancel my order|I didn't order that, cancel it|isn't there a way to cancel my order
        if you don't cancel my order I will be upset|you did not cancel my order|my order wasn't cancelled
        I don't care what it costs, cancel my order|I don't want to wait, cancel my order
        I don't want to wait for it cancel my order
        I never received it please cancel my order|don't send it, I want to cancel my order|call the order off
        I don't need it anymore cancel order 77|I wouldn't keep it, cancel my order|Why not cancel my order
        don't you want to cancel my order|is there no way to cancel my order|why do you not cancel it
        I could not cancel it online
        the app does not cancel my order|I tell you nothing else, cancel my order
        I don't feel well, cancel my order|I can not use it, cancel it please|didn't I ask you to cancel my order""",
        "human_agent": """
        can I skip the line and talk to a person|skip the menu and speak to an agent
        let me skip the robot and talk to a human
        can't you connect me with a person|I don't want a robot, I want a person
        I don't want to talk to a machine get me a human
        why can't I speak to a person|isn't there a human I can talk to|you can't help me, I need an agent
        I don't want a robot but a person|don't transfer me to a bot, put me through to a human
        I can't do this without a person|nobody helped me, I want to talk to a manager
        I won't talk to a machine, give me a person
        instead of this robot I want a person|no, a person please|aren't there any people working there""",
        "check_order_status": """
        my order has not arrived|my package didn't come|I haven't received my parcel|don't cancel it, track it
        don't cancel it track it|I don't know where my order is|my order isn't here|I never got my package
        I don't want to cancel, I want to know where my order is|why hasn't my order arrived
        do not cancel my order just tell me where my order is""",
        "technical_support": """
        my printer is not working|the app doesn't open|my phone won't turn on|I can't log in|the wifi does not work
        I don't know how to fix it|it will not print|there is no internet|my screen is not on, help
        I don't have sound on my laptop|don't you have someone who can repair it""",
        "billing": """
        I didn't buy that, why is it on my bill|I don't understand my bill|my invoice has not come
        I never got an invoice
        I don't want to pay this bill twice|I won't pay this bill, it is wrong""",
        "stop": "I don't want to hear it stop|don't talk, stop|I can't listen to this, stop",
        "repeat": "I didn't hear you, say that again|I don't understand, repeat that please|I "
        "couldn't hear, once more please",
        "farewell": "I don't need anything else, goodbye|no thanks, bye|I won't be long, bye",
        "home_control": """
        don't leave the light on, turn it off|it's not dark, switch off the lamp|the heater is not on, turn it on""",
        "emergency": "we cannot do without the doctor|he is not breathing call an ambulance|my father is not waking up|why don't "
        "you call an ambulance",
        "greeting": "don't cancel hello|I don't want to say hello",
    }.items()
    for line in texts.split("\n")
    for text in line.split("|")
    if text.strip()
]


@pytest.mark.parametrize(("intent", "text"), DENIED)
def test_a_denied_act_is_denied(intent: str, text: str) -> None:
    assert denies(text.strip(), intent)


@pytest.mark.parametrize(("intent", "text"), ASKED)
def test_what_is_asked_for_is_not_denied(intent: str, text: str) -> None:
    assert not denies(text.strip(), intent)


def test_only_what_is_wanted_is_left() -> None:
    assert "4472" in wanted("Don't cancel order 4471, cancel order 4472", "cancel_order")
    assert "4471" not in wanted("Don't cancel order 4471, cancel order 4472", "cancel_order")
    assert (
        wanted("Cancel order AB-1234, please!", "cancel_order") == "Cancel order AB-1234, please!"
    )
