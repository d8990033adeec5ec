"""Every library's switches for telemetry and for hubs, in this one place; and the environment of a worker process."""

from __future__ import annotations

import os

NO_TELEMETRY = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DO_NOT_TRACK": "1",
    "TRAINER_TELEMETRY": "0",
    "ORT_DISABLE_TELEMETRY": "1",
}
OFFLINE = {
    **NO_TELEMETRY,
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning OpenMP threads starve each other where cores are few
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
}
ONLINE = {**NO_TELEMETRY, "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0", "HF_HUB_DISABLE_XET": "1",
          "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
"""For the downloader alone: plain HTTP ranges through one endpoint and the proxy, no side channel (Xet)."""


def worker_environment(threads: int) -> dict[str, str]:
    """This process's environment with every switch of `OFFLINE` and OpenMP held to `threads`."""
    return {**os.environ, **OFFLINE, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
