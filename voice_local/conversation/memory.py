"""What was said so far, as the LLM is told it: three strategies under one token budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from voice_local.config import MemorySettings
from voice_local.conversation.prompts import SUMMARY_PROMPT, SYSTEM_PROMPT
from voice_local.engine.protocol import Engine, GenerateOptions, Message
from voice_local.errors import EngineError, TextInputError

CHARACTERS_A_TOKEN = 3.5
"""Rather too few than too many: the engine refuses what does not fit, and this bound is for the latency."""

MESSAGE_TOKENS = 6
SUMMARY_TOKENS = 120


@dataclass(frozen=True)
class Exchange:
    """One turn's context, the user's words and the part of the answer that was heard."""

    context: str
    user: str
    assistant: str


def estimate_tokens(messages: Sequence[Message]) -> int:
    """About how many tokens `messages` are."""
    return sum(MESSAGE_TOKENS + math.ceil(len(m["content"]) / CHARACTERS_A_TOKEN) for m in messages)


class Memory:
    """One conversation's past. Contexts stay in place, so that a prompt only ever grows at its end.

    `full` sends everything that fits the budget; `sliding_window` the last `turns`; `summary_recent` the last `turns` word
    for word and a summary of those before. Whatever the strategy, the oldest go first when the budget is reached; then
    half of the budget is freed at once, so that the prompt's start, which the LLM keeps, changes seldom.
    """

    def __init__(self, settings: MemorySettings, system: str = SYSTEM_PROMPT) -> None:
        self._settings, self._system = settings, system
        self.exchanges: list[Exchange] = []
        self.summary = ""
        self._summarized = 0  # how many of the first exchanges the summary tells
        self._tried = 0  # how many exchanges there were when a summary was last asked for
        self._first = 0  # the oldest exchange that is sent

    def messages(self, context: str, user: str, instruction: str = "") -> list[Message]:
        """All that is sent to the LLM for a new turn; `instruction` ends the system message."""
        now = _said(context, user)
        if self._settings.strategy == "sliding_window":
            self._first = max(self._first, len(self.exchanges) - self._settings.turns)
        elif self._settings.strategy == "summary_recent":
            self._first = max(self._first, self._summarized)
        result = self._with_past(now, instruction)
        if estimate_tokens(result) > self._settings.token_budget:
            while self._first < len(self.exchanges) and estimate_tokens(result) > self._settings.token_budget // 2:
                self._first += 1
                result = self._with_past(now, instruction)
        return result

    def _with_past(self, now: list[Message], instruction: str) -> list[Message]:
        parts = [self._system, f"Earlier: {self.summary}" if self.summary else "", instruction]
        result = [Message(role="system", content=" ".join(part for part in parts if part))]
        for exchange in self.exchanges[self._first :]:
            result += _said(exchange.context, exchange.user)
            result.append(Message(role="assistant", content=exchange.assistant))
        return result + now

    def add(self, context: str, user: str, assistant: str) -> None:
        """Keeps a finished turn; `assistant` is what was heard of the answer."""
        self.exchanges.append(Exchange(context, user, assistant))

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
    def told(self) -> tuple[str, int]:
        """The summary, and how many of the first exchanges it tells."""
        return self.summary, self._summarized

    @told.setter
    def told(self, value: tuple[str, int]) -> None:
        self.summary, self._summarized = value

    @property
    def wants_summary(self) -> bool:
        """Whether exchanges have fallen out of the recent ones that the summary does not tell yet."""
        return (self._settings.strategy == "summary_recent"
                and len(self.exchanges) - max(self._summarized, self._tried - self._settings.turns)
                >= 2 * self._settings.turns)

    async def summarize(self, engine: Engine) -> None:
        """Lets the LLM sum up what is older than the recent turns: in idle time only.

        A failure changes nothing, and is not tried again before as many turns more.
        """
        self._tried = len(self.exchanges)
        until = len(self.exchanges) - self._settings.turns
        told = [f"Earlier: {self.summary}"] if self.summary else []
        for exchange in self.exchanges[self._summarized : until]:
            told += [f"User: {exchange.user}", f"Assistant: {exchange.assistant}"]
        while len(told) > 2 and sum(map(len, told)) > self._settings.token_budget * CHARACTERS_A_TOKEN:
            del told[1]
        request = [Message(role="system", content=SUMMARY_PROMPT), Message(role="user", content="\n".join(told))]
        try:
            pieces = [piece async for piece in engine.generate(request, GenerateOptions(max_tokens=SUMMARY_TOKENS))]
        except (EngineError, TextInputError):
            return
        summary = " ".join("".join(pieces).split())
        if summary:
            self.summary, self._summarized = summary, until


def _said(context: str, user: str) -> list[Message]:
    said = Message(role="user", content=user)
    return [Message(role="system", content=context), said] if context else [said]
