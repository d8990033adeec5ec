"""What a model file really is, told from its bytes and without running any of it.

`look` reads headers and sizes and stands before every load; `weights.finite` reads all weights,
before an import.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from voice_local import extras
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
)

TEXTS = (".json", ".txt", ".md", ".model", ".jinja")
WEIGHTS = (".gguf", ".onnx", ".bin", ".safetensors")
BARE = ("LICENSE", "LICENCE", "NOTICE", "USE_POLICY", "COPYING")
PICKLES = (".pth", ".pt", ".pkl", ".pickle", ".ckpt", ".joblib", ".npz", ".h5", ".msgpack")
REFETCH = "fetch it again (voice-local models download NAME), or import a bundle that verifies"

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
STYLE_SHAPE = (510, 256)
"""Kokoro's voices: a style for each length of text, float32, with no header, in a folder
`voices`."""
CT2_TYPES = {0: "f4", 1: "i1", 2: "i2", 3: "i4", 4: "f2", 5: "u2"}


MALFORMED = (
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
    OverflowError,
    RecursionError,
    MemoryError,
)
"""What reading broken files raises."""


@dataclass(frozen=True)
class Looked:
    """What a file is: its format and the architecture it names (empty where formats name none)."""

    format: str
    architecture: str = ""


def look(path: Path) -> Looked:
    """What `path` is, its structure checked against its size.

    Raises:
        ModelFormatError: a pickle, a link, a kind of file that models have no use for, a broken or
            cut file.
    """
    if path.is_symlink() or not path.is_file():
        raise ModelFormatError(f"{path} is a link or no file at all", "copy the file itself there")
    with path.open("rb") as file:
        start = file.read(4)
    # A safetensors file begins with its header's length, which may look like a pickle's first byte.
    pickled = start[:1] == b"\x80" and path.suffix != ".safetensors" and not is_style(path)
    if path.suffix.lower() in PICKLES or pickled or _zipped_pickle(path, start):
        raise ModelFormatError(
            f"{path} is a pickle or the like, which can run code",
            "convert it: voice-local models convert KIND SOURCE OUT",
        )
    try:
        if path.suffix == ".gguf":
            return Looked("gguf", gguf(path)[0])
        if path.suffix == ".safetensors":
            for _ in safetensors(path):
                pass
            return Looked("safetensors")
        if is_style(path):
            return Looked("style")
        if path.suffix == ".bin":
            return Looked("ctranslate2", ctranslate2(path)[0])
        if path.suffix == ".onnx":
            return Looked("onnx")
        if path.suffix == ".npy":
            import numpy as np

            np.load(path, mmap_mode="r", allow_pickle=False)
            return Looked("numpy")
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
            return Looked("json")
    except MALFORMED as error:
        reason = " ".join(str(error).split())[:90] or type(error).__name__
        raise ModelFormatError(f"{path} is cut off or broken ({reason})", REFETCH) from None
    if path.suffix in TEXTS or (path.stem.upper() in BARE and path.suffix in ("", ".txt", ".md")):
        return Looked("text")
    raise ModelFormatError(f"{path} is no kind of file that a model is made of", "take it away")


def is_style(path: Path) -> bool:
    """Whether `path` is one of Kokoro's voices, by its place and size."""
    return (
        path.suffix == ".bin"
        and path.parent.name == "voices"
        and path.stat().st_size == STYLE_SHAPE[0] * STYLE_SHAPE[1] * 4
    )


def onnx_model(path: Path) -> Any:
    """The ONNX model at `path`, nothing of it run and no other file read.

    Raises:
        ModelFormatError: it is none. ConfigError: the library that reads it is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise ConfigError(
            "onnx is not installed here, and ONNX models are looked into with it",
            extras.remedy("small"),
        ) from None
    try:
        return onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own kinds
        raise ModelFormatError(
            f"{path} is no ONNX model ({type(error).__name__})", REFETCH
        ) from None


def _zipped_pickle(path: Path, start: bytes) -> bool:
    """Whether it is a zip, as torch writes them: none of our formats is one."""
    return start == b"PK\x03\x04" or (
        path.suffix not in (".gguf", ".safetensors") and zipfile.is_zipfile(path)
    )


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
