"""The one table of what an engine can be asked. A new operation is one entry here and a stage."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from voice_local.engine import api


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: also the stage's method.
        request: dataclass of what is asked.
        items: dataclasses of what comes back.
        streams: any number of items; else exactly one.
        kind: which stage answers.
        credit: items that may be on their way before the reader has taken any. A stage is free for
            the next call once all items are made, so there is room for a whole ordinary answer.
    """

    name: str
    request: type
    items: tuple[type, ...]
    streams: bool
    kind: str
    credit: int = 64


TRANSCRIBE = Operation("transcribe", api.Transcribe, (api.Transcript,), False, api.StageKind.STT)
CLASSIFY = Operation("classify", api.Classify, (api.Classified,), False, api.StageKind.CLASSIFIER)
GENERATE = Operation(
    "generate",
    api.Generate,
    (api.TextDelta, api.ToolCall, api.GenerationDone),
    True,
    api.StageKind.LLM,
    credit=512,
)
PREFILL = Operation("prefill", api.Prefill, (api.Prefilled,), False, api.StageKind.LLM)
SYNTHESIZE = Operation("synthesize", api.Synthesize, (api.SpeechChunk,), True, api.StageKind.TTS)

OPERATIONS: dict[str, Operation] = {
    operation.name: operation for operation in (TRANSCRIBE, CLASSIFY, GENERATE, PREFILL, SYNTHESIZE)
}


def message_types() -> dict[str, type]:
    """Every dataclass that may travel between processes, by name."""
    return _types(tuple(OPERATIONS.values()))


@lru_cache
def _types(operations: tuple[Operation, ...]) -> dict[str, type]:
    found: dict[str, type] = {}
    for operation in operations:
        for kind in (operation.request, *operation.items):
            _collect(kind, found)
    _collect(api.CallContext, found)
    return found


def _collect(kind: Any, found: dict[str, type]) -> None:
    if is_dataclass(kind) and isinstance(kind, type):
        if kind.__name__ in found:
            return
        found[kind.__name__] = kind
        hints = get_type_hints(kind)
        for one in fields(kind):
            _collect(hints[one.name], found)
    elif get_origin(kind) is not None or isinstance(kind, UnionType | type(Union[int, str])):  # noqa: UP007
        for part in get_args(kind):
            _collect(part, found)
    elif isinstance(kind, type) and hasattr(kind, "__required_keys__"):  # a TypedDict
        for hint in get_type_hints(kind).values():
            _collect(hint, found)
