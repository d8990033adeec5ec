"""Reads the tool calls that a model writes in the format of Hermes and Qwen templates:
`<tool_call>{"name": …, "arguments": {…}}</tool_call>`."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator

from voice_local.engine.api import ToolCall

OPENS, CLOSES = "<tool_call>", "</tool_call>"


def without_calls(pieces: Iterable[str], calls: deque[ToolCall]) -> Iterator[str]:
    """The text between the calls, which are added to `calls`; one that is no JSON is left out."""
    held, inside = "", False
    for piece in pieces:
        held += piece
        while True:
            tag = CLOSES if inside else OPENS
            before, found, after = held.partition(tag)
            if not found:
                break
            if inside:
                calls.extend(_read(before))
                yield ""  # so that whoever reads looks for it now
            elif before:
                yield before
            held, inside = after, not inside
        if not inside:
            keep = _beginning_of(OPENS, held)
            if len(held) > keep:
                yield held[: len(held) - keep]
                held = held[len(held) - keep :]
    if inside:
        calls.extend(_read(held))
    elif held:
        yield held


def _beginning_of(tag: str, text: str) -> int:
    """How many of the last characters of `text` may be the beginning of `tag`."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)


def _read(text: str) -> Iterator[ToolCall]:
    try:
        found = json.loads(text)
        arguments = found.get("arguments") or {}
        if isinstance(arguments, str):
            arguments = json.loads(arguments)
        if isinstance(arguments, dict) and isinstance(found["name"], str):
            yield ToolCall(found["name"], arguments)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return
