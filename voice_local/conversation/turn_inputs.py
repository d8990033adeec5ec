"""The turn controller's state, facts, inputs, effects and rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from voice_local.config import ConversationSettings, Settings
from voice_local.conversation.events import Phase
from voice_local.conversation.input.interruption import Verdict


@dataclass(frozen=True)
class ResponseFacts:
    """One response at this moment; see `response.Response`. `audio_samples` 0: it answers no
    speech. `asks`: its text so far ends with a question."""

    number: int
    mergeable: bool
    done: bool
    transcript_known: bool
    utterance_ended: bool
    recognition_failed: bool
    end: int
    audio_samples: int
    asks: bool


@dataclass(frozen=True)
class Facts:
    """What the session sees at this moment; times in samples of 16 kHz.

    Attributes:
        clock: now.
        speaking: whether an utterance is going on.
        start, length_ms: of the current utterance, or the last one.
        echo: whether it sounds like the assistant's own voice; `echo_ended`: it did until now.
        echo_possible: whether the assistant's voice may be in it; `echo_likely`: it sounds a little
            like it. Once the assistant is silent, its words are an echo only where it does: people
            answer a choice with its own words.
        recent_segments: what the assistant said last.
        played_any: whether a word of the current answer has sounded.
        drained: whether all of it has; `queued_s`: seconds of it that wait.
        current, candidate: the responses that the state names.
    """

    clock: int = 0
    speaking: bool = False
    start: int = 0
    length_ms: float = 0.0
    echo: bool = False
    echo_ended: bool = False
    echo_possible: bool = False
    echo_likely: bool = False
    recent_segments: tuple[str, ...] = ()
    played_any: bool = False
    drained: bool = True
    queued_s: float = 0.0
    current: ResponseFacts | None = None
    candidate: ResponseFacts | None = None


@dataclass(frozen=True)
class TurnState:
    """Attributes:
    current: the committed response that is being made or played.
    candidate: the response to the current utterance, or the one that has just ended.
    interruption_pending: the answer is paused until it is known whether the user interrupts it.
    dismissed: the current utterance is no turn.
    prefix: the response whose utterance this one continues.
    made: how many responses there have been.
    """

    current: int | None = None
    candidate: int | None = None
    interruption_pending: bool = False
    dismissed: bool = False
    prefix: int | None = None
    made: int = 0


# Inputs.


@dataclass(frozen=True)
class UtteranceStarted:
    """The user has begun to speak."""


@dataclass(frozen=True)
class UtterancePaused:
    """A pause that may be the end."""


@dataclass(frozen=True)
class UtteranceResumed:
    """It was not the end."""


@dataclass(frozen=True)
class UtteranceEnded:
    """The utterance is over."""


@dataclass(frozen=True)
class VoiceOverAnswer:
    """There is still a voice while the assistant's may be in the room."""


@dataclass(frozen=True)
class TranscriptKnown:
    """The words of response `number`'s utterance, or that there are none."""

    number: int
    text: str


@dataclass(frozen=True)
class InterimKnown:
    """The words so far, over `length_ms` of speech."""

    text: str
    length_ms: float


@dataclass(frozen=True)
class ResponseDone:
    """A response has nothing more to send."""

    number: int


@dataclass(frozen=True)
class BeginNow:
    """Something is to be said or answered at once: typed words, an announcement, a timer. `what` is
    the session's own."""

    what: Any


@dataclass(frozen=True)
class CancelResponse:
    """The answer is to end."""


@dataclass(frozen=True)
class ClearInput:
    """What the user is saying is to be forgotten."""


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


Input = (
    UtteranceStarted
    | UtterancePaused
    | UtteranceResumed
    | UtteranceEnded
    | VoiceOverAnswer
    | TranscriptKnown
    | InterimKnown
    | ResponseDone
    | BeginNow
    | CancelResponse
    | ClearInput
    | Tick
)


# Effects.


class Do(Enum):
    """Effects without arguments."""

    BEGIN_INTERIM = "begin_interim"
    """A new utterance: its interim passes begin, background work stops."""
    REQUEST_INTERIM = "request_interim"
    """Its words are wanted as soon as they can decide an interruption."""
    RESET_SPECULATION = "reset_speculation"
    """A new turn: no speculation was cancelled for it yet."""
    PAUSE_OUTPUT = "pause_output"
    RESUME_OUTPUT = "resume_output"


@dataclass(frozen=True)
class FormerSoundIsEcho:
    """What was recorded before `sample` is not the user's."""

    sample: int


@dataclass(frozen=True)
class StartCandidate:
    """Begin response `number` to the utterance; `prefix`: whose audio comes before it."""

    number: int
    prefix: int | None


@dataclass(frozen=True)
class StartNow:
    """Begin response `number` for `what` of `BeginNow`."""

    number: int
    what: Any


@dataclass(frozen=True)
class DropCandidate:
    """Cancel a response that was never committed."""

    number: int


@dataclass(frozen=True)
class EndUtterance:
    """The utterance of response `number` is committed."""

    number: int


@dataclass(frozen=True)
class Commit:
    """Response `number` may be played."""

    number: int


@dataclass(frozen=True)
class Merge:
    """Cancel response `number`; its utterance goes on."""

    number: int


@dataclass(frozen=True)
class Interrupt:
    """Cancel response `number` and end its turn with what was played."""

    number: int
    by_voice: bool = False


@dataclass(frozen=True)
class Finish:
    """Response `number` has been played to its end."""

    number: int


@dataclass(frozen=True)
class GoOn:
    """What paused the answer was no interruption, for this reason."""

    verdict: Verdict


Effect = (
    Do
    | FormerSoundIsEcho
    | StartCandidate
    | StartNow
    | DropCandidate
    | EndUtterance
    | Commit
    | Merge
    | Interrupt
    | Finish
    | GoOn
)


@dataclass(frozen=True)
class Rules:
    """What the settings say of turns; `longest_gap_ms`: silence within one turn at most."""

    conversation: ConversationSettings
    longest_gap_ms: float
    max_turn_s: float

    @staticmethod
    def of(settings: Settings) -> Rules:
        """From the settings."""
        vad = settings.vad
        return Rules(settings.conversation, vad.max_endpointing_delay_ms, vad.max_turn_s)


def phase(state: TurnState, facts: Facts, *, output_paused: bool) -> Phase:
    """What the session is doing."""
    if state.interruption_pending and output_paused:
        return Phase.INTERRUPTION_PENDING
    if facts.speaking and not state.dismissed and not facts.echo:
        return Phase.USER_SPEAKING if state.candidate is None else Phase.EAGER
    if state.current is not None:
        return Phase.SPEAKING if facts.queued_s > 0 else Phase.THINKING
    return Phase.LISTENING if state.candidate is None else Phase.THINKING
