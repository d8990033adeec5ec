"""Environment of a worker process: no telemetry, no hub, no thread pools of their own."""

from __future__ import annotations

import os

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TRAINER_TELEMETRY": "0",
    "ORT_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning OpenMP threads starve each other where cores are few
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}


def worker_environment(threads: int) -> dict[str, str]:
    """This process's environment with every switch of `OFFLINE` and OpenMP held to `threads`."""
    return {**os.environ, **OFFLINE, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
