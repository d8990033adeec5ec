"""The commands to repeat and to stop, recognized by rules on the words."""

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
    r"what you (?:just )?said|your (?:last )?(?:answer|words)))?(?: once more| again| one more "
    r"time)?|(?:say|tell me) (?:that|it|this|what you just said)(?: (?:over|again|once more|"
    r"one more time))+|that again|say that|what you just said|"
    r"(?:repeat|ask) (?:that|the|your) (?:question|response|answer|sentence)(?: again)?|say again|"
    r"again|once more|once again|one more time|come again|"
    r"pardon(?: me)?|beg your pardon|i beg your pardon|what did you (?:just )?say|what was that(?: "
    r"again)?|what did you say(?: to me)? (?:just now|before|again)|(?:i )?(?:did not|could not|"
    r"do not) (?:quite |really )?(?:hear|catch|get|understand) (?:that|you|it|what you said|"
    r"the last part))$"
)
_WHAT = re.compile(r"^(?:sorry|excuse me|what|huh|pardon)(?: (?:sorry|what|pardon|please|me))*$")
_STOP = re.compile(
    r"^(?:stop(?: (?:it|that|this|talking|speaking|there|now|reading|right there))*|be (?:quiet|"
    r"silent|still)|quiet|silence|hush|shut up|shush|shh+|enough|that is enough|that will do|pause|"
    r"stop stop(?: stop)*|mute|hold on stop|no more|cut it out|stop (?:the )?(?:ringing|noise|"
    r"beeping))$"
)
_NOT_STOP = re.compile(
    r"^(?:please )?(?:do not|never|you must not|you should not|do you not)(?: ever| you dare)?(?: "
    r"please)?(?: to)? (?:stop|pause|be quiet|shut up)(?: (?:talking|speaking|now|there|yet|please|"
    r"it|that))*$|"
    r"^(?:keep|carry) (?:on )?(?:talking|speaking)$"
)


def asks_to_repeat(text: str) -> bool:
    """Whether `text` asks to repeat the last answer."""
    asked = spelled(text)
    return "thank" not in asked and bool(_REPEAT.match(bare(text)) or _WHAT.match(asked))


def asks_to_stop(text: str) -> bool:
    """Whether `text` asks to stop speaking."""
    return _STOP.match(bare(text)) is not None


def asks_not_to_stop(text: str) -> bool:
    """Whether `text` asks to go on: "do not stop"."""
    return _NOT_STOP.match(bare(text)) is not None
