"""Whether speech over an answer is an interruption, or the echo of the assistant's own voice.

The `turn_controller` asks, and acts on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from itertools import pairwise

from voice_local.audio.types import SAMPLE_RATE
from voice_local.config import ConversationSettings

ECHO_SHARE = 0.75
"""If so many of the words were just said by the assistant itself, they are its echo."""

ECHO_WORDS = 2
"""Fewer words than this can be the same by chance."""


ECHO_TAIL = SAMPLE_RATE
"""Samples after the assistant's last sound in which a room may still return it."""

KEPT_OVER_ECHO = SAMPLE_RATE // 2
"""When a user begins to speak into the assistant's echo, so many samples before that is noticed are
theirs."""

OWN_SHARE = 0.5
"""Sound of whose energy so much was played by the loudspeaker is the assistant's own voice …"""

OWN_NO_MORE = 0.35
"""… until it is less than this, `DOUBTS` frames running. Over 0.1–0.4 s own voice has 0.6–0.9,
others 0.1–0.3."""

DOUBTS = 3

TELLING_S = 0.096
"""Less sound than this does not tell whose it is."""


LAUGHTER = re.compile(
    r"(?:\W*(?:(?:m?w?h?a|b?w?a)?(?:h+[aeiou]+h*){2,}|h[aeiou]h?|lol|rofl|hehe|heh|ha)\b\W*)+",
    re.IGNORECASE,
)


def laughs(text: str) -> bool:
    """Whether `text` is nothing but laughter, which orders nothing."""
    return LAUGHTER.fullmatch(text) is not None and not re.fullmatch(
        r"\W*(?:(?:hi\W*)+|ho|he)\W*", text, re.IGNORECASE
    )


class Verdict(Enum):
    """What words over the answer mean; the value is the `why` of `FalseInterruption`."""

    WAIT = "wait"
    INTERRUPTION = "interruption"
    BACKCHANNEL = "backchannel"
    FALSE_ALARM = "false_alarm"
    OWN_VOICE = "own_voice"


def classify_interruption(
    text: str, own_words: Sequence[str], settings: ConversationSettings, final: bool
) -> Verdict:
    """What `text`, heard over an answer that lately said `own_words`, means. `final`: the speech
    has paused.

    Until then nothing but words of content decides: "okay" may go on "okay but". Laughter decides
    nothing.
    """
    words = re.findall(r"[\w']+", text.lower())
    if not words:
        return Verdict.FALSE_ALARM if final else Verdict.WAIT
    if laughs(text):
        return Verdict.FALSE_ALARM if final else Verdict.WAIT
    if settings.resume_backchannels and all(word in settings.backchannels for word in words):
        return Verdict.BACKCHANNEL if final else Verdict.WAIT
    if len(words) >= ECHO_WORDS and said_again(words, own_words) >= ECHO_SHARE:
        return Verdict.OWN_VOICE if final else Verdict.WAIT
    return Verdict.INTERRUPTION


def said_again(words: Sequence[str], own_words: Sequence[str]) -> float:
    """The part (0..1) of `words` that stand beside each other as in `own_words`, segments in order:
    an echo keeps it.

    Single words prove nothing: those of "can you do that" are in nearly every two answers.
    """
    own = set(pairwise(re.findall(r"[\w']+", " ".join(own_words).lower())))
    again = [pair in own for pair in pairwise(words)]
    return sum(
        before or after for before, after in zip([False, *again], [*again, False], strict=True)
    ) / len(words)


class EchoWatch:
    """Whether the current utterance is the assistant's own voice, by its sound.

    `echo_ratio(seconds)`: the part 0..1 of the energy last recorded that the loudspeaker had
    played.

    Attributes:
        possible: the utterance began while the assistant's voice could be in the room.
        is_echo: so far it is nothing else.
    """

    def __init__(self, echo_ratio: Callable[[float], float]) -> None:
        self._echo_ratio = echo_ratio
        self._since = self._doubts = 0
        self._largest = 0.0
        self.possible = self.is_echo = False

    def begin(self, sample: int, possible: bool) -> None:
        """An utterance has begun at `sample`."""
        self._since, self.possible, self.is_echo, self._largest = sample, possible, False, 0.0

    def go_on(self, sample: int) -> None:
        """It went on at `sample` after a pause."""
        self._since, self._doubts = sample, 0

    def still_echo(self, clock: int) -> bool:
        """Measures again, at sample `clock`; what `is_echo` is now."""
        lasted_s = (clock - self._since) / SAMPLE_RATE
        if not self.possible:
            return False
        if not self.is_echo:
            self.is_echo = lasted_s >= TELLING_S and self._measure(lasted_s) >= OWN_SHARE
            self._doubts = 0
        elif lasted_s >= TELLING_S:
            self._doubts = self._doubts + 1 if self._measure(lasted_s) < OWN_NO_MORE else 0
            self.is_echo = self._doubts < DOUBTS
        return self.is_echo

    def _measure(self, lasted_s: float) -> float:
        ratio = self._echo_ratio(lasted_s)
        self._largest = max(self._largest, ratio)
        return ratio

    @property
    def likely(self) -> bool:
        """Whether it has sounded a little like the assistant's own voice."""
        return self._largest >= OWN_NO_MORE
