"""Grammars for tool calls in the format of `tool_calls`, in GBNF.

What is the same for every call is not generated but written into the prompt: `begun`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voice_local.engine.api import Tool
from voice_local.errors import ToolInputError
from voice_local.stages.llm.gbnf import any_of, literal
from voice_local.stages.llm.json_grammar import JsonGrammar
from voice_local.stages.llm.schema_keywords import SchemaError, json_of, resolved
from voice_local.stages.llm.tool_calls import CLOSES, OPENS

_CALLED, _ARGUMENTS = '"name":', ', "arguments":'


@dataclass(frozen=True)
class RequiredCall:
    """An answer that is one call: `begun`, then what the grammar `gbnf` allows."""

    begun: str
    gbnf: str


def required_call(tools: Sequence[Tool]) -> RequiredCall:
    """One call of one of `tools`.

    Raises:
        ToolInputError: there is no tool, or no grammar for one's parameters.
    """
    if not tools:
        raise ToolInputError("a tool call is required, and there is no tool", "name some tools")
    rules: dict[str, str] = {}
    calls = [(_name(tool) + _ARGUMENTS, _arguments(tool, rules)) for tool in tools]
    begun = OPENS + "\n{" + _CALLED
    ends = literal("}\n" + CLOSES)
    if len(calls) == 1:
        ((name, inside),) = calls
        return RequiredCall(f"{begun} {name}", _grammar(f'" " {inside} {ends}', rules))
    any_call = any_of([f"{literal(f' {name} ')} {inside}" for name, inside in calls])
    return RequiredCall(begun, _grammar(f"{any_call} {ends}", rules))


def call_after_tag(tools: Sequence[Tool]) -> str:
    """The rest of a call that has begun with its tag, and its closing tag.

    Raises:
        ToolInputError: as for `required_call`.
    """
    rules: dict[str, str] = {}
    calls = [
        " ".join((literal(_name(tool) + _ARGUMENTS + " "), _arguments(tool, rules)))
        for tool in tools
    ]
    name = literal("{" + _CALLED + " ")
    root = f'[ \\n]? {name} {any_of(calls)} "}}" [ \\n]? {literal(CLOSES)}'
    return _grammar(root, rules)


def _grammar(root: str, rules: Mapping[str, str]) -> str:
    return "\n".join(f"{name} ::= {rule}" for name, rule in {"root": root, **rules}.items()) + "\n"


def _name(tool: Tool) -> str:
    try:
        return json_of(tool.name, "its name")
    except SchemaError as error:
        raise _unusable(tool, error) from None


def _arguments(tool: Tool, rules: dict[str, str]) -> str:
    """What matches the arguments; where no schema tells of any, there are none."""
    schema: Any = tool.parameters
    try:
        if not schema:
            return literal("{}")
        part = resolved(schema, schema, "parameters")
        if part.get("type", "object") != "object":
            raise SchemaError("parameters describe no object")
        if not part.keys() - {"type"}:
            return literal("{}")
        return JsonGrammar(schema, rules).value({**schema, "type": "object"}, "parameters")
    except (SchemaError, RecursionError) as error:
        raise _unusable(tool, error) from None


def _unusable(tool: Tool, error: Exception) -> ToolInputError:
    return ToolInputError(
        f"the parameters of the tool {tool.name!r:.80} cannot be held: {error}",
        "simplify its schema, or let the model choose",
    )
