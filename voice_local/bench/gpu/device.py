"""The device check: which card there is, whether every library can use it, and how much of it who
has taken.

Every refusal is one line and its remedy.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from voice_local.errors import BenchmarkError
from voice_local.offline.switches import worker_environment

NEED_MB = 14_000
"""Free memory that all models together want, their contexts and workspaces included, with room to
spare."""


@dataclass(frozen=True)
class Card:
    """One NVIDIA card as its driver tells."""

    name: str
    driver: str
    memory_mb: float
    free_mb: float
    uuid: str


@dataclass(frozen=True)
class Device:
    """A card that every library can use; `libraries` as `facts.gather` tells."""

    card: Card
    libraries: dict[str, dict[str, Any]]

    @property
    def machine(self) -> str:
        """What figures hold for: another card, driver or library makes them stale."""
        versions = " ".join(
            f"{name} {about.get('version', '?')}" for name, about in sorted(self.libraries.items())
        )
        return f"{self.card.name}, driver {self.card.driver}, {versions}"


def cards() -> list[Card]:
    """Every card that the driver lists.

    Raises:
        BenchmarkError: none, or no driver.
    """
    try:
        rows = _smi("--query-gpu=name,driver_version,memory.total,memory.free,uuid")
    except (OSError, subprocess.SubprocessError):
        raise BenchmarkError(
            "there is no NVIDIA card here (nvidia-smi lists none)",
            "run this on a machine with a card, or see every step in small: --rehearse",
        ) from None
    found = [
        Card(name, driver, _number(total), _number(free), uuid)
        for name, driver, total, free, uuid in rows
    ]
    if not found:
        raise BenchmarkError("nvidia-smi lists no card", "look at the driver: nvidia-smi -L")
    return found


def check(need_mb: float = NEED_MB) -> Device:
    """The card to measure, fit for it.

    Raises:
        BenchmarkError: no card, several, one that is too full, or a library that cannot use it.
    """
    present = cards()
    libraries = _libraries()
    refuse_unfit(libraries)
    uuid = str(libraries["torch"]["uuid"])
    card = next((one for one in present if one.uuid == uuid), present[0])
    if card.free_mb < need_mb:
        raise BenchmarkError(
            f"{card.name} has {card.free_mb / 1024:.1f} GB free of {card.memory_mb / 1024:.1f}, "
            f"{need_mb / 1024:.1f} are needed",
            "end what else uses it: nvidia-smi",
        )
    return Device(card, libraries)


def refuse_unfit(libraries: dict[str, dict[str, Any]]) -> None:
    """Nothing, when every library that has to can use the card.

    Raises:
        BenchmarkError: the first that cannot.
    """
    for name, about in libraries.items():
        if "error" in about:
            raise BenchmarkError(f"{name} does not load ({about['error']})", "scripts/setup --cuda")
    torch, whisper, llama = libraries["torch"], libraries["ctranslate2"], libraries["llama_cpp"]
    if not torch["cards"]:
        raise BenchmarkError(
            f"torch {torch['version']} sees no card (built for CUDA {torch['cuda'] or 'none'})",
            "install a torch and a driver that fit together: scripts/setup --cuda",
        )
    if torch["cards"] > 1:
        raise BenchmarkError(
            f"{torch['cards']} cards are visible, one is measured", "export CUDA_VISIBLE_DEVICES=0"
        )
    if not whisper["cards"]:
        raise BenchmarkError(
            f"ctranslate2 {whisper['version']} sees no card", "update the driver, or ctranslate2"
        )
    if not whisper["cublas"]:
        raise BenchmarkError(
            "ctranslate2 will not find CUDA 12's cuBLAS (libcublas.so.12)",
            "scripts/setup --cuda, or pip install 'nvidia-cublas-cu12>=12.4,<13'",
        )
    if not (llama["offload"] and llama["cuda"]):
        raise BenchmarkError(
            f"llama-cpp-python {llama['version']} is built without CUDA", "scripts/setup --cuda"
        )


def used_mb(uuid: str) -> float:
    """Megabytes of the card taken by all processes together.

    Raises:
        BenchmarkError: the driver does not tell.
    """
    try:
        return _number(_smi(f"--id={uuid}", "--query-gpu=memory.used")[0][0])
    except (OSError, subprocess.SubprocessError, IndexError):
        raise BenchmarkError(
            "nvidia-smi no longer answers", "look at the driver: nvidia-smi"
        ) from None


def settled_mb(uuid: str, pause_s: float = 0.3, tries: int = 20) -> float:
    """`used_mb` once it no longer changes: what a worker held is given back some time after it
    ended."""
    before = used_mb(uuid)
    for _ in range(tries):
        time.sleep(pause_s)
        now = used_mb(uuid)
        if now == before:
            break
        before = now
    return before


def process_mb(uuid: str, pid: int) -> float | None:
    """Megabytes of the card that process `pid` has taken; None where the driver does not tell (as
    inside containers)."""
    try:
        rows = _smi(f"--id={uuid}", "--query-compute-apps=pid,used_gpu_memory")
    except (OSError, subprocess.SubprocessError):
        return None
    taken = [_number(memory) for number, memory in rows if number == str(pid)]
    return sum(taken) if taken and all(one > 0 for one in taken) else None


def _smi(*arguments: str) -> list[list[str]]:
    """Rows of nvidia-smi's output."""
    output = subprocess.run(
        ["nvidia-smi", *arguments, "--format=csv,noheader,nounits"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout
    return [
        [cell.strip() for cell in line.split(",")] for line in output.splitlines() if line.strip()
    ]


def _number(cell: str) -> float:
    """0 for what is not given ("[N/A]")."""
    try:
        return float(cell)
    except ValueError:
        return 0.0


def _libraries() -> dict[str, dict[str, Any]]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "voice_local.bench.gpu.facts"],
            capture_output=True,
            text=True,
            timeout=180,
            check=True,
            env=worker_environment(len(os.sched_getaffinity(0))),
        )
        found: dict[str, dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
        return found
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise BenchmarkError(
            f"the libraries could not be asked about the card ({type(error).__name__})",
            "python -m voice_local.bench.gpu.facts",
        ) from None
