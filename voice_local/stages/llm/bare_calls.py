"""Tool calls that a model writes without their tags, as small ones do: Qwen2.5-Coder-0.5B answers
`{"name": "get_weather", "arguments": {…}}` and nothing else, the 1.5B the same in two pairs of
braces, or as a block of code."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from voice_local.stages.llm.tool_calls import CLOSES, OPENS

_FENCED = re.compile(r"```\w*\s(.*?)(?:```)?", re.DOTALL)


def tagged(pieces: Iterable[str], names: Collection[str]) -> Iterator[str]:
    """`pieces`; an answer that is nothing but calls of the tools called `names` gets the tags.

    Only an answer that begins like one is held until it is whole.
    """
    reading = iter(pieces)
    held = ""
    for piece in reading:
        held += piece
        begun = held.lstrip()
        if begun and begun[0] != "{" and not "```".startswith(begun[:3]):
            yield held
            yield from reading
            return
    calls = _calls(held, names)
    yield "".join(f"{OPENS}{call}{CLOSES}" for call in calls) or held


def _calls(text: str, names: Collection[str]) -> list[str]:
    """The calls that make up all of `text`; none where anything else stands in it."""
    found, rest = [], text.strip()
    if (fenced := _FENCED.fullmatch(rest)) is not None:
        rest = fenced[1].strip()
    while rest:
        start = int(rest.startswith("{{"))
        try:
            call, end = json.JSONDecoder().raw_decode(rest, start)
        except (ValueError, RecursionError):
            return []
        if not _is_call(call, names):
            return []
        found.append(rest[start:end])
        rest = rest[end:].strip()
        if start:
            rest = rest.removeprefix("}").strip()
    return found


def _is_call(value: Any, names: Collection[str]) -> bool:
    if not isinstance(value, dict) or "arguments" not in value:
        return False
    return isinstance(value.get("name"), str) and value["name"] in names
