"""Timers, alarms and reminders that get another time."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.test_timers import NOW, clock, talk
from voice_local.skills.abilities import timer_sayings
from voice_local.skills.abilities.timer_desk import TimerDesk
from voice_local.skills.abilities.timer_requests import timer_request
from voice_local.skills.abilities.timers import Kind, Timers

pytestmark = pytest.mark.unit

TEN = "set a timer for ten minutes"
SEVEN = "set an alarm for seven am"


def desk() -> TimerDesk:
    return TimerDesk(Timers(clock()))


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        ((TEN, "Change the timer to twenty minutes."), "Your timer will ring in 20 minutes."),
        ((TEN, "Change the timer from ten to 20 minutes"), "Your timer will ring in 20 minutes."),
        ((TEN, "Can you reset the timer to five minutes?"), "Your timer will ring in 5 minutes."),
        ((TEN, "Make my timer twelve minutes instead"), "Your timer will ring in 12 minutes."),
        ((TEN, "Make it fifteen"), "Your timer will ring in 15 minutes."),
        (("make the timer ten minutes",), "Your timer will ring in 10 minutes."),
        ((TEN, "change my timer", "fifteen minutes"), "Your timer will ring in 15 minutes."),
        ((SEVEN, "Move my alarm to eight."), "Your alarm will ring at 8 AM tomorrow."),
        (
            (SEVEN, "Move my alarm from seven to half past six"),
            "Your alarm will ring at 6:30 AM tomorrow.",
        ),
        ((SEVEN, "make it eight"), "Your alarm will ring at 8 AM tomorrow."),
        ((SEVEN, "Change the alarm to nine PM"), "Your alarm will ring at 9 PM tomorrow."),
        (
            (SEVEN, "change it to Sunday at nine AM"),
            "Your alarm will ring at 9 AM on Sunday, November 29.",
        ),
        ((SEVEN, "change it to eight thirty instead"), "Your alarm will ring at 8:30 AM tomorrow."),
        ((SEVEN, "set my alarm to eight instead"), "Your alarm will ring at 8 AM tomorrow."),
        ((SEVEN, "Wake me up at eight instead."), "Your alarm will ring at 8 AM tomorrow."),
        ((SEVEN, "change the alarm to ring at six"), "Your alarm will ring at 6 AM tomorrow."),
        ((SEVEN, "change my alarm to ten minutes from now"), "Your alarm will ring in 10 minutes."),
        (
            (SEVEN, "move my alarm to Sunday"),
            "Your alarm will ring at 7 AM on Sunday, November 29.",
        ),
        ((SEVEN, "change my alarm", "To eight."), "Your alarm will ring at 8 AM tomorrow."),
        ((SEVEN, "bring my alarm forward by an hour"), "Your alarm will ring at 6 AM tomorrow."),
        ((SEVEN, "move my alarm back an hour"), "Your alarm will ring at 8 AM tomorrow."),
        ((SEVEN, "delay the alarm for ten minutes"), "Your alarm will ring at 7:10 AM tomorrow."),
        (
            ("set an alarm for 11:30 pm", "make it twelve"),
            "Your alarm will ring at midnight tomorrow.",
        ),
        (
            ("set an alarm for 12:30 pm tomorrow", "move my alarm to eleven"),
            "Your alarm will ring at 11 AM tomorrow.",
        ),
        ((TEN, "make the timer fifteen"), "Your timer will ring in 15 minutes."),
        ((TEN, "change the timer to half an hour from now"), "Your timer will ring in 30 minutes."),
        (
            (TEN, "change the timer to a cuckoo", "twenty minutes"),
            "Your timer will ring in 20 minutes.",
        ),
        ((TEN, "delay the timer for five minutes"), "15 minutes from now, then."),
        ((TEN, "change the timer to 99999999 hours"), timer_sayings.TOO_LONG),
        ((TEN, "make it 99999999 hours"), timer_sayings.TOO_LONG),
        ((TEN, "take 99999999 hours off"), timer_sayings.NOT_SO_LONG),
        (("set a timer for 9999999999999 minutes",), timer_sayings.TOO_LONG),
        (("change my alarm to eight",), timer_sayings.NOTHING_SET[Kind.ALARM]),
        (
            ("remind me to call mum at five pm", "change the reminder to call mum to six pm"),
            "I will remind you to call mum at 6 PM tomorrow.",
        ),
        (
            (
                TEN,
                "set a pasta timer for eight minutes",
                "change the timer to nine minutes",
                "the pasta one",
            ),
            "Your pasta timer will ring in 9 minutes.",
        ),
    ],
)
async def test_a_new_time(texts: tuple[str, ...], last: str) -> None:
    one = desk()
    assert talk(one, *texts)[-1] == last
    begun = ("set a ", "set an ", "remind me to", "make the timer ten")
    new = [text for text in texts if text.startswith(begun) and "99999" not in text]
    assert len(one.timers.waiting) == len(new)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Make it five minutes longer", "15 minutes"),
        ("make the timer five minutes longer please", "15 minutes"),
        ("make it longer by five minutes", "15 minutes"),
        ("extend the timer by five minutes", "15 minutes"),
        ("push the timer back by five minutes", "15 minutes"),
        ("make it two minutes shorter", "8 minutes"),
        ("take two minutes off", "8 minutes"),
        ("Could you take two minutes off the timer?", "8 minutes"),
        ("shorten it by two minutes", "8 minutes"),
    ],
)
async def test_longer_and_shorter(text: str, left: str) -> None:
    assert talk(desk(), TEN, text)[-1] == f"{left} from now, then."


async def test_what_is_not_left_can_not_be_taken_off() -> None:
    one = desk()
    assert talk(one, TEN, "take twenty minutes off the timer")[-1] == timer_sayings.NOT_SO_LONG
    assert talk(one, "how long is left")[-1] == "Your 10 minute timer has 10 minutes left."


async def test_an_alarm_can_be_put_off() -> None:
    assert talk(desk(), SEVEN, "delay my alarm by ten minutes")[-1] == (
        "Your alarm will ring at 7:10 AM tomorrow."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Change the channel to five",
        "Move the meeting to three",
        "change my alarm sound to birdsong",
        "Make my day",
        "ten minutes longer",
        "wake me up again",
        "make it louder",
    ],
)
async def test_what_is_no_change_of_a_timer(text: str) -> None:
    assert talk(desk(), text) == ["-"]


@pytest.mark.parametrize(
    "text",
    ["Make it two.", "make it twenty", "I mean a hundred", "set it to fifteen", "make it quick"],
)
async def test_a_number_alone_is_about_what_was_talked_about_last(text: str) -> None:
    one = desk()
    assert talk(one, TEN) and talk(one, "tell me ten facts") == ["-"]
    one.forget_question("tell me ten facts")
    assert talk(one, text) == ["-"]
    assert one.timers.facts() == ["Your 10 minute timer has 10 minutes left."]


@pytest.mark.parametrize("text", ["shorten it by two minutes", "reduce it by two days"])
async def test_it_is_no_timer_where_none_is_set(text: str) -> None:
    assert talk(desk(), text) == ["-"]


async def test_what_is_reset_or_switched_is_not_moved() -> None:
    one = desk()
    talk(one, TEN, "set a tea timer for eight minutes")
    assert talk(one, "reset my timers") == ["I have cancelled 2 of them."]
    talk(one, SEVEN)
    assert talk(one, "switch my alarm on") != [timer_sayings.ASK_ALARM]


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (("wake me up tomorrow", "at seven"), "Your alarm will ring at 7 AM tomorrow."),
        (("wake me up tomorrow", "seven thirty"), "Your alarm will ring at 7:30 AM tomorrow."),
        (
            ("wake me up on Sunday", "at nine"),
            "Your alarm will ring at 9 AM on Sunday, November 29.",
        ),
        (
            ("wake me up tomorrow", "on Sunday at nine"),
            "Your alarm will ring at 9 AM on Sunday, November 29.",
        ),
        (
            ("remind me tomorrow to call mum", "at three pm"),
            "I will remind you to call mum at 3 PM tomorrow.",
        ),
        (
            ("remind me to call mum tomorrow", "in ten minutes"),
            "I will remind you to call mum in 10 minutes.",
        ),
        (("set a timer", "make it ten minutes"), "Your timer will ring in 10 minutes."),
        (
            ("Remind me about tomorrow.", "at nine"),
            "I will remind you about tomorrow at 9 AM tomorrow.",
        ),
    ],
)
async def test_the_day_is_kept_while_the_time_is_asked_for(
    texts: tuple[str, ...], last: str
) -> None:
    assert talk(desk(), *texts)[-1] == last


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("set a timer for one minute thirty", 90),
        ("set a timer for 1 minute 30", 90),
        ("set a timer for an hour and twenty", 4800),
        ("set a timer for 1 hour 20", 4800),
        ("set a timer for an hour twenty five", 5100),
        ("set a timer for an hour twenty five minutes", 5100),
        ("set a timer for 2 hours 15 minutes", 8100),
        ("set a timer for one minute fifteen seconds", 75),
    ],
)
def test_the_smaller_unit_may_be_left_out(text: str, seconds: int) -> None:
    found = timer_request(text, NOW)
    assert found is not None and found.length is not None
    assert found.length.total_seconds() == seconds


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("snooze", "Your alarm will ring in 10 minutes."),
        ("Snooze the alarm for five minutes", "Your alarm will ring in 5 minutes."),
        ("wake me up again in twenty minutes", "Your alarm will ring in 20 minutes."),
        ("Five more minutes!", "Your alarm will ring in 5 minutes."),
        ("snooze for five", "Your alarm will ring in 5 minutes."),
        ("snooze the timer", timer_sayings.NOTHING_RANG),
    ],
)
async def test_what_rang_rings_again(text: str, answer: str) -> None:
    one = desk()
    talk(one, "set an alarm for ten fifteen pm")
    one.timers.listen(lambda timer: None)
    await asyncio.sleep(660)
    assert one.timers.waiting == []
    assert talk(one, text) == [answer]
    assert len(one.timers.waiting) == (answer != timer_sayings.NOTHING_RANG)


async def test_snoozing_twice_rings_once() -> None:
    one = desk()
    talk(one, "set an alarm for ten fifteen pm")
    await asyncio.sleep(660)
    talk(one, "snooze", "snooze for twenty minutes")
    assert one.timers.facts() == ["Your alarm rings at 10:36 PM."]


async def test_what_rang_long_ago_does_not() -> None:
    one = desk()
    assert talk(one, "snooze") == [timer_sayings.NOTHING_RANG]
    talk(one, "set an alarm for ten fifteen pm")
    await asyncio.sleep(3600)
    assert talk(one, "snooze") == [timer_sayings.NOTHING_RANG]
    assert talk(one, "wake me up again") == ["-"]


@pytest.mark.parametrize(
    "text",
    [
        "set two timers for five and ten minutes",
        "set a timer for five minutes and another for ten minutes",
        "start a timer for five minutes and a second one for ten minutes",
    ],
)
async def test_several_at_once_are_set_one_by_one(text: str) -> None:
    one = desk()
    assert talk(one, text, "five minutes", "set another timer for ten minutes") == [
        timer_sayings.ONE_AT_A_TIME,
        "Your timer will ring in 5 minutes.",
        "Your timer will ring in 10 minutes.",
    ]
    assert len(one.timers.waiting) == 2
