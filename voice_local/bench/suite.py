"""Runs sections one after the other and puts what they found into one report."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from voice_local.bench.context import Context
from voice_local.bench.schema import (
    Report,
    Section,
)
from voice_local.bench.speakers import available
from voice_local.errors import (
    BenchmarkError,
    ConfigError,
    InputError,
    VoiceLocalError,
)
from voice_local.models.folder import (
    ModelFolder,
    profile_folder,
)

SECTIONS = (
    "latency",
    "overhead",
    "wire",
    "voice_to_voice",
    "steady",
    "wer",
    "intent",
    "emotion",
    "endpointing",
    "barge_in",
    "tts",
    "load",
    "memory",
    "gpu",
    "peers",
)
"""In the order in which `all` runs them: first what noise from a neighbour hurts most."""

PACKAGES = (
    "voice-local",
    "faster-whisper",
    "ctranslate2",
    "onnxruntime",
    "llama-cpp-python",
    "coqui-tts",
    "torch",
    "transformers",
    "silero-vad",
)
BROKEN = (
    ImportError,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    subprocess.SubprocessError,
    psutil.Error,
)
"""What libraries and operating systems throw, besides our own errors."""

SHOWN = {"vad", "stt", "llm", "tts", "conversation", "cpu_threads", "device"}
PLACES = {"gpu": "voice_local.bench.gpu.section"}


def reference_ms() -> float:
    """How long a fixed piece of work on one core takes, half arithmetic and half interpreter: the
    median of seven."""
    found, numbers = [], np.linspace(0, 1, 20_000, dtype=np.float32)
    for _ in range(7):
        began, total = time.perf_counter(), 0
        for _ in range(40):
            numbers = np.tanh(numbers * np.float32(1.01))
        for number in range(60_000):
            total += number & 7
        found.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(found), 2)


def about(context: Context, names: Sequence[str]) -> dict[str, Any]:
    """What a stranger has to know to believe the figures, or to repeat them."""
    folder = profile_folder(context.settings.profile, context.settings.models_dir)
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["voice-local", *sys.argv[1:]]),
        "commit": _commit(),
        "profile": context.settings.profile,
        "quick": context.quick,
        "sections": list(names),
        "planted_faults": list(context.faults),
        "options": dict(context.options),
        "voices": sorted(available()),
        "data": str(context.data or ""),
        "machine": _machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_average_before": [round(x, 2) for x in os.getloadavg()],
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "models": _digests(ModelFolder(folder)),
        "settings": context.settings.model_dump(mode="json", include=SHOWN),
    }


def _machine() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    names = [
        line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()


def _commit() -> str:
    """Of the repository this package lies in, "+" where it was changed since; empty for an
    installed one."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists() or shutil.which("git") is None:
        return ""

    def git(*words: str) -> str:
        found = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
        )
        return found.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + (
        "+" if git("status", "--porcelain", "--untracked-files=no") else ""
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _digests(models: ModelFolder) -> dict[str, str]:
    """The first half of each model file's SHA-256, as the manifest tells it."""
    return {
        name: str(about.get("sha256", ""))[:16] for name, about in sorted(models.manifest.items())
    }


def check(names: Sequence[str]) -> None:
    """Refuses what is no section.

    Raises:
        BenchmarkError: an unknown one.
    """
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        raise BenchmarkError(
            f"unknown benchmark {unknown[0]!r}", f"one of: all, {', '.join(SECTIONS)}"
        )


async def run(context: Context, names: Sequence[str]) -> Report:
    """Runs the sections called `names`; one that cannot be measured here is marked, and the others
    go on.

    Raises:
        BenchmarkError: an unknown section.
        InputError, ConfigError: what the user gave a section cannot be used.
        OSError: the report cannot be written.
    """
    check(names)
    report = Report(about(context, names), [])
    for name in names:
        context.note(f"{name} …")
        report.sections.append(await _section(context, name))
        report.write(context.folder / "report.json")  # an hour's work outlives an interruption
    report.about["load_average_after"] = [round(x, 2) for x in os.getloadavg()]
    report.about["seconds"] = round(sum(section.seconds for section in report.sections), 1)
    report.write(context.folder / "report.json")
    return report


async def _section(context: Context, name: str) -> Section:
    before, began = reference_ms(), time.monotonic()
    try:
        section: Section = await importlib.import_module(
            PLACES.get(name, f"voice_local.bench.{name}")
        ).measure(context)
    except BenchmarkError as error:  # it cannot be measured here
        section = Section(name, status="skipped", reason=f"{error.cause}; {error.remedy}")
    except (InputError, ConfigError):  # what the user gave: nobody is helped by a report without it
        raise
    except VoiceLocalError as error:
        section = Section(name, status="failed", reason=f"{error.cause}; {error.remedy}")
    except BROKEN as error:  # what was measured before, and what comes after, must not go with it
        section = Section(
            name,
            status="failed",
            reason=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}",
        )
    section.seconds = round(time.monotonic() - began, 1)
    section.reference_ms = [before, reference_ms()]
    return section
