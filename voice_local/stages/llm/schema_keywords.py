"""What the keywords of a JSON schema mean together: references, `allOf`, values of an `enum`.

Nothing here knows of grammars.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

REFUSED = frozenset(
    "not if then else patternProperties propertyNames dependentRequired dependentSchemas "
    "dependencies unevaluatedProperties unevaluatedItems contains minContains maxContains "
    "minProperties maxProperties uniqueItems pattern $dynamicRef $recursiveRef".split()
)
"""Keywords that no grammar here holds a value to."""

KNOWN = frozenset(
    "$ref type enum const anyOf oneOf allOf properties required additionalProperties items "
    "prefixItems additionalItems minItems maxItems minLength maxLength format minimum maximum "
    "exclusiveMinimum exclusiveMaximum multipleOf".split()
)
"""Keywords that are held. What is in neither set only describes, as the standard has it."""

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list, tuple),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_TYPE_OF: tuple[tuple[str, str], ...] = (
    ("object", "properties required additionalProperties"),
    ("array", "items prefixItems minItems maxItems"),
    ("string", "minLength maxLength format"),
    ("number", "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
)
_STRICTEST: dict[str, Any] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), min),
}


class SchemaError(ValueError):
    """A schema to which no grammar here holds a value; its text says what and where."""


def asserted(schema: Any, place: str) -> dict[str, Any]:
    """The keywords that have to be held.

    Raises:
        SchemaError: it is no schema, or has a keyword that cannot be held.
    """
    if schema is True:
        return {}
    if not isinstance(schema, Mapping):
        raise SchemaError(f"{place} is no schema that a value can have")
    for keyword in schema:
        if keyword in REFUSED and schema[keyword] not in (False, None):
            raise SchemaError(f"{place} uses {keyword}, which is not supported")
    return {keyword: value for keyword, value in schema.items() if keyword in KNOWN}


def referred(root: Any, reference: Any, place: str) -> Any:
    """What a `$ref` within the schema `root` points to.

    Raises:
        SchemaError: it points outside, or to nothing.
    """
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise SchemaError(f"{place} has a $ref that points outside the schema")
    found = root
    for step in reference.split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            raise SchemaError(f"{place} refers to {reference:.80}, which is not there")
    return found


def resolved(root: Any, schema: Any, place: str) -> dict[str, Any]:
    """The keywords of `schema` and of all that it refers to or is made of (`$ref`, `allOf`).

    Raises:
        SchemaError: it refers to itself, or its parts cannot be put together.
    """
    left, found, seen = [schema], dict[str, Any](), 0
    while left:
        seen += 1
        if seen > 100:
            raise SchemaError(f"{place} refers to itself, or is made of too many parts")
        part = asserted(left.pop(0), place)
        if "$ref" in part:
            left.append(referred(root, part.pop("$ref"), place))
        left += list_of(part.pop("allOf", []), "allOf", place)
        found = merged(found, part, place)
    return found


def merged(one: Mapping[str, Any], other: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The keywords of a value that both hold for.

    Raises:
        SchemaError: they cannot be put together.
    """
    _closed_alike(one, other, place)
    found = dict(one)
    for keyword, value in other.items():
        if keyword not in found or same(found[keyword], value):
            found[keyword] = value
        elif keyword in _STRICTEST:
            found[keyword] = _STRICTEST[keyword](
                number_of(found[keyword], keyword, place), number_of(value, keyword, place)
            )
        elif keyword == "required":
            found[keyword] = [*names_of(found, place), *names_of(other, place)]
        elif keyword == "properties":
            found[keyword] = _properties(found[keyword], value, place)
        elif keyword == "enum":
            values = list_of(value, keyword, place)
            found[keyword] = [
                kept
                for kept in list_of(found[keyword], keyword, place)
                if any(same(kept, one_of) for one_of in values)
            ]
        elif keyword == "type" and {str(found[keyword]), str(value)} == {"integer", "number"}:
            found[keyword] = "integer"
        else:
            raise SchemaError(f"{place} has {keyword} twice, which is not supported")
    return found


def _closed_alike(one: Mapping[str, Any], other: Mapping[str, Any], place: str) -> None:
    """`additionalProperties` counts only the properties beside it, not those of other parts."""
    for closed, beside in ((one, other), (other, one)):
        if closed.get("additionalProperties", True) in (True, {}):
            continue
        new = set(mapping_of(beside.get("properties", {}), "properties", place))
        if new - set(mapping_of(closed.get("properties", {}), "properties", place)):
            raise SchemaError(
                f"{place} has additionalProperties beside other parts, which is not supported"
            )


def _properties(one: Any, other: Any, place: str) -> dict[str, Any]:
    left, right = mapping_of(one, "properties", place), mapping_of(other, "properties", place)
    both = {name: {"allOf": [left[name], right[name]]} for name in left if name in right}
    return {**left, **right, **both}


def values_of(schema: Mapping[str, Any], place: str) -> list[Any] | None:
    """The values that `enum` and `const` leave; None where there is neither.

    Raises:
        SchemaError: none is left, or other keywords restrict them further.
    """
    if "enum" not in schema and "const" not in schema:
        return None
    values = list_of(schema.get("enum", [schema.get("const")]), "enum", place)
    if "const" in schema:
        values = [value for value in values if same(value, schema["const"])]
    if "type" in schema:
        types = types_of(schema, place)
        values = [value for value in values if any(is_a(value, kind) for kind in types)]
    beside = schema.keys() - {"enum", "const", "type", "format"}
    if beside:
        raise SchemaError(f"{place} has {min(beside)} beside its values, which is not supported")
    if not values:
        raise SchemaError(f"{place} allows no value")
    return values


def types_of(schema: Mapping[str, Any], place: str) -> list[str]:
    """The types that a value may have; empty for any.

    Raises:
        SchemaError: one that JSON has not got.
    """
    told = schema.get("type")
    if told is None:
        return next(([k] for k, words in _TYPE_OF if schema.keys() & words.split()), [])
    types = [told] if isinstance(told, str) else list_of(told, "type", place)
    if not types or not all(isinstance(kind, str) and kind in TYPES for kind in types):
        raise SchemaError(f"{place} has a type that JSON has not")
    return [kind for kind in dict.fromkeys(types) if kind != "integer" or "number" not in types]


def is_a(value: Any, kind: str) -> bool:
    """Whether a JSON value has that type; 2.0 is an integer, true is none."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[kind])


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(one == other)


def exclude_each_other(root: Any, branches: Iterable[Any], place: str) -> bool:
    """Whether surely no value holds for two of these schemas."""
    parts = [resolved(root, branch, place) for branch in branches]
    return all(
        _excludes(root, one, other, place)
        for number, one in enumerate(parts)
        for other in parts[:number]
    )


def _excludes(root: Any, one: dict[str, Any], other: dict[str, Any], place: str) -> bool:
    if "anyOf" in one or "anyOf" in other or "oneOf" in one or "oneOf" in other:
        return False
    some, more = values_of(one, place), values_of(other, place)
    if some is not None and more is not None:
        return not any(same(value, known) for value in some for known in more)
    kinds = [set(types_of(part, place)) if "type" in part else None for part in (one, other)]
    for kind, values in ((kinds[0], more), (kinds[1], some)):
        if kind is not None and values is not None:
            return not any(is_a(value, name) for value in values for name in kind)
    if kinds[0] is None or kinds[1] is None:
        return False
    widened = [kind | ({"integer"} if "number" in kind else set()) for kind in kinds if kind]
    if not widened[0] & widened[1]:
        return True
    if kinds[0] != {"object"} or kinds[1] != {"object"}:
        return False
    left, right = (mapping_of(p.get("properties", {}), "properties", place) for p in (one, other))
    told = set(names_of(one, place)) & set(names_of(other, place)) & set(left) & set(right)
    return any(
        all("const" in asserted(side[name], place) for side in (left, right))
        and not same(left[name]["const"], right[name]["const"])
        for name in told
    )


def list_of(value: Any, keyword: str, place: str) -> list[Any]:
    """`value`, which has to be a list."""
    if not isinstance(value, list | tuple):
        raise SchemaError(f"{keyword} of {place} is no list")
    return list(value)


def names_of(schema: Mapping[str, Any], place: str) -> list[str]:
    """The names of the properties that are required."""
    names = list_of(schema.get("required", []), "required", place)
    if not all(isinstance(name, str) for name in names):
        raise SchemaError(f"required of {place} is no list of names")
    return names


def mapping_of(value: Any, keyword: str, place: str) -> Mapping[str, Any]:
    """`value`, which has to be an object with texts for names."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise SchemaError(f"{keyword} of {place} is no object")
    return value


def number_of(value: Any, keyword: str, place: str) -> int | float:
    """`value`, which has to be a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SchemaError(f"{keyword} of {place} is no number")
    if value != value or value in (float("inf"), float("-inf")):
        raise SchemaError(f"{keyword} of {place} is no number")
    return value


def count_of(value: Any, keyword: str, place: str) -> int:
    """`value`, which has to be a whole number, not below 0."""
    count = number_of(value, keyword, place)
    if count < 0 or count != int(count):
        raise SchemaError(f"{keyword} of {place} is no count")
    return int(count)


def json_of(value: Any, place: str) -> str:
    """`value` as JSON; `<` is escaped in it, as chat templates do, so that it writes no tag."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
        text.encode()
    except (TypeError, ValueError, RecursionError):
        raise SchemaError(f"{place} names a value that is no JSON") from None
    return text
