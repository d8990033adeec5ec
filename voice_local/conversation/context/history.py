"""What was said so far, as it is given to the LLM: three strategies under one token budget.

What a late handler replied (`Exchange.late`) belongs to the answer of its turn.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from voice_local.config import MemorySettings
from voice_local.conversation.context.prompts import SUMMARY_PROMPT
from voice_local.engine.api import (
    GenerateOptions,
    Message,
    Priority,
)
from voice_local.engine.client import (
    EngineClient,
    text_of,
)
from voice_local.errors import (
    EngineBusyError,
    EngineError,
    TextInputError,
)

CHARACTERS_A_TOKEN = 3.5
"""Rather too few than too many: the engine refuses what does not fit, and this bound is for the
latency."""

ALIKE = 2
"""The same answer is given to the LLM so many times at most. Later ones are left out, so that the
start of the prompt stays as it is."""

MESSAGE_TOKENS = 6
SUMMARY_TOKENS = 120


@dataclass(frozen=True)
class Exchange:
    """One turn.

    Attributes:
        context: what the prompt said just before the user's words.
        user: the user's words.
        assistant: the part of the answer that was played; empty where it was cut off before.
        turn_id: the turn's.
        late: what a handler replied that was done only after its turn had ended.
    """

    context: str
    user: str
    assistant: str
    turn_id: str = ""
    late: str = ""

    @property
    def answer(self) -> str:
        """What the user was answered, what came late included."""
        return f"{self.assistant} {self.late}".strip()


def estimate_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens `messages` are."""
    return sum(MESSAGE_TOKENS + math.ceil(len(m["content"]) / CHARACTERS_A_TOKEN) for m in messages)


@dataclass(frozen=True)
class View:
    """How a prompt begins: the instructions, the summary of the turns before exchange `first`, and
    which exchange is the first."""

    system: str
    summary: str
    first: int


class Memory:
    """One conversation's past. Contexts stay in place, so that a prompt only ever grows at its end.

    `full` sends everything that fits the budget; `sliding_window` the last `turns`;
    `summary_recent` the last `turns` word for word and a summary of those before. Whatever the
    strategy, the oldest go first when the budget is reached; then half of the budget is freed at
    once, so that the prompt's start, which the LLM keeps, changes seldom.

    Attributes:
        system: the instructions.
        exchanges: the turns, in order.
    """

    TIDY = 0.75
    """Between turns the oldest go from this part of the budget on, so that no turn has to wait for
    it."""

    def __init__(self, settings: MemorySettings, system: str) -> None:
        self._settings, self.system = settings, system
        self.exchanges: list[Exchange] = []
        self.summary = ""
        self._summarized = 0  # how many of the first exchanges the summary tells
        self._tried = 0  # how many exchanges there were when a summary was last asked for
        self._first = 0  # the oldest exchange that is sent

    def messages(self, context: str, user: str, view: View | None = None) -> list[Message]:
        """All that is sent to the LLM for a new turn; with `view`'s beginning, if that still fits
        the budget."""
        now = _said(context, user)
        if view is not None:
            result = self._with_past(now, view)
            if estimate_tokens(result) <= self._settings.token_budget:
                return result
        return self._within(self._settings.token_budget, now)

    def view(self) -> View:
        """How the next prompt is to begin."""
        if self._settings.strategy == "sliding_window":
            self._first = max(self._first, len(self.exchanges) - self._settings.turns)
        elif self._settings.strategy == "summary_recent":
            self._first = max(self._first, self._summarized)
        return View(self.system, self.summary, self._first)

    def tidy(self) -> None:
        """Lets the oldest turns go before the budget is full."""
        self._within(int(self.TIDY * self._settings.token_budget), _said("", ""))

    def _within(self, budget: int, now: list[Message]) -> list[Message]:
        result = self._with_past(now, self.view())
        if estimate_tokens(result) > budget:
            while (
                self._first < len(self.exchanges)
                and estimate_tokens(result) > self._settings.token_budget // 2
            ):
                self._first += 1
                result = self._with_past(now, self.view())
        return result

    def _with_past(self, now: list[Message], view: View) -> list[Message]:
        system = f"{view.system} Earlier: {view.summary}" if view.summary else view.system
        result = [Message(role="system", content=system)]
        unanswered: list[str] = []
        for exchange in _varied(self.exchanges[view.first :]):
            unanswered.append(exchange.user)
            if exchange.answer:
                result += _said(exchange.context, "\n".join(unanswered))
                result.append(Message(role="assistant", content=exchange.answer))
                unanswered = []
        if unanswered:  # roles have to take turns: these words go before the new ones
            content = "\n".join((*unanswered, now[-1]["content"]))
            now = [*now[:-1], Message(role="user", content=content)]
        return result + now

    def add(self, context: str, user: str, assistant: str, turn_id: str = "") -> None:
        """Keeps a finished turn; `assistant` is what was played of the answer."""
        self.exchanges.append(Exchange(context, user, assistant, turn_id))

    def truncate(self, turn_id: str, played: str) -> bool:
        """Keeps only `played` of that turn's answer. False: the turn is not known."""
        return self._change(turn_id, lambda found: replace(found, assistant=played))

    def forget_words(self, turn_id: str) -> bool:
        """Forgets what the user said in that turn. False: the turn is not known."""
        return self._change(turn_id, lambda found: replace(found, user=""))

    def forget_answer(self, turn_id: str) -> bool:
        """Forgets what that turn was answered. False: the turn is not known."""
        return self._change(turn_id, lambda found: replace(found, assistant="", late=""))

    def note_late(self, turn_id: str, reply: str) -> bool:
        """Keeps what that turn's handler replied after its end. False: the turn is not known."""
        return self._change(turn_id, lambda found: replace(found, late=reply))

    def _change(self, turn_id: str, change: Callable[[Exchange], Exchange]) -> bool:
        for number in range(len(self.exchanges) - 1, -1, -1):
            if self.exchanges[number].turn_id == turn_id:
                self.exchanges[number] = change(self.exchanges[number])
                return True
        return False

    def forget_all(self) -> None:
        """Forgets every turn and the summary."""
        self.exchanges = []
        self.summary = ""
        self._summarized = self._tried = self._first = 0

    def forget_oldest(self) -> bool:
        """Sends one exchange less from now on; false when none is left."""
        if self._first >= len(self.exchanges):
            return False
        self._first += 1
        return True

    @property
    def last_answer(self) -> str:
        """What the assistant said last; empty at the start."""
        return self.exchanges[-1].assistant if self.exchanges else ""

    @property
    def summary_state(self) -> tuple[str, int]:
        """The summary, and how many of the first exchanges it covers."""
        return self.summary, self._summarized

    @summary_state.setter
    def summary_state(self, value: tuple[str, int]) -> None:
        self.summary, self._summarized = value

    @property
    def wants_summary(self) -> bool:
        """Whether exchanges have fallen out of the recent ones that the summary does not cover
        yet."""
        return (
            self._settings.strategy == "summary_recent"
            and len(self.exchanges) - max(self._summarized, self._tried - self._settings.turns)
            >= 2 * self._settings.turns
        )

    async def summarize(self, engine: EngineClient) -> bool:
        """Lets the LLM sum up what is older than the recent turns: in idle time only. False if it
        gave way.

        A failure changes nothing, and is not tried again before as many turns more. What was given
        up for somebody who speaks may be tried again.
        """
        until = len(self.exchanges) - self._settings.turns
        lines = [f"Earlier: {self.summary}"] if self.summary else []
        for exchange in self.exchanges[self._summarized : until]:
            lines.append(f"User: {exchange.user}")
            lines += [f"Assistant: {exchange.answer}"] if exchange.answer else []
        while (
            len(lines) > 2
            and sum(map(len, lines)) > self._settings.token_budget * CHARACTERS_A_TOKEN
        ):
            del lines[1]
        request = [
            Message(role="system", content=SUMMARY_PROMPT),
            Message(role="user", content="\n".join(lines)),
        ]
        options = GenerateOptions(max_tokens=SUMMARY_TOKENS)
        try:
            answer = engine.generate(request, options, priority=Priority.BACKGROUND)
            pieces = [piece async for piece in text_of(answer)]
        except EngineBusyError:
            return False
        except (EngineError, TextInputError):
            self._tried = len(self.exchanges)
            return True
        self._tried = len(self.exchanges)
        summary = " ".join("".join(pieces).split())
        if summary:
            self.summary, self._summarized = summary, until
        return True


def _varied(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """`exchanges` without those whose answer occurs `ALIKE` times before: a small model goes
    on saying it."""
    counts = Counter[str]()
    kept = []
    for exchange in exchanges:
        answer = " ".join(re.findall(r"[\w']+", exchange.answer.lower()))
        counts[answer] += 1
        if not answer or counts[answer] <= ALIKE:
            kept.append(exchange)
    return kept


def _said(context: str, user: str) -> list[Message]:
    said = Message(role="user", content=user)
    return [Message(role="system", content=context), said] if context else [said]
