"""Function tools that the client runs: the LLM's call goes to the client, its output comes back."""

from __future__ import annotations

import asyncio
from typing import Any

from voice_local.conversation.context.tools import HostTool
from voice_local.engine.api import Tool, ToolCall
from voice_local.server.realtime.answer import Status
from voice_local.server.realtime.live import Live

LOOK_S = 0.02

LONGEST_LATE = 900
"""Characters of an output that is told after its turn."""

MOST_NAMES = 256
"""Calls whose outputs are known as such."""

LATE = "The tool {name} has now returned: {output} Tell the user what came of it."


class ToolBridge:
    """One session's. `live` is set before the first call.

    A turn of the session in which tools are called is several responses for the client: one ends
    with the calls, the next begins with `response.create` once their outputs are there.
    """

    def __init__(self) -> None:
        self.live: Live | None = None
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._outputs: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._turn_id = ""
        self._ending: asyncio.Task[None] | None = None

    def host_tool(self, tool: Tool) -> HostTool:
        """What the session is given for `tool`."""

        async def function(**arguments: Any) -> str:
            return await self._called(ToolCall(tool.name, arguments))

        return HostTool(tool, function, side_effects=True, filler=False)

    @property
    def waits(self) -> bool:
        """Whether the turn that goes on waits for outputs, or for `response.create` after them."""
        return bool(self._waiting)

    def knows(self, call_id: str) -> bool:
        """Whether the LLM has made that call."""
        return call_id in self._names

    def output(self, call_id: str, text: str) -> None:
        """Takes what a call has returned."""
        self._outputs[call_id] = text

    def go_on(self) -> bool:
        """The client wants the answer to go on with the outputs. False: there are none."""
        live = self.live
        ready = [call_id for call_id in self._waiting if call_id in self._outputs]
        if live is None or not ready:
            return False
        going_on = live.session.current_turn_id == self._turn_id
        late = []
        for call_id in ready:
            output, future = self._outputs.pop(call_id), self._waiting.pop(call_id)
            if not future.done():
                future.set_result(output)
            late.append(LATE.format(name=self._names[call_id], output=output[:LONGEST_LATE]))
        if going_on:
            live.next_answer = self._begin_next
            if not live.session.queue.sounds_on:
                live.turn_over()
        else:
            live.session.create_response(" ".join(late)[: 2 * LONGEST_LATE])
            live.typed.add(live.session.current_turn_id)
        return True

    def close(self) -> None:
        """No more outputs will come."""
        self._stop_ending()
        for future in self._waiting.values():
            if not future.done():
                future.set_result("{}")
        self._waiting.clear()

    async def _called(self, call: ToolCall) -> str:
        live = self.live
        assert live is not None
        while live.answer is None or live.next_answer is not None:
            await (live.began.wait() if live.answer is None else asyncio.sleep(LOOK_S))
        self._turn_id = live.answer.turn_id
        call_id = live.answer.call(call, sounds_on=live.session.queue.sounds_on)
        self._names[call_id] = call.name
        while len(self._names) > MOST_NAMES:
            del self._names[next(iter(self._names))]
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[call_id] = future
        if self._ending is None or self._ending.done():
            self._ending = asyncio.create_task(self._end_answer(live))
        return await future

    async def _end_answer(self, live: Live) -> None:
        """Ends the response with the calls, once what was said before them has sounded."""
        await asyncio.sleep(LOOK_S)
        while live.session.queue.sounds_on:
            await asyncio.sleep(LOOK_S)
        if live.next_answer is not None:
            live.turn_over()
        elif live.answer is not None and live.answer.turn_id == self._turn_id:
            live.answer.finish(Status.COMPLETED)
            live.ended()

    def _begin_next(self) -> None:
        """Ends the response with the calls and begins the one that answers their outputs."""
        live = self.live
        assert live is not None
        self._stop_ending()
        if live.answer is not None:
            live.answer.finish(Status.COMPLETED)
        live.begin(self._turn_id)

    def _stop_ending(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
