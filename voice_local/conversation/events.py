"""What a live conversation tells its front end, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.conversation.record import ConversationTurn


@dataclass(frozen=True)
class StateChanged:
    """`state`: listening (nobody speaks), hearing (the user does), thinking, speaking or paused."""

    state: str


@dataclass(frozen=True)
class Partial:
    """Words while the user still speaks. `stable` never changes again, `tentative` may."""

    stable: str
    tentative: str


@dataclass(frozen=True)
class UserSaid:
    """A committed utterance's words; empty when nothing was understood."""

    text: str


@dataclass(frozen=True)
class Joined:
    """The user went on before a word of the answer was heard: `UserSaid` told but the beginning of
    the turn."""


@dataclass(frozen=True)
class AssistantSays:
    """A clause of the answer, as its sound is handed to the loudspeaker. Also told when synthesis
    failed: show it."""

    text: str
    audible: bool = True


@dataclass(frozen=True)
class Interrupted:
    """The user spoke over the assistant, which stopped. `heard`: what of its answer had sounded by
    then."""

    heard: str


@dataclass(frozen=True)
class Continued:
    """What had paused the assistant was no interruption (`why`); it goes on where it stopped."""

    why: str


@dataclass(frozen=True)
class Action:
    """What a handler wants the host program to do, after the turn was committed."""

    action: str
    params: dict[str, str]


@dataclass(frozen=True)
class RecordingStopped:
    """The conversation is no longer recorded, or kept; it goes on. `why`: for a person."""

    why: str


@dataclass(frozen=True)
class TurnEnded:
    """A turn is over: its answer has been heard, or cut off."""

    record: ConversationTurn


Event = (
    StateChanged
    | Partial
    | UserSaid
    | Joined
    | AssistantSays
    | Interrupted
    | Continued
    | Action
    | RecordingStopped
    | TurnEnded
)
