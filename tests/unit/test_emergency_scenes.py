"""Dangers told as scenes of who and what, and what only looks like one. No sentence here is one of
the benchmarks'."""

from __future__ import annotations

import pytest

from voice_local.skills.emergencies import (
    Danger,
    worded,
)
from voice_local.skills.negation import denies

pytestmark = pytest.mark.unit


def rows(text: str) -> list[str]:
    """The sentences of a table, `|` or a new line between them."""
    return [part.strip() for line in text.split("\n") for part in line.split("|") if part.strip()]


BODILY = rows("""
    the lodger slumped over at breakfast and we can't rouse him|my fiancé won't come round after the fall
    an elderly lady keeled over in the queue|I can't get any air, it feels like an elephant on my chest
    a pedestrian was hit by a tram|my stepson got bitten by an adder|the roofer fell off the scaffolding
    a bull trampled the farmer|somebody pushed a boy in front of the train|our canoe capsized and my brother is missing
    she went under and hasn't come up|the crane came down on two builders|we rolled the car and my wife is trapped inside
    my daughter is stuck in a hot car|the river is coming into the house and we can't leave
    he ate shrimp and now he is covered in hives and wheezing|the kid got into the weed killer
    my gran took double her heart pills and passed out|acid splashed in my eyes and I can't see
    my wife is in labour on the bathroom floor|her waters broke in the taxi|my nephew has been kidnapped
    a man grabbed my daughter and ran|the chip shop is ablaze|our caravan went up in flames
    smoke is pouring out of the stairwell|the flames are reaching the roof|there's petrol leaking in the garage
    there's been a blast at the mill|I heard gunshots and screaming|a woman is screaming for help upstairs
    some bloke is waving a machete about|he is armed and won't let us leave|my stepfather keeps punching my mum
    a gang is kicking a man outside the pub|I was mugged at knifepoint just now|a car is chasing me and I'm alone
    someone put something in my drink and I feel faint|the old man downstairs has not been seen for days
    my blood sugar is crashing and I'm going to pass out|her speech is slurred and her arm has gone limp
    he is coughing up blood|I sliced my wrist on glass and it's spurting|he lost two fingers in the saw
    the surgeon next door says my husband has no pulse|a toddler is wandering on the motorway, she nearly got hit by a truck
""")
SELF_HARM = rows("""
    I wrote a farewell letter and the pills are next to me|I am sitting on the ledge and nobody will miss me
    I've been cutting myself again|my kids would be better off if I was gone|I want the pain to stop forever, I have a rope
    I can't bear it any longer, I will end it tonight
""")
OTHERS = rows("""
    my roommate left a suicide note|a girl is on the bridge railing and wants to jump|my ex texted that he will hang himself
    my pupil keeps talking about suicide
""")
NONE = rows("""
    our server collapsed under the load|the striker is on fire this season|I nearly had a stroke when the bill came
    she was choking with laughter|we're buried in paperwork|my basil is dying on the windowsill
    he shot to fame overnight|the detective is stabbed in the last chapter|I dreamt that somebody was chasing me
    we read an article about a shipwreck|the news said a bank was robbed|I burnt the pancakes
    how do lifeguards rescue people|who poisoned Rasputin|what causes a stroke|can dogs have seizures
    my nan had a fall ten years ago and is fine now|there was a fire in our street back in the nineties
    it was a false alarm|it's not an emergency|nobody was hurt luckily|the fire engine for my nephew is red
    he wants to be a paramedic|I gave blood on Friday|the smoke alarm needs a new battery|kill the process please
    this curry burns my mouth|my feet are killing me|that joke killed me|we lit a bonfire on the beach
    I could murder a curry|he was fired last month|my old dog died of old age|a shot in the dark
    I lost three lives in the first level|the sauce is bleeding into the rice|bleed the radiator first
    the economy collapsed|I took a lot of photographs|his performance was a bomb|the lawn was attacked by slugs
    I don't want to live in the city any more|I want to die my hair purple|she jumped into the job at once
    over my dead body|where there's smoke there's fire|I am dying of boredom
""")


@pytest.mark.parametrize("text", BODILY)
def test_a_scene_of_danger_is_told_by_its_wording(text: str) -> None:
    assert worded(text) is Danger.BODILY


@pytest.mark.parametrize("text", SELF_HARM)
def test_somebody_who_wants_to_die_is_told(text: str) -> None:
    assert worded(text) is Danger.SELF_HARM


@pytest.mark.parametrize("text", OTHERS)
def test_another_who_wants_to_die_is_told(text: str) -> None:
    assert worded(text) is Danger.OTHERS_SELF_HARM


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_a_scene_is_none(text: str) -> None:
    assert worded(text) is None


def test_help_that_is_declined_is_not_called() -> None:
    assert (
        denies("we can do without the ambulance", "emergency")
        and worded("we can do without the ambulance") is None
    )
