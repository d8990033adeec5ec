"""The events of a session, in the order in which they happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from voice_local.conversation.record import ConversationTurn


class Phase(StrEnum):
    """What a session is doing."""

    LISTENING = "listening"
    """Nobody speaks."""
    USER_SPEAKING = "user_speaking"
    EAGER = "eager"
    """The user has paused, and an answer is being prepared that may yet be dropped."""
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTION_PENDING = "interruption_pending"
    """The answer is paused until it is known whether the user interrupts it."""


@dataclass(frozen=True)
class Place:
    """Where an event belongs.

    Attributes:
        session_id, turn_id: empty where there is none. A turn's id stays the same from its first
            interim words to `TurnEnded`.
        item: number of the segment of the answer, from 0; None for other events.
        sample: of the session's clock (16 kHz) when it was emitted.
    """

    session_id: str = ""
    turn_id: str = ""
    item: int | None = None
    sample: int = 0


@dataclass(frozen=True)
class SessionEvent:
    """Base of all."""

    place: Place = field(default_factory=Place, kw_only=True, compare=False, repr=False)


@dataclass(frozen=True)
class StateChanged(SessionEvent):
    """The session is in another phase now."""

    state: Phase


@dataclass(frozen=True)
class SpeechStarted(SessionEvent):
    """The user has begun to speak: no echo, and no sound over an answer that may be noise.

    `start_s`: seconds of the session's sound.
    """

    start_s: float


@dataclass(frozen=True)
class SpeechStopped(SessionEvent):
    """The utterance is over, or was no turn. `end_s`: as `start_s`."""

    end_s: float


@dataclass(frozen=True)
class ResponseStarted(SessionEvent):
    """A turn is committed: its answer is played from now on.

    Attributes:
        spoken: it answers speech, from `start_s` to `end_s` seconds of the session's sound.
        user_initiated: it answers the user; else the assistant speaks unasked.
    """

    spoken: bool
    user_initiated: bool
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True)
class Partial(SessionEvent):
    """Words while the user still speaks. `stable` never changes again, `tentative` may."""

    stable: str
    tentative: str


@dataclass(frozen=True)
class UserSaid(SessionEvent):
    """A committed utterance's words; empty when nothing was understood. `failed`: the recognizer
    could not tell. `start_s`, `end_s`: seconds of the session's sound; 0 of what was typed."""

    text: str
    failed: bool = False
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True)
class TurnMerged(SessionEvent):
    """The user went on before a word of the answer was played: the last `UserSaid` held only the
    beginning of the turn."""


@dataclass(frozen=True)
class AssistantSays(SessionEvent):
    """A segment of the answer, as its sound is handed to the output. Also emitted when synthesis
    failed: show it."""

    text: str
    audible: bool = True


@dataclass(frozen=True)
class Interrupted(SessionEvent):
    """The user spoke over the assistant, or cancelled it, and it stopped. `played_text`: what of
    its answer had been played by then. A client that buffers sound drops what it has not played.
    `speech_start_s`: where the speech began that did it, in seconds of the session's sound; None:
    it was no speech."""

    played_text: str
    speech_start_s: float | None = None


@dataclass(frozen=True)
class FalseInterruption(SessionEvent):
    """What had paused the assistant was no interruption (`why`); the answer resumes."""

    why: str


@dataclass(frozen=True)
class Action(SessionEvent):
    """What a handler wants the host program to do, after the turn was committed. `late`: the
    handler was done only after its turn had ended."""

    action: str
    params: dict[str, str]
    late: bool = False


@dataclass(frozen=True)
class ActionDue(SessionEvent):
    """A caller has heard the words that belong to the action `hang_up` or `transfer`: now a host
    program may carry it out."""

    action: str
    params: dict[str, str]


@dataclass(frozen=True)
class KeyPressed(SessionEvent):
    """A caller pressed a key of the telephone: 0 to 9, `*`, `#` or A to D (DTMF)."""

    key: str


@dataclass(frozen=True)
class RecordingStopped(SessionEvent):
    """The conversation is no longer recorded or kept, but goes on. `why`: for a person."""

    why: str


@dataclass(frozen=True)
class EventsDropped(SessionEvent):
    """The reader was too slow: `count` events before this one are missing."""

    count: int


@dataclass(frozen=True)
class TurnEnded(SessionEvent):
    """A turn is over: its answer has been played, or cut off."""

    record: ConversationTurn


Event = (
    StateChanged
    | SpeechStarted
    | SpeechStopped
    | ResponseStarted
    | Partial
    | UserSaid
    | TurnMerged
    | AssistantSays
    | Interrupted
    | FalseInterruption
    | Action
    | ActionDue
    | KeyPressed
    | RecordingStopped
    | EventsDropped
    | TurnEnded
)
