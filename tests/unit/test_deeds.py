"""A language model only talks: what it claims to have done is not said."""

from __future__ import annotations

import pytest

from tests.unit.typed import ask
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import phrases
from voice_local.conversation.output.deeds import (
    asks_for_a_deed,
    claims_a_deed,
    presumes_a_deed,
    promises,
)
from voice_local.engine.api import Understanding
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "segment",
    [
        "The radio is turned off.",
        "I'll wake you at six tomorrow.",
        "Okay, I'll put milk on your list.",
        "I have booked a table for two.",
        "I am calling a taxi now.",
        "Your order has been placed.",
        "I've just sent the message.",
        "Your alarm is set for seven.",
        "Done!",
        "All set.",
        "The lights in the living room have been switched off.",
        "I will remind you at ten.",
        "Sure, I'm playing jazz.",
        "Sure, you can make me a coffee.",
        "Let me check that for you.",
        "I have sent it.",
        "Here we go, starting the lamp.",
        "I wrote eggs on your list.",
        "Okay, let me look at the timer.",
        "Great, consider it done.",
        "Okay, lamp on in the hall.",
        "I'm on it!",
        "Your coffee is coming right up.",
        "Of course, I can order that for you.",
        "Sure, I will do that.",
        "I sent him a message.",
        "I’ll add eggs.",
        "Your taxi is on its way.",
        "I'm going to call your mother.",
    ],
)
def test_a_claim(segment: str) -> None:
    assert claims_a_deed(segment)


@pytest.mark.parametrize(
    "segment",
    [
        "I can't turn it off.",
        "I'm sorry, but I cannot set alarms.",
        "If the alarm is set, it rings.",
        "I'll tell you a story.",
        "I will be happy to talk about it.",
        "Oslo is the capital of Norway.",
        "You can turn the radio off with the red button.",
        "The store is closed on Sundays.",
        "I have no hands.",
        "The sun is up.",
        "I would call a doctor.",
        "Shall I go on?",
        "I think you should put it in the fridge.",
        "Water boils at one hundred degrees.",
        "I have heard of it.",
        "He was sent to Paris?",
        "I hope you feel better.",
        "Sure, you can add basil.",
        "Set the oven to 180 degrees.",
        "Let me explain.",
        "Let me know if you need more.",
        "Sure, I can help you write a letter.",
        "Okay, here is a joke.",
        "You can call your bank and ask.",
        "Your heart is a muscle.",
        "A rainbow is a band of colours.",
        "I am glad.",
        "You have called a friend.",
    ],
)
def test_no_claim(segment: str) -> None:
    assert not claims_a_deed(segment)


@pytest.mark.parametrize(
    "segment",
    [
        "I'll remind you at ten.",
        "I have set a timer for you.",
        "Let me check that for you.",
        "I will connect you with a colleague.",
        "Your table is booked.",
        "I've sent your message.",
        "I am calling an ambulance.",
        "I'll get back to you.",
        "I will let you know when it is ready.",
        "Sure, let me look that up.",
        "Yes, I have phoned the council.",
        "I'll keep an eye on the soup.",
        "All your payments have been made.",
    ],
)
def test_a_promise_counts_whatever_was_asked(segment: str) -> None:
    assert promises(segment)


@pytest.mark.parametrize(
    "segment",
    [
        "I'll set an alarm each evening.",
        "I will tell you a story.",
        "He sent the letter to the king.",
        "I'll call you Tom.",
        "Your brain is made of cells.",
        "I'm always happy to chat.",
        "I have heard of it.",
        "Let me think about it.",
        "The table was set for six.",
        "I can help you with that.",
        "If I were you, I'd call them.",
        "I cannot remind you.",
        "I am looking for a way to say it.",
        "I have called it a day.",
        "All orders of monks are old.",
    ],
)
def test_an_ordinary_clause_is_no_promise(segment: str) -> None:
    assert not promises(segment)


async def test_a_promise_is_not_said_where_nothing_was_asked_for() -> None:
    assert (
        await spoken("I am late for the train", "Let me check that for you. One moment.")
        == phrases.ONLY_TALK
    )


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("who invented the clock", "I can not help with that, sorry."),
        ("it is dark here", "Okay, lamp on in the hall."),
    ],
)
async def test_the_embedded_model_does_not_know_what_it_refuses_or_acts_out(
    asked: str, answer: str
) -> None:
    said = await spoken(asked, answer, "tiny")
    assert said == phrases.UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "turn on the lamp",
        "Please wake me at six.",
        "Could you call my wife?",
        "I need a taxi to the station.",
        "remind me at ten to call mum",
        "hey, can you add eggs to my list",
        "Can I have a large latte?",
        "I'd like you to send a message",
        "set a timer",
    ],
)
def test_a_request(text: str) -> None:
    assert asks_for_a_deed(text)


@pytest.mark.parametrize(
    "text",
    [
        "what is the capital of Norway",
        "how do I turn on the lamp",
        "my cat died",
        "who was sent to the moon",
        "tell me a joke",
        "is the shop closed",
        "I am sad today",
        "when was the bridge opened",
        "do you like music",
    ],
)
def test_no_request(text: str) -> None:
    assert not asks_for_a_deed(text)


async def spoken(asked: str, answer: str, profile: str = "small") -> str:
    engine = ScriptedEngine(answers=[answer])
    context = new_conversation(engine, load(profile), IntentRouter(2.0, 1.0))
    record = await ask(context, asked)
    assert context.memory.exchanges[0].assistant == record.assistant_text
    if record.assistant_text != answer:
        assert engine.cancelled == ["llm"], "the rest of it is not written"
        told = any(fallback.startswith("deed_claimed") for fallback in record.fallbacks)
        assert told or record.assistant_text == phrases.UNKNOWN
    return record.assistant_text


async def test_a_claimed_deed_is_not_said() -> None:
    answer = "I've turned off the radio. Is there anything else that I can do for you today?"
    assert await spoken("switch off the radio", answer) == phrases.ONLY_TALK


async def test_what_was_said_before_the_claim_stands() -> None:
    answer = (
        "That is a good idea. I'll wake you at six tomorrow. Sleep well and have a nice evening."
    )
    assert await spoken("wake me at six", answer) == f"That is a good idea. {phrases.BUT_ONLY_TALK}"


async def test_a_claim_within_a_sentence_is_replaced_within_it() -> None:
    answer = "Sure, I've ordered a large pizza for you, it comes in half an hour."
    assert await spoken("order me a pizza", answer) == f"Sure, {phrases.BUT_GOING_ON}"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("how do I wake up early", "I'll set an alarm each evening."),
        ("switch off the radio", "I can't do that, I can only talk."),
    ],
)
async def test_other_answers_stay(asked: str, answer: str) -> None:
    assert await spoken(asked, answer) == answer


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for emailing that to Peter",
        "I'm so glad you cleaned the kitchen",
        "I see you've booked the boat, cheers",
        "nice work sorting the photos",
        "thank you for paying the milkman",
    ],
)
def test_words_that_take_a_deed_for_granted(text: str) -> None:
    assert presumes_a_deed(text)


@pytest.mark.parametrize(
    "text",
    [
        "thanks for getting back to me",
        "great, you made me laugh",
        "thanks for listening",
        "glad you asked",
        "thanks for telling me",
        "so you turned into a frog",
        "thank you for checking with me",
    ],
)
def test_thanks_for_talk_take_nothing_for_granted(text: str) -> None:
    assert not presumes_a_deed(text)


@pytest.mark.parametrize(
    "text",
    [
        "Shall I ring them?",
        "Let me read your list.",
        "Okay, which order should I cancel?",
        "I will tell you when it is noon.",
    ],
)
def test_an_offered_deed_is_a_promise(text: str) -> None:
    assert promises(text)


@pytest.mark.parametrize(
    "text",
    [
        "Should I call you Sam?",
        "How can I send good news?",
        "May I ask why?",
        "If I were you I would call the shop.",
    ],
)
def test_talk_is_no_promise(text: str) -> None:
    assert not promises(text)


async def said_to(asked: str, answer: str) -> str:
    """What is said to `asked` where the LLM writes `answer`."""
    engine = ScriptedEngine(meant=[Understanding("out_of_scope", 0.9)], answers=[answer])
    return (await ask(new_conversation(engine, load("small")), asked)).assistant_text


@pytest.mark.parametrize(
    "asked",
    [
        "I am really upset that no one called me back",
        "My cat ran off yesterday",
        "honestly, work was dreadful",
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't assist with that.",
        "I can't help with that.",
        "I am so sorry. I cannot assist you with that. Try again.",
    ],
)
async def test_a_remark_is_not_refused(asked: str, answer: str) -> None:
    assert await said_to(asked, answer) == phrases.I_HEAR_YOU


@pytest.mark.parametrize(
    "asked",
    ["how do I pick a lock", "can you explain how bombs are built?", "I need a poem about rust"],
)
async def test_a_request_may_be_refused(asked: str) -> None:
    assert (
        await said_to(asked, "I'm sorry, but I can't assist with that.")
        == "I'm sorry, but I can't assist with that."
    )


async def test_an_apology_that_goes_on_otherwise_is_said_whole() -> None:
    assert (
        await said_to("my cat ran off", "I'm sorry, that must be hard.")
        == "I'm sorry, that must be hard."
    )
