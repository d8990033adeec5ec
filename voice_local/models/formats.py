"""What a model file really is, from its bytes and without running any of it.

`inspect` reads headers and sizes and is called before every load; `voice_local.supply.weights`
reads all weights, before an import.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voice_local import extras
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
)
from voice_local.models import headers

TEXTS = (".json", ".txt", ".md", ".model", ".jinja")
WEIGHTS = (".gguf", ".onnx", ".bin", ".safetensors")
BARE = ("LICENSE", "LICENCE", "NOTICE", "USE_POLICY", "COPYING")
PICKLES = (".pth", ".pt", ".pkl", ".pickle", ".ckpt", ".joblib", ".npz", ".h5", ".msgpack")
FOREIGN = "keep it elsewhere: a model's folder holds nothing but the model"
REFETCH = "fetch it again (voice-local models download NAME), or import a bundle that verifies"

STYLE_SHAPE = (510, 256)
"""Kokoro's voices: a style for each length of text, float32, with no header, in a folder
`voices`."""

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
class FileInfo:
    """What a file is: its format and the architecture it names (empty where formats name none)."""

    format: str
    architecture: str = ""


def inspect(path: Path) -> FileInfo:
    """What `path` is, its structure checked against its size.

    Raises:
        ModelFormatError: a pickle, a link, a kind of file that models have no use for, a broken or
            cut file.
    """
    if path.is_symlink() or not path.is_file():
        raise ModelFormatError(f"{path} is a link or no file at all", "copy the file itself there")
    if _is_pickle(path):
        raise ModelFormatError(
            f"{path} is a pickle or similar, which can run code",
            "convert it: voice-local models convert KIND SOURCE OUT",
        )
    try:
        found = _parse(path)
    except MALFORMED as error:
        reason = " ".join(str(error).split())[:90] or type(error).__name__
        raise ModelFormatError(f"{path} is cut off or broken ({reason})", REFETCH) from None
    if found is not None:
        return found
    if path.suffix in TEXTS or (path.stem.upper() in BARE and path.suffix in ("", ".txt", ".md")):
        return FileInfo("text")
    raise ModelFormatError(f"{path} is not a file type that models use", FOREIGN)


def _is_pickle(path: Path) -> bool:
    """Whether it is a pickle, or an archive of pickles, by its name or its first bytes."""
    with path.open("rb") as file:
        start = file.read(4)
    # A safetensors file begins with its header's length, which may look like a pickle's first byte.
    pickled = start[:1] == b"\x80" and path.suffix != ".safetensors" and not is_style(path)
    return path.suffix.lower() in PICKLES or pickled or _zipped_pickle(path, start)


def _zipped_pickle(path: Path, start: bytes) -> bool:
    """Whether it is a zip, as torch writes them: none of our formats is one."""
    return start == b"PK\x03\x04" or (
        path.suffix not in (".gguf", ".safetensors") and zipfile.is_zipfile(path)
    )


def _parse(path: Path) -> FileInfo | None:
    """What a file of a format with a structure is, read by its suffix; None for plain text and
    unknown suffixes.

    Raises:
        one of MALFORMED: it is not what its suffix says.
    """
    readers: dict[str, Callable[[Path], FileInfo]] = {
        ".gguf": lambda file: FileInfo("gguf", headers.gguf(file)[0]),
        ".safetensors": _safetensors,
        ".bin": _bin,
        ".onnx": lambda file: FileInfo("onnx"),
        ".npy": _numpy,
        ".json": _json,
    }
    return readers[path.suffix](path) if path.suffix in readers else None


def _safetensors(path: Path) -> FileInfo:
    for _ in headers.safetensors(path):
        pass
    return FileInfo("safetensors")


def _bin(path: Path) -> FileInfo:
    if is_style(path):
        return FileInfo("style")
    return FileInfo("ctranslate2", headers.ctranslate2(path)[0])


def _numpy(path: Path) -> FileInfo:
    import numpy as np

    np.load(path, mmap_mode="r", allow_pickle=False)
    return FileInfo("numpy")


def _json(path: Path) -> FileInfo:
    json.loads(path.read_text(encoding="utf-8"))
    return FileInfo("json")


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
            "onnx is not installed; it is needed to inspect ONNX models",
            extras.remedy("small"),
        ) from None
    try:
        return onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's own kinds
        raise ModelFormatError(
            f"{path} is no ONNX model ({type(error).__name__})", REFETCH
        ) from None
