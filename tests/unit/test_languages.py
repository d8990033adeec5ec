"""Which voice says what, and what is said to somebody whose language has none."""

from __future__ import annotations

import pytest

from tests.unit.talker import Talker
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import phrases
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.languages import Languages
from voice_local.conversation.context.prompts import language_instruction
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.api import Transcript
from voice_local.skills.handlers import (
    GREETING,
    greeting,
)
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter
from voice_local.text.languages import (
    NAMES,
    listed,
    named,
)

pytestmark = pytest.mark.unit
SPANISH: dict[str, object] = {
    "voices_by_language": {"es": "kokoro/ef_dora", "fr": "kokoro/ff_siwis"}
}


async def turn_of(
    engine: ScriptedEngine, tts: dict[str, object] | None = None, router: IntentRouter | None = None
) -> tuple[ConversationContext, ConversationTurn]:
    """A conversation in which something was said once, and that turn."""
    talker = Talker(engine, router, tts=tts or {})
    await talker.run((0.5, False), (2.0, True), (6.0, False))
    (turn,) = talker.turns
    return talker.session.context, turn


async def test_spanish_is_answered_by_the_llm_in_a_spanish_voice() -> None:
    engine = ScriptedEngine(
        transcripts=[Transcript("¿Qué tal?", "es", 0.0)], answers=["¡Muy bien! ¿Y tú?"]
    )
    context, turn = await turn_of(engine, SPANISH)
    assert (
        turn.language == "es"
        and turn.assistant_text == "¡Muy bien! ¿Y tú?"
        and turn.handled_by == "llm"
    )
    assert set(engine.asked_voices) == {"kokoro/ef_dora"}
    told = next(argument for stage, argument in engine.calls if stage == "llm")
    assert told[0]["role"] == "system" and told[0]["content"].endswith("Answer in Spanish.")  # type: ignore[index]
    assert told[-1] == {"role": "user", "content": "¿Qué tal?"}  # type: ignore[index]
    assert context.language == "es", "what cannot be told of the next ones is taken for Spanish"


async def test_english_is_told_and_spoken_as_ever() -> None:
    engine = ScriptedEngine(transcripts=[Transcript("hello", "en", 0.0)])
    await turn_of(engine, SPANISH)
    told = next(argument for stage, argument in engine.calls if stage == "llm")
    assert "English" not in told[0]["content"] and set(engine.asked_voices) == {None}  # type: ignore[index]


async def test_german_is_named_and_what_is_spoken_instead() -> None:
    engine = ScriptedEngine(transcripts=[Transcript("Guten Tag", "de", 0.0)])
    context, turn = await turn_of(engine, SPANISH)
    assert turn.assistant_text == "I heard German. I can speak English, Spanish and French."
    assert (
        turn.fallbacks == ["language_not_spoken: de"]
        and turn.action is None
        and turn.handled_by is None
    )
    assert {stage for stage, _ in engine.calls} == {"stt", "tts"}, (
        "neither an intent nor the LLM was asked"
    )
    assert set(engine.asked_voices) == {None}, "said in English, in its own voice"
    assert context.language == "", "one misheard turn makes no German conversation"


async def test_without_another_voice_only_english_is_offered() -> None:
    _, turn = await turn_of(ScriptedEngine(transcripts=[Transcript("Guten Tag", "de", 0.0)]))
    assert turn.assistant_text == "I heard German. I can speak English."


async def test_what_is_said_without_the_llm_is_said_in_an_english_voice() -> None:
    router = IntentRouter(0.5, 1.0)
    router.register("greeting", greeting, side_effects=False)
    engine = ScriptedEngine(transcripts=[Transcript("hello", "en", 0.0)])
    _, turn = await turn_of(
        engine, router=router, tts={"language": "es", "voices_by_language": {"en": "hibari/heart"}}
    )
    assert turn.assistant_text == GREETING and set(engine.asked_voices) == {"hibari/heart"}
    engine = ScriptedEngine(transcripts=[""])
    _, turn = await turn_of(
        engine, tts={"language": "es", "voices_by_language": {"en": "hibari/heart"}}
    )
    assert turn.assistant_text == phrases.NOT_CAUGHT and set(engine.asked_voices) == {
        "hibari/heart"
    }


async def test_an_apology_in_a_spanish_turn_is_in_an_english_voice() -> None:
    engine = ScriptedEngine(transcripts=[Transcript("¿Qué tal?", "es", 0.0)], answers=[""])
    _, turn = await turn_of(engine, SPANISH)
    assert turn.assistant_text == phrases.NO_ANSWER and engine.asked_voices[-1] is None


async def test_english_words_are_shown_where_no_voice_speaks_english() -> None:
    engine = ScriptedEngine(transcripts=[""])
    _, turn = await turn_of(engine, tts={"language": "es"})
    assert turn.assistant_text == phrases.NOT_CAUGHT and engine.asked_voices == []
    await new_conversation(engine, load("tiny", tts={"language": "es"})).prepare()
    assert engine.asked_voices == []


def test_names() -> None:
    assert (
        len(NAMES) == 100
        and named("de") == "German"
        and named("xx") == "xx"
        and named("en-GB") == "English"
    )
    assert (
        listed(["en"]) == "English"
        and listed(["en", "es"]) == "English and Spanish"
        and listed([]) == ""
    )
    assert language_instruction("en") == language_instruction(
        None
    ) == "" and "French" in language_instruction("fr")
    languages = Languages(load("tiny").tts)
    assert languages.speaks(None) and languages.speaks("en") and not languages.speaks("de")
