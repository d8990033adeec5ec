"""Reads the headers of weight files: GGUF, safetensors and CTranslate2, without their libraries.

Each reader tells where every tensor lies and checks that it lies within the file.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

# ggml's tensor types: (values of a block, bytes of a block); from ggml's type traits.
GGML_BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}
GGUF_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
GGUF_STRING, GGUF_ARRAY = 8, 9
SAFETENSORS = {
    "F64": 8,
    "F32": 4,
    "F16": 2,
    "BF16": 2,
    "I64": 8,
    "I32": 4,
    "I16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
}
CT2_TYPES = {0: "f4", 1: "i1", 2: "i2", 3: "i4", 4: "f2", 5: "u2"}


class _Cursor:
    """Reads little-endian values and never past the end."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size

    def take(self, count: int) -> bytes:
        if count < 0 or self.file.tell() + count > self.size:
            raise ValueError("it ends too early")
        return self.file.read(count)

    def number(self, kind: str) -> Any:
        return struct.unpack("<" + kind, self.take(struct.calcsize("<" + kind)))[0]

    def skip(self, count: int) -> None:
        if count < 0 or self.file.tell() + count > self.size:
            raise ValueError("it ends too early")
        self.file.seek(count, 1)


def gguf(path: Path) -> tuple[str, dict[str, tuple[int, tuple[int, ...], int]]]:
    """(architecture, {tensor: (ggml type, shape, offset in the file)}) of a GGUF, versions 2 and 3
    (ggml's gguf.md).

    Raises:
        ValueError, KeyError, struct.error: it is none, or a tensor of it lies beyond its end.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        at = _Cursor(file, size)
        if at.take(4) != b"GGUF" or at.number("I") not in (2, 3):
            raise ValueError("no GGUF of version 2 or 3")
        count, keys = at.number("Q"), at.number("Q")
        values: dict[str, Any] = {}
        for _ in range(keys):
            name = at.take(at.number("Q")).decode()
            values[name] = _gguf_value(at, at.number("I"))
        tensors = {}
        for _ in range(count):
            name = at.take(at.number("Q")).decode()
            dimensions = at.number("I")
            if dimensions > 8:
                raise ValueError(f"{name} has {dimensions} dimensions")
            shape = tuple(at.number("Q") for _ in range(dimensions))
            tensors[name] = (at.number("I"), shape, at.number("Q"))
        step = int(values.get("general.alignment") or 32)
        start = -(-file.tell() // step) * step
    found = {}
    for name, (kind, shape, offset) in tensors.items():
        block, block_bytes = GGML_BLOCKS[kind]
        total = 1
        for length in shape:
            total *= length
        if start + offset + -(-total // block) * block_bytes > size:
            raise ValueError(f"tensor {name} lies beyond its end")
        found[name] = (kind, shape, start + offset)
    if not found:
        raise ValueError("it holds no tensors")
    return str(values.get("general.architecture") or ""), found


def _gguf_value(at: _Cursor, kind: int, depth: int = 0) -> Any:
    """One value; arrays are walked over and not kept."""
    if kind == GGUF_STRING:
        return at.take(at.number("Q")).decode(errors="replace")
    if kind != GGUF_ARRAY:
        return at.number(GGUF_SCALARS[kind])
    if depth > 3:
        raise ValueError("arrays too deep")
    inner, count = at.number("I"), at.number("Q")
    if inner in GGUF_SCALARS:
        at.skip(count * struct.calcsize("<" + GGUF_SCALARS[inner]))
        return None
    for _ in range(count):
        _gguf_value(at, inner, depth + 1)
    return None


def safetensors(path: Path) -> Iterator[tuple[str, str, int, int]]:
    """(name, dtype, first byte, last byte + 1 in the file) of every tensor.

    Raises:
        ValueError, KeyError: it is none, or a tensor of it lies beyond its end or is not as long as
            its shape.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > min(size - 8, 100_000_000):
            raise ValueError("its header lies beyond its end")
        header = json.loads(file.read(length))
    for name, about in header.items():
        if name == "__metadata__":
            continue
        first, last = about["data_offsets"]
        total = SAFETENSORS[about["dtype"]]
        for part in about["shape"]:
            total *= int(part)
        if not 0 <= first <= last <= size - 8 - length or last - first != total:
            raise ValueError(f"tensor {name} lies beyond its end")
        yield name, about["dtype"], 8 + length + first, 8 + length + last


def ctranslate2(path: Path) -> tuple[str, dict[str, tuple[str, int, int]]]:
    """(specification, {variable: (numpy dtype, offset, bytes)}) of a CTranslate2 model of binary
    version 5 or 6.

    Raises:
        ValueError, KeyError, struct.error: it is none, or ends too early.
    """
    with path.open("rb") as file:
        at = _Cursor(file, path.stat().st_size)

        def name() -> str:
            return at.take(at.number("H")).rstrip(b"\0").decode()

        if at.number("I") not in (5, 6):
            raise ValueError("no CTranslate2 model of binary version 5 or 6")
        specification = name()
        at.number("I")
        found = {}
        for _ in range(at.number("I")):
            key = name()
            for _ in range(at.number("B")):
                at.number("I")
            kind, size = CT2_TYPES[at.number("B")], at.number("I")
            found[key] = (kind, file.tell(), size)
            at.skip(size)
    return specification, found
