"""What the assistant can do by itself, and what it honestly cannot: told by words, and never of an
ordinary question."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.unit.skills_of import abilities_of, skills_of, timers_of
from tests.unit.typed import ask, ask_all
from voice_local.bench import heldout
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    PROFILES,
    load,
)
from voice_local.conversation import phrases
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.engine.api import Understanding
from voice_local.skills import (
    canned,
    handlers,
)
from voice_local.skills.abilities import (
    itself,
    limits,
)
from voice_local.skills.abilities.abilities import Abilities
from voice_local.skills.abilities.clock import clock_answer
from voice_local.skills.abilities.said import (
    said_duration,
    said_moment,
    said_time,
)
from voice_local.skills.abilities.speech import (
    FASTEST,
    LOUDEST,
    SLOWEST,
    SOFTEST,
)
from voice_local.skills.abilities.spoken_times import (
    duration,
    moment,
)
from voice_local.skills.abilities.words import (
    bare,
    spelled,
)
from voice_local.skills.handlers import default_router
from voice_local.skills.request import Request
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 27, 22, 5, tzinfo=timezone(timedelta(hours=1)))  # a Friday


def abilities(context: ConversationContext | None = None) -> Abilities:
    """What Ada in Oslo can do, on that Friday."""
    context = context or new_conversation(ScriptedEngine(), load("tiny"))
    context.now = lambda: NOW
    return Abilities(context, "Ada", "Oslo")


def named(text: str, last: str = "") -> str | None:
    """Which ability answers `text`."""
    found = abilities().find(text, last, sounds=True)
    return None if found is None else found.name


def said(text: str, last: str = "") -> str:
    """What is said to `text`."""
    found = abilities().find(text, last, sounds=True)
    assert found, text
    return found.reply().text


def conversation(
    intent: str = "out_of_scope",
    confidence: float = 0.9,
    router: IntentRouter | None = None,
    answer: str = "From the model.",
    profile: str = "small",
) -> ConversationContext:
    """A typed conversation in which everything means `intent`."""
    engine = ScriptedEngine(meant=[Understanding(intent, confidence)], answers=[answer])
    return new_conversation(engine, load(profile), router)


# Spoken times.


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("five minutes", 300),
        ("an hour and a half", 5400),
        ("90 seconds", 90),
        ("half an hour", 1800),
        ("a quarter of an hour", 900),
        ("three quarters of an hour", 2700),
        ("two and a half minutes", 150),
        ("one hour and fifteen minutes", 4500),
        ("1 hr 5 min", 3900),
        ("a hundred and twenty seconds", 120),
        ("2.5 hours", 9000),
        ("ten-minute", 600),
        ("a couple of minutes", 120),
        ("twenty-five minutes", 1500),
        ("two hours", 7200),
        ("one hundred and one seconds", 101),
    ],
)
def test_a_duration(text: str, seconds: int) -> None:
    assert duration(spelled(text)) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["no time at all", "five apples", "the minute he came", "second to none"]
)
def test_no_duration(text: str) -> None:
    assert duration(spelled(text)) is None


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("at 11am", "28 11:00"),
        ("half past six", "28 06:30"),
        ("quarter to nine", "28 08:45"),
        ("at noon", "28 12:00"),
        ("tomorrow at 7", "28 07:00"),
        ("at 7 tomorrow morning", "28 07:00"),
        ("for 6:30 pm", "28 18:30"),
        ("at ten", "28 10:00"),
        ("at 11", "27 23:00"),
        ("tonight at 11", "27 23:00"),
        ("on Monday at nine", "30 09:00"),
        ("at ten to eight", "28 07:50"),
        ("midnight", "28 00:00"),
        ("at 23:30", "27 23:30"),
        ("at seven thirty", "28 07:30"),
        ("at six oh five", "28 06:05"),
        ("at 9 at night", "28 21:00"),
        ("twenty past five in the afternoon", "28 17:20"),
        ("7 p.m.", "28 19:00"),
        ("the day after tomorrow at noon", "29 12:00"),
        ("at 7 o'clock", "28 07:00"),
        ("at 7.45", "28 07:45"),
    ],
)
def test_a_moment(text: str, when: str) -> None:
    found = moment(spelled(text), NOW)
    assert found and found.when.strftime("%d %H:%M") == when


@pytest.mark.parametrize(
    "text", ["tomorrow", "I have seven cats", "no", "at home", "at the station", "at 25:00"]
)
def test_no_moment(text: str) -> None:
    assert moment(spelled(text), NOW) is None


def test_times_are_said_as_people_say_them() -> None:
    assert [
        said_time(NOW.replace(hour=h, minute=m))
        for h, m in ((0, 0), (12, 0), (7, 0), (13, 5), (0, 30))
    ] == ["midnight", "noon", "7 AM", "1:05 PM", "12:30 AM"]
    assert said_moment(NOW + timedelta(days=1), NOW) == "10:05 PM tomorrow"
    assert said_moment(NOW + timedelta(days=3), NOW) == "10:05 PM on Monday, November 30"
    assert said_duration(timedelta(seconds=5400)) == "1 hour and 30 minutes"
    assert (
        said_duration(timedelta(seconds=1)) == "1 second"
        and said_duration(timedelta()) == "0 seconds"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Hi there, what time is it?",
        "No worries. What time is it?",
        "I'd like to know what time it is",
        "I want to know the time",
        "Could I have the time please?",
        "Would you mind telling me the time?",
        "I was just wondering what time it is",
        "Thank you kindly. What time is it?",
    ],
)
def test_what_is_said_before_a_question_is_no_matter(text: str) -> None:
    assert clock_answer(text, NOW) == "It is 10:05 PM."


@pytest.mark.parametrize(
    "text",
    [
        "thanks a lot",
        "thank you so much for your help",
        "how nice is it there",
        "sure is cold today",
        "nice to meet you",
        "great job",
    ],
)
def test_a_courtesy_alone_stays(text: str) -> None:
    assert bare(text) == text


def test_politeness_is_no_matter() -> None:
    assert bare("Hey, could you please tell me what time it is, please?") == "what time it is"


# Which ability.


@pytest.mark.parametrize(
    "text",
    [
        "what time is it",
        "What's the time?",
        "could you tell me the time please",
        "do you know what time it is",
        "time please",
        "do you have the time",
        "What time is it now?",
    ],
)
def test_the_clock(text: str) -> None:
    assert said(text) == "It is 10:05 PM."


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what is the date", "Today is Friday, November 27, 2026."),
        ("What day is it today?", "Today is Friday, November 27, 2026."),
        ("what's today's date", "Today is Friday, November 27, 2026."),
        ("which day is tomorrow", "Tomorrow is Saturday, November 28, 2026."),
        ("what year is it", "It is 2026."),
        ("what month is it", "It is November 2026."),
        ("what time is it in Tokyo", "It is 6:05 AM in Tokyo."),
        ("what time is it in the kitchen", "I only know the time here: it is 10:05 PM."),
    ],
)
def test_the_date(text: str, answer: str) -> None:
    assert said(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "help",
        "/help",
        "Help!",
        "what can you do",
        "What can you do?",
        "what else can you do for me",
        "how can you help me",
        "what are your abilities",
        "what can I ask you",
    ],
)
def test_help(text: str) -> None:
    assert said(text).startswith(itself.CAN_DO) and named(text) == "help"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("text", ["help", "/help", "what can you do?"])
async def test_help_is_no_emergency_in_a_second_turn_either(profile: str, text: str) -> None:
    talk = conversation("emergency", 0.999, profile=profile)
    _, record = await ask_all(talk, "hello there my friend", text)
    assert record.handled_by == "help" and record.action is None


async def test_an_emergency_comes_before_any_ability() -> None:
    record = await ask(conversation("out_of_scope"), "call an ambulance, my wife is not breathing")
    assert record.handled_by == "emergency"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("who are you", "I am Ada, a voice assistant that runs on this computer."),
        ("where are you", "I was told that this is Oslo."),
        ("who owns you", itself.NO_OWNER),
        ("who is your boss", itself.NO_OWNER),
    ],
)
def test_itself(text: str, answer: str) -> None:
    assert said(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "repeat",
        "say that again",
        "What did you say?",
        "pardon",
        "Sorry, what?",
        "can you repeat that please",
        "Could you say that again?",
        "Say that again please",
    ],
)
def test_repeat(text: str) -> None:
    assert (
        said(text, "It costs ten dollars.") == "It costs ten dollars."
        and said(text) == "I have not said anything yet."
    )


@pytest.mark.parametrize(
    "text", ["stop", "Stop talking!", "be quiet", "that's enough", "okay stop please"]
)
def test_stop(text: str) -> None:
    assert named(text) == "stop" and said(text) == ""


@pytest.mark.parametrize(
    "text", ["do not stop", "Don't stop!", "please don't stop talking", "never stop"]
)
def test_do_not_stop_gets_words(text: str) -> None:
    assert named(text) == "stop" and said(text)


@pytest.mark.parametrize(
    ("text", "volume", "rate"),
    [
        ("louder", 1.5, 1.0),
        ("could you speak up please", 1.5, 1.0),
        ("turn the volume up", 1.5, 1.0),
        ("you're too quiet", 1.5, 1.0),
        ("quieter please", 1 / 1.5, 1.0),
        ("speak more quietly", 1 / 1.5, 1.0),
        ("turn your volume down a bit", 1 / 1.5, 1.0),
        ("set the volume to 50 percent", 0.5, 1.0),
        ("volume to max", LOUDEST, 1.0),
        ("slower please", 1.0, 1 / 1.2),
        ("Can you speak more slowly?", 1.0, 1 / 1.2),
        ("you talk too fast", 1.0, 1 / 1.2),
        ("talk faster", 1.0, 1.2),
        ("speed up", 1.0, 1.2),
    ],
)
def test_the_manner_of_speaking(text: str, volume: float, rate: float) -> None:
    context = new_conversation(ScriptedEngine(), load("tiny"))
    found = abilities(context).find(text, "", sounds=True)
    assert found and found.acts
    assert context.style.volume == context.style.rate == 1.0, "nothing changes before the commit"
    assert found.reply().text
    assert context.style.volume == pytest.approx(volume)
    assert context.style.rate == pytest.approx(rate)


def test_the_manner_of_speaking_has_ends() -> None:
    context = new_conversation(ScriptedEngine(), load("tiny"))
    ada = abilities(context)

    def often(text: str) -> None:
        for _ in range(9):
            found = ada.find(text, "", sounds=True)
            assert found
            assert found.reply().text

    for text, what, end in (
        ("louder", "volume", LOUDEST),
        ("quieter", "volume", SOFTEST),
        ("faster", "rate", FASTEST),
        ("slower", "rate", SLOWEST),
    ):
        often(text)
        assert getattr(context.style, what) == end


def test_a_written_conversation_has_no_sound() -> None:
    found = abilities().find("louder", "", sounds=False)
    assert found and "writing" in found.reply().text


# Limits.


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("turn on the lamp", limits.HOME),
        ("Fire the lamp up", limits.HOME),
        ("add eggs to my shopping list", limits.LIST),
        ("call my sister", limits.CONTACT),
        ("send an email to Tom saying hi", limits.CONTACT),
        ("book a table for two", limits.BOOK),
        ("order me a pizza", limits.BUY),
        ("play some jazz", limits.MEDIA),
        ("I'd like to play some music", limits.MEDIA),
        ("I'd like to skip this song", limits.MEDIA),
        ("I'd like to take a photo", limits.MEDIA),
        ("play Safe and Sound", limits.MEDIA),
        ("I want you to make me a coffee", limits.HANDS),
        ("I want to order the large pizza", limits.BUY),
        ("how cold is it in Oslo", limits.LIVE),
        ("I want to talk to a person", limits.PERSON),
        ("what's the weather like", limits.LIVE),
        ("will it rain tomorrow", limits.LIVE),
        ("do I have any new messages", limits.PRIVATE),
        ("could you make me a coffee", limits.HANDS),
        ("what is on my shopping list", limits.LIST),
        ("is the blue jacket in stock", limits.GOODS),
    ],
)
def test_what_it_cannot_do_it_says(text: str, line: str) -> None:
    assert said(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "what time did the war end",
        "how long does a timer last",
        "time flies",
        "how do I turn on the lamp",
        "what should I cook",
        "tell me a joke",
        "play a game with me",
        "why does it rain",
        "call me Anna",
        "let me talk to you",
        "give me three names",
        "do not stop dreaming",
        "the bus stop is far",
        "who stopped the war",
        "I can help you",
        "what can I do about it",
        "write a poem",
        "put yourself in my place",
        "what is a timer",
        "repeat after me: hello",
        "what is volume",
        "is faster better",
        "thanks again",
        "remind me how rainbows form",
        "you remind me of my brother",
        "I have five minutes",
        "what day is Christmas",
        "hello",
        "yes",
        "no",
        "what happened today",
        "who won the war",
        "I need a hug",
        "make a sentence with cat",
        "I want to play football",
        "I'd love to play the guitar",
        "I want to make a cake",
        "tomorrow I have to feed the cat",
        "play fair",
        "order the numbers from low to high",
        "how cold is it in space",
        "is it cold on Mars",
    ],
)
def test_an_ordinary_utterance_is_for_the_llm(text: str) -> None:
    assert named(text) is None


@pytest.mark.parametrize("file", ["ordinary.txt", "ordinary_questions.txt", "mine"])
def test_no_ordinary_question_is_taken_for_an_ability(file: str) -> None:
    taken = {
        text: named(text)
        for text in (heldout.lines(file) if file != "mine" else ["what is the capital of Norway"])
    }
    assert not {text: by for text, by in taken.items() if by and by != "sums"}


# With and without a host program.


async def test_a_host_program_does_it_itself() -> None:
    router = default_router(0.6, 3.0)
    router.register("home_control", lambda request: Reply("The lamp is on.", "lamp_on"))
    record = await ask(conversation("home_control", 0.9, router), "turn on the lamp")
    assert (record.assistant_text, record.action, record.handled_by) == (
        "The lamp is on.",
        "lamp_on",
        "home_control",
    )
    router = default_router(0.6, 3.0)
    router.register("timer_reminder", lambda request: Reply("Our own timer runs."))
    talk = conversation("timer_reminder", 0.9, router)
    assert (await ask(talk, "set a timer for five minutes")).assistant_text == "Our own timer runs."
    assert not timers_of(talk).waiting


async def test_what_a_host_program_has_taken_on_is_not_denied_where_the_intent_is_unsure() -> None:
    router = default_router(0.6, 3.0)
    router.register("home_control", lambda request: None)
    record = await ask(conversation("home_control", 0.4, router), "turn on the lamp")
    assert record.handled_by == "llm"


async def test_a_host_programs_own_router_leaves_everything_to_it() -> None:
    record = await ask(conversation("out_of_scope", 0.9, IntentRouter(0.6, 3.0)), "what time is it")
    assert record.handled_by == "llm"


async def test_a_claimed_deed_of_a_hosted_intent_is_the_hosts_matter() -> None:
    def passes(request: Request) -> None:
        return None

    router = default_router(0.6, 3.0)
    router.register("home_control", passes)
    answer = "I've turned off the radio."
    assert (
        await ask(conversation("home_control", 0.9, router, answer), "switch off the radio")
    ).assistant_text == answer


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_request_by_a_models_intent_is_answered_honestly(profile: str) -> None:
    talk = conversation("home_control", 0.9, profile=profile)
    refused, told = await ask_all(talk, "please make the bedroom nice and cosy", "what is a lamp")
    assert refused.assistant_text == limits.HOME and told.handled_by == "llm"


def meaning(found: Understanding, router: IntentRouter | None = None) -> ConversationContext:
    """A typed conversation in which everything is understood as `found`."""
    engine = ScriptedEngine(meant=[found], answers=["It is sunny and I have sent it."])
    return new_conversation(engine, load("small"), router)


@pytest.mark.parametrize("kind", limits.BY_KIND)
async def test_what_the_model_tells_as_beyond_this_place_is_not_given_to_the_llm(kind: str) -> None:
    talk = meaning(Understanding("question", 0.9, beyond=kind, beyond_prob=0.95))
    record = await ask(talk, "anything going on over in town tonight")
    assert record.assistant_text == limits.BY_KIND[kind] and record.handled_by == "limit"


async def test_what_may_be_beyond_this_place_is_left_to_the_llm() -> None:
    talk = meaning(Understanding("question", 0.9, beyond="live", beyond_prob=0.6))
    assert (await ask(talk, "why are there clouds over the hills")).handled_by == "llm"


async def test_what_a_host_program_does_is_not_beyond_it() -> None:
    router = default_router(0.6, 3.0)
    router.register("home_control", lambda request: Reply("The porch is lit."))
    talk = meaning(Understanding("home_control", 0.9, beyond="home", beyond_prob=0.95), router)
    assert (
        await ask(talk, "some brightness on the porch would be nice")
    ).assistant_text == "The porch is lit."


@pytest.mark.parametrize(
    "text",
    ["Do not switch on the fan", "please don't call the neighbours", "don't remind me tonight"],
)
async def test_what_is_forbidden_is_left(text: str) -> None:
    talk = meaning(Understanding("out_of_scope", 0.9, beyond="book", beyond_prob=0.95))
    assert (await ask(talk, text)).assistant_text == phrases.LEFT


async def test_an_order_number_is_never_beyond_this_place() -> None:
    talk = meaning(Understanding("check_order_status", 0.3, beyond="buy", beyond_prob=0.95))
    assert (await ask(talk, "order charlie delta 1234")).assistant_text != limits.BUY


def test_every_canned_line_stands_once_and_tells_whether_it_needs_a_host() -> None:
    texts = [line.text for line in canned.LINES]
    assert len(texts) == len(set(texts)) and set(limits.SAID) <= set(texts)
    needing = {line.text for line in canned.LINES if line.needs_host}
    assert needing == {phrases.NOT_VERIFIED}
    assert phrases.NOT_VERIFIED not in canned.to_prepare(
        False
    ) and phrases.NOT_VERIFIED in canned.to_prepare(True)


@pytest.mark.parametrize(
    "text",
    [
        "where is order AB1234",
        "cancel order AB1234",
        "my printer is broken",
        "what does my bill say",
        "how much is the lamp",
        "give me a person",
        "repeat",
        "stop",
        "hello",
        "goodbye",
    ],
)
@pytest.mark.parametrize("intent", sorted(handlers.DEFAULT))
async def test_no_line_that_needs_a_host_is_said_without_one(intent: str, text: str) -> None:
    talk = conversation(intent)
    assert not skills_of(talk).router.has_host
    said = (await ask(talk, text)).assistant_text
    assert not {line.text for line in canned.LINES if line.needs_host and line.text in said}


def test_told_settings() -> None:
    settings = load("tiny", conversation={"name": "Ada", "place": "Oslo"})
    told = abilities_of(new_conversation(ScriptedEngine(), settings))
    found = told.find("who are you", "", sounds=False)
    assert found and found.reply().text.startswith("I am Ada")


async def test_a_sum_is_computed_and_goes_on_until_something_else_is_said() -> None:
    engine = ScriptedEngine(answers=["A light."], meant=[Understanding("out_of_scope", 0.9)])
    talk = new_conversation(engine, load("tiny"))
    said = await ask_all(
        talk, "what is nine plus six", "now double that", "what is a lamp", "double that"
    )
    assert [record.handled_by for record in said] == ["sums", "sums", "llm", "llm"]
    assert [record.assistant_text for record in said[:2]] == ["9 plus 6 is 15.", "Double 15 is 30."]
