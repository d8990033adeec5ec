"""What goes over the socket between front processes and a worker: one msgpack message a frame.

Requests of a front have `op`: hello (asks for a heartbeat), call (`id`, `operation`, `request`,
`context`), credit (`id`, `count`: so many more items may be sent), cancel (`id`), bye. Answers have
`kind`: item (`id`, `value`), end (`id`), error (`id`, `error`, `cause`, `remedy`), beat (`pid`,
`rss`). Dataclasses of `operations.message_types` travel by name, arrays as float32, tuples as what
they are.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, get_type_hints

import msgpack
import numpy as np

from voice_local.engine.operations import message_types
from voice_local.errors import StageError

MAX_MESSAGE_BYTES = 64 * 2**20
"""A socket closes on anything larger: room for sixteen minutes of float32 at 16 kHz."""

QUEUE_MESSAGES = 1000
"""High-water mark of each direction and front."""

_ARRAY, _TUPLE = 1, 2
_NAME = b"type"
"""Key of a dataclass's name. No dictionary of JSON, which a model may write, has a key of bytes."""


def pack(message: dict[str, Any]) -> bytes:
    """One message.

    Raises:
        StageError: it is larger than `MAX_MESSAGE_BYTES`.
    """
    packed: bytes = msgpack.packb(message, default=_plain, strict_types=True)
    if len(packed) > MAX_MESSAGE_BYTES:
        raise StageError("a message to the engine is over 64 MiB", "send shorter sound")
    return packed


def unpack(packed: bytes) -> dict[str, Any]:
    """The message.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    types = message_types()

    def rebuilt(found: dict[Any, Any]) -> Any:
        name = found.pop(_NAME, None)
        if name is None:
            return found
        for field, enum in _enums(types[name]):
            found[field] = enum(found[field])
        return types[name](**found)

    def extended(code: int, data: bytes) -> Any:
        if code == _ARRAY:
            return np.frombuffer(data, dtype=np.float32)
        if code == _TUPLE:
            return tuple(read(data))
        raise ValueError(f"unknown extension {code}")

    def read(data: bytes) -> Any:
        return msgpack.unpackb(data, object_hook=rebuilt, ext_hook=extended)

    message: dict[str, Any] = read(packed)
    return message


@lru_cache
def _enums(kind: type) -> tuple[tuple[str, type[Enum]], ...]:
    hints = get_type_hints(kind)
    return tuple(
        (name, hint)
        for name, hint in hints.items()
        if isinstance(hint, type) and issubclass(hint, Enum)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return msgpack.ExtType(_ARRAY, np.ascontiguousarray(value, dtype=np.float32).tobytes())
    if is_dataclass(value) and not isinstance(value, type):
        return {
            _NAME: type(value).__name__,
            **{field.name: getattr(value, field.name) for field in fields(value)},
        }
    if isinstance(value, tuple):
        packed = msgpack.packb(list(value), default=_plain, strict_types=True)
        return msgpack.ExtType(_TUPLE, packed)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent")
