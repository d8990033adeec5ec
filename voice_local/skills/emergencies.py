"""Emergencies, told by wording, a table of words and the model together: neither missed nor
invented.

Wording that names a danger here and now is enough by itself. What only has its words (figures of
speech, knowledge, fiction, what is long over, what is denied) is none, unless table and model are
very sure of a danger. Where the wording tells neither way these two decide.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum

from voice_local.engine.api import Understanding
from voice_local.skills import emergency_figures as figures
from voice_local.skills import emergency_scenes as scenes
from voice_local.skills import emergency_words as table
from voice_local.skills.negation import denies
from voice_local.text.written_out import written_out

INTENT, NONE = "emergency", "out_of_scope"
SURE, LIKELY, UNLIKELY = 0.9, 0.6, 0.15
"""Of `Understanding.emergency_prob`: from `LIKELY` on a sentence is an emergency, whatever its
likeliest intent; from `SURE` on even where its wording seems harmless ("I've fallen and my hip is
killing me"). Below `UNLIKELY` words of bodily
danger are a figure of speech. Chosen on sentences by people who knew neither rules nor training:
see `models/tiny/tiny-classifier/dangers.md`.
"""
_IS = re.compile(r"(?<=\w)'s\b")


class Danger(StrEnum):
    """What is the matter: danger to life or limb, somebody who speaks of ending their own life, or
    of another who does."""

    BODILY = "bodily"
    SELF_HARM = "self_harm"
    OTHERS_SELF_HARM = "others_self_harm"


def worded(text: str) -> Danger | None:
    """The danger that `text` tells of in words that leave no doubt; None where its wording tells
    none."""
    words = written_out(text)
    return None if _harmless(words) else _named(words)


def decide(text: str, found: Understanding) -> Danger | None:
    """The danger that `text` tells of, what the engine `found` in it taken into account; None for
    none."""
    words, chance = written_out(text), found.emergency_prob
    if chance is None:  # no engine of ours
        chance = (found.intent_confidence or 0.0) if found.intent == INTENT else None
    if _denied(words) or (_figurative(words) and (chance is None or chance < SURE)):
        return None
    named = _named(words)
    if named is Danger.BODILY and chance is not None and chance < UNLIKELY and not _calls(words):
        return None
    return named or (Danger.BODILY if chance is not None and chance >= LIKELY else None)


def checked(text: str, found: Understanding) -> Understanding:
    """What the engine `found` in `text`, an emergency neither missed nor invented. Confidence 1
    where it was none to it.

    One that is denied ("don't call the police") stays what it was taken for: whoever acts asks for
    denials first.
    """
    if decide(text, found) is None:
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
        return (
            Danger.OTHERS_SELF_HARM
            if others and not scenes.ONESELF.search(words)
            else Danger.SELF_HARM
        )
    if others:
        return Danger.OTHERS_SELF_HARM
    if _calls(words):
        return Danger.BODILY
    words = _IS.sub(" is", words)  # "the kitchen's on fire"; an owner's does no harm here
    return (
        Danger.BODILY
        if any(pattern.search(words) for pattern in (*table.BODILY, *scenes.SCENES))
        else None
    )


def _calls(words: str) -> bool:
    """Whether `words` ask for help by its name, or are nothing but cries."""
    cries = table.ALONE.match(words) is not None and table.CRIES.search(words) is not None
    return cries or any(pattern.search(words) for pattern in table.CALLS)


def _harmless(words: str) -> bool:
    """Whether `words` have to do with danger and tell of none, or only ask what the assistant can
    do."""
    return _denied(words) or _figurative(words)


def _denied(words: str) -> bool:
    """Whether `words` say that there is no danger, speak of any in general, or only ask
    something."""
    if figures.ONLY_HELP.search(words) or figures.SAFE.search(words):
        return True
    return denies(words, INTENT) or bool(
        figures.KNOWLEDGE.match(words) and not figures.FIRST_HAND.search(words)
    )


def _figurative(words: str) -> bool:
    """Whether what `words` tell of is a figure of speech, fiction or long over."""
    if figures.UNREAL.search(words) or any(pattern.search(words) for pattern in figures.FIGURES):
        return True
    return bool(figures.LONG_OVER.search(words)) and not figures.NOW.search(words)
