"""Reads the LLM's prompt while nobody waits for it: the past between turns, the user's words while
they are spoken.

Where the words turn out otherwise only the reading was wasted: a model keeps the beginning that
two prompts have in common. A prompt whose beginning changes (a summary, a new tone, turns left out)
takes seconds to read on a CPU. Such a prompt is first read to its end, and only then used: a turn
that begins before is answered with the old one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from voice_local.config import Prefill
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.engine.api import Message
from voice_local.errors import (
    EngineError,
    TextInputError,
)

RETRY_S, TRIES = 0.5, 20
"""After another call came first, so long until the next try, and the number of tries."""


class PromptPrefill:
    """One conversation's; at most one call of the engine at a time."""

    def __init__(self, context: ConversationContext) -> None:
        self._context = context
        self._mode = context.settings.conversation.prefill
        self._task: asyncio.Task[None] | None = None
        self._summing_up = self._renewing = False
        self._words = ""

    def between_turns(self) -> None:
        """A turn is over: the prompt of the next one is known up to the user's words."""
        self._words = ""
        self._context.memory.tidy()
        if self._mode is not Prefill.NONE:
            self._start(self._read_past())

    def idle(self) -> None:
        """Nobody has spoken for a while: time to sum up what is older than the recent turns."""
        if self._context.memory.wants_summary and not self._running:
            self._start(self._sum_up())
            self._summing_up = True

    def user_speaks(self) -> None:
        """What would take the model from the user is given up."""
        if self._summing_up:
            self.stop()

    def words(self, stable: str, tentative: str) -> None:
        """The user has said so much so far. Of what may yet change all but the last word is read,
        too: it seldom does."""
        said = f"{stable} {tentative.rpartition(' ')[0]}".strip()
        if (
            self._mode is not Prefill.WORDS
            or not self._context.tells_words_first
            or said == self._words
        ):
            return
        if self._renewing and self._running:
            return  # a new beginning is worth more than a few words
        self._words = said
        self._start(self._read(said))

    def stop(self) -> None:
        """Gives up what is under way."""
        if self._task:
            self._task.cancel()
        self._summing_up = self._renewing = False

    async def aclose(self) -> None:
        """Stops everything."""
        self.stop()
        if self._task:
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def _running(self) -> bool:
        return self._task is not None and not self._task.done()

    def _start(self, work: Coroutine[object, object, None]) -> None:
        self.stop()
        self._task = asyncio.get_running_loop().create_task(work)

    async def _read(self, words: str) -> None:
        await self._prefill(self._context.messages("", words))

    async def _read_past(self) -> None:
        context = self._context
        wanted = context.memory.view()
        self._renewing = wanted != context.view
        for _ in range(TRIES):  # each goes on where the one before gave way
            if await self._prefill(context.memory.messages("", "", wanted)):
                context.view = wanted
                return
            await asyncio.sleep(RETRY_S)

    async def _prefill(self, messages: list[Message]) -> bool:
        try:
            tools = self._context.tools.described
            return await self._context.engine.prefill(messages, tools=tools)
        except (EngineError, TextInputError):
            return False  # the turn itself will meet it

    async def _sum_up(self) -> None:
        if not await self._context.memory.summarize(self._context.engine):
            await asyncio.sleep(RETRY_S)
            return
        self._summing_up = False
        if self._mode is not Prefill.NONE:
            await self._read_past()
