"""`doctor`: whether a profile can run here, what each stage really uses, what is missing and how to
get it."""

from __future__ import annotations

import contextlib
import ctypes.util
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.text import Text

from voice_local import config
from voice_local.cli import show
from voice_local.cli.loading import Loading
from voice_local.config import STAGES, Settings
from voice_local.cpu_threads import thread_shares
from voice_local.engine.stage_api import (
    StageReport,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    ConfigError,
    VoiceLocalError,
)
from voice_local.extras import remedy
from voice_local.models.folder import profile_folder
from voice_local.profile_choice import (
    BEST_FIRST,
    Obstacle,
    best,
    card_memory_gb,
    obstacle,
    own_profiles,
)

PACKAGES = {
    "small": (
        "voice-local",
        "onnxruntime",
        "sounddevice",
        "pyzmq",
        "faster-whisper",
        "ctranslate2",
        "llama-cpp-python",
        "hibari-tts",
    ),
    "coqui": ("coqui-tts", "transformers", "torch", "torchaudio", "torchcodec"),
}
"""By the extra that brings them."""
LIBRARIES = {"portaudio": "apt-get install libportaudio2 (microphone and loudspeaker)"}
COMMANDS = {
    "espeak-ng": "apt-get install espeak-ng (only for coqui/joe, for Kokoro's voices in other "
    "languages, to train)"
}

CAN_RUN = "can run"
WORKER = "voice_local.engine.worker"


def workers() -> list[int]:
    """Process ids of engine workers that run on this machine, as far as they may be seen."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        if (
            WORKER in (process.info["cmdline"] or ())
            and process.info["status"] != psutil.STATUS_ZOMBIE
        ):
            found.append(int(process.info["pid"]))
    return found


async def run(profile: str | None, models_dir: Path | None, as_json: bool) -> bool:
    """Examines everything; true where the profile that was asked for, else the default, can run.

    Raises:
        ConfigError: an unknown profile.
    """
    asked = profile or best() or "tiny"
    settings = config.load(asked, models_dir=models_dir)
    why = None if models_dir else obstacle(asked)
    reports: list[StageReport] = []
    worker_mb = 0.0
    try:
        reports, worker_mb = await _loaded(settings, as_json)
    except VoiceLocalError as error:
        why = why or Obstacle(error.cause, error.remedy)
    states = {name: _state(name) for name in (*reversed(BEST_FIRST), *own_profiles())}
    packages, missing = _packages()
    missing += [
        {"what": name, "how": how}
        for name, how in LIBRARIES.items()
        if not ctypes.util.find_library(name)
    ]
    missing += [
        {"what": name, "how": how} for name, how in COMMANDS.items() if not shutil.which(name)
    ]
    if why:
        missing.append({"what": why.in_full, "how": why.remedy})
    verdict = _verdict(asked, why, profile is None)
    document = {
        "profile": asked,
        "can_run": why is None,
        "verdict": verdict,
        "models": str(profile_folder(asked, settings.models_dir)),
        "machine": _machine(settings),
        "profiles": {name: str(state) if state else CAN_RUN for name, state in states.items()},
        "packages": packages,
        "stages": [asdict(report) for report in reports],
        "worker_rss_mb": round(worker_mb, 1),
        "front_rss_mb": round(psutil.Process().memory_info().rss / 2**20, 1),
        "missing": missing,
    }
    if as_json:
        show.emit(document)
    else:
        _tell(document, states, reports)
    return why is None


async def _loaded(settings: Settings, quiet: bool) -> tuple[list[StageReport], float]:
    """What each stage is once loaded, and the worker's resident MB (2²⁰)."""
    async with contextlib.AsyncExitStack() as stack:
        with Loading(settings, STAGES, quiet) as loading:
            engine = await stack.enter_async_context(
                WorkerEngine(settings, STAGES, show.note, loading.stage)
            )
        return engine.reports, psutil.Process(engine.pid).memory_info().rss / 2**20


def _state(profile: str) -> Obstacle | None:
    """What keeps a profile from running here; None where nothing does."""
    try:
        return obstacle(profile)
    except ConfigError as error:
        return Obstacle(error.cause, error.remedy)


def _verdict(asked: str, why: Obstacle | None, chosen: bool) -> str:
    if why is None:
        return f"{asked} can run here" + ("; the commands use it by default." if chosen else ".")
    return f"{asked} cannot run here: {why}"


def _packages() -> tuple[dict[str, str], list[dict[str, str]]]:
    """(Version by package, those that are missing and what brings them)."""
    packages, missing = {}, []
    for extra, name in ((extra, name) for extra, names in PACKAGES.items() for name in names):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "missing"
            missing.append({"what": name, "how": remedy(extra)})
    return packages, missing


def _machine(settings: Settings) -> dict[str, Any]:
    memory = psutil.virtual_memory()
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": psutil.cpu_count(),
        "threads": thread_shares(settings.cpu_threads),
        "memory_gb": round(memory.total / 2**30, 1),
        "memory_free_gb": round(memory.available / 2**30, 1),
        "card_memory_gb": round(card_memory_gb(), 1),
    }


def _tell(
    document: dict[str, Any], states: Mapping[str, Obstacle | None], reports: Sequence[StageReport]
) -> None:
    console = Console(highlight=False)
    console.print(
        Text(document["verdict"], style="bold green" if document["can_run"] else "bold red"),
        soft_wrap=not console.is_terminal,
    )
    console.print()
    own = set(own_profiles())
    show.pairs(
        "Profiles",
        {
            f"{name} (your own)" if name in own else name: state.in_short if state else CAN_RUN
            for name, state in states.items()
        },
    )
    if reports:
        console.print()
        show.pairs(
            f"{document['profile']}, as loaded",
            {
                **show.reports(reports),
                "memory": f"{document['worker_rss_mb']:.0f} MB the engine, "
                f"{document['front_rss_mb']:.0f} MB this process",
                "models": document["models"],
            },
        )
    machine = document["machine"]
    card = (
        f"{machine['card_memory_gb']} GB of a graphics card"
        if machine["card_memory_gb"]
        else "no graphics card"
    )
    console.print()
    show.pairs(
        "Machine",
        {
            "system": f"{machine['system']}, Python {machine['python']}",
            "memory": f"{machine['memory_gb']} GB, {machine['memory_free_gb']} free; {card}",
            "cores": f"{machine['cores']}; threads: "
            + ", ".join(
                f"{show.STAGES[stage]} {count}" for stage, count in machine["threads"].items()
            ),
        },
    )
    console.print()
    show.pairs(
        "Packages",
        {"": ", ".join(f"{name} {found}" for name, found in document["packages"].items())},
    )
    console.print()
    show.pairs(
        "Missing", {item["what"]: item["how"] for item in document["missing"]} or {"nothing": ""}
    )
