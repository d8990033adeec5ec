"""The tone of the answers: every emotion tells the LLM something, and none swings it by chance."""

from __future__ import annotations

from typing import cast

import pytest

from tests.unit.talker import Talker
from tests.unit.typed import ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    PROFILES,
    load,
)
from voice_local.conversation.context.emotion import (
    CALM_AFTER,
    EmotionSmoother,
)
from voice_local.conversation.context.prompts import (
    EMOTION_PROMPTS,
    SYSTEM_PROMPT,
    turn_context,
)
from voice_local.engine.api import (
    EMOTIONS,
    Message,
    Understanding,
)
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
SENTENCES = {
    "anger": "The user sounds angry: stay calm and apologize.",
    "disgust": "The user sounds disgusted: stay polite and apologize.",
    "fear": "The user sounds afraid: be reassuring.",
    "joy": "The user sounds happy: share it.",
    "sadness": "The user sounds sad: be gentle.",
    "surprise": "The user sounds surprised: be clear.",
    "neutral": "Stay friendly.",
}
SURE = 0.85
ALL = {emotion: SURE for emotion in SENTENCES if emotion != "neutral"}
FELT = sorted(set(SENTENCES) - {"neutral"})
Felt = tuple[str | None, float | None]


def after(*felt: Felt) -> list[str]:
    """The tone after each turn."""
    tone = EmotionSmoother(ALL)
    return [tone.update(*turn) for turn in felt]


async def contexts(*felt: Felt) -> list[list[str]]:
    """The system messages that the LLM gets just before the user's words, turn by turn."""
    engine = ScriptedEngine(meant=[Understanding("weather", 0.9, *turn) for turn in felt])
    settings = load("tiny", conversation={"emotion_thresholds": ALL})
    context = new_conversation(engine, settings, IntentRouter(2.0, 1.0))
    await ask_all(context, *["will it rain"] * len(felt))
    prompts = [
        cast("list[Message]", argument) for stage, argument in engine.calls if stage == "llm"
    ]
    assert all(prompt[0]["content"] == SYSTEM_PROMPT for prompt in prompts)
    return [[m["content"] for m in prompt[1:] if m["role"] == "system"] for prompt in prompts]


def test_every_emotion_has_its_sentence() -> None:
    assert set(EMOTIONS) == set(EMOTION_PROMPTS) == set(SENTENCES)


@pytest.mark.parametrize("emotion", EMOTIONS)
async def test_an_emotion_changes_what_the_llm_is_told(emotion: str) -> None:
    said = SENTENCES[emotion]
    assert turn_context(None, emotion) == said
    assert await contexts((emotion, 0.95)) == [[f"The user's intent is weather. {said}"]]


async def test_without_an_emotion_the_llm_is_told_to_stay_friendly() -> None:
    assert (
        turn_context(None, None) == ""
        and turn_context("out_of_scope", "neutral") == SENTENCES["neutral"]
    )
    assert await contexts((None, None)) == [
        [f"The user's intent is weather. {SENTENCES['neutral']}"]
    ]


@pytest.mark.parametrize("emotion", FELT)
def test_a_sure_emotion_counts_at_once_and_any_other_never(emotion: str) -> None:
    assert after((emotion, SURE)) == [emotion]
    assert after(*[(emotion, SURE - 0.01)] * 3) == ["neutral"] * 3
    assert after(*[(emotion, None)] * 3) == ["neutral"] * 3


def test_an_emotion_without_a_threshold_sets_no_tone() -> None:
    tone = EmotionSmoother({"anger": SURE})
    assert [
        tone.update("surprise", 1.0),
        tone.update("anger", 1.0),
        tone.update("surprise", 1.0),
    ] == [
        "neutral",
        "anger",
        "anger",
    ]


def test_a_sure_emotion_replaces_another() -> None:
    assert after(("anger", 0.9), ("joy", 0.9)) == ["anger", "joy"]
    assert after(("anger", 0.9), ("joy", 0.5)) == ["anger", "anger"]


def test_neutral_gives_it_up_only_after_a_while() -> None:
    assert CALM_AFTER == 2
    assert after(("anger", 0.9), ("neutral", 0.99), ("neutral", 0.99)) == [
        "anger",
        "anger",
        "neutral",
    ]


def test_calm_turns_count_only_in_a_row() -> None:
    felt = [("anger", 0.9), ("neutral", 0.9), ("anger", 0.9), ("neutral", 0.9), ("joy", 0.5)]
    assert after(*felt) == ["anger", "anger", "anger", "anger", "neutral"]


def test_an_unknown_emotion_changes_nothing() -> None:
    assert after(("anger", 0.9), (None, None), (None, 0.9)) == ["anger"] * 3


def test_a_preview_changes_nothing() -> None:
    tone, other = EmotionSmoother(ALL), EmotionSmoother(ALL)
    felt: list[Felt] = [
        ("joy", 0.9),
        ("joy", 0.5),
        ("neutral", 0.9),
        ("anger", 0.95),
        ("neutral", 0.9),
        ("neutral", 0.9),
    ]
    for turn in felt:
        assert tone.preview("fear", 0.5) in (tone.emotion, "neutral")
        assert [tone.preview("sadness", 0.95) for _ in range(3)] == ["sadness"] * 3
        assert tone.preview("neutral", 0.9) in (tone.emotion, "neutral")
        assert tone.preview(*turn) == tone.update(*turn) == other.update(*turn) == tone.emotion


async def test_the_tone_of_a_conversation() -> None:
    felt: list[Felt] = [("sadness", 0.5), ("sadness", 0.95), ("neutral", 0.9), ("neutral", 0.9)]
    last = [told[-1] for told in await contexts(*felt)]
    plain = "The user's intent is weather."
    assert last == [
        f"{plain} {SENTENCES[tone]}" for tone in ("neutral", "sadness", "sadness", "neutral")
    ]


async def test_the_record_tells_the_tone_beside_the_emotion() -> None:
    engine = ScriptedEngine(
        meant=[
            Understanding("weather", 0.9, "anger", 0.5),
            Understanding("weather", 0.9, "anger", 0.95),
        ]
    )
    settings = load("tiny", conversation={"emotion_thresholds": ALL})
    context = new_conversation(engine, settings, IntentRouter(2.0, 1.0))
    first, second = await ask_all(context, *["will it rain"] * 2)
    assert (first.emotion, first.tone) == ("anger", "neutral")
    assert (second.emotion, second.tone) == ("anger", "anger")


@pytest.mark.parametrize("profile", PROFILES)
def test_surprise_at_a_question_sets_no_tone(profile: str) -> None:
    """Every question sounded surprised."""
    talk = load(profile).conversation
    assert talk.emotion_thresholds.get("surprise", 1.0) > 0.9
    assert EmotionSmoother(talk.emotion_thresholds).update("surprise", 0.9) == "neutral"


async def test_a_spoken_conversation_takes_on_the_tone() -> None:
    engine = ScriptedEngine(meant=[Understanding("weather", 0.9, "joy", 0.95)])
    talker = await Talker(engine, conversation={"emotion_thresholds": ALL}).run(
        (0.5, False), (0.5, True), (3.0, False)
    )
    assert talker.session.context.tone.emotion == "joy"
    prompt = cast(
        "list[Message]", next(argument for stage, argument in engine.calls if stage == "llm")
    )
    assert SENTENCES["joy"] in prompt[1]["content"]
