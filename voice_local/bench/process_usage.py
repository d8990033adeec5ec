"""What a process takes: processor time and resident memory."""

from __future__ import annotations

import ctypes
import gc

import psutil


def cpu_s(process: psutil.Process) -> float:
    """Processor time so far, its own and the system's for it."""
    times = process.cpu_times()
    return float(times.user + times.system)


def resident_mb(process: psutil.Process) -> float:
    """Memory that is in RAM now."""
    return float(process.memory_info().rss / 2**20)


def give_back_free_memory() -> None:
    """Frees what nothing refers to, and hands free heap back to the system: else what leaks first
    fills what is free."""
    gc.collect()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc's
        libc.malloc_trim(0)
