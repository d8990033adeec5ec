"""What a turn's words mean, and what is said where there are none: whatever fails, the turn goes
on."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_local.conversation import phrases
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.input.recognition import Failed, NoSpeech, Outcome
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.stopwatch import Stopwatch
from voice_local.engine.api import Understanding
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError


@dataclass(frozen=True)
class Meaning:
    """What words mean.

    Attributes:
        found: the model's result, corrected by the wording.
        sureness: of the intent, 0..1, as far as handlers are concerned.
        preamble: what the prompt says just before the user's words.
        end_of_turn_probability: that the sentence is finished; None: nothing is known of that.
    """

    found: Understanding = field(default_factory=Understanding)
    sureness: float = 0.0
    preamble: str = ""
    end_of_turn_probability: float | None = None


async def understand(
    context: ConversationContext,
    engine: EngineClient,
    record: ConversationTurn,
    watch: Stopwatch,
    text: str,
) -> Meaning:
    """The meaning of `text`, which is noted in `record`; never raises `EngineError`."""
    began = watch.ms()
    known = context.settings.intent.languages
    if record.language and known and record.language not in known:
        return Meaning()  # an intent of words that the model never learnt would be a guess
    found, sureness = Understanding(), 0.0
    try:
        found = await engine.understand(text, context.topic.intent)
        sureness = await context.responder.sureness(text, found, lambda: engine.understand(text))
    except EngineError as error:
        record.fallbacks.append(f"intent_failed: {error.cause}")
        sureness = found.intent_confidence or 0.0
    found, sureness = context.responder.interpret(text, found, sureness)
    if found.intent is None:
        return Meaning()
    record.intent, record.intent_confidence = found.intent, found.intent_confidence
    record.emotion, record.emotion_confidence = found.emotion, found.emotion_confidence
    record.intent_latency_ms = watch.ms() - began
    record.tone = context.tone_for(found)
    intent = context.responder.intent_for_llm(text, found.intent)
    goes_on = context.responder.goes_on(text)
    return Meaning(
        found,
        sureness,
        context.context(intent, record.tone),
        0.0 if goes_on else found.complete_prob,
    )


def repair(context: ConversationContext, record: ConversationTurn, outcome: Outcome) -> str:
    """What is said to somebody whose words are not known."""
    if isinstance(outcome, Failed):
        return phrases.NO_ANSWER
    record.fallbacks.append(
        "no_words: nothing was understood in the sound"
        if isinstance(outcome, NoSpeech)
        else "unsure_words: the transcript is too unsure to act on"
    )
    return context.repairs.next()
