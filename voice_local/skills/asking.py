"""The dialogue that asks for an order number: the digits of the next turn are taken for it, read
back and confirmed; after two failures something else is offered.

Any handler starts it with the action `ask_order_number` and the parameter `for`, the intent that
needs the number. Once the number is confirmed, the turn is routed to the handler of that intent.
The state only changes with finished turns: `step` reads it, `update` updates it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.responder import (
    Reply,
)
from voice_local.skills import asking_words as words
from voice_local.skills.negation import (
    denies,
    wanted,
)
from voice_local.skills.order_handlers import (
    ASK,
    CANCEL,
    CONFIRM,
    INTENTS,
    STATUS,
    worded,
)
from voice_local.text.codes import (
    code,
    ends_in_code,
    exactly,
    is_code,
    spelled,
)

AGAIN = "I did not get a number. Please say it letter by letter and digit by digit."
WHOLE = "Then please say the whole number again, one sign at a time."
LEAVE = "Okay, let us leave it."
WITHOUT = (
    "Without its number I can't tell which order it is. Is there something else I can help with?"
)
GIVE_UP = (
    "Let us leave the number for now. Ask me again when you have it at hand, or ask me something "
    "else."
)
WAIT = "Take your time."
WHERE = (
    "It often stands in the message that confirmed the order. Please read it to me when you have "
    "it."
)
FIXED = (AGAIN, WHOLE, LEAVE, WITHOUT, GIVE_UP, WAIT, WHERE)

MOST_FAILURES = 2
"""Number of turns without a number, or with a wrong one, after which something else is offered."""
MAX_IGNORED = 2
"""Number of turns about something else after which the question is dropped."""

_SMALL = frozenset({"affirm", "deny", "out_of_scope"})


class _Stage(Enum):
    NUMBER = auto()
    CONFIRM = auto()


@dataclass(frozen=True)
class _Pending:
    """A question that is open.

    Attributes:
        intent: the intent that needs the number.
        stage: whether the number or its confirmation is expected.
        words: the user's words with that intent.
        code: the number that is to be confirmed.
        failures: see `MOST_FAILURES`.
        ignored: see `MAX_IGNORED`.
    """

    intent: str
    stage: _Stage
    words: str
    code: str = ""
    failures: int = 0
    ignored: int = 0


@dataclass(frozen=True)
class Step:
    """What follows from a turn: `reply` is said, or `words` go to the handler of `intent`."""

    intent: str
    reply: Reply | None = None
    words: str = ""


class Asking:
    """The state of the question in one conversation.

    `threshold`: the confidence from which on another intent is taken for a change of subject.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._pending: _Pending | None = None
        self._last_code = ""

    def expects(self, text: str) -> bool:
        """Whether `text` contains the number that was asked for, or says whether it is right."""
        pending = self._pending
        if pending is None:
            return False
        return _number_in(text) is not None or (
            pending.stage is _Stage.CONFIRM and _answer(text, None) is not None
        )

    def goes_on(self, text: str) -> bool:
        """Whether `text` may be the beginning of the number that was asked for, as people pause
        between groups of digits."""
        return self._pending is not None and ends_in_code(text) and _answer(text, None) is None

    def step(
        self, text: str, intent: str | None, confidence: float | None, topic: str | None
    ) -> Step | None:
        """What follows from a turn; None if it has nothing to do with an order number.

        `intent`, `confidence`: of the understanding model. `topic`: the intent of earlier turns.
        """
        pending = self._pending
        if intent == "emergency":
            return None
        if pending is None:
            about = topic if topic in INTENTS else None
            if is_code(text, named=about is None):
                return Step(about or STATUS, words=f"order {text}")
            sure = (
                intent is not None
                and intent not in _SMALL
                and (confidence or 0.0) >= self._threshold
            )
            meant = None if sure else worded(text, of_order=about is not None)
            return Step(meant, words=text) if meant else None
        if denies(text, pending.intent):
            text = wanted(text, pending.intent)
            if _number_in(text) is None:
                return Step(pending.intent, Reply(LEAVE))
        found = _number_in(text)
        if pending.stage is _Stage.CONFIRM:
            return self._confirmed(pending, text, found, intent, confidence)
        if found is not None:
            return _confirm(pending, found)
        return self._no_number(pending, text, intent, confidence)

    def known(self, text: str, reply: Reply) -> Reply:
        """`reply`; where it asks for a number and one is known from before ("cancel it"), the
        question whether that is meant."""
        if (
            reply.action != ASK
            or not self._last_code
            or not words.IT.search(text)
            or "for" not in reply.params
        ):
            return reply
        intent = reply.params["for"]
        wish = "you want to cancel" if intent == CANCEL else "you mean"
        return Reply(
            f"Is order {spelled(self._last_code)} the one that {wish}?",
            CONFIRM,
            {"for": intent, "order_number": self._last_code},
        )

    def update(self, record: ConversationTurn) -> None:
        """Updates the state with a finished turn."""
        pending, params = self._pending, record.params
        words = (
            pending.words
            if pending is not None and pending.intent == params.get("for")
            else record.user_text
        )
        if record.action in (ASK, CONFIRM) and "for" in params:
            stage = _Stage.NUMBER if record.action == ASK else _Stage.CONFIRM
            self._pending = _Pending(
                params["for"],
                stage,
                words,
                params.get("order_number", ""),
                int(params.get("failures", 0)),
            )
            return
        self._last_code = params.get("order_number", self._last_code)
        if pending is not None:
            answered = record.handled_by in (pending.intent, "deny", "emergency", "farewell")
            done = answered or pending.ignored + 1 >= MAX_IGNORED
            self._pending = None if done else replace(pending, ignored=pending.ignored + 1)

    def _confirmed(
        self,
        pending: _Pending,
        text: str,
        found: str | None,
        intent: str | None,
        confidence: float | None,
    ) -> Step | None:
        """What follows from an answer to "Is that right?"."""
        right = _answer(text, intent)
        if found is not None and found != pending.code:
            return (
                _confirm(pending, found) if pending.failures < MOST_FAILURES else _give_up(pending)
            )
        if right is not False and (right or found is not None) and not words.PARTLY.search(text):
            return Step(pending.intent, words=f"{pending.words}, {exactly(pending.code)}")
        if words.LEAVE.search(text):
            return Step(pending.intent, Reply(LEAVE))
        if right is None and self._is_another(text, intent, confidence, pending):
            return None
        if pending.failures + 1 >= MOST_FAILURES:
            return _give_up(pending)
        if right is None:
            return _confirm(
                pending, pending.code, f"Is {spelled(pending.code)} the right number, yes or no?"
            )
        return _ask(pending, WHOLE)

    def _no_number(
        self, pending: _Pending, text: str, intent: str | None, confidence: float | None
    ) -> Step | None:
        """What follows from a turn without a number."""
        if words.WAIT.search(text):
            return _ask(pending, WAIT, failed=False)
        if words.WITHOUT.search(text):
            return Step(pending.intent, Reply(WITHOUT))
        if words.LEAVE.search(text) or (_answer(text, intent) is False and len(text.split()) <= 2):
            return Step(pending.intent, Reply(LEAVE))
        if self._is_another(text, intent, confidence, pending):
            return None
        if words.WHERE.search(text) and not pending.failures:
            return _ask(pending, WHERE)
        return _give_up(pending) if pending.failures + 1 >= MOST_FAILURES else _ask(pending, AGAIN)

    def _is_another(
        self, text: str, intent: str | None, confidence: float | None, pending: _Pending
    ) -> bool:
        """Whether the turn is certainly not about the number."""
        if words.ANOTHER_REQUEST.search(text) and not words.ORDER_WORD.search(text):
            return True
        return (
            intent is not None
            and intent not in _SMALL
            and intent != pending.intent
            and (confidence or 0.0) >= self._threshold
        )


def _number_in(text: str) -> str | None:
    """The number in an answer to the question for it; None if there is none."""
    found = code(text, asked=True)
    if found is None or (words.ANOTHER_REQUEST.search(text) and not words.ORDER_WORD.search(text)):
        return None
    return found


def _answer(text: str, intent: str | None) -> bool | None:
    """Whether `text` means yes (True) or no (False); None for neither."""
    if words.NO.search(text) or intent == "deny":
        return False
    return True if words.YES.search(text) or intent == "affirm" else None


def _confirm(pending: _Pending, found: str, question: str | None = None) -> Step:
    params = {"for": pending.intent, "order_number": found}
    failures = pending.failures + (pending.stage is _Stage.CONFIRM)
    if failures:
        params["failures"] = str(failures)
    return Step(
        pending.intent,
        Reply(question or f"I heard {spelled(found)}. Is that right?", CONFIRM, params),
    )


def _ask(pending: _Pending, words: str, *, failed: bool = True) -> Step:
    params = {"for": pending.intent}
    if pending.failures + failed:
        params["failures"] = str(pending.failures + failed)
    return Step(pending.intent, Reply(words, ASK, params))


def _give_up(pending: _Pending) -> Step:
    return Step(pending.intent, Reply(GIVE_UP, "order_number_failed", {"for": pending.intent}))
