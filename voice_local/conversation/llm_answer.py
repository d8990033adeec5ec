"""An answer of the LLM: generation and synthesis side by side, tools called in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from voice_local.conversation import phrases
from voice_local.conversation.answer import Answer
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.languages import CANNED
from voice_local.conversation.context.tools import MOST_ROUNDS
from voice_local.conversation.output.speaker import Speaker
from voice_local.conversation.output.wording import Wording
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.stopwatch import Stopwatch
from voice_local.engine.api import GenerateItem, Message, TextDelta, ToolCall, ToolChoice
from voice_local.engine.client import EngineClient
from voice_local.errors import EngineError, TextInputError, ToolInputError, WorkerDiedError

SEGMENTS_AHEAD = 2
"""How many segments generation may be ahead of synthesis."""

RunTool = Callable[[ToolCall], Awaitable[str]]


class LlmAnswer:
    """One response's.

    `preamble`: what the prompt says just before the user's words. `run_tool`: runs a tool; one with
    side effects waits for the commit and runs to its end. `speaks`: as for `Speaker`.
    """

    def __init__(
        self,
        context: ConversationContext,
        engine: EngineClient,
        speaker: Speaker,
        record: ConversationTurn,
        watch: Stopwatch,
        run_tool: RunTool,
        *,
        preamble: str,
        speaks: bool,
    ) -> None:
        self._context, self._engine, self._speaker = context, engine, speaker
        self._record, self._watch, self._run_tool = record, watch, run_tool
        self._preamble, self._speaks = preamble, speaks
        self._after: list[Message] = []  # tool calls and their results
        self._ready: asyncio.Queue[str | None] = asyncio.Queue(SEGMENTS_AHEAD)
        self._made: list[ToolCall] = []
        self._said_before = ""  # before the last results came: it needs not be said again
        self._running: list[ToolCall] = []

    async def give(self, text: str) -> None:
        """Answers `text`, aloud as far as it is made."""
        ready = self._ready
        language = self._record.language
        loading = asyncio.create_task(self._speaker.load(language))
        generating = asyncio.create_task(self._generate_into(text, ready))
        try:
            segment = await self._first(ready)
            while segment is not None:
                await self._speaker.speak(segment, CANNED if segment in phrases.FIXED else language)
                ready.task_done()
                segment = await ready.get()
            await generating
        finally:
            loading.cancel()
            generating.cancel()

    async def _first(self, ready: asyncio.Queue[str | None]) -> str | None:
        limit_s = self._context.settings.conversation.llm_deadline_s if self._speaks else None
        while True:
            try:
                async with asyncio.timeout(limit_s):
                    return await ready.get()
            except TimeoutError:
                if not all(map(self._context.tools.allows_filler, self._running)):
                    continue
                late = "llm_late: no first token in time, the answer follows"
                self._record.fallbacks.append(late)
                await self._speaker.gain_time()
                return await ready.get()

    async def _generate_into(self, text: str, ready: asyncio.Queue[str | None]) -> None:
        try:
            await self._fill(text, ready)
        finally:
            task = asyncio.current_task()
            if task is None or not task.cancelling():  # else nobody waits for segments any more
                await ready.put(None)

    async def _fill(self, text: str, ready: asyncio.Queue[str | None]) -> None:
        record, began = self._record, self._watch.ms()
        try:
            for attempt in (1, 2):
                try:
                    await self._segments(text, ready, began)
                    break
                except WorkerDiedError:
                    self._speaker.note_restart("llm")
                    if record.assistant_text != self._said_before or attempt == 2:
                        record.fallbacks.append("llm_failed: the worker died in mid-answer")
                        break
                    await self._speaker.apologize()
        except (EngineError, TextInputError) as error:
            if isinstance(error, TextInputError) and not self._speaks:
                raise  # the error is shown to the user who typed it
            record.fallbacks.append(f"llm_failed: {error.cause}")
        record.llm_latency_ms = self._watch.ms() - began
        if not record.assistant_text:
            record.assistant_text = phrases.NO_WORDS_FOR_IT if self._after else phrases.NO_ANSWER
            await ready.put(record.assistant_text)

    async def _segments(self, text: str, ready: asyncio.Queue[str | None], began: float) -> None:
        context, record = self._context, self._record
        tools = bool(context.tools.described)
        answer = Answer(
            text,
            early=context.settings.conversation.early_segment,
            only_talks=context.responder.only_talks(record.intent) and not tools,
            small_world=not context.tells_words_first,
        )
        async for segment in answer.segments(self._items(text, began)):
            if record.llm_first_clause_ms is None:
                record.llm_first_clause_ms = self._watch.ms() - began
            await ready.put(segment)
            record.assistant_text = f"{record.assistant_text} {segment}".strip()
        if answer.claimed:
            record.fallbacks.append(f"deed_claimed: {answer.claimed}")

    async def _items(self, text: str, began: float) -> AsyncGenerator[GenerateItem, None]:
        """The answer's items, tools called in between."""
        made = self._made  # of an attempt before this one, too: none is made twice
        choice = ToolChoice.AUTO if made else self._context.tools.choice
        rounds = 0
        while True:
            calls: list[ToolCall] = []
            words = Wording(after_results=bool(made))
            async with aclosing(self._once(text, choice)) as items:
                async for item in items:
                    if self._record.llm_first_token_ms is None:
                        self._record.llm_first_token_ms = self._watch.ms() - began
                    if isinstance(item, ToolCall):
                        calls.append(item)
                    elif spoken := words.of(item):
                        yield spoken
            if choice is ToolChoice.NONE:
                return
            new = [call for at, call in enumerate(calls) if call not in (*made, *calls[:at])]
            if not new:
                if words.any or not made:
                    return
                choice = ToolChoice.NONE  # it has the results, and is to put them into words
                continue
            if words.any:
                yield TextDelta("\n")  # what is said before the calls is over
                await self._ready.join()  # and goes before what they do
            made += new
            results = await self._results(new)
            self._after.append(Message(role="assistant", content="", tool_calls=tuple(new)))
            self._after += [Message(role="tool", content=result) for result in results]
            self._said_before = self._record.assistant_text
            rounds += 1
            choice = ToolChoice.NONE if rounds == MOST_ROUNDS else ToolChoice.AUTO

    async def _results(self, calls: list[ToolCall]) -> list[str]:
        self._running = calls
        try:
            return await asyncio.gather(*map(self._run_tool, calls))
        finally:
            self._running = []

    async def _once(self, text: str, choice: ToolChoice) -> AsyncGenerator[GenerateItem, None]:
        """One generation; the oldest turns are left out where they do not fit."""
        context = self._context
        tools = () if choice is ToolChoice.NONE else context.tools.described
        while True:
            messages = context.messages(self._preamble, text, self._record.language) + self._after
            try:
                async with aclosing(
                    self._engine.generate(
                        messages, context.options, tools=tools, tool_choice=choice
                    )
                ) as items:
                    async for item in items:
                        yield item
                return
            except ToolInputError:
                raise
            except TextInputError:
                if not context.forget_oldest():
                    raise
                self._record.fallbacks.append(
                    "history_shortened: the oldest turn no longer fits the context"
                )
