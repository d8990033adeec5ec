"""Timers in the words that people use: what is a request, what is none, and what "it" is."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.test_timers import NOW, clock, talk
from voice_local.skills.abilities import timer_sayings
from voice_local.skills.abilities.timer_acts import Act
from voice_local.skills.abilities.timer_desk import TimerDesk
from voice_local.skills.abilities.timer_requests import timer_request
from voice_local.skills.abilities.timers import Timers

pytestmark = pytest.mark.unit

COURTESIES = ("Thank you.", "Thanks a lot,", "Great!", "Oh, perfect.", "I see.", "That's nice. So,")


@pytest.mark.parametrize("courtesy", COURTESIES)
@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("How much time is left on my timer?", Act.ASK),
        ("Is my timer still running?", Act.ASK),
        ("Please cancel my timer.", Act.CANCEL),
        ("Could you set a timer for ten minutes?", Act.SET),
    ],
)
def test_a_courtesy_first_changes_nothing(courtesy: str, text: str, act: Act) -> None:
    found = timer_request(f"{courtesy} {text}", NOW)
    assert found is not None and found.act is act


@pytest.mark.parametrize(
    "text",
    [
        "And how long does it still run?",
        "How long till it rings?",
        "Perfect. When will it go off?",
        "Is it almost done?",
        "Is my timer almost done?",
        "Do I still have a timer running?",
        "Tell me how the timer is doing.",
        "How much longer does my timer have?",
    ],
)
async def test_what_is_asked_of_it_is_told_truly(text: str) -> None:
    desk = TimerDesk(Timers(clock()))
    assert talk(desk, "set a timer for ten minutes", text)[1] == (
        "Your 10 minute timer has 10 minutes left."
    )


async def test_it_is_what_was_just_talked_about() -> None:
    desk = TimerDesk(Timers(clock()))
    talk(desk, "set a pasta timer for ten minutes", "set an alarm for eight")
    said = talk(
        desk,
        "how much time is left on the pasta timer",
        "thanks, please cancel it",
        "is it cancelled",
        "what alarms are set",
    )
    assert said[1:3] == ["I have cancelled your pasta timer.", timer_sayings.IS_CANCELLED]
    assert "alarm" in said[3] and "pasta" not in said[3]


@pytest.mark.parametrize(
    "text", ["how long does it still run", "cancel it", "is it done", "stop it"]
)
async def test_without_a_timer_before_it_is_something_else(text: str) -> None:
    desk = TimerDesk(Timers(clock()))
    assert desk.request(text) is None
    talk(desk, "set a timer for ten minutes")
    assert text == "stop it" or desk.request(text) is not None
    desk.forget_question()  # the LLM has answered something else
    assert desk.request(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "how long does it take to boil an egg",
        "how much is it",
        "is it raining",
        "when is it warm enough to plant tomatoes",
        "do not cancel it",
        "is it true that cats have nine lives",
        "thank you so much for your help",
        "what is a timer",
    ],
)
async def test_after_a_timer_an_ordinary_question_is_one(text: str) -> None:
    desk = TimerDesk(Timers(clock()))
    talk(desk, "set a timer for ten minutes")
    assert desk.request(text) is None


TWO = ("set a pasta timer for ten minutes", "set an egg timer for five minutes")
ALARMS = ("set an alarm for 7 am", "set an alarm for 8 am")
CALLS = ("remind me to call mum at nine", "remind me to call dad at ten")
WHICH = "Which one? There is your egg timer and your pasta timer."


@pytest.mark.parametrize(
    ("before", "text", "said"),
    [
        # Questions and remarks set nothing.
        ((), "Is the timer set for ten minutes?", timer_sayings.NO_TIMER),
        ((), "Do you have an alarm for seven?", "There is no alarm set."),
        ((), "How do I set a timer for ten minutes?", "-"),
        ((), "I have an alarm at seven", "-"),
        ((), "What is a good alarm for 7 am?", "-"),
        ((), "I want to buy an alarm clock for 20 pounds", "-"),
        ((), "Should I set an alarm for 7 or 8?", "-"),
        (("set an alarm for 7 am",), "Is my alarm set for seven?", "Your alarm rings at 7 AM"),
        # Which one is meant is asked, and answered.
        (TWO, "Cancel my timer", WHICH),
        ((*TWO, "Cancel my timer"), "Forget it", "-"),
        ((*TWO, "Cancel my timer"), "the pasta one", "I have cancelled your pasta timer."),
        ((*TWO, "Cancel my timer"), "the five minute one", "I have cancelled your egg timer."),
        ((*TWO, "Cancel my timer"), "both", "I have cancelled 2 of them."),
        ((*TWO, "what timers do i have"), "cancel that one", WHICH),
        ((*TWO, "what timers do i have"), "cancel them all", "I have cancelled 2 of them."),
        ((*TWO, "cancel the pasta timer"), "is it cancelled", timer_sayings.IS_CANCELLED),
        # More time, of the right one.
        (TWO, "add five minutes to my pasta timer", "15 minutes from now, then."),
        ((TWO[0],), "five more minutes", "15 minutes from now, then."),
        ((TWO[0],), "extend my timer by five minutes", "15 minutes from now, then."),
        ((), "five more minutes", "-"),
        # What is no longer wanted.
        (("set an alarm for 7 am",), "Don't wake me up tomorrow", "I have cancelled your alarm"),
        ((), "Don't wake me up tomorrow", "-"),
        ((TWO[0],), "I don't need the timer anymore", "I have cancelled your pasta timer."),
        ((TWO[0],), "cancel all my timers and alarms", "I have cancelled your pasta timer."),
        (("set an alarm for 7 am",), "cancel the seven o'clock alarm", "I have cancelled your"),
        (("remind me to call mum at nine",), "Don't remind me to call mum", "I have cancelled"),
        (("remind me to call mum at nine",), "Don't remind me to call dad", "-"),
        (("remind me to call mum at nine",), "Oh, don't remind me!", "-"),
        (("set an alarm for 7 am",), "Do not wake me before nine", "-"),
        (("set an alarm for 7 am",), "I don't want an alarm", "-"),
        ((*ALARMS, "cancel my alarm"), "the 8 am alarm", "I have cancelled your alarm for 8 AM."),
        ((*ALARMS, "cancel my alarm"), "the eight one", "I have cancelled your alarm for 8 AM."),
        ((*ALARMS, "cancel my alarm"), "cancel them both", "I have cancelled 2 of them."),
        ((*CALLS, "cancel my reminder"), "mum", "I have cancelled your reminder to call mum."),
        # Other people's alarms, and remarks.
        ((), "Is the fire alarm ringing?", "-"),
        (ALARMS, "turn off the fire alarm", "-"),
        ((), "When should I set my alarm?", "-"),
        ((), "Have you seen my alarm clock?", "-"),
        (ALARMS, "When was the alarm clock invented?", "-"),
        ((), "I bought an alarm clock for ten pounds", "-"),
        ((), "My wife has a 5 am alarm", "-"),
        ((), "If I set an alarm for seven will I be late", "-"),
        ((TWO[0],), "Just a second longer", "-"),
        # The last part of several asks.
        ((), "How nice! Set a timer for ten minutes", "Your timer will ring in 10 minutes."),
        ((), "I have a cake in the oven, set a timer for 30 minutes", "Your timer will ring in 30"),
        # What it cannot do.
        ((), "Set an alarm for Mondays at seven", timer_sayings.NO_REPEATS),
        ((), "Remind me to take my daily pill at nine", "I will remind you to take your daily"),
        ((), "Wake me up every day at seven", timer_sayings.NO_REPEATS),
        ((), "Remind me every hour to drink water", timer_sayings.NO_REPEATS),
        # A number alone is minutes, and a minute no name.
        ((), "Set a timer for 10", "Your timer will ring in 10 minutes."),
        (("set a timer",), "ten", "Your timer will ring in 10 minutes."),
        (("set a timer",), "let's say ten", "Your timer will ring in 10 minutes."),
        (("set a timer for 5",), "make it 10", "Your timer will ring in 10 minutes."),
        ((), "Set an hour timer", "Your timer will ring in 1 hour."),
        ((), "Set a timer for a minute", "Your timer will ring in 1 minute."),
        ((), "Hello again, set a timer for five minutes", "Your timer will ring in 5 minutes."),
        # Questions in other words.
        ((TWO[0],), "How long until the timer goes off?", "Your pasta timer has 10 minutes left."),
        ((TWO[0],), "When is the timer going to go off?", "Your pasta timer has 10 minutes left."),
        ((TWO[0],), "What's my timer set for?", "Your pasta timer has 10 minutes left."),
        ((TWO[0],), "Has my timer gone off?", "Your pasta timer has 10 minutes left."),
        ((TWO[0],), "Is the timer done yet?", "Your pasta timer has 10 minutes left."),
        ((TWO[0],), "Any timers running?", "Your pasta timer has 10 minutes left."),
        ((TWO[0],), "Will my timer be finished before dinner?", "Your pasta timer has 10 minutes"),
        ((TWO[0],), "Did the timer you set start properly?", "Your pasta timer has 10 minutes"),
        ((), "How is my alarm tomorrow?", "There is no alarm set."),
        ((TWO[0],), "What is an egg timer?", "-"),
        ((TWO[0],), "Is the fire alarm loud?", "-"),
        ((TWO[0],), "Where is my reminder letter?", "-"),
        ((TWO[0],), "How do I turn off the alarm clock?", "-"),
        ((), "Did the timer in the film stop?", "-"),
    ],
)
async def test_in_ordinary_words(before: tuple[str, ...], text: str, said: str) -> None:
    desk = TimerDesk(Timers(clock()))
    talk(desk, *before)
    assert talk(desk, text)[0].startswith(said)


async def test_it_is_remembered_over_a_courtesy() -> None:
    desk = TimerDesk(Timers(clock()))
    talk(desk, "set a timer for ten minutes")
    for courtesy in ("Thanks!", "That's great.", "Okay, thank you very much."):
        desk.forget_question(courtesy)
    assert talk(desk, "Is it on?") == ["Your 10 minute timer has 10 minutes left."]


async def test_what_has_rung_is_told_so() -> None:
    desk = TimerDesk(Timers(clock()))
    desk.timers.listen(lambda due: None)
    talk(desk, "set a timer for ten seconds")
    await asyncio.sleep(11)
    desk.timers.look()
    assert talk(desk, "Has it gone off?") == [timer_sayings.HAS_RUNG]
