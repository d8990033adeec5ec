"""The world that the embedded models learn: its follow-ups, its knowledge, and that nothing held
out is taught."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from scripts.train import common, mind_data
from scripts.train.understanding_data import FollowUps
from scripts.train.world import facts
from scripts.train.world.grammar import World

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_a_definition_is_found_with_and_without_its_article() -> None:
    assert (
        facts.definition("discount")
        == facts.definition("a discount")
        == facts.DEFINITIONS["a discount"]
    )
    assert facts.definition("internet") == facts.DEFINITIONS["the internet"]
    with pytest.raises(KeyError):
        facts.definition("a whale")


def test_every_word_has_a_translation_into_every_language() -> None:
    assert all(len(words.split()) == len(facts.LANGUAGES) for words in facts.TRANSLATIONS.values())


def test_a_follow_up_that_means_something_else_says_so(world: World) -> None:
    told = [(act.intent, one.intent) for act in world.acts for one in act.follow_ups if one.intent]
    assert ("check_order_status", "cancel_order") in told and ("billing", "human_agent") in told
    assert all(intent in world.by_intent and intent != topic for topic, intent in told)


def test_topics_are_taught_with_what_follows_them(world: World) -> None:
    follow_ups = FollowUps(world, random.Random(1))
    drawn = [follow_ups.draw() for _ in range(3000)]
    assert any(
        "cancel" in sentence and topic == "check_order_status" and intent == "cancel_order"
        for sentence, topic, intent in drawn
    )
    assert all(intent in world.by_intent for _, _, intent in drawn)


def test_what_is_held_out_is_never_taught(world: World) -> None:
    rng = random.Random(2)
    users = [
        m["content"]
        for _ in range(200)
        for m in mind_data.dialogue(world, rng)
        if m["role"] == "user"
    ]
    kept_out = frozenset(users[:40])
    again = random.Random(2)
    taught = {
        m["content"]
        for _ in range(200)
        for m in mind_data.dialogue(world, again, kept_out)
        if m["role"] == "user"
    }
    assert not taught & kept_out
    assert "what does discount mean" in common.held_out() and len(common.held_out()) > 300


def test_a_corrected_value_is_the_true_one_from_then_on(world: World) -> None:
    (timer,) = (act for act in world.by_intent["timer_reminder"] if act.name == "timer")
    rng, corrected = random.Random(3), 0
    for _ in range(300):
        values = {"dur": "ten minutes"}
        found = mind_data.follow(world, timer, values, rng)
        if found and values["dur"] != "ten minutes":
            corrected += 1
            assert values["dur"] in found[1]
    assert corrected > 30


def test_users_and_assistant_take_turns(world: World) -> None:
    rng = random.Random(4)
    for _ in range(100):
        roles = [m["role"] for m in mind_data.dialogue(world, rng) if m["role"] != "system"]
        assert (
            roles[0] == "user"
            and roles[-1] == "assistant"
            and all(a != b for a, b in pairwise(roles))
        )
