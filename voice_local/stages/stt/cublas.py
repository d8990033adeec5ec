"""CUDA 12's cuBLAS for CTranslate2, which opens it by name and does not look into Python
packages."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

LIBRARIES = ("libcublasLt.so.12", "libcublas.so.12")
"""In the order in which one needs the other."""


def preload() -> bool:
    """Loads it from the system or from the package nvidia-cublas-cu12; whether it is there now.

    A library that is loaded already is what a later look-up by its name finds.
    """
    return all(
        _loads(name) or any(_loads(str(folder / name)) for folder in _folders())
        for name in LIBRARIES
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True


def _folders() -> list[Path]:
    try:
        found = importlib.util.find_spec("nvidia.cublas")
    except ModuleNotFoundError:
        return []
    return (
        [Path(place) / "lib" for place in found.submodule_search_locations or ()] if found else []
    )
