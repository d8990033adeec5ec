"""What goes between processes arrives as it was."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_local.audio.types import Audio
from voice_local.engine import wire
from voice_local.engine.api import CallContext, GenerationDone, Priority, ToolCall, Transcribe
from voice_local.engine.operations import message_types
from voice_local.errors import StageError

pytestmark = pytest.mark.unit
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-(2**63), 2**64 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXTS | st.just("__type__"), inner, max_size=3)
    ),
    max_leaves=6,
)
PLAIN = {
    str: TEXTS,
    int: NUMBERS,
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
    Any: JSON,
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that is of `hint`."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hint == Audio:
        return st.lists(st.floats(-1, 1, width=32), max_size=5).map(
            lambda samples: np.array(samples, dtype=np.float32)
        )
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return st.builds(hint, **{one.name: values(hints[one.name]) for one in fields(hint)})
    if is_typeddict(hint):
        hints = {name: values(of) for name, of in get_type_hints(hint).items()}
        optional = {name: hints.pop(name) for name in hint.__optional_keys__}
        return st.fixed_dictionaries(hints, optional=optional)
    inner = [values(of) for of in get_args(hint) if of is not Ellipsis]
    if get_origin(hint) is dict:
        return st.dictionaries(TEXTS | st.just("__type__"), inner[1], max_size=3)
    if get_origin(hint) is tuple:
        if Ellipsis in get_args(hint):
            return st.lists(inner[0], max_size=3).map(tuple)
        return st.tuples(*inner)
    assert isinstance(hint, UnionType), hint
    return st.one_of(inner)


def alike(one: Any, other: Any) -> bool:
    """Whether they are equal, type for type."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if is_dataclass(one):
        return all(alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return bool(one == other)


@pytest.mark.parametrize("name", sorted(message_types()))
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_every_message_arrives_as_it_was(name: str, data: st.DataObject) -> None:
    message = {"op": "call", "id": 7, "request": data.draw(values(message_types()[name]))}
    assert alike(wire.unpack(wire.pack(message)), message)


def test_what_a_model_writes_is_never_taken_for_a_message() -> None:
    """The arguments of a tool call are whatever the model wrote."""
    written = ToolCall("look_up", {"__type__": "ToolCall", "names": ["a", "b"], "n": {"x": [1]}})
    back = wire.unpack(wire.pack({"kind": "item", "value": written}))["value"]
    assert alike(back, written)


def test_enums_come_back_as_enums() -> None:
    back = wire.unpack(wire.pack({"a": CallContext(priority=Priority.PARTIAL)}))["a"]
    assert back.priority is Priority.PARTIAL
    assert wire.unpack(wire.pack({"a": GenerationDone()}))["a"] == GenerationDone()


def test_numbers_of_numpy_are_numbers() -> None:
    back = wire.unpack(wire.pack({"a": np.float32(0.5), "b": np.int64(3), "c": np.float64(0.1)}))
    assert alike(back, {"a": 0.5, "b": 3, "c": 0.1})


def test_what_is_too_large_or_no_message_is_refused() -> None:
    with pytest.raises(StageError, match="64 MiB"):
        wire.pack({"request": Transcribe(np.zeros(17 * 2**20, dtype=np.float32))})
    with pytest.raises(TypeError):
        wire.pack({"request": object()})
    with pytest.raises(ValueError):
        wire.unpack(msgpack.packb({"a": msgpack.ExtType(99, b"")}))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40) | JSON.map(msgpack.packb))
def test_garbage_raises_only_what_is_said(garbage: bytes) -> None:
    with suppress(ValueError, TypeError, KeyError):
        wire.unpack(garbage)
