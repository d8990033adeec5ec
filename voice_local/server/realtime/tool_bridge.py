"""Function tools that the client runs: the LLM's call goes to the client, its output comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voice_local.conversation.context.tools import HostTool
from voice_local.engine.api import Tool, ToolCall
from voice_local.server.realtime.live import Live

LOOK_S = 0.02

LONGEST_LATE = 900
"""Characters of an output that is told after its turn."""

MOST_NAMES = 256
"""Calls whose outputs are known as such."""

MOST_WAITING = 32
"""Calls whose outputs are waited for; the oldest are given up."""

ADDED = "Meanwhile the user has written: {added}"
LATE = "The tool {name} has now returned: {output} Tell the user what came of it."
UNANSWERED = json.dumps({"error": "the client has not answered the call"})


@dataclass
class _Call:
    """One that the client has not answered yet. `output`: what it has returned; None: nothing yet.
    `done`: what the session waits for."""

    name: str
    turn_id: str
    done: asyncio.Future[str]
    output: str | None = None


class ToolBridge:
    """One session's. `live` and `finish` are set before the first call.

    A turn of the session in which tools are called is several responses for the client: one ends
    with the calls, the next begins with `response.create` once their outputs are there.

    Attributes:
        live: the session.
        finish: ends the response that goes on, but not its turn.
    """

    def __init__(self) -> None:
        self.live: Live | None = None
        self.finish: Callable[[], None] = lambda: None
        self._calls: dict[str, _Call] = {}
        self._names: dict[str, str] = {}
        self._closed = False
        self._ending: asyncio.Task[None] | None = None

    def host_tool(self, tool: Tool) -> HostTool:
        """What the session is given for `tool`."""

        async def function(**arguments: Any) -> str:
            return await self._called(ToolCall(tool.name, arguments))

        live = self.live
        filler = live is not None and live.state.limits.tool_filler
        return HostTool(tool, function, side_effects=True, filler=filler)

    @property
    def ready(self) -> bool:
        """Whether the turn that goes on can go on with an output."""
        return bool(self._returned(current=True))

    def knows(self, call_id: str) -> bool:
        """Whether the LLM has made that call."""
        return call_id in self._names

    def output(self, call_id: str, text: str) -> None:
        """Takes what a call has returned."""
        if (call := self._calls.get(call_id)) is not None:
            call.output = text

    def go_on(self, added: str = "") -> bool:
        """The turn that goes on is to be answered with the outputs. False: there are none.

        `added`: what the user has written since.
        """
        live, returned = self.live, self._returned(current=True)
        if live is None or not returned:
            return False
        for call_id in returned:
            call = self._calls.pop(call_id)
            last = call_id == returned[-1]
            told = f"{call.output}\n{ADDED.format(added=added)}" if added and last else call.output
            if not call.done.done():
                call.done.set_result(str(told))
        live.next_answer = self._begin_next
        if live.answer is None or not live.session.queue.sounds_on:
            live.turn_over()
        return True

    def tell_late(self) -> bool:
        """Outputs of turns that are over are told in a turn of their own. False: there are none."""
        live, returned = self.live, self._returned(current=False)
        if live is None or not returned:
            return False
        late = []
        for call_id in returned:
            call = self._calls.pop(call_id)
            if not call.done.done():
                call.done.set_result(str(call.output))
            late.append(LATE.format(name=call.name, output=str(call.output)[:LONGEST_LATE]))
        live.session.create_response(" ".join(late)[: 2 * LONGEST_LATE])
        live.typed.add(live.session.current_turn_id)
        return True

    def speak_between(self) -> bool:
        """Begins a response for what is said while tools run. False: none runs."""
        live = self.live
        turn_id = live.session.current_turn_id if live else ""
        if live is None or not self._waits_for(turn_id):
            return False
        live.begin(turn_id)
        self._ending = asyncio.create_task(self._end_answer(live, turn_id))
        return True

    def forget(self) -> None:
        """No output of a call that was made so far will be told."""
        for call_id in list(self._calls):
            self._give_up(call_id)

    def close(self) -> None:
        """No more outputs will come."""
        self._closed = True
        self._stop_ending()
        if self.live is not None:
            self.live.next_answer = None
        self.forget()

    def _returned(self, *, current: bool) -> list[str]:
        """Calls with outputs: of the turn that goes on, or of those before it."""
        turn_id = self.live.session.current_turn_id if self.live else ""
        return [
            call_id
            for call_id, call in self._calls.items()
            if call.output is not None and (call.turn_id == turn_id) == current
        ]

    def _waits_for(self, turn_id: str) -> bool:
        return any(call.turn_id == turn_id for call in self._calls.values())

    def _give_up(self, call_id: str) -> None:
        call = self._calls.pop(call_id)
        if not call.done.done():
            call.done.set_result(UNANSWERED)

    async def _called(self, call: ToolCall) -> str:
        live = self.live
        assert live is not None
        turn_id = live.session.current_turn_id
        while live.answer is None or live.next_answer is not None:
            if self._closed or live.session.current_turn_id != turn_id:
                break
            await asyncio.sleep(LOOK_S)
        if self._closed or live.answer is None or live.answer.turn_id != turn_id:
            return UNANSWERED  # the turn is over, and the client never saw the call
        call_id = live.answer.call(call, sounds_on=live.session.queue.sounds_on)
        self._names[call_id] = call.name
        while len(self._names) > MOST_NAMES:
            del self._names[next(iter(self._names))]
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._calls[call_id] = _Call(call.name, turn_id, done)
        while len(self._calls) > MOST_WAITING:
            self._give_up(next(iter(self._calls)))
        if self._ending is None or self._ending.done():
            self._ending = asyncio.create_task(self._end_answer(live, turn_id))
        return await done

    async def _end_answer(self, live: Live, turn_id: str) -> None:
        """Ends the response with the calls, once what was said before them has sounded."""
        await asyncio.sleep(LOOK_S)
        while live.session.queue.sounds_on and live.session.current_turn_id == turn_id:
            await asyncio.sleep(LOOK_S)
        if live.session.current_turn_id != turn_id:
            return
        if live.next_answer is not None:
            live.turn_over()
        elif live.answer is not None and live.answer.turn_id == turn_id:
            self.finish()

    def _begin_next(self) -> None:
        """Ends the response with the calls and begins the one that answers their outputs."""
        live = self.live
        assert live is not None
        self._stop_ending()
        turn_id = live.session.current_turn_id
        if live.answer is not None:
            turn_id = live.answer.turn_id
            self.finish()
        live.begin(turn_id)
        if self._waits_for(turn_id):
            # The LLM waits for them, and clients send no output before this response has ended.
            self._ending = asyncio.create_task(self._end_answer(live, turn_id))

    def _stop_ending(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
