"""A conversation's skills, for tests that look into them."""

from __future__ import annotations

from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.skills.abilities.abilities import Abilities
from voice_local.skills.abilities.timers import Timers
from voice_local.skills.responder import SkillResponder


def skills_of(context: ConversationContext) -> SkillResponder:
    """The skills that answer `context`."""
    assert isinstance(context.responder, SkillResponder)
    return context.responder


def abilities_of(context: ConversationContext) -> Abilities:
    """What it can do by itself."""
    abilities = skills_of(context).abilities
    assert abilities
    return abilities


def timers_of(context: ConversationContext) -> Timers:
    """What waits to ring in it."""
    return abilities_of(context).timers
