"""llama.cpp's code for the CPU, in the build that suits it.

The wheel that `scripts/setup` builds holds two: one that runs on every x86-64 CPU with AVX2, and
one with AVX-512 and VNNI, which reads prompts a third faster (`docker/llama_cpp.cmake`).
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from pathlib import Path

NEEDED = frozenset(
    {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw", "avx512_vnni"},
)
"""Names of `/proc/cpuinfo`."""

FOLDER = Path("lib", "avx512")


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """What the CPU can do; empty where that is not known."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def wider_library(flags: frozenset[str]) -> Path | None:
    """The library for a CPU with `flags`; None: the one that llama.cpp loads by itself is right, or
    the wheel has no other."""
    package = importlib.util.find_spec("llama_cpp")
    if package is None or package.origin is None or not flags >= NEEDED:
        return None
    return next((Path(package.origin).parent / FOLDER).glob("libggml-cpu.so.*"), None)


def load_cpu_library() -> bool:
    """Loads the wider library where there is one for this CPU. Call it before `llama_cpp` is
    imported: the dynamic loader takes a library that is there already by its name. False: none was
    loaded."""
    if "llama_cpp" in sys.modules:
        return False
    path = wider_library(cpu_flags())
    if path is None:
        return False
    try:
        ctypes.CDLL(str(path))
    except OSError:  # as if there were none
        return False
    return True
