"""Detects emergencies from rules of wording, a table of words and the understanding model together.

Wording that names a present danger is enough by itself. Text that only uses such words (figures of
speech, questions of knowledge, fiction, events long past, denials) is no emergency, unless the
table and the model are very sure of one. Where no rule of wording applies, these two decide.
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
    """Kind of an emergency: bodily danger, a speaker who talks about ending their own life, or one
    who talks about another person doing so."""

    BODILY = "bodily"
    SELF_HARM = "self_harm"
    OTHERS_SELF_HARM = "others_self_harm"


def worded(text: str) -> Danger | None:
    """The danger that `text` names in unambiguous wording; None where it names none."""
    words = written_out(text)
    return None if _harmless(words) else _named(words)


def decide(text: str, found: Understanding) -> Danger | None:
    """The danger in `text` by its wording and by what the engine `found` in it; None for none."""
    words, chance = written_out(text), found.emergency_prob
    if chance is None:  # another engine than the shipped one
        chance = (found.intent_confidence or 0.0) if found.intent == INTENT else None
    if _denied(words) or (_figurative(words) and (chance is None or chance < SURE)):
        return None
    named = _named(words)
    if named is Danger.BODILY and chance is not None and chance < UNLIKELY and not _calls(words):
        return None
    return named or (Danger.BODILY if chance is not None and chance >= LIKELY else None)


def checked(text: str, found: Understanding) -> Understanding:
    """What the engine `found` in `text`, with the intent corrected by `decide`.

    An emergency that only the rules detected gets confidence 1. A denied one ("don't call the
    police") keeps its intent, since denials are checked before a handler runs.
    """
    if decide(text, found) is None:
        invented = found.intent == INTENT and not denies(text, INTENT)
        return replace(found, intent=NONE) if invented else found
    sure = found.intent_confidence if found.intent == INTENT and worded(text) is None else 1.0
    return replace(found, intent=INTENT, intent_confidence=sure)


def kind(text: str) -> Danger:
    """The kind of danger in `text`, which was taken for an emergency."""
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
    words = _IS.sub(" is", words)  # "the kitchen's on fire"; a possessive is no problem here
    return (
        Danger.BODILY
        if any(pattern.search(words) for pattern in (*table.BODILY, *scenes.SCENES))
        else None
    )


def _calls(words: str) -> bool:
    """Whether `words` ask for rescue services, or consist of cries for help only."""
    cries = table.ALONE.match(words) is not None and table.CRIES.search(words) is not None
    return cries or any(pattern.search(words) for pattern in table.CALLS)


def _harmless(words: str) -> bool:
    """Whether `words` have words of danger but report none, or only ask what the assistant can
    do."""
    return _denied(words) or _figurative(words)


def _denied(words: str) -> bool:
    """Whether `words` say that there is no danger, speak of dangers in general, or ask a question
    of knowledge."""
    if figures.ONLY_HELP.search(words) or figures.SAFE.search(words):
        return True
    return denies(words, INTENT) or bool(
        figures.KNOWLEDGE.match(words) and not figures.FIRST_HAND.search(words)
    )


def _figurative(words: str) -> bool:
    """Whether `words` are a figure of speech, or about fiction or something long past."""
    if figures.SUPPOSED.match(words):
        return True
    if figures.UNREAL.search(words) or any(pattern.search(words) for pattern in figures.FIGURES):
        return True
    return bool(figures.LONG_OVER.search(words)) and not figures.NOW.search(words)
