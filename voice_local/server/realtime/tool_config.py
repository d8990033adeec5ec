"""`tools` and `tool_choice` of the Realtime API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from voice_local.engine.api import Tool, ToolChoice
from voice_local.server.realtime.protocol import ClientError, Json, known_keys, object_of, text_of

MOST_TOOLS = 64
LONGEST_NAME = 64


@dataclass(frozen=True)
class Chosen:
    """Which tools the LLM is told of, and whether it has to call one."""

    choice: ToolChoice
    allowed: tuple[Tool, ...]


def tools_of(value: Any, name: str) -> tuple[Json, ...]:
    """The function tools that a client names.

    Raises:
        ClientError: something else than a function, or an incomplete one.
    """
    if not isinstance(value, list):
        raise ClientError(f"'{name}' has to be a list.", "invalid_type", name)
    if len(value) > MOST_TOOLS:
        raise ClientError(f"'{name}' has more than {MOST_TOOLS} tools.", param=name)
    found = [_tool(one, f"{name}[{number}]") for number, one in enumerate(value)]
    names = [one["name"] for one in found]
    if len(set(names)) < len(names):
        raise ClientError(f"'{name}' has two tools of one name.", param=name)
    return tuple(found)


def _tool(value: Any, name: str) -> Json:
    given = object_of(value, name)
    if given.get("type") != "function":
        raise ClientError(
            f"'{name}.type' has to be function: this server calls no tools by itself.",
            param=f"{name}.type",
        )
    known_keys(given, ("type", "name", "description", "parameters", "strict"), name)
    text_of(given, "name", name, longest=LONGEST_NAME)
    if given.get("description") is not None:
        text_of(given, "description", name)
    if given.get("parameters") is not None:
        object_of(given["parameters"], f"{name}.parameters")
    return given


def choice_of(value: Any, tools: Sequence[Json], name: str) -> Chosen:
    """What `tool_choice` means for `tools`.

    Raises:
        ClientError: it names no tool of these, or is none of the words.
    """
    every = tuple(_described(one) for one in tools)
    if isinstance(value, dict):
        wanted = text_of(value, "name", name)
        allowed = tuple(tool for tool in every if tool.name == wanted)
        if value.get("type") != "function" or not allowed:
            raise ClientError(f"'{name}' names no tool of this session: {wanted}.", param=name)
        return Chosen(ToolChoice.REQUIRED, allowed)
    try:
        choice = ToolChoice(value)
    except ValueError:
        raise ClientError(
            f"'{name}' has to be one of: {', '.join(ToolChoice)}.", param=name
        ) from None
    if choice is ToolChoice.NONE:
        return Chosen(choice, ())
    return Chosen(choice if every else ToolChoice.AUTO, every)


def _described(given: Json) -> Tool:
    parameters = given.get("parameters") or {"type": "object", "properties": {}}
    return Tool(given["name"], given.get("description") or "", dict(parameters))
