"""Answers to questions about the assistant: what it can do, who and where it is."""

from __future__ import annotations

import re

from voice_local.skills.abilities.words import bare

CAN_DO = (
    "I can talk with you, tell you the time and the date, do sums, and set timers, alarms and "
    "reminders. "
    "You can also ask me to repeat, to stop, and to speak louder, quieter, slower or faster. I "
    "can't reach anything outside this conversation."
)
IN_DANGER = "If someone is in danger, call the emergency number."
NO_OWNER = "I don't know who owns me. I am a program that runs on this computer."
NO_PLACE = "I don't know where we are. I run on this computer and have no other way to find out."

_HELP = re.compile(
    r"^(?:/?help|/\?|help me|i need help|need help|what (?:else |all |exactly |other things |"
    r"things )?(?:can|could|do|will) you (?:do|offer|know how to do)(?: for (?:me|us))?(?: all)?|"
    r"what (?:else )?(?:you can|can you) (?:do )?(?:for (?:me|us))?|what are you (?:able to do|"
    r"capable of|good (?:at|for)|for|there for)|what are you (?:able|made) for|(?:how|what) can "
    r"you help (?:me|us)?(?: with)?|what are your (?:\w+ )?(?:abilities|skills|functions|features|"
    r"options|capabilities|commands|talents)|what (?:can|could|should|may) (?:i|we) (?:ask|say|"
    r"say to|tell)(?: to)?(?: you)?|how (?:do|can|should) (?:i|we) (?:use|talk to|work with) "
    r"(?:you|this)|how (?:do|does) (?:you|this)(?: thing)? work|(?:list|show)(?: me)? your "
    r"(?:abilities|skills|functions|features|commands)|what commands (?:do you (?:know|have)|"
    r"are there)|do you (?:have|know) any (?:commands|skills|tricks))$"
)
_BARE_HELP = re.compile(r"^(?:help|help me|i need help|need help)$")
_WHO = re.compile(
    r"^(?:who are you|who is (?:this|that|there|speaking)|what is your name|what are you called|"
    r"what should i call you|(?:do you )?have a name|what name do you have|introduce yourself|"
    r"who am i (?:talking|speaking) (?:to|with)|what are you|your name|do you have a name)$"
)
_OWNER = re.compile(
    r"^who(?: is it that)? (?:owns|made|built|created|programmed|wrote|developed|trained|runs|"
    r"controls|invented|sells) you$|"
    r"^who (?:is|are) your (?:owners?|makers?|boss|masters?|creators?|developers?|manufacturer|"
    r"inventor)$|"
    r"^who do you (?:belong to|work for|serve)$|^(?:whose (?:assistant|robot|computer) are you)$|"
    r"^(?:which|what) (?:company|firm|business|people|person|country|lab) (?:made|built|owns|"
    r"created|developed|trained|runs) you\b.*|^(?:are you|you are) (?:made|owned|built|run|created|"
    r"developed) by .*|"
    r"^do you (?:belong to|work for) .*|"
    r"^who (?:owns|made|built|created|programmed|trained|runs) you (?:then|really|exactly|actually|"
    r"and .*)$"
)
_WHERE = re.compile(
    r"^(?:where (?:are|am) (?:you|we|i)(?: (?:at|located|right))?|(?:what|which) (?:city|town|"
    r"place|country|address) (?:are|am|is) (?:you|we|i|this|it)(?: in)?|what is (?:my|your|our|"
    r"the) (?:current )?(?:location|address|position)|what place is this|do you know where i am|"
    r"where do you live)$"
)


def asks_for_help(text: str) -> bool:
    """Whether `text` asks for help or for what the assistant can do."""
    return _HELP.match(bare(text)) is not None


def about_itself(text: str, name: str, place: str) -> str | None:
    """The answer if `text` is a question about the assistant; None otherwise.

    `place`: where it is; empty if that is not known.
    """
    words = bare(text)
    if _HELP.match(words):
        return f"{CAN_DO} {IN_DANGER}" if _BARE_HELP.match(words) else CAN_DO
    if _WHO.match(words):
        return f"I am {name}, a voice assistant that runs on this computer."
    if _OWNER.match(words):
        return NO_OWNER
    if _WHERE.match(words):
        return f"I was told that this is {place}." if place else NO_PLACE
    return None
