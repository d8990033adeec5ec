"""Which of the built-in abilities answers an utterance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from voice_local.conversation.phrases import LEFT
from voice_local.skills.abilities import (
    clock,
    commands,
    itself,
    limits,
    speech,
)
from voice_local.skills.abilities.limit_requests import cannot_do
from voice_local.skills.abilities.speech import SpeechStyle
from voice_local.skills.abilities.timer_desk import TimerDesk
from voice_local.skills.abilities.timer_requests import Act
from voice_local.skills.abilities.timers import (
    Timers,
    local_now,
)
from voice_local.skills.negation import denies
from voice_local.skills.router import Reply

INTENT_OF_LIMIT = {
    line: frozenset(intent for intent, said in limits.BY_INTENT.items() if said == line)
    for line in limits.SAID
}
"""Intents by which a host program does what a limit says cannot be done."""


@dataclass(frozen=True)
class Ability:
    """An answer that is ready.

    Attributes:
        name: what answers; told as the record's `handled_by`.
        intents: a host program that has registered one of them does this itself.
        acts: whether `reply` changes something: it may only be asked for once the turn is
            committed.
        reply: does it, and what is said of it.
    """

    name: str
    intents: frozenset[str]
    acts: bool
    reply: Callable[[], Reply]


class Abilities:
    """One conversation's clock, timers and manner of speaking. `name`, `place`: what the assistant
    knows of itself.

    Attributes:
        timers: what waits to ring.
        style: how it speaks from the next words on.
    """

    def __init__(self, name: str, place: str = "", now: Callable[[], datetime] = local_now) -> None:
        self.timers = Timers(now)
        self.style = SpeechStyle()
        self._desk = TimerDesk(self.timers)
        self._name, self._place = name, place

    def go_by(self, began: datetime, passed_s: Callable[[], float]) -> None:
        """The clock shows `began` (aware) and as many seconds as have `passed_s` since."""
        self.timers.now = lambda: began + timedelta(seconds=passed_s())

    def end_after(self, seconds: float) -> None:
        """The conversation is only sure to go on for so long after its last turn."""
        self._desk.lasts_s = seconds

    @property
    def now(self) -> datetime:
        """The time, aware."""
        return self.timers.now()

    def find(self, text: str, last_answer: str, *, sounds: bool) -> Ability | None:
        """What answers `text`; None for the intents and the LLM.

        `last_answer`: what the assistant said before. `sounds`: whether this conversation is heard.
        """
        found = self._timers(text) or self._command(text, last_answer) or self._style(text, sounds)
        if found is None and (told := clock.clock_answer(text, self.now)):
            found = _says("clock", told)
        if found is None and (told := itself.about_itself(text, self._name, self._place)):
            found = _says("help" if itself.asks_for_help(text) else "about_itself", told)
        if found is None and (line := cannot_do(text)):
            found = Ability("limit", INTENT_OF_LIMIT[line], False, lambda: Reply(line))
        return found

    @staticmethod
    def refusal(intent: str | None) -> Ability | None:
        """What is said to a request of which only a model's `intent` is known; None where that may
        be possible."""
        line = limits.BY_INTENT.get(intent or "")
        return (
            None
            if line is None
            else Ability("limit", frozenset({intent or ""}), False, lambda: Reply(line))
        )

    @staticmethod
    def beyond(kind: str | None) -> Ability | None:
        """What is said to what the understanding model tells as beyond this place; None for a kind
        that is unknown."""
        line = limits.BY_KIND.get(kind or "")
        return (
            None
            if line is None
            else Ability("limit", INTENT_OF_LIMIT[line], False, lambda: Reply(line))
        )

    @staticmethod
    def left() -> Ability:
        """What is said to whoever forbids a deed that nobody was about to do."""
        return Ability("deny", frozenset(), False, lambda: Reply(LEFT))

    def other_words(self) -> None:
        """Something else than an ability has answered: what was asked for is no longer waited
        for."""
        self._desk.forget_question()

    def _timers(self, text: str) -> Ability | None:
        request = self._desk.request(text)
        if request is None:
            return None
        intents = frozenset({"timer_reminder"})
        if (
            request.act in (Act.SET, Act.ADD)
            and denies(text, "timer_reminder")
            and not request.label
        ):
            return Ability("deny", intents, False, lambda: Reply(LEFT))
        return Ability(
            "timers", intents, request.act is not Act.ASK, lambda: self._desk.answer(request)
        )

    @staticmethod
    def _command(text: str, last_answer: str) -> Ability | None:
        if commands.asks_not_to_stop(text):
            return Ability("stop", frozenset({"stop"}), False, lambda: Reply(commands.GO_ON))
        if commands.asks_to_stop(text):
            return Ability("stop", frozenset({"stop"}), False, lambda: Reply("", "stop"))
        if commands.asks_to_repeat(text):
            return Ability(
                "repeat",
                frozenset({"repeat"}),
                False,
                lambda: Reply(last_answer or commands.NO_REPEAT),
            )
        return None

    def _style(self, text: str, sounds: bool) -> Ability | None:
        changed = speech.changed_style(text, self.style)
        if changed is None:
            return None
        if not sounds:
            return _says("speech", speech.NO_SOUND)
        style, said = changed

        def change() -> Reply:
            self.style = style
            return Reply(said)

        return Ability("speech", frozenset({"command"}), True, change)


def _says(name: str, text: str) -> Ability:
    return Ability(name, frozenset(), False, lambda: Reply(text))
