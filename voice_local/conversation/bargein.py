"""Whether what the user says over the assistant is meant to stop it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from voice_local.config import ConversationSettings

ECHO_SHARE = 0.75
"""If so many of the words were just said by the assistant itself, they are its echo."""

ECHO_WORDS = 2
"""Fewer words than this can be the same by chance."""


class Verdict(Enum):
    """What words over the answer mean; the value is told as the reason for going on."""

    WAIT = "wait"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"
    FALSE_ALARM = "false_alarm"
    OWN_VOICE = "own_voice"


def judge(text: str, own_words: Sequence[str], settings: ConversationSettings, final: bool) -> Verdict:
    """What `text`, heard over an answer that lately said `own_words`, means. `final`: the speech has paused.

    Until then nothing but words of content decides: "okay" may go on "okay but".
    """
    words = re.findall(r"[\w']+", text.lower())
    if not words:
        return Verdict.FALSE_ALARM if final else Verdict.WAIT
    if settings.resume_backchannels and all(word in settings.backchannels for word in words):
        return Verdict.BACKCHANNEL if final else Verdict.WAIT
    own = {word for said in own_words for word in re.findall(r"[\w']+", said.lower())}
    if len(words) >= ECHO_WORDS and sum(word in own for word in words) >= ECHO_SHARE * len(words):
        return Verdict.OWN_VOICE if final else Verdict.WAIT
    return Verdict.INTERRUPTION
