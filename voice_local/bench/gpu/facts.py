"""What each library can do with a card, found in a process of its own: `python -m
voice_local.bench.gpu.facts` writes JSON.

A library that cannot even be loaded, or that dies of its driver, then takes nothing along.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from voice_local.stages.stt import cublas


def torch_facts() -> dict[str, Any]:
    """`version`, `cards` it sees, and of the first `uuid` and `capability`."""
    import torch

    cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    first = torch.cuda.get_device_properties(0) if cards else None
    return {
        "version": str(torch.__version__),
        "cuda": str(torch.version.cuda or ""),
        "cards": cards,
        "uuid": f"GPU-{first.uuid}" if first else "",
        "capability": f"{first.major}.{first.minor}" if first else "",
    }


def ctranslate2_facts() -> dict[str, Any]:
    """`version`, `cards`, and whether CUDA 12's cuBLAS, which it looks for when it first computes,
    would be found."""
    import ctranslate2

    cards = int(ctranslate2.get_cuda_device_count())
    return {
        "version": str(ctranslate2.__version__),
        "cards": cards,
        "cublas": cublas.preload(),
        "types": sorted(ctranslate2.get_supported_compute_types("cuda")) if cards else [],
    }


def llama_facts() -> dict[str, Any]:
    """`version` and whether it was built with CUDA."""
    import llama_cpp

    flags = llama_cpp.llama_print_system_info().decode(errors="replace")
    return {
        "version": str(llama_cpp.__version__),
        "offload": bool(llama_cpp.llama_supports_gpu_offload()),
        "cuda": "CUDA" in flags,
    }


def onnxruntime_facts() -> dict[str, Any]:
    """`version` and `providers`."""
    from voice_local.models.onnx_session import runtime

    return {
        "version": str(runtime().__version__),
        "providers": list(runtime().get_available_providers()),
    }


LIBRARIES: dict[str, Callable[[], dict[str, Any]]] = {
    "torch": torch_facts,
    "ctranslate2": ctranslate2_facts,
    "llama_cpp": llama_facts,
    "onnxruntime": onnxruntime_facts,
}


def gather() -> dict[str, dict[str, Any]]:
    """Every library's facts; `{"error": …}` of one that does not load."""
    found = {}
    for name, ask in LIBRARIES.items():
        try:
            found[name] = ask()
        except (ImportError, OSError, RuntimeError, AttributeError, ValueError) as error:
            found[name] = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"}
    return found


if __name__ == "__main__":
    print(json.dumps(gather()))
