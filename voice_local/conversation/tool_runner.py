"""Runs the tools that one answer's LLM asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from voice_local.conversation.context.tools import Tools
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.api import ToolCall


class ToolRunner:
    """One response's. `begin_side_effects`: to be awaited before what cannot be taken back."""

    def __init__(
        self,
        tools: Tools,
        record: ConversationTurn,
        begin_side_effects: Callable[[], Awaitable[None]],
    ) -> None:
        self._tools, self._record = tools, record
        self._begin_side_effects = begin_side_effects

    async def run(self, call: ToolCall) -> str:
        """The result of `call` for the LLM. A call with side effects runs to its end once begun."""
        acts = self._tools.has_side_effects(call)
        if acts:
            await self._begin_side_effects()
        running = self._tools.begin(call)
        running.add_done_callback(lambda done: self._note(call, done))
        return await (asyncio.shield(running) if acts else running)

    def _note(self, call: ToolCall, done: asyncio.Task[str]) -> None:
        if not done.cancelled():
            arguments = json.dumps(call.arguments, ensure_ascii=False)
            self._record.tool_calls.append(f"{call.name}({arguments}): {done.result()}")
