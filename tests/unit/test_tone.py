"""The tone of the answers: every emotion tells the LLM something, and none swings it by chance."""

from __future__ import annotations

from typing import cast

import pytest

from tests.unit.talker import Talker
from voice_local.config import load
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.prompts import EMOTION_PROMPTS, SYSTEM_PROMPT, turn_context
from voice_local.conversation.router import IntentRouter
from voice_local.conversation.session import Session
from voice_local.conversation.tone import CALM_AFTER, STRONG, Tone
from voice_local.engine.protocol import EMOTIONS, Message, Understanding
from voice_local.stages.scripted import ScriptedEngine

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
FELT = sorted(set(SENTENCES) - {"neutral"})
Felt = tuple[str | None, float | None]


def after(*felt: Felt) -> list[str]:
    """The tone after each turn."""
    tone = Tone()
    return [tone.hear(*turn) for turn in felt]


async def contexts(*felt: Felt) -> list[list[str]]:
    """The system messages that the LLM gets just before the user's words, turn by turn."""
    engine = ScriptedEngine(meant=[Understanding("weather", 0.9, *turn) for turn in felt])
    talk = Session(Dialogue(engine, load("tiny"), IntentRouter(2.0, 1.0)))
    for _ in felt:
        await talk.reply_to_text("will it rain")
    prompts = [cast("list[Message]", argument) for stage, argument in engine.calls if stage == "llm"]
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
    assert turn_context(None, None) == "" and turn_context("out_of_scope", "neutral") == SENTENCES["neutral"]
    assert await contexts((None, None)) == [[f"The user's intent is weather. {SENTENCES['neutral']}"]]


@pytest.mark.parametrize("emotion", FELT)
def test_a_strong_emotion_counts_at_once(emotion: str) -> None:
    assert after((emotion, STRONG)) == [emotion]
    assert after((emotion, STRONG - 0.01)) == ["neutral"]


@pytest.mark.parametrize("emotion", FELT)
def test_a_weak_emotion_counts_when_it_is_told_twice(emotion: str) -> None:
    assert after((emotion, 0.5), (emotion, 0.5)) == ["neutral", emotion]
    assert after((emotion, None), (emotion, None)) == ["neutral", emotion]


def test_weak_emotions_in_turn_do_not_swing_it() -> None:
    assert after(*[("joy", 0.5), ("anger", 0.5)] * 3) == ["neutral"] * 6
    assert after(("joy", 0.5), ("neutral", 0.9), ("joy", 0.5)) == ["neutral"] * 3
    assert after(("anger", 0.9), ("joy", 0.5), ("anger", 0.5), ("anger", 0.5)) == ["anger"] * 4


def test_a_strong_emotion_replaces_another() -> None:
    assert after(("anger", 0.9), ("joy", 0.9)) == ["anger", "joy"]
    assert after(("anger", 0.9), ("joy", 0.5), ("joy", 0.5)) == ["anger", "anger", "joy"]


def test_neutral_gives_it_up_only_after_a_while() -> None:
    assert CALM_AFTER == 2
    assert after(("anger", 0.9), ("neutral", 0.99), ("neutral", 0.99)) == ["anger", "anger", "neutral"]


def test_calm_turns_count_only_in_a_row() -> None:
    felt = [("anger", 0.9), ("neutral", 0.9), ("anger", 0.5), ("neutral", 0.9), ("neutral", 0.9)]
    assert after(*felt) == ["anger", "anger", "anger", "anger", "neutral"]


def test_an_unknown_emotion_changes_nothing() -> None:
    assert after(("anger", 0.9), (None, None), (None, 0.9)) == ["anger"] * 3
    assert after(("joy", 0.5), (None, None), ("joy", 0.5)) == ["neutral", "neutral", "joy"]


def test_a_preview_changes_nothing() -> None:
    tone, other = Tone(), Tone()
    felt: list[Felt] = [("joy", 0.5), ("joy", 0.5), ("neutral", 0.9), ("anger", 0.95), ("neutral", 0.9), ("neutral", 0.9)]
    for turn in felt:
        assert tone.preview("fear", 0.5) == tone.emotion
        assert [tone.preview("sadness", 0.95) for _ in range(3)] == ["sadness"] * 3
        assert tone.preview("neutral", 0.9) in (tone.emotion, "neutral")
        assert tone.preview(*turn) == tone.hear(*turn) == other.hear(*turn) == tone.emotion


async def test_the_tone_of_a_conversation() -> None:
    felt: list[Felt] = [("sadness", 0.5), ("sadness", 0.5), ("neutral", 0.9), ("neutral", 0.9)]
    last = [told[-1] for told in await contexts(*felt)]
    plain = "The user's intent is weather."
    assert last == [f"{plain} {SENTENCES[tone]}" for tone in ("neutral", "sadness", "sadness", "neutral")]


async def test_the_record_tells_the_tone_beside_the_emotion() -> None:
    engine = ScriptedEngine(meant=[Understanding("weather", 0.9, "anger", 0.5)])
    talk = Session(Dialogue(engine, load("tiny"), IntentRouter(2.0, 1.0)))
    first, second = [await talk.reply_to_text("will it rain") for _ in range(2)]
    assert (first.emotion, first.tone) == ("anger", "neutral")
    assert (second.emotion, second.tone) == ("anger", "anger")


async def test_thinking_ahead_does_not_count_as_feeling_twice() -> None:
    engine = ScriptedEngine(heard=["where is my", "where is my order"], stt_s=0.02,
                            meant=[Understanding("weather", 0.9, "anger", 0.5)])
    talker = await Talker(engine).run((0.5, False), (0.35, True), (0.2, False), (0.35, True), (4.0, False))
    assert talker.turns[0].speculations == 2
    assert talker.turns[0].tone == talker.dialogue.tone.emotion == "neutral"


async def test_a_spoken_conversation_takes_on_the_tone() -> None:
    engine = ScriptedEngine(meant=[Understanding("weather", 0.9, "joy", 0.95)])
    talker = await Talker(engine).run((0.5, False), (0.5, True), (3.0, False))
    assert talker.dialogue.tone.emotion == "joy"
    prompt = cast("list[Message]", next(argument for stage, argument in engine.calls if stage == "llm"))
    assert SENTENCES["joy"] in prompt[1]["content"]
