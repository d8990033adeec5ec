"""Grammars for tool calls: every text that one allows is read as a call whose arguments hold for
the tool's schema; a schema that cannot be held is refused by the tool's name."""

from __future__ import annotations

import importlib
import random
import re
from collections import deque
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.grammar_walk import Grammar
from voice_local.engine.api import Tool, ToolCall
from voice_local.errors import ToolInputError
from voice_local.stages.llm.call_grammar import call_after_tag, required_call
from voice_local.stages.llm.number_grammar import Bound, integers, numbers
from voice_local.stages.llm.tool_calls import OPENS, without_calls

pytestmark = pytest.mark.unit

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": 3},
                "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2},
            },
            "required": ["name"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "properties": {"tree": {"$ref": "#/$defs/node"}},
    "required": ["tree"],
}


def described(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


SCHEMAS: dict[str, dict[str, Any]] = {
    "nested objects": described(
        a={**described(b={**described(c={"type": "boolean"}), "additionalProperties": False})}
    ),
    "quotes in enum values": described(
        room={
            "enum": ['the "big" one', "a\\b", "line\nbreak", "</tool_call>", "küche", "", "tab\t"]
        }
    ),
    "odd names": {
        "type": "object",
        "properties": {
            name: {"type": "integer"}
            for name in ['say "hi"', "a\\", "<x>", "root", "char", "ü.ö", "", "a b", "text", "x-1"]
        },
    },
    "arrays": described(
        some={"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 5},
        one={"type": "array", "items": {"type": "integer"}, "minItems": 1},
        none={"type": "array", "maxItems": 0},
        any={"type": "array"},
        pair={"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
    ),
    "numbers": described(
        percent={"type": "integer", "minimum": 0, "maximum": 100},
        degrees={"type": "number", "minimum": 16.5, "exclusiveMaximum": 30},
        below={"type": "number", "maximum": -0.25},
        free={"type": "number"},
        whole={"type": "integer"},
        quarter={"type": "number", "multipleOf": 0.25, "minimum": -1, "maximum": 1},
        five={"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 60},
    ),
    "texts": described(
        few={"type": "string", "minLength": 2, "maxLength": 4},
        many={"type": "string", "maxLength": 5000},
        day={"type": "string", "format": "date"},
        at={"type": "string", "format": "date-time"},
        free={"type": "string", "format": "email"},
    ),
    "optional ones": {
        "type": "object",
        "properties": {name: {"type": "null"} for name in "abcdef"},
        "required": ["c", "e"],
    },
    "only optional ones": {
        "type": "object",
        "properties": {name: {"type": "boolean"} for name in "abcd"},
        "additionalProperties": False,
    },
    "alternatives": described(
        a={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "A"},
        b={"oneOf": [{"const": "x", "title": "X"}, {"const": 3}, {"type": "array"}]},
        c={"type": ["integer", "null"], "minimum": 3},
        d={
            "oneOf": [
                described(kind={"const": "p"}, x={"type": "number"}),
                described(kind={"const": "q"}, y={"type": "string"}),
            ]
        },
        e={"allOf": [described(m={"type": "integer"}), described(m={"minimum": 2, "maximum": 4})]},
    ),
    "a map": described(map={"type": "object", "additionalProperties": {"type": "integer"}}),
    "anything": described(x={}, y=True),
    "no arguments": {"type": "object"},
    "nothing": {},
    "a tree": TREE,
    "a name that is only required": {"type": "object", "required": ["z"]},
}


def tool(schema: dict[str, Any], name: str = "a_tool") -> Tool:
    return Tool(name, "does it", schema)


def tokens_of(text: str) -> list[int]:
    return list(text.encode())


def read(text: str) -> list[ToolCall]:
    calls: deque[ToolCall] = deque()
    said = "".join(without_calls(iter(text), calls))
    assert said == "", text
    return list(calls)


def holds(arguments: Any, schema: Any) -> None:
    importlib.import_module("jsonschema").validate(
        arguments, schema, importlib.import_module("jsonschema").Draft202012Validator
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_text_of_a_grammar_is_a_call_that_holds_for_its_schema(name: str) -> None:
    given_tool = tool(SCHEMAS[name], 'odd "tool" <name>')
    required = required_call([given_tool])
    after = Grammar(call_after_tag([given_tool, tool({}, "other")]))
    grammar, rng = Grammar(required.gbnf), random.Random(name)
    seen = set()
    for _ in range(300):
        text = required.begun + grammar.text(rng)
        (call,) = read(text)
        assert call.name == given_tool.name
        holds(call.arguments, SCHEMAS[name])
        seen.add(text)
        (call,) = read(OPENS + after.text(rng))
        if call.name == given_tool.name:
            holds(call.arguments, SCHEMAS[name])
        else:
            assert call == ToolCall("other")
    assert len(seen) > 1 or name in ("no arguments", "nothing"), "the walk never turned"


def test_each_of_several_tools_is_called_with_arguments_of_its_own() -> None:
    tools = [tool(described(n={"const": at}), f"tool_{at}") for at in range(4)]
    required = required_call(tools)
    assert required.begun == OPENS + '\n{"name":'
    grammar, rng = Grammar(required.gbnf), random.Random(3)
    calls = [read(required.begun + grammar.text(rng))[0] for _ in range(200)]
    assert {call.name for call in calls} == {one.name for one in tools}
    assert all(call.name == f"tool_{call.arguments['n']}" for call in calls)


def test_the_text_of_a_grammar_is_what_templates_write() -> None:
    schema = described(on={"const": True}, rooms={"const": ["kitchen", "hall"]})
    required = required_call([tool(schema, "lamp")])
    assert required.begun == '<tool_call>\n{"name": "lamp", "arguments":'
    written = ' {"on": true, "rooms": ["kitchen", "hall"]}}\n</tool_call>'
    assert Grammar(required.gbnf).text(random.Random(1)) == written


REFUSED: dict[str, Any] = {
    "pattern": {"type": "string", "pattern": "^a+$"},
    "not": {"not": {"type": "string"}},
    "uniqueItems": {"type": "array", "uniqueItems": True},
    "a schema elsewhere": {"$ref": "https://example.org/a.json"},
    "a $ref to nothing": {"$ref": "#/$defs/nowhere"},
    "a $ref that is none": {"$ref": 3},
    "only itself": {"$ref": "#/properties/x"},
    "itself or a number": {"anyOf": [{"$ref": "#/properties/x"}, {"type": "number"}]},
    "a type that is none": {"type": "text"},
    "a type that is a number": {"type": 3},
    "no schema": "string",
    "false": False,
    "an empty enum": {"enum": []},
    "an enum of another type": {"type": "integer", "enum": ["a"]},
    "an enum that is none": {"enum": "abc"},
    "an enum with a limit": {"enum": [1, 2], "minimum": 2},
    "not a number": {"enum": [float("nan")]},
    "half a surrogate pair": {"const": "\ud800"},
    "bounds that cross": {"type": "integer", "minimum": 3, "maximum": 2},
    "no whole number between": {"type": "integer", "minimum": 2.1, "maximum": 2.9},
    "a bound that is a text": {"type": "integer", "minimum": "3"},
    "a bound without end": {"type": "number", "minimum": float("inf")},
    "a bound that is huge": {"type": "number", "minimum": 10**400},
    "a length below none": {"type": "string", "maxLength": -1},
    "too long": {"type": "string", "minLength": 10**9},
    "lengths that cross": {"type": "string", "minLength": 3, "maxLength": 2},
    "properties that are none": {"type": "object", "properties": ["a"]},
    "required that is no list": {"type": "object", "required": "a"},
    "required that are no names": {"type": "object", "required": [{}]},
    "a required name that is not allowed": {
        "type": "object",
        "additionalProperties": False,
        "required": ["a"],
    },
    "alternatives that overlap": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "no alternatives": {"anyOf": []},
    "multiples without end": {"type": "integer", "multipleOf": 3},
    "multiples of nothing": {"type": "integer", "multipleOf": 0, "minimum": 0, "maximum": 9},
    "two types at once": {"allOf": [{"type": "string"}, {"type": "null"}]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_schema_that_cannot_be_held_is_refused_by_its_tool(name: str) -> None:
    fine, broken = tool({}, "fine"), tool(described(x=REFUSED[name]), "broken")
    for make in (required_call, call_after_tag):
        with pytest.raises(ToolInputError, match="the tool 'broken' cannot be held"):
            make([fine, broken])


def test_deep_and_large_schemas_are_refused_soon() -> None:
    deep: Any = {"type": "string"}
    for _ in range(100_000):
        deep = {"type": "array", "items": deep}
    doubled: dict[str, Any] = {"d0": {"type": "string"}}
    for at in range(60):
        both = {"$ref": f"#/$defs/d{at}", "type": "object"}
        doubled[f"d{at + 1}"] = described(a=both, b=both)
    many = described(**{f"n{at}": {"type": "null"} for at in range(5000)})
    bomb = {**described(x={"$ref": "#/$defs/d60", "type": "object"}), "$defs": doubled}
    for schema in (described(x=deep), bomb, many):
        with pytest.raises(ToolInputError, match="too deep or too large"):
            required_call([tool(schema)])
    # Taking it apart from the outside: freeing it at once would overflow the stack.
    while isinstance(deep, dict):
        deep = deep.get("items")


@pytest.mark.parametrize(
    "schema", [{"type": "string"}, {"type": ["object", "null"]}, {"$ref": "#"}]
)
def test_parameters_that_are_no_object_are_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ToolInputError):
        required_call([tool(schema)])


BOUNDS = st.decimals(-3000, 3000, places=3) | st.integers(-30, 30).map(Decimal)


@settings(max_examples=300, deadline=None)
@given(BOUNDS, BOUNDS, st.booleans(), st.booleans(), st.lists(BOUNDS, max_size=8))
def test_numbers_are_allowed_exactly_within_their_bounds(
    one: Decimal, other: Decimal, above: bool, below: bool, more: list[Decimal]
) -> None:
    low, high = sorted((one, other))
    near = [low + Decimal(step).scaleb(-3) for step in (-10, -1, 0, 1, 10)]
    near += [high + Decimal(step).scaleb(-3) for step in (-10, -1, 0, 1, 10)]
    for number in [*near, *more, Decimal(0)]:
        inside = low < number < high
        inside = inside or (number == low and not above and (low < high or not below))
        inside = inside or (number == high and not below and (low < high or not above))
        text = f"{number.normalize() + 0:f}"
        within = Bound(low, above), Bound(high, below)
        assert _matches(numbers(*within), text) is inside
        assert _matches(integers(*within), text) is (inside and "." not in text)


def _matches(expression: str, text: str) -> bool:
    """For rules without names a regular expression does the same."""
    pattern = re.sub(r'"([^"]*)"', lambda found: f"(?:{re.escape(found[1])})", expression)
    return bool(expression) and re.fullmatch(pattern.replace(" ", ""), text) is not None
