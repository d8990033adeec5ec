"""Reads the tool calls that a model writes in the format of Hermes and Qwen templates:
`<tool_call>{"name": …, "arguments": {…}}</tool_call>`."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator

from voice_local.engine.api import ToolCall

_QUOTES = re.compile(r'\\.|(")', re.DOTALL)
OPENS, CLOSES = "<tool_call>", "</tool_call>"


def without_calls(pieces: Iterable[str], calls: deque[ToolCall]) -> Generator[str, None, None]:
    """The text between the calls, which are added to `calls`; one that is no JSON is left out."""
    held, inside = "", False
    for piece in pieces:
        held += piece
        while True:
            end = end_of_call(held) if inside else held.find(OPENS)
            if end < 0:
                break
            before, after = held[:end], held[end + len(CLOSES if inside else OPENS) :]
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
        yield from _unclosed(held, calls)
    elif held:
        yield held


def _unclosed(text: str, calls: deque[ToolCall]) -> Iterator[str]:
    """What is left inside a call at the end. Where it is no whole call, a quote in it may never
    have ended: then the first tag closed it after all."""
    whole = list(_read(text))
    before, found, after = text.partition(CLOSES)
    calls.extend(whole or _read(before))
    if found and not whole:
        yield from without_calls([after], calls)


def end_of_call(text: str) -> int:
    """Where the call that `text` begins with is closed; negative where it is not. A tag within
    quotes closes none."""
    end = text.find(CLOSES)
    while end >= 0 and _in_quotes(text[:end]):
        end = text.find(CLOSES, end + 1)
    return end


def _in_quotes(json_text: str) -> bool:
    return len([found for found in _QUOTES.findall(json_text) if found]) % 2 == 1


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
