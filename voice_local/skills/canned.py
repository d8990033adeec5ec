"""The list of all fixed sentences that are said without the LLM, and whether each needs a host
program.

The texts are defined in the modules that use them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voice_local.conversation import phrases
from voice_local.skills import (
    asking,
    handlers,
)
from voice_local.skills.abilities import (
    commands,
    itself,
    limits,
    speech,
    timer_sayings,
)


@dataclass(frozen=True)
class Line:
    """A fixed sentence.

    Attributes:
        text: the sentence.
        needs_host: whether it is only true, and only said, if there is a host program.
        prepared: whether its sound is synthesized at the start, since it must come quickly or comes
            often.
    """

    text: str
    needs_host: bool = False
    prepared: bool = False


def _lines(texts: Iterable[str], *, prepared: bool = False) -> tuple[Line, ...]:
    return tuple(Line(text, text in NEED_A_HOST, prepared) for text in texts)


NEED_A_HOST = frozenset({phrases.NOT_VERIFIED})
"""Sentences that need a host program: without one nobody can verify the speaker."""

LINES: tuple[Line, ...] = (
    *_lines(phrases.FIXED, prepared=True),
    *_lines(dict.fromkeys((*handlers.FIXED, *asking.FIXED)), prepared=True),
    *_lines(
        (
            *(text for text in limits.SAID if text not in handlers.FIXED),
            *(text for text in timer_sayings.SAID if text not in limits.SAID),
            itself.CAN_DO,
            itself.IN_DANGER,
            itself.NO_OWNER,
            itself.NO_PLACE,
            commands.GO_ON,
            speech.NO_SOUND,
        )
    ),
)


def to_prepare(hosted: bool) -> tuple[str, ...]:
    """The texts whose sound is to be synthesized at the start.

    `hosted`: a host program has registered a handler.
    """
    return tuple(line.text for line in LINES if line.prepared and (hosted or not line.needs_host))
