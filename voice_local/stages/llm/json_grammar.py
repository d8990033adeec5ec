"""JSON schemas as GBNF, llama.cpp's grammar notation: every text that such a grammar allows is JSON
and holds for its schema.

llama-cpp-python has a converter (`json_schema_to_gbnf`), but what it allows may be no JSON (line
breaks in texts), it writes broken rules for backslashes and quotes in values, and it leaves out in
silence what it does not know (`minimum`). Here a schema is held or refused.

A grammar may allow less than its schema: properties come in the schema's order and no others are
made up beside them; texts have at most `LONGEST` characters where a limit is given at all; blanks
are as `json.dumps` writes them. `format` is held for dates and times and UUIDs.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from voice_local.stages.llm import number_grammar, schema_keywords
from voice_local.stages.llm.gbnf import any_of, literal, times
from voice_local.stages.llm.number_grammar import Bound
from voice_local.stages.llm.schema_keywords import SchemaError

LONGEST = 1000
"""Characters or items, where their number is limited: llama.cpp writes each one out."""

DEEPEST = 40
"""How deep schemas may be nested."""

MOST_PARTS = 4000
"""How many schemas one grammar may be made of, those written out several times counted so."""

MOST_MULTIPLES = 400
"""Multiples between two bounds are listed."""

_HEX = "[0-9a-fA-F]"
_CHAR = (
    rf'[^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | '
    rf'"u" ([0-9a-ceA-CEfF] {_HEX} {_HEX} {_HEX} | [dD] [0-7] {_HEX} {_HEX}))'
)
"""One character of a text. Half a surrogate pair is none."""

_DAY = (
    '("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) | '
    '("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") | '
    '"02-" ("0" [1-9] | [12] [0-9])'
)
_DATE = f'[12] [0-9] [0-9] [0-9] "-" ({_DAY})'
_TIME = (
    '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? '
    '("Z" | [+-] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])'
)
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": f'{_HEX}{{8}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{12}}',
}


class JsonGrammar:
    """The rules for the values of one schema, `root`, to which its references point.

    `rules`: those that several schemas share; new ones are added.
    """

    def __init__(self, root: Any, rules: dict[str, str]) -> None:
        self._root, self._rules = root, rules
        self._references: dict[str, str] = {}
        self._parts = self._depth = 0

    def value(self, schema: Any, place: str, through: frozenset[str] = frozenset()) -> str:
        """What matches a value of `schema`, to be written into a rule.

        `place`: what the schema is called in errors. `through`: the references that began at the
        same character; one that comes again would never end.

        Raises:
            SchemaError: no grammar can hold a value to it.
        """
        self._parts += 1
        self._depth += 1
        try:
            if self._depth > DEEPEST or self._parts > MOST_PARTS:
                raise SchemaError(f"{place} is nested too deep or too large")
            part = schema_keywords.asserted(schema, place)
            if part.keys() == {"$ref"}:
                return self._referred(part["$ref"], place, through)
            return self._of(schema_keywords.resolved(self._root, part, place), place, through)
        finally:
            self._depth -= 1

    def _referred(self, reference: Any, place: str, through: frozenset[str]) -> str:
        target = schema_keywords.referred(self._root, reference, place)
        if reference in through:
            raise SchemaError(f"{place} is nothing but itself")
        if reference not in self._references:
            name = self._references[reference] = self._rule("")
            self._rules[name] = self.value(target, place, through | {reference})
        return self._references[reference]

    def _of(self, part: dict[str, Any], place: str, through: frozenset[str]) -> str:
        for keyword in ("anyOf", "oneOf"):
            if keyword in part:
                return self._alternatives(part, keyword, place, through)
        values = schema_keywords.values_of(part, place)
        if values is not None:
            written = dict.fromkeys(schema_keywords.json_of(value, place) for value in values)
            return any_of([literal(text) for text in written])
        kinds = schema_keywords.types_of(part, place)
        return any_of([self._typed(kind, part, place) for kind in kinds]) or self._anything()

    def _alternatives(
        self, part: dict[str, Any], keyword: str, place: str, through: frozenset[str]
    ) -> str:
        branches = schema_keywords.list_of(part.pop(keyword), keyword, place)
        if not branches:
            raise SchemaError(f"{keyword} of {place} is empty")
        if part:
            branches = [{"allOf": [part, branch]} for branch in branches]
        if keyword == "oneOf" and not schema_keywords.exclude_each_other(
            self._root, branches, place
        ):
            raise SchemaError(f"oneOf of {place} has parts that a value may have both of")
        return any_of([self.value(branch, place, through) for branch in branches])

    def _typed(self, kind: str, part: Mapping[str, Any], place: str) -> str:
        match kind:
            case "object":
                return self._object(part, place)
            case "array":
                return self._array(part, place)
            case "string":
                return self._string(part, place)
            case "integer" | "number":
                return _number(kind, part, place)
            case "boolean":
                return '("true" | "false")'
        return '"null"'

    def _object(self, part: Mapping[str, Any], place: str) -> str:
        properties = schema_keywords.mapping_of(part.get("properties", {}), "properties", place)
        more = part.get("additionalProperties", True)
        needed = schema_keywords.names_of(part, place)
        if more is False and set(needed) - set(properties):
            raise SchemaError(f"{place} requires a property that it does not allow")
        told = {**properties, **{name: more for name in needed if name not in properties}}
        if not told:
            return '"{}"' if more is False or "properties" in part else self._map(more, place)
        pairs = []
        for name, schema in told.items():
            inside = f"{place}.{name:.40}"
            if schema is False and name not in needed:
                continue
            key = schema_keywords.json_of(name, place)
            pairs.append((f"{literal(f'{key}: ')} {self.value(schema, inside)}", name in needed))
        return f'"{{" {self._pairs(pairs)} "}}"'.replace("  ", " ")

    def _pairs(self, pairs: list[tuple[str, bool]]) -> str:
        """The properties in this order, those that are not needed left out or not."""
        first = next((at for at, (_, needed) in enumerate(pairs) if needed), None)
        if first is not None:
            before = [f'({pair} ", ")?' for pair, _ in pairs[:first]]
            after = [
                f'", " {pair}' if needed else f'(", " {pair})?'
                for pair, needed in pairs[first + 1 :]
            ]
            return " ".join([*before, pairs[first][0], *after])
        tail = ""
        beginnings = []
        for pair, _ in reversed(pairs):
            name = self._rule(pair)
            beginnings.append(f"{name} {tail}".strip())
            tail = self._rule(f'(", " {name})? {tail}'.strip())
        return f"({' | '.join(reversed(beginnings))})?" if beginnings else ""

    def _map(self, schema: Any, place: str) -> str:
        pair = self._rule(f'{self._text()} ": " {self.value(schema, f"{place}.*")}')
        return f'"{{" ({pair} (", " {pair})*)? "}}"'

    def _array(self, part: Mapping[str, Any], place: str) -> str:
        items = part.get("items", True)
        least, most = _limits(part, "Items", place)
        fixed = items if isinstance(items, list) else part.get("prefixItems", [])
        fixed = schema_keywords.list_of(fixed, "prefixItems", place)
        if fixed:
            if not least <= len(fixed) <= (len(fixed) if most is None else most):
                raise SchemaError(f"{place} has another number of items than of prefixItems")
            inside = [self.value(one, f"{place}[{at}]") for at, one in enumerate(fixed)]
            return '"[" ' + ' ", " '.join(inside) + ' "]"'
        if most == 0 or items is False:
            if least:
                raise SchemaError(f"{place} allows no value")
            return '"[]"'
        item = self._rule(self.value(items, f"{place}[]"))
        rest = f'(", " {item}){times(max(least - 1, 0), None if most is None else most - 1)}'
        return f'"[" {item} {rest} "]"' if least else f'"[" ({item} {rest})? "]"'

    def _string(self, part: Mapping[str, Any], place: str) -> str:
        least, most = _limits(part, "Length", place)
        form = _FORMATS.get(part["format"]) if isinstance(part.get("format"), str) else None
        if form is not None and not least and most is None:
            return rf'"\"" {form} "\""'
        if not least and most is None:
            return self._text()
        self._rules.setdefault("char", _CHAR)
        return rf'"\"" char{times(least, most)} "\""'

    def _text(self) -> str:
        self._rules.setdefault("char", _CHAR)
        self._rules.setdefault("text", r'"\"" char* "\""')
        return "text"

    def _anything(self) -> str:
        number = number_grammar.numbers(number_grammar.LOWEST, number_grammar.HIGHEST)
        text = self._text()
        pair = f'{text} ": " any'
        self._rules["any"] = any_of(
            [
                f'"{{" ({pair} (", " {pair})*)? "}}"',
                '"[" (any (", " any)*)? "]"',
                *(text, number, '"true"', '"false"', '"null"'),
            ]
        )
        return "any"

    def _rule(self, expression: str) -> str:
        """A new rule; its name."""
        name = f"r{len(self._rules)}"
        self._rules[name] = expression
        return name


def _limits(part: Mapping[str, Any], of: str, place: str) -> tuple[int, int | None]:
    least = schema_keywords.count_of(part.get(f"min{of}", 0), f"min{of}", place)
    told = part.get(f"max{of}")
    most = None if told is None else schema_keywords.count_of(told, f"max{of}", place)
    if least > LONGEST or (most is not None and least > most):
        raise SchemaError(f"min{of} of {place} is too large")
    return least, None if most is None else min(most, LONGEST)


def _number(kind: str, part: Mapping[str, Any], place: str) -> str:
    low = _bound(part, "inimum", number_grammar.LOWEST, place)
    high = _bound(part, "aximum", number_grammar.HIGHEST, place)
    if low.value > high.value:
        raise SchemaError(f"{place} allows no number")
    within = number_grammar.integers if kind == "integer" else number_grammar.numbers
    if part.get("multipleOf", 1) != 1 or ("multipleOf" in part and kind == "number"):
        written = any_of([literal(text) for text in _multiples(kind, part, low, high, place)])
    else:
        written = within(low, high)
    if not written:
        raise SchemaError(f"{place} allows no number")
    return written


def _bound(part: Mapping[str, Any], which: str, furthest: Bound, place: str) -> Bound:
    found = [furthest]
    for keyword, open_ in ((f"m{which}", False), (f"exclusiveM{which}", True)):
        if keyword in part:
            told = schema_keywords.number_of(part[keyword], keyword, place)
            found.append(Bound(_decimal(told), open_))
    lower = which == "inimum"
    return (max if lower else min)(
        found, key=lambda bound: (bound.value, bound.open_ if lower else not bound.open_)
    )


def _multiples(
    kind: str, part: Mapping[str, Any], low: Bound, high: Bound, place: str
) -> list[str]:
    step = _decimal(schema_keywords.number_of(part["multipleOf"], "multipleOf", place))
    if step <= 0 or (high.value - low.value) / step > MOST_MULTIPLES:
        raise SchemaError(
            f"multipleOf of {place} needs a minimum and a maximum with at most {MOST_MULTIPLES} "
            "multiples between them"
        )
    found, at = [], (low.value / step).to_integral_value() - 1
    while (value := at * step) <= high.value:
        inside = value > low.value or (value == low.value and not low.open_)
        below = value < high.value or not high.open_
        if inside and below and (kind == "number" or value == value.to_integral_value()):
            found.append(f"{value.normalize() + 0:f}")
        at += 1
    return found


def _decimal(number: int | float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))
