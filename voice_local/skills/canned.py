"""Every sentence that is said word for word without the LLM: each once, and whether a host program
has to be there for it.

The texts stand where they are said; this is the list of them.
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
    timer_desk,
)


@dataclass(frozen=True)
class Line:
    """A sentence.

    Attributes:
        text: what is said.
        needs_host: it is only true where a host program does something, and is never said without
            one.
        prepared: its sound is made at the start, for it is said in haste or often.
    """

    text: str
    needs_host: bool = False
    prepared: bool = False


def _lines(texts: Iterable[str], *, prepared: bool = False) -> tuple[Line, ...]:
    return tuple(Line(text, text in NEED_A_HOST, prepared) for text in texts)


NEED_A_HOST = frozenset({phrases.NOT_VERIFIED})
"""Whoever is asked to say who they are needs somebody who can check it."""

LINES: tuple[Line, ...] = (
    *_lines(phrases.FIXED, prepared=True),
    *_lines(dict.fromkeys((*handlers.FIXED, *asking.FIXED)), prepared=True),
    *_lines(
        (
            *(text for text in limits.SAID if text not in handlers.FIXED),
            *(text for text in timer_desk.SAID if text not in limits.SAID),
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
    """The texts whose sound is to be made at the start; `hosted`: a host program has taken
    something on."""
    return tuple(line.text for line in LINES if line.prepared and (hosted or not line.needs_host))
