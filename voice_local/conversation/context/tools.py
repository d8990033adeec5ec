"""Functions of a host program that the LLM may call."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from voice_local.engine.api import Tool, ToolCall, ToolChoice

ToolFunction = Callable[..., "str | Awaitable[str]"]
"""Takes the arguments of the schema by name, and returns the result for the LLM. One that is not
`async` runs in a thread."""

MOST_ROUNDS = 3
"""So often may one answer call tools before it has to be given in words."""


@dataclass(frozen=True)
class HostTool:
    """`tool` as the LLM gets it, and the function that it calls.

    `side_effects`: it waits for the commit of the turn, and then runs to its end. `filler`: while
    it runs, what gains time may be said.
    """

    tool: Tool
    function: ToolFunction
    side_effects: bool = True
    filler: bool = True


class Tools:
    """One conversation's. `choice`: what the first words of each answer do."""

    def __init__(self) -> None:
        self.choice = ToolChoice.AUTO
        self._tools: dict[str, HostTool] = {}
        self._begun: set[asyncio.Task[str]] = set()

    def add(self, tool: HostTool) -> None:
        """Adds one, in place of any of that name."""
        self._tools[tool.tool.name] = tool

    def clear(self) -> None:
        """Forgets all."""
        self._tools.clear()

    @property
    def described(self) -> tuple[Tool, ...]:
        """Their descriptions for the LLM."""
        return tuple(one.tool for one in self._tools.values())

    def has_side_effects(self, call: ToolCall) -> bool:
        """Whether it may only be called once the turn is committed."""
        found = self._tools.get(call.name)
        return found is not None and found.side_effects

    def allows_filler(self, call: ToolCall) -> bool:
        """Whether what gains time may be said while it runs."""
        found = self._tools.get(call.name)
        return found is None or found.filler

    async def run(self, call: ToolCall) -> str:
        """The result of `call` for the LLM; an error is returned as a result too."""
        found = self._tools.get(call.name)
        if found is None:
            return json.dumps({"error": f"there is no tool {call.name}"})
        try:
            return await _called(found.function, call.arguments)
        except Exception as error:  # a host program's code may fail in any way
            return json.dumps({"error": f"{type(error).__name__}: {error}"})

    def begin(self, call: ToolCall) -> asyncio.Task[str]:
        """As `run`, in a task of its own that `settle` waits for."""
        task = asyncio.create_task(self.run(call))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        return task

    async def settle(self) -> None:
        """Waits for what `begin` has begun."""
        await asyncio.gather(*self._begun, return_exceptions=True)


async def _called(function: ToolFunction, arguments: dict[str, Any]) -> str:
    if inspect.iscoroutinefunction(function):
        return str(await function(**arguments))
    found = await asyncio.to_thread(function, **arguments)
    return str(await found if inspect.isawaitable(found) else found)
