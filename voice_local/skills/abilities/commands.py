"""Repeat and stop, told by rules on the words."""

from __future__ import annotations

import re

from voice_local.skills.abilities.words import (
    bare,
    spelled,
)

NO_REPEAT = "I have not said anything yet."
GO_ON = "Okay, I will not stop."

_REPEAT = re.compile(
    r"^(?:ai )?(?:repeat(?: (?:that|it|this|yourself|the last (?:sentence|answer|part|thing|one)|"
    r"what you (?:just "
    r")?said|your (?:last )?(?:answer|words)))?(?: once more| again| one more time)?|(?:say|tell "
    r"me) (?:that|it|"
    r"this|what you just said)(?: (?:over|again|once more|one more time))+|what you just said|"
    r"(?:repeat|ask) "
    r"(?:that|the|your) (?:question|response|answer|sentence)(?: again)?|say again|again|once more|"
    r"once again|one "
    r"more time|come again|pardon(?: me)?|beg your pardon|i beg your pardon|what did you (?:just "
    r")?say|what was "
    r"that(?: again)?|what did you say(?: to me)? (?:just now|before|again)|(?:i )?(?:did not|"
    r"could not|do not) "
    r"(?:quite |really )?(?:hear|catch|get|understand) (?:that|you|it|what you said|the last "
    r"part))$"
)
_WHAT = re.compile(r"^(?:sorry|excuse me|what|huh|pardon)(?: (?:sorry|what|pardon|please|me))*$")
_STOP = re.compile(
    r"^(?:stop(?: (?:it|that|this|talking|speaking|there|now|reading|right there))*|be (?:quiet|"
    r"silent|still)|quiet|"
    r"silence|hush|shut up|shush|shh+|enough|that is enough|that will do|pause|stop stop(?: stop)*|"
    r"mute|hold on "
    r"stop|no more|cut it out|stop (?:the )?(?:ringing|noise|beeping))$"
)
_NOT_STOP = re.compile(
    r"^(?:please )?(?:do not|never|you must not|you should not|do you not)(?: ever| you dare)?(?: "
    r"please)?(?: to)? "
    r"(?:stop|pause|be quiet|shut up)(?: (?:talking|speaking|now|there|yet|please|it|that))*$|"
    r"^(?:keep|carry) (?:on "
    r")?(?:talking|speaking)$"
)


def asks_to_repeat(text: str) -> bool:
    """Whether `text` asks to hear the last answer again."""
    asked = spelled(text)
    return "thank" not in asked and bool(_REPEAT.match(bare(text)) or _WHAT.match(asked))


def asks_to_stop(text: str) -> bool:
    """Whether `text` asks for silence."""
    return _STOP.match(bare(text)) is not None


def asks_not_to_stop(text: str) -> bool:
    """Whether `text` asks to go on: "do not stop"."""
    return _NOT_STOP.match(bare(text)) is not None
