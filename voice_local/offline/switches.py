"""Every library's switches for telemetry and for hubs, in this one place; and the environments of
processes we start.

Each switch has a test that fails when it is taken out (`tests/models/test_switches.py`).
docs/offline.md: what each stops.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

QUIET = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reads it when it is imported, and never again
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""What no process may do, a host program's neither."""
OFFLINE = {**QUIET, "HF_HUB_OFFLINE": "1"}
"""For processes of our own, which ask no hub for anything."""
ONLINE = {**QUIET, "HF_HUB_OFFLINE": "0"}
"""For the downloader alone."""

MANNERS = {
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning OpenMP threads starve each other where cores are few …
    # … but not at all, a token of llama.cpp on two threads takes 29 ms for 17: many short steps
    "GOMP_SPINCOUNT": "2000",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}
"""How processes behave that load models; nothing here is about the network."""
YES = ("1", "true", "yes", "on")


class TelemetryWarning(RuntimeWarning):
    """A library whose telemetry can no longer be stopped in this process."""


def own_process() -> None:
    """The first call in every process of our own: `OFFLINE`, and `places` that the user has not
    chosen."""
    apply(OFFLINE)
    for name, place in places().items():
        os.environ.setdefault(name, place)


def apply(switches: Mapping[str, str]) -> None:
    """Sets `switches` in this process, over whatever the user has set; any number of times.

    Libraries that are already imported are set where they allow it: huggingface_hub by its
    constants. onnxruntime does not: its `disable_telemetry_events` stops neither the look-up of its
    maker's host nor the device id in the home folder, called before a session or after it (tried
    with 1.32). A `TelemetryWarning` tells that.
    """
    before = os.environ.get("ORT_DISABLE_TELEMETRY", "")
    os.environ.update(switches)
    constants = sys.modules.get("huggingface_hub.constants")
    for name, value in switches.items():
        if hasattr(constants, name):
            setattr(constants, name, value == "1")
    onnxruntime = sys.modules.get("onnxruntime")
    if onnxruntime is not None and (before.lower() not in YES or _telemetry_runs()):
        _late(onnxruntime)


def _late(onnxruntime: Any) -> None:
    """Stops what can be stopped (events to come) and warns of the rest."""
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()
    warnings.warn(
        "onnxruntime was imported before voice_local: its telemetry runs in this process and will "
        "ask for its maker's "
        "event host. Import voice_local first, or set ORT_DISABLE_TELEMETRY=1 before Python "
        "starts.",
        TelemetryWarning,
        stacklevel=3,
    )


def _telemetry_runs() -> bool:
    """Whether onnxruntime's store of events is open in this process."""
    for descriptor in Path("/proc/self/fd").glob("*"):
        try:
            if "/.onnxruntime/" in os.readlink(descriptor):
                return True
        except OSError:
            continue
    return False


def cache_folder() -> Path:
    """Our own folder for what can be made again."""
    # Importing the package loads nothing else than this module.
    from voice_local.base_folders import base_folder

    return base_folder("XDG_CACHE_HOME", ".cache") / "voice_local"


def places() -> dict[str, str]:
    """Where libraries keep what they insist on keeping: below a folder of ours, not in folders of
    theirs."""
    return {
        name: str(cache_folder() / folder)
        for name, folder in (
            ("MPLCONFIGDIR", "matplotlib"),
            ("NUMBA_CACHE_DIR", "numba"),
            ("CUDA_CACHE_PATH", "cuda"),
        )
    }


def child_environment() -> dict[str, str]:
    """This process's environment with `OFFLINE`, `MANNERS`, and `places` that the user has not
    chosen."""
    return {**places(), **os.environ, **OFFLINE, **MANNERS}


def worker_environment(threads: int) -> dict[str, str]:
    """`child_environment` with OpenMP held to `threads`."""
    return {**child_environment(), "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}


def started_with() -> dict[str, str]:
    """The environment this process was started with: the user's, before any switch of ours."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    pairs = (os.fsdecode(entry).partition("=") for entry in entries if b"=" in entry)
    return {name: value for name, _, value in pairs}
