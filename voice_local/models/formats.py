"""What a model file really is, told from its bytes and without running any of it.

`look` is cheap (headers and sizes) and stands before every load; `finite` reads all weights and stands before an import.
"""

from __future__ import annotations

import json
import mmap
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from voice_local.errors import ModelFormatError

TEXTS = (".json", ".txt", ".md", ".model", ".jinja")
WEIGHTS = (".gguf", ".onnx", ".bin", ".safetensors")
BARE = ("LICENSE", "LICENCE", "NOTICE", "USE_POLICY", "COPYING")
PICKLES = (".pth", ".pt", ".pkl", ".pickle", ".ckpt", ".joblib", ".npz", ".h5", ".msgpack")
REFETCH = "fetch it again (voice-local models download), or import a bundle that verifies"

# ggml's tensor types: (values of a block, bytes of a block); from ggml's type traits.
GGML_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17)}
GGUF_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
GGUF_STRING, GGUF_ARRAY = 8, 9
SAFETENSORS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
               "F8_E4M3": 1, "F8_E5M2": 1}
CT2_TYPES = {0: "f4", 1: "i1", 2: "i2", 3: "i4", 4: "f2", 5: "u2"}


MALFORMED = (ValueError, LookupError, TypeError, EOFError, struct.error, OverflowError, RecursionError, MemoryError)
"""What reading broken files raises."""


@dataclass(frozen=True)
class Looked:
    """What a file is: its format and the architecture it names (empty where formats name none)."""

    format: str
    architecture: str = ""


def look(path: Path) -> Looked:
    """What `path` is, its structure checked against its size.

    Raises:
        ModelFormatError: a pickle, a link, a kind of file that models have no use for, a broken or cut file.
    """
    if path.is_symlink() or not path.is_file():
        raise ModelFormatError(f"{path} is a link or no file at all", "copy the file itself there")
    with path.open("rb") as file:
        start = file.read(4)
    if path.suffix.lower() in PICKLES or start[:1] == b"\x80" or _zipped_pickle(path, start):
        raise ModelFormatError(f"{path} is a pickle or the like, which can run code",
                               "convert it: voice-local models convert")
    try:
        if path.suffix == ".gguf":
            return Looked("gguf", gguf(path)[0])
        if path.suffix == ".safetensors":
            for _ in safetensors(path):
                pass
            return Looked("safetensors")
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


def _zipped_pickle(path: Path, start: bytes) -> bool:
    """Whether it is a zip, as torch writes them: none of our formats is one."""
    return start == b"PK\x03\x04" or (path.suffix not in (".gguf", ".safetensors") and zipfile.is_zipfile(path))


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
    """(architecture, {tensor: (ggml type, shape, offset in the file)}) of a GGUF, versions 2 and 3 (ggml's gguf.md).

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
        ValueError, KeyError: it is none, or a tensor of it lies beyond its end or is not as long as its shape.
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
    """(specification, {variable: (numpy dtype, offset, bytes)}) of a CTranslate2 model of binary version 5 or 6.

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


def finite(path: Path) -> None:
    """Reads every weight of `path`.

    Raises:
        ModelFormatError: one of them is not a number or without end, or an ONNX file reads from outside itself.
    """
    if path.suffix not in WEIGHTS or not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            for name, values in _arrays(path, data):
                if not _all_finite(values):
                    raise ModelFormatError(f"{path} has weights that are not numbers ({name})", REFETCH)
        except MALFORMED as error:
            reason = " ".join(str(error).split())[:90] or type(error).__name__
            raise ModelFormatError(f"{path} is broken ({reason})", REFETCH) from None


def _all_finite(values: Any) -> bool:
    import numpy as np

    pieces = (values[i : i + (1 << 22)] for i in range(0, len(values), 1 << 22))
    return all(bool(np.isfinite(piece).all()) for piece in pieces)


def _arrays(path: Path, data: mmap.mmap) -> Iterator[tuple[str, Any]]:
    """(name, flat array) of all weights; quantized GGUF blocks by their float16 scales, bfloat16 as float32."""
    import numpy as np

    view = np.frombuffer(data, np.uint8)
    try:
        if path.suffix == ".safetensors":
            for name, kind, first, last in safetensors(path):
                if kind in ("F64", "F32", "F16"):
                    yield name, view[first:last].copy().view(f"f{SAFETENSORS[kind]}")
                elif kind == "BF16":
                    yield name, _from_bfloat16(view[first:last])
        elif path.suffix == ".bin":
            for name, (kind, offset, size) in ctranslate2(path)[1].items():
                if kind.startswith("f"):
                    yield name, view[offset : offset + size].copy().view(kind)
        elif path.suffix == ".gguf":
            yield from _gguf_arrays(path, view)
        elif path.suffix == ".onnx":
            yield from _onnx_arrays(path)
    finally:
        del view


def _from_bfloat16(raw: Any) -> Any:
    import numpy as np

    return (raw.copy().view(np.uint16).astype(np.uint32) << 16).view(np.float32)


SCALES = {2: (0,), 3: (0, 2), 6: (0,), 7: (0, 2), 8: (0,), 10: (80, 82), 11: (108,), 12: (0, 2), 13: (0, 2), 14: (208,),
          16: (0,), 17: (0,), 18: (0,), 19: (0,), 20: (0,), 21: (0,), 22: (0,), 23: (0,), 34: (52,), 35: (64,)}
"""Where the float16 scales of a quantized block lie (ggml-common.h). IQ1_M and MXFP4 keep theirs in other forms."""


def _gguf_arrays(path: Path, view: Any) -> Iterator[tuple[str, Any]]:
    import numpy as np

    for name, (kind, shape, offset) in gguf(path)[1].items():
        total = int(np.prod(shape, dtype=np.int64))
        block, size = GGML_BLOCKS[kind]
        raw = view[offset : offset + -(-total // block) * size]
        if kind in (0, 1, 28):
            yield name, raw.copy().view({0: "f4", 1: "f2", 28: "f8"}[kind])
        elif kind == 30:
            yield name, _from_bfloat16(raw)
        elif kind in SCALES:
            blocks = raw.reshape(-1, size)
            for place in SCALES[kind]:
                yield name, np.ascontiguousarray(blocks[:, place : place + 2]).view("f2").ravel()


def _onnx_arrays(path: Path) -> Iterator[tuple[str, Any]]:
    """The initializers of an ONNX file.

    Raises:
        ModelFormatError: one lies outside the file, which is how such a file reads others.
    """
    import numpy as np
    import onnx
    from onnx import numpy_helper

    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own kinds
        raise ModelFormatError(f"{path} is no ONNX model ({type(error).__name__})", REFETCH) from None
    weights = {tensor.name for tensor in model.graph.initializer}
    for tensor in _tensors(model):
        if tensor.external_data or tensor.data_location:
            raise ModelFormatError(f"{path} keeps weights outside itself", "export it into one file")
        if tensor.data_type in (1, 10, 11, 16):  # FLOAT, FLOAT16, DOUBLE, BFLOAT16
            values = numpy_helper.to_array(tensor).astype("f8" if tensor.data_type == 11 else "f4").ravel()
            # Constants of masks are rightly without end; weights are not.
            yield tensor.name, values if tensor.name in weights else np.where(np.isinf(values), 0, values)


def _tensors(message: Any) -> Iterator[Any]:
    """Every TensorProto anywhere in an ONNX model: initializers, constants, attributes, subgraphs, functions."""
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            continue
        for one in value if field.is_repeated else [value]:
            if one.DESCRIPTOR.name == "TensorProto":
                yield one
            else:
                yield from _tensors(one)
