"""What a prompt says beside the user's words, for every model.

An instruction-tuned model gets all of it at the start and nothing later: of small ones a late
instruction was recited in 8 of 28 answers (`benchmarks/LOG.md`, 2026-11-27), and every later one
has to be read while somebody waits. The embedded model was trained on a sentence of intent and
emotion before the user's words, and gets it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from voice_local.config import Prompting
from voice_local.text.languages import (
    base,
    named,
)

INSTRUCTIONS = (
    "You are a friendly voice assistant named {name}. Answer in one or two short, plain spoken "
    "sentences."
)
"""For every instruction-tuned model. They do not say that it can only talk: with that, a model of
0.5 B answered 28 of 40 prompts rightly instead of 32, and refused remarks. What it claims to have
done is held back by `deeds`.
"""

PLACE = "You are in {place}."

SYSTEM_PROMPT = "You are a helpful voice assistant. Answer in one to three short spoken sentences."
"""What the embedded model was trained with."""

SUMMARY_PROMPT = (
    "Sum up this conversation in at most three sentences: names, numbers, dates, what the user "
    "wants, "
    "and what was agreed."
)

INTENT_PROMPTS = {
    "complaint": "Be empathetic and solution-oriented.",
    "booking": "Help with scheduling.",
    "appointment": "Help with scheduling.",
    "technical_support": "Be precise and go step by step.",
    "billing": "Be accurate and offer a hand-over to a person.",
    "symptom": "Give no diagnosis, offer to call the clinic.",
    "medication": "Give no doses, offer to ask the pharmacy.",
}

EMOTION_PROMPTS = {
    "anger": "The user sounds angry: stay calm and apologize.",
    "disgust": "The user sounds disgusted: stay polite and apologize.",
    "fear": "The user sounds afraid: be reassuring.",
    "joy": "The user sounds happy: share it.",
    "sadness": "The user sounds sad: be gentle.",
    "surprise": "The user sounds surprised: be clear.",
    "neutral": "Stay friendly.",
}


TONES = {
    "anger": "The user is angry: stay calm.",
    "disgust": "The user is annoyed: stay calm.",
    "fear": "The user is afraid: be reassuring.",
    "joy": "The user is happy.",
    "sadness": "The user is sad: be gentle.",
}
"""What instructions say of the user's mood; of the others nothing."""


_NO_TIME = re.compile(
    r"^(?:(?:okay|ok|so|right|well|and|alright|oh|but|hey|good|great|then)[, ]+)*now[, ]+"
    r"(?!(?:is|are|that it is)\b)"
    r"|\b(?:from time to time|(?:at|by) the same time|(?:this|that|last|first|next|every|each|some|"
    r"one|a|at a|of all|once upon a|have a \w+) time)\b|\b(?:good|happy) \w+ (?:day|time)\b",
    re.IGNORECASE,
)
"""Words of time that ask for none: "okay, now double that"."""
_OF_TIME = re.compile(
    r"\b(?:now|today|tonight|tomorrow|yesterday|early|late|later|soon|until|till|time|hour|hours|"
    r"o'?clock|morning|noon|afternoon|evening|midnight|weekend|day|date|week|month|year|"
    r"is it (?:already|still)|"
    r"is it (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|christmas|easter))\b",
    re.IGNORECASE,
)


def system_prompt(
    prompting: Prompting,
    tone: str = "neutral",
    task: str = "",
    *,
    name: str = "Voice Local",
    place: str = "",
) -> str:
    """How every conversation begins. What changes stands last: the beginning stays read.

    `task`: a host program's own instructions. A model that was trained on one prompt gets that and
    nothing else. `name`, `place`: what the assistant is called and where it is; `place` empty:
    nothing is said of it.
    """
    if prompting is Prompting.TRAINED:
        return SYSTEM_PROMPT
    parts = [INSTRUCTIONS.format(name=name)]
    if task.strip():
        parts.append(task.strip())
    if place:
        parts.append(PLACE.format(place=place))
    if tone in TONES:
        parts.append(TONES[tone])
    return " ".join(parts)


def with_time(text: str, now: datetime) -> str:
    """`text` as the LLM is given it: words that have to do with time stand after the time.

    Small models recite a date in their instructions, whatever the user asks.
    """
    if not _OF_TIME.search(_NO_TIME.sub(" ", text)):
        return text
    return f"(It is {now:%A, %B} {now.day}, {now.year}, {now.hour % 12 or 12}:{now:%M %p}.) {text}"


_OF_REMINDERS = re.compile(
    r"\b(?:timers?|alarms?|reminders?|remind\w*|wake me|waking me)\b", re.IGNORECASE
)
MOST_FACTS = 4
"""So many timers are told: each costs the LLM a dozen tokens."""


def with_reminders(text: str, facts: Sequence[str]) -> str:
    """`text` as the LLM is given it: words that have to do with timers stand after those there are.
    Of what it does not know it would make something up."""
    if not _OF_REMINDERS.search(text):
        return text
    return f"({' '.join(facts[:MOST_FACTS]) or NO_REMINDERS}) {text}"


NO_REMINDERS = "No timer, alarm or reminder is set."


def turn_context(intent: str | None, emotion: str | None) -> str:
    """The one-paragraph context sent just before the user's words; empty when nothing is known of
    them."""
    parts = []
    if intent and intent != "out_of_scope":
        parts.append(f"The user's intent is {intent.replace('_', ' ')}.")
        parts.append(INTENT_PROMPTS.get(intent, ""))
    if emotion:
        parts.append(EMOTION_PROMPTS.get(emotion, ""))
    return " ".join(part for part in parts if part)


def language_instruction(language: str | None) -> str:
    """What the system message ends with where the user speaks another language than English; empty
    otherwise.

    Qwen2.5-Coder-0.5B then answered 19 of 19 questions in Spanish, French, Italian, Portuguese and
    Hindi in their language, 18 without it. In the user's message it was recited in 3 of 19 answers.
    """
    return "" if language is None or base(language) == "en" else f"Answer in {named(language)}."
