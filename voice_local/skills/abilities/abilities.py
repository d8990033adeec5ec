"""Selects the built-in ability that answers an utterance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.phrases import LEFT
from voice_local.conversation.responder import Reply
from voice_local.skills.abilities import (
    clock,
    commands,
    itself,
    limits,
    speech,
)
from voice_local.skills.abilities.limit_requests import cannot_do
from voice_local.skills.abilities.sums import Sums
from voice_local.skills.abilities.timer_acts import Act
from voice_local.skills.abilities.timer_desk import TimerDesk
from voice_local.skills.abilities.timers import Timers
from voice_local.skills.negation import denies

INTENT_OF_LIMIT = {
    line: frozenset(intent for intent, said in limits.BY_INTENT.items() if said == line)
    for line in limits.SAID
}
"""Answer of `limits` → intents whose handlers in a host program can do what it says is
impossible."""


@dataclass(frozen=True)
class Ability:
    """The ability that answers a turn.

    Attributes:
        name: for `ConversationTurn.handled_by`.
        intents: a host program that has registered one of them answers instead.
        acts: whether `reply` has side effects, so that it may only be called after the commit.
        reply: carries out the request and returns the answer.
    """

    name: str
    intents: frozenset[str]
    acts: bool
    reply: Callable[[], Reply]


class Abilities:
    """The abilities of one conversation: clock, timers, speech style.

    `name`, `place`: of the assistant.

    Attributes:
        timers: what waits to ring.
    """

    def __init__(self, context: ConversationContext, name: str, place: str = "") -> None:
        self._context = context
        self.timers = Timers(lambda: context.now())
        self._desk = TimerDesk(self.timers)
        self._sums = Sums()
        self._name, self._place = name, place

    def end_after(self, seconds: float) -> None:
        """Sets the seconds for which the conversation is certain to go on after its last turn."""
        self._desk.lasts_s = seconds

    def find(self, text: str, last_answer: str, *, sounds: bool) -> Ability | None:
        """The ability that answers `text`; None leaves it to handlers and the LLM.

        `last_answer`: the assistant's previous answer. `sounds`: whether the conversation has
        sound.
        """
        found = self._timers(text) or self._command(text, last_answer) or self._style(text, sounds)
        if found is None and (answer := clock.clock_answer(text, self._context.now())):
            found = _says("clock", answer)
        if found is None and (answer := itself.about_itself(text, self._name, self._place)):
            found = _says("help" if itself.asks_for_help(text) else "about_itself", answer)
        if found is None and (asked := self._sums.find(text)):
            found = Ability(
                "sums", frozenset(), asked.relative, lambda: Reply(self._sums.tell(asked))
            )
        if found is None and (line := cannot_do(text)):
            found = Ability("limit", INTENT_OF_LIMIT[line], False, lambda: Reply(line))
        return found

    @staticmethod
    def refusal(intent: str | None) -> Ability | None:
        """The answer to a request that is impossible by its `intent`; None where it may be
        possible."""
        line = limits.BY_INTENT.get(intent or "")
        return (
            None
            if line is None
            else Ability("limit", frozenset({intent or ""}), False, lambda: Reply(line))
        )

    @staticmethod
    def beyond(kind: str | None) -> Ability | None:
        """The answer to a request that the understanding model takes for impossible, by its `kind`;
        None for an unknown one."""
        line = limits.BY_KIND.get(kind or "")
        return (
            None
            if line is None
            else Ability("limit", INTENT_OF_LIMIT[line], False, lambda: Reply(line))
        )

    @staticmethod
    def left() -> Ability:
        """The answer to a user who forbids an action that was not planned."""
        return Ability("deny", frozenset(), False, lambda: Reply(LEFT))

    def turn_ended(self, text: str, answered_by: str | None) -> None:
        """Forgets what "it" was for each ability but the one that has answered `text`."""
        if answered_by != "timers":
            self._desk.forget_question(text)
        if answered_by != "sums":
            self._sums.forget()

    def _timers(self, text: str) -> Ability | None:
        request = self._desk.request(text)
        if request is None:
            return None
        intents = frozenset({"timer_reminder"})
        if (
            request.act in (Act.SET, Act.ADD, Act.CHANGE)
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
        changed = speech.changed_style(text, self._context.style)
        if changed is None:
            return None
        if not sounds:
            return _says("speech", speech.NO_SOUND)
        style, said = changed

        def change() -> Reply:
            self._context.style = style
            return Reply(said)

        return Ability("speech", frozenset({"command"}), True, change)


def _says(name: str, text: str) -> Ability:
    return Ability(name, frozenset(), False, lambda: Reply(text))
