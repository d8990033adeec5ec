"""Emergencies by their wording, and what only sounds like one. No sentence here is one of the
benchmarks'."""

from __future__ import annotations

import pytest

from voice_local.engine.api import Understanding
from voice_local.skills import handlers
from voice_local.skills.emergencies import (
    Danger,
    checked,
    decide,
    kind,
    worded,
)

pytestmark = pytest.mark.unit


def rows(text: str) -> list[str]:
    """The sentences of a table, `|` or a new line between them."""
    return [part.strip() for line in text.split("\n") for part in line.split("|") if part.strip()]


BODILY = rows("""
    my father is not waking up|My father isn't waking up!|my dad wont wake up|grandma doesn't wake up any more
    I can't wake my wife|he has stopped breathing|she's not breathing|the baby isn't breathing|I can hardly breathe
    my uncle is gasping for air|someone collapsed in our hallway|a woman fainted and she isn't moving
    he is unconscious
    my sister passed out in the bath|my brother is choking|the kid choked on a grape|I think she's having a stroke
    my boss had a heart attack just now|my son is having a seizure|my chest hurts and my arm is numb
    he is bleeding badly|her leg won't stop bleeding|there is blood everywhere|he cut his wrist open
    my toddler swallowed a battery|my neighbour drank antifreeze help|my aunt took too many sleeping pills|I overdosed
    my friend has been poisoned|her tongue is swelling up after the nuts|he was stabbed|a man got shot outside
    my cousin was hit by a car|the worker got an electric shock|a boy is drowning in the lake
    my mother fell down and can't get up|there was a terrible accident on our street
    we are trapped in the lift and it's full of smoke
    the baby is coming and we're alone|my husband is dying|I think I am dying|the kitchen is on fire
    our house is burning
    There is smoke coming from the bedroom.|the curtains caught fire|I smell gas|it smells of smoke in the cellar
    the carbon monoxide alarm is going off|we can't put the fire out|someone is breaking in
    somebody broke into my flat and is still here
    there is an intruder in the garage|he has a gun and wants money|my boyfriend is hitting me|he says he will kill me
    I am being followed by a man|shots fired at the station|call an ambulance|Please send the police to my house
    we need the fire brigade|get me an ambulance now|911|nine one one please|fire!|help help fire|this is an emergency
    it's a medical emergency|yesterday he fell and now he is unconscious|why is my father not waking up
    what do I do my son is choking
    a child fell out of the window|the boiler exploded|two people are trapped|a power line fell on our car|a snake bit me
    a tree fell on my uncle|there has been a stabbing|a man is following me and I'm scared|he is stuck under the car
    my dad fell and he isn't talking|how do I stop the bleeding there's so much blood|is my mother having a stroke
    please hurry my neighbour is lying on the floor
""")
BODILY += rows("""
    I suppose someone is breaking into my house|I suppose someone should call an ambulance
    We were playing hide and seek and he fell, call an ambulance|imagine you are here and my son is not breathing
    I can only imagine a fire started, there is smoke everywhere
""")
SELF_HARM = rows("""
    I want to kill myself|i wanna die i want to die|I don't want to live anymore|I am going to end my life
    I feel suicidal
    I'm thinking about suicide|I wish I was dead|everyone would be better off without me|I have no reason to live
    I keep hurting myself|I'm standing on a bridge and I want to jump|I can't go on living|I just want to end it all
""")
OTHERS = rows(
    "my brother wants to kill himself|she says she is going to kill herself|my friend is suicidal|"
    "he is trying to hang himself"
)
NONE = rows("""
    I am on fire today, everything works|I'm on fire today|Fire the lamp up|fire up the grill|my phone died
    this new song is fire
    please don't call the police|don't call an ambulance|no need to send the paramedics|how do smoke detectors work
    help|/help|Help!|help me|what can you do|what can you help me with|this salsa is fire|the band is killing it
    I'm dying for a coffee|I nearly died laughing|we laughed until we couldn't breathe|that gave me a heart attack
    you almost gave me a stroke
    my laptop died|the conversation died|the website crashed|my watch is dead|this traffic is killing me
    let's kill some time|I could kill for a pizza|I am drowning in emails|she burst into tears|he broke into a smile
    I can't breathe through my nose|my ears are burning|I got fired yesterday|my boss fired me
    who shot Abraham Lincoln
    how did Napoleon die|what are the signs of a stroke|what causes a heart attack
    how many people die of heart attacks
    how does a fire extinguisher work|is carbon monoxide dangerous|what is a seizure|can you die from a snake bite
    when should you call an ambulance|in the film the house is on fire|in the book he kills himself
    the hero is shot in the end
    I died in the game again|I dreamed that I was drowning|my grandfather was shot in the war
    he had a stroke ten years ago
    I fell off a horse as a child|there was a fire on the news|the emergency fund is empty|she is my emergency contact
    we had an emergency landing in the movie|there is no fire|it is not an emergency|nobody was hurt
    it was a false alarm
    just kidding, I'm fine|I did it by accident|it was a happy accident|I donated blood last week
    I hit the gym this morning
    she won't wake up before noon|he does not get up for school|my son is not moving to Berlin
    I burned three hundred calories
    the smoked salmon was great|the gas bill came|I love the smell of rain|he shot a short film|I took a lot of photos
    the market collapsed in two thousand eight|my tent collapsed|the cake collapsed|my heart is broken
    fell in love with a house
    a stroke of luck|what a breathtaking view|crash course in Spanish|I would never hurt anyone
    I don't want to kill anyone
    tell me about the great fire of London|explain how a heart attack happens|the police academy is a funny film
    hit the road
    the kids are choking down their greens|he does not react to jokes|I want to die my hair|I overdosed on chocolate
    she has a knife collection|hamlet thinks about suicide|my wife isn't talking to me|he follows me on twitter
    let us not call the police
    turn on the light|where is my order|goodbye|my printer is not working|I want to end this call
    it's the end of my subscription
    I want to live by the sea|I don't want to live in a city|I cut myself a slice of cake|my plants are dead
    stop the music
    suppose a person got struck by lightning, would their shoes come off|imagine someone collapsed on stage
    hypothetically, someone is drowning, who gets the blame
    Remind me at five to call the police about the car|I want to be a police officer
    I need to get a police report for the insurance|My uncle needs a new police uniform
    Remind me to call the police station tomorrow|We need more police on the streets
""")


@pytest.mark.parametrize("text", BODILY)
def test_danger_to_life_and_limb_is_told_by_its_wording(text: str) -> None:
    assert worded(text) is Danger.BODILY


@pytest.mark.parametrize("text", SELF_HARM)
def test_who_speaks_of_ending_their_life_gets_their_own_answer(text: str) -> None:
    assert worded(text) is Danger.SELF_HARM
    assert kind(text) is Danger.SELF_HARM


@pytest.mark.parametrize("text", OTHERS)
def test_who_speaks_of_another_gets_theirs(text: str) -> None:
    assert worded(text) is Danger.OTHERS_SELF_HARM


@pytest.mark.parametrize("text", NONE)
def test_what_only_has_the_words_is_none(text: str) -> None:
    assert worded(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I am on fire today, everything works",
        "Fire the lamp up",
        "how do smoke detectors work",
        "please don't call the police",
        "help",
        "in the book he kills himself",
        "my phone died",
    ],
)
def test_a_model_that_is_not_very_sure_makes_no_emergency_of_what_is_none(text: str) -> None:
    assert decide(text, Understanding("emergency", 1.0, emergency_prob=0.8)) is None


def test_where_the_wording_says_nothing_the_engine_decides() -> None:
    odd = "granny sits there all pale and sweats and her chest is so heavy"
    assert worded(odd) is None
    assert decide(odd, Understanding("small_talk", 0.9, emergency_prob=0.61)) is Danger.BODILY
    assert decide(odd, Understanding("emergency", 0.9, emergency_prob=0.59)) is None
    assert decide(odd, Understanding("emergency", 0.61)) is Danger.BODILY, (
        "one that tells only its likeliest intent"
    )
    assert decide(odd, Understanding("small_talk", 0.99)) is None


def test_what_a_model_found_is_checked() -> None:
    missed = checked("he is not breathing", Understanding("timer_reminder", 0.96, "fear", 0.7, 0.9))
    assert (missed.intent, missed.intent_confidence) == ("emergency", 1.0)
    assert (missed.emotion, missed.complete_prob) == ("fear", 0.9)
    assert checked("he is not breathing", Understanding()).intent == "emergency", (
        "also where no model was there"
    )
    assert checked("fire up the oven", Understanding("emergency", 0.85)).intent == "out_of_scope"
    assert checked("hello", Understanding("greeting", 0.9)) == Understanding("greeting", 0.9)


def test_no_answer_claims_that_help_is_coming() -> None:
    for answer in handlers.HELP.values():
        assert "call the emergency number" in answer
        claims = ("i am calling", "i called", "on the way", "i will call", "is coming")
        assert not any(claim in answer.lower() for claim in claims)
    assert set(handlers.HELP) == set(Danger)


@pytest.mark.parametrize(
    ("text", "chance", "danger"),
    [
        ("the baby's lips are blue", 0.61, Danger.BODILY),
        ("the baby's lips are blue", 0.59, None),
        ("the kitchen's on fire", 0.16, Danger.BODILY),
        ("the kitchen's on fire", 0.14, None),
        ("nine one one now please", 0.01, Danger.BODILY),
        ("call an ambulance", 0.01, Danger.BODILY),
        ("I fell, I can't get up and my hip is killing me", 0.91, Danger.BODILY),
        ("this hip of mine is killing me", 0.89, None),
        ("there is no fire here", 0.99, None),
        ("she's been on fire at work, three promotions in two years", 0.005, None),
        ("I want to kill myself", 0.0, Danger.SELF_HARM),
        ("if I stepped in front of a train", 0.0, Danger.SELF_HARM),
        ("how do smoke detectors work", 0.99, None),
    ],
)
def test_wording_and_the_probability_of_a_danger_decide_together(
    text: str, chance: float, danger: Danger | None
) -> None:
    assert decide(text, Understanding("small_talk", 0.7, emergency_prob=chance)) is danger
