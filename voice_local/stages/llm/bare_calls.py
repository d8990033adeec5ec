"""Tool calls that a model writes without their tags, as small ones do: Qwen2.5-Coder-0.5B answers
`{"name": "get_weather", "arguments": {…}}` and nothing else."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from voice_local.stages.llm.tool_calls import CLOSES, OPENS


def tagged(pieces: Iterable[str], names: Collection[str]) -> Iterator[str]:
    """`pieces`; an answer that is nothing but calls of the tools called `names` gets the tags.

    Only an answer that begins like one is held until it is whole.
    """
    reading = iter(pieces)
    held = ""
    for piece in reading:
        held += piece
        if not "{".startswith(held.lstrip()[:1]):
            yield held
            yield from reading
            return
    calls = _calls(held, names)
    yield "".join(f"{OPENS}{call}{CLOSES}" for call in calls) or held


def _calls(text: str, names: Collection[str]) -> list[str]:
    """The calls that make up all of `text`; none where anything else stands in it."""
    found, rest = [], text.strip()
    while rest:
        try:
            call, end = json.JSONDecoder().raw_decode(rest)
        except (ValueError, RecursionError):
            return []
        if not _is_call(call, names):
            return []
        found.append(rest[:end])
        rest = rest[end:].strip()
    return found


def _is_call(value: Any, names: Collection[str]) -> bool:
    if not isinstance(value, dict) or "arguments" not in value:
        return False
    return isinstance(value.get("name"), str) and value["name"] in names
