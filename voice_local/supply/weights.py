"""Whether every weight of a model file is a number, without running it."""

from __future__ import annotations

import functools
import math
import mmap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from voice_local.errors import ModelFormatError
from voice_local.models import (
    formats,
    headers,
)

SCALES = {
    2: (0,),
    3: (0, 2),
    6: (0,),
    7: (0, 2),
    8: (0,),
    10: (80, 82),
    11: (108,),
    12: (0, 2),
    13: (0, 2),
    14: (208,),
    16: (0,),
    17: (0,),
    18: (0,),
    19: (0,),
    20: (0,),
    21: (0,),
    22: (0,),
    23: (0,),
    34: (52,),
    35: (64,),
}
"""Where the float16 scales of a quantized block lie (ggml-common.h). IQ1_M and MXFP4 keep theirs in
other forms."""


def finite(path: Path) -> None:
    """Reads every weight of `path`.

    Raises:
        ModelFormatError: one of them is not a number or without end, or an ONNX file reads from
            outside itself.
    """
    if path.suffix not in formats.WEIGHTS or not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            for name, values in _arrays(path, data):
                if not _all_finite(values):
                    raise ModelFormatError(
                        f"{path} has weights that are not numbers ({name})", formats.REFETCH
                    )
        except formats.MALFORMED as error:
            reason = " ".join(str(error).split())[:90] or type(error).__name__
            raise ModelFormatError(f"{path} is broken ({reason})", formats.REFETCH) from None


def _all_finite(values: Any) -> bool:
    import numpy as np

    pieces = (values[i : i + (1 << 22)] for i in range(0, len(values), 1 << 22))
    return all(bool(np.isfinite(piece).all()) for piece in pieces)


class _Stored(NamedTuple):
    """Where a tensor's bytes lie in the file, and what makes flat arrays of numbers of them."""

    name: str
    first: int
    end: int
    decode: Callable[[Any], Iterable[Any]]


def _arrays(path: Path, data: mmap.mmap) -> Iterator[tuple[str, Any]]:
    """(name, flat array) of all weights; quantized GGUF blocks by their float16 scales, bfloat16 as
    float32."""
    import numpy as np

    if path.suffix == ".onnx":
        yield from _onnx_arrays(path)
        return
    for stored in _stored(path):
        # A copy of the bytes: a map cannot be closed while an array refers to it.
        raw = np.frombuffer(data[stored.first : stored.end], np.uint8)
        for values in stored.decode(raw):
            yield stored.name, values


def _stored(path: Path) -> Iterator[_Stored]:
    """Every tensor of `path` that holds floating-point numbers."""
    if path.suffix == ".safetensors":
        yield from _safetensors(path)
    elif formats.is_style(path):
        yield _Stored(path.stem, 0, path.stat().st_size, _plain("f4"))
    elif path.suffix == ".bin":
        yield from _ctranslate2(path)
    elif path.suffix == ".gguf":
        yield from _gguf(path)


def _safetensors(path: Path) -> Iterator[_Stored]:
    for name, kind, first, end in headers.safetensors(path):
        if kind in ("F64", "F32", "F16"):
            yield _Stored(name, first, end, _plain(f"f{headers.SAFETENSORS[kind]}"))
        elif kind == "BF16":
            yield _Stored(name, first, end, _bfloat16)


def _ctranslate2(path: Path) -> Iterator[_Stored]:
    for name, (kind, offset, size) in headers.ctranslate2(path)[1].items():
        if kind.startswith("f"):
            yield _Stored(name, offset, offset + size, _plain(kind))


def _plain(kind: str) -> Callable[[Any], list[Any]]:
    """Decodes values of numpy's type `kind`."""
    return lambda raw: [raw.view(kind)]


def _bfloat16(raw: Any) -> list[Any]:
    import numpy as np

    return [(raw.view(np.uint16).astype(np.uint32) << 16).view(np.float32)]


def _gguf(path: Path) -> Iterator[_Stored]:
    plain = {0: "f4", 1: "f2", 28: "f8"}
    for name, (kind, shape, offset) in headers.gguf(path)[1].items():
        block, size = headers.GGML_BLOCKS[kind]
        end = offset + -(-math.prod(shape) // block) * size
        if kind in plain:
            yield _Stored(name, offset, end, _plain(plain[kind]))
        elif kind == 30:
            yield _Stored(name, offset, end, _bfloat16)
        elif kind in SCALES:
            yield _Stored(name, offset, end, functools.partial(_scales, SCALES[kind], size))


def _scales(places: tuple[int, ...], size: int, raw: Any) -> Iterator[Any]:
    """The float16 scales at `places` of each block of `size` bytes."""
    import numpy as np

    blocks = raw.reshape(-1, size)
    for place in places:
        yield np.ascontiguousarray(blocks[:, place : place + 2]).view("f2").ravel()


def _onnx_arrays(path: Path) -> Iterator[tuple[str, Any]]:
    """The initializers of an ONNX file.

    Raises:
        ModelFormatError: one lies outside the file, which is how such a file reads others.
    """
    import numpy as np

    model = formats.onnx_model(path)
    from onnx import numpy_helper

    weights = {tensor.name for tensor in model.graph.initializer}
    for tensor in _tensors(model):
        if tensor.external_data or tensor.data_location:
            raise ModelFormatError(
                f"{path} keeps weights outside itself", "export it into one file"
            )
        if tensor.data_type in (1, 10, 11, 16):  # FLOAT, FLOAT16, DOUBLE, BFLOAT16
            values = (
                numpy_helper.to_array(tensor)
                .astype("f8" if tensor.data_type == 11 else "f4")
                .ravel()
            )
            # Constants of masks are rightly without end; weights are not.
            yield (
                tensor.name,
                values if tensor.name in weights else np.where(np.isinf(values), 0, values),
            )


def _tensors(message: Any) -> Iterator[Any]:
    """Every TensorProto anywhere in an ONNX model: initializers, constants, attributes, subgraphs,
    functions."""
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            continue
        for one in value if field.is_repeated else [value]:
            if one.DESCRIPTOR.name == "TensorProto":
                yield one
            else:
                yield from _tensors(one)
