"""Messages and tools of chat requests, as the engine takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from voice_local.engine.api import Message, Tool, ToolCall, ToolChoice
from voice_local.server.http_bodies import json_object, validated
from voice_local.server.http_errors import Blame, RequestError

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
MAX_MESSAGES = 2048
MAX_TOOLS = 128
NAME = r"^[a-zA-Z0-9_-]{1,64}$"


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)

    type: Literal["text", "refusal"]
    text: str = ""
    refusal: str = ""


class _CalledFunction(BaseModel):
    model_config = ConfigDict(strict=True)

    name: str
    arguments: str = "{}"


class _Call(BaseModel):
    model_config = ConfigDict(strict=True)

    id: str
    function: _CalledFunction


class Function(BaseModel):
    """A function as a client describes it."""

    model_config = ConfigDict(strict=True)

    name: Annotated[str, Field(pattern=NAME)]
    description: str | None = None
    parameters: dict[str, JsonValue] | None = None


class ToolBody(BaseModel):
    """One of a client's tools."""

    model_config = ConfigDict(strict=True)

    type: Literal["function"]
    function: Function


class _NamedFunction(BaseModel):
    name: str


class NamedChoice(BaseModel):
    """A client's wish for a certain tool."""

    model_config = ConfigDict(strict=True)

    type: Literal["function"]
    function: _NamedFunction


def messages_of(given: Sequence[dict[str, Any]]) -> tuple[Message, ...]:
    """A client's messages. Results of tools stand in the order of the calls, whatever order they
    came in: the engine knows them by it.

    Raises:
        RequestError: one of them is wrong; it is named.
    """
    if not given:
        raise RequestError("there are no messages", "send at least one", Blame("messages"))
    if len(given) > MAX_MESSAGES:
        raise RequestError(
            f"there are {len(given)} messages, the limit is {MAX_MESSAGES}",
            "leave out the oldest",
            Blame("messages"),
        )
    found: list[Message] = []
    results: dict[str, Message | None] = {}
    for number, message in enumerate(given):
        place = f"messages[{number}]"
        role = ROLES.get(str(message.get("role")))
        if role is None:
            raise RequestError(
                f"unknown role {str(message.get('role'))[:40]!r}",
                f"one of: {', '.join(ROLES)}",
                Blame(f"{place}.role"),
            )
        if role == "tool":
            _keep_result(message, results, place)
            continue
        found += _in_order(results, place)
        results = {}
        made = _message(role, message, place)
        found.append(made)
        if "tool_calls" in made:
            results = dict.fromkeys(_ids(message["tool_calls"]))
    return (*found, *_in_order(results, "messages"))


def _message(role: str, message: dict[str, Any], place: str) -> Message:
    calls = message.get("tool_calls") if role == "assistant" else None
    content = _text(message.get("content"), f"{place}.content", may_be_empty=role == "assistant")
    if not calls:
        return Message(role=role, content=content)
    if not isinstance(calls, list):
        raise RequestError("the calls are no list", "", Blame(f"{place}.tool_calls"))
    made = tuple(_call(one, f"{place}.tool_calls[{at}]") for at, one in enumerate(calls))
    return Message(role=role, content=content, tool_calls=made)


def _keep_result(message: dict[str, Any], results: dict[str, Message | None], place: str) -> None:
    id = message.get("tool_call_id")
    if not isinstance(id, str) or id not in results:
        raise RequestError(
            f"no call of the assistant's message before it has the id {str(id)[:40]!r}",
            "a tool's message follows the message with its call",
            Blame(f"{place}.tool_call_id"),
        )
    content = _text(message.get("content"), f"{place}.content", may_be_empty=True)
    results[id] = Message(role="tool", content=content)


def _in_order(results: dict[str, Message | None], place: str) -> list[Message]:
    found = [message for message in results.values() if message is not None]
    if len(found) < len(results):
        missing = next(id for id, message in results.items() if message is None)
        raise RequestError(
            f"the call {missing[:40]!r} has no result",
            "send a tool's message for each call",
            Blame(place),
        )
    return found


def _ids(calls: Any) -> list[str]:
    return [str(call["id"]) for call in calls]


def _call(given: Any, place: str) -> ToolCall:
    if not isinstance(given, dict):
        raise RequestError(f"{place} is no object", "", Blame(place))
    call = validated(_Call, given, place)
    arguments = json_object(call.function.arguments or "{}", f"{place}.function.arguments")
    return ToolCall(call.function.name, arguments)


def _text(content: Any, place: str, *, may_be_empty: bool) -> str:
    if content is None and may_be_empty:
        return ""
    if isinstance(content, list):
        content = "\n".join(_part(one, f"{place}[{at}]") for at, one in enumerate(content))
    if not isinstance(content, str):
        raise RequestError(f"{place} is no text", "a string, or a list of parts", Blame(place))
    return content


def _part(given: Any, place: str) -> str:
    if not isinstance(given, dict):
        raise RequestError(f"{place} is no object", "", Blame(place))
    if given.get("type") not in ("text", "refusal"):
        raise RequestError(
            f"parts of type {str(given.get('type'))[:40]!r} are not taken",
            "this model reads text",
            Blame(f"{place}.type"),
        )
    part = validated(_Part, given, place)
    return part.text or part.refusal


def tools_of(given: Sequence[dict[str, Any]], choice: Any) -> tuple[tuple[Tool, ...], ToolChoice]:
    """A client's tools, and whether an answer calls them. Of a named one only that.

    Raises:
        RequestError: one of them is wrong; it is named.
    """
    if len(given) > MAX_TOOLS:
        raise RequestError(
            f"there are {len(given)} tools, the limit is {MAX_TOOLS}", "", Blame("tools")
        )
    bodies = [validated(ToolBody, one, f"tools[{at}]").function for at, one in enumerate(given)]
    tools = tuple(
        Tool(one.name, one.description or "", dict(one.parameters or {})) for one in bodies
    )
    if choice is None or choice == ToolChoice.AUTO:
        return tools, ToolChoice.AUTO
    if choice == ToolChoice.NONE:
        return (), ToolChoice.NONE
    if not tools:
        raise RequestError("there are no tools to choose from", "", Blame("tool_choice"))
    if choice == ToolChoice.REQUIRED:
        return tools, ToolChoice.REQUIRED
    if not isinstance(choice, dict):
        raise RequestError(
            f"unknown choice {str(choice)[:40]!r}",
            "auto, none, required, or an object that names a function",
            Blame("tool_choice"),
        )
    name = validated(NamedChoice, choice, "tool_choice").function.name
    named = tuple(tool for tool in tools if tool.name == name)
    if not named:
        raise RequestError(
            f"there is no tool {name[:64]!r}",
            f"one of: {', '.join(tool.name for tool in tools)}",
            Blame("tool_choice"),
        )
    return named, ToolChoice.REQUIRED
