"""What a conversation asks of the skills that answer it; and what they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from voice_local.conversation.record import ConversationTurn
from voice_local.engine.api import Understanding


@dataclass(frozen=True)
class Reply:
    """What a handler answers.

    Attributes:
        text: to be said; empty says nothing.
        action, params: for the host program to act on; emitted once the turn is committed.
    """

    text: str
    action: str | None = None
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """`reply`, and `by` whom: the record's `handled_by`."""

    reply: Reply
    by: str


@dataclass(frozen=True)
class Said:
    """A turn whose words are known.

    Attributes:
        text: the words.
        record: the turn's; `intent` and `emotion` are set where they are known.
        meaning: the model's result, corrected by `Responder.interpret`.
        sureness: of the intent, 0..1, as far as handlers are concerned.
        sounds: whether this conversation is spoken.
        begin_side_effects: to be awaited before anything is done that cannot be undone; returns
            once the turn is committed.
        finished_late: to be called with the reply of a handler whose turn did not wait for it.
    """

    text: str
    record: ConversationTurn
    meaning: Understanding
    sureness: float
    sounds: bool
    begin_side_effects: Callable[[], Awaitable[None]]
    finished_late: Callable[[Reply | None], None]


class Due(Protocol):
    """Something that the assistant says without being asked, such as a timer that rings."""

    @property
    def kind(self) -> str:
        """What it is: the record's `handled_by`."""
        ...

    @property
    def chimes(self) -> bool:
        """Whether a chime comes before it."""
        ...

    def ring(self) -> str:
        """What is said."""
        ...


class Reminders(Protocol):
    """What becomes due while a conversation goes on."""

    def listen(self, rings: Callable[[Due], None]) -> None:
        """Calls `rings` with each from now on, in the event loop."""
        ...

    def look(self) -> None:
        """Calls `rings` with what is due by now."""
        ...

    def due_within(self, seconds: float) -> bool:
        """Whether anything is due in so many seconds."""
        ...

    def names(self) -> list[str]:
        """What is not due yet: "5 minute timer"."""
        ...

    def facts(self) -> list[str]:
        """A sentence for each that is not due yet: "Your pasta timer has 5 minutes left."."""
        ...

    def close(self) -> None:
        """Calls nothing any more."""
        ...


class Responder(Protocol):
    """One conversation's skills.

    Attributes:
        authenticated: whether it is known who is speaking.
        reminders: None where there are none.
    """

    authenticated: bool

    @property
    def reminders(self) -> Reminders | None:
        """See the class."""
        ...

    def prepared_lines(self) -> tuple[str, ...]:
        """What is said often or in haste: its sound is made at the start."""
        ...

    def expects(self, text: str) -> bool:
        """Whether such words were asked for, so that they count also where they are unsure."""
        ...

    def goes_on(self, text: str) -> bool:
        """Whether more words are to be expected after these."""
        ...

    def interpret(
        self, text: str, found: Understanding, sureness: float
    ) -> tuple[Understanding, float]:
        """The model's result and how sure it is, corrected by the wording."""
        ...

    async def sureness(
        self, text: str, found: Understanding, alone: Callable[[], Awaitable[Understanding]]
    ) -> float:
        """How sure the intent is for a handler; `alone` tells what the words mean without their
        topic."""
        ...

    def intent_for_llm(self, text: str, intent: str | None) -> str | None:
        """The intent that the prompt names; None where the words deny it."""
        ...

    async def respond(self, said: Said) -> Answered | None:
        """Answers; None leaves it to the LLM.

        Whatever it has begun after `Said.begin_side_effects` runs to its end, also where this call
        is cancelled.
        """
        ...

    def only_talks(self, intent: str | None) -> bool:
        """Whether nothing here does what is asked for, so that an answer may not claim it."""
        ...

    def end_after(self, seconds: float) -> None:
        """The conversation is only sure to go on for so long after its last turn: what would be due
        later is not promised."""
        ...

    def remember(self, record: ConversationTurn) -> None:
        """A turn was taken into the history."""
        ...

    def turn_ended(self, record: ConversationTurn) -> None:
        """A turn is over, with or without an answer."""
        ...

    async def aclose(self) -> None:
        """Waits for what was begun and has side effects."""
        ...
