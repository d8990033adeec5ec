"""The one place where ONNX Runtime is imported and sessions are made: its telemetry is off before
it loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voice_local.offline import switches

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
SILENT = 3
"""Log severity: errors only."""


def runtime() -> Any:
    """The library, imported with its telemetry off."""
    switches.apply(switches.QUIET)
    import onnxruntime

    return onnxruntime


def make_session(
    path: Path, threads: int, providers: Sequence[str] = (CPU,), *, spin: bool = True
) -> Any:
    """An `InferenceSession` of the model at `path` on `threads` threads, on the first of
    `providers` that is offered.

    `spin`: threads that wait for each other keep their cores busy, which is quicker where no one
    else wants them.

    Raises:
        Exception: the library's own, where it cannot load the model.
    """
    library = runtime()
    options = library.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = SILENT
    if not spin:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    offered = library.get_available_providers()
    return library.InferenceSession(
        str(path), options, providers=[name for name in providers if name in offered]
    )
