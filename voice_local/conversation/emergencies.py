"""Emergencies, told by wording and by the model together: neither missed nor invented.

Wording that names a danger here and now is enough by itself. What only has its words (figures of speech, knowledge,
fiction, what is long over, what is denied) is none, unless a model is very sure of a danger. Where the wording tells
neither way the model decides.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from voice_local.conversation import emergency_figures as figures
from voice_local.conversation import emergency_scenes as scenes
from voice_local.conversation import emergency_words as table
from voice_local.conversation.negation import denies, written_out
from voice_local.engine.protocol import Understanding

INTENT, NONE = "emergency", "out_of_scope"
DOUBT = 4.0
"""Where no word of danger was said a model may be so many times less unsure."""
SURE, LIKELY, UNLIKELY = 0.9, 0.6, 0.05
"""Of `Understanding.emergency_prob`: from `LIKELY` on a sentence is an emergency, even if another intent is likelier; from
`SURE` on even where its wording seems harmless ("I've fallen and my hip is killing me"). Below `UNLIKELY` words of bodily
danger are a figure of speech. Chosen on sentences by people who knew neither rules nor training: see the model's card.
"""


class Danger(StrEnum):
    """What is the matter: danger to life or limb, somebody who speaks of ending their own life, or of another who does."""

    BODILY = "bodily"
    SELF_HARM = "self_harm"
    OTHERS_SELF_HARM = "others_self_harm"


def worded(text: str) -> Danger | None:
    """The danger that `text` tells of in words that leave no doubt; None where its wording tells none."""
    words = written_out(text)
    return None if _harmless(words) else _named(words)


def decide(text: str, found: Understanding, least: float) -> Danger | None:
    """The danger that `text` tells of, what a model `found` in it taken into account; None for none.

    `least`: where the model tells only its likeliest intent, the confidence from which on its word counts beside a word of
    danger.
    """
    words = written_out(text)
    told = found.emergency_prob
    if _denied(words) or (_figurative(words) and (told is None or told < SURE)):
        return None
    named = _named(words)
    if told is not None:
        if named is Danger.BODILY and told < UNLIKELY:
            return None
        return named or (Danger.BODILY if told >= LIKELY else None)
    if named is not None or found.intent != INTENT:
        return named
    wanted = least if table.DANGER.search(words) else 1 - (1 - least) / DOUBT
    return Danger.BODILY if (found.intent_confidence or 0.0) >= wanted else None


def checked(text: str, found: Understanding, least: float) -> Understanding:
    """What a model `found` in `text`, an emergency neither missed nor invented. Confidence 1 where the wording decides.

    One that is denied ("don't call the police") stays what it was taken for: whoever acts asks for denials first.

    `least`: see `decide`.
    """
    if decide(text, found, least) is None:
        invented = found.intent == INTENT and not denies(text, INTENT)
        return replace(found, intent=NONE) if invented else found
    sure = found.intent_confidence if found.intent == INTENT and worded(text) is None else 1.0
    return replace(found, intent=INTENT, intent_confidence=sure)


def kind(text: str) -> Danger:
    """Which danger it is that `text`, taken for an emergency, tells of."""
    return _named(written_out(text)) or Danger.BODILY


def _named(words: str) -> Danger | None:
    others = bool(table.OTHERS_SELF_HARM.search(words) or scenes.OTHERS.search(words))
    if any(pattern.search(words) for pattern in (*table.SELF_HARM, *scenes.SELF)):
        return Danger.OTHERS_SELF_HARM if others and not scenes.ONESELF.search(words) else Danger.SELF_HARM
    if others:
        return Danger.OTHERS_SELF_HARM
    if table.ALONE.match(words) and table.CRIES.search(words):
        return Danger.BODILY
    return Danger.BODILY if any(pattern.search(words) for pattern in (*table.BODILY, *scenes.SCENES)) else None


def _harmless(words: str) -> bool:
    """Whether `words` have to do with danger and tell of none, or only ask what the assistant can do."""
    return _denied(words) or _figurative(words)


def _denied(words: str) -> bool:
    """Whether `words` say that there is no danger, speak of any in general, or only ask something."""
    if figures.ONLY_HELP.search(words) or figures.SAFE.search(words):
        return True
    return denies(words, INTENT) or bool(figures.KNOWLEDGE.match(words) and not figures.FIRST_HAND.search(words))


def _figurative(words: str) -> bool:
    """Whether what `words` tell of is a figure of speech, fiction or long over."""
    if figures.UNREAL.search(words) or any(pattern.search(words) for pattern in figures.FIGURES):
        return True
    return bool(figures.LONG_OVER.search(words)) and not figures.NOW.search(words)
