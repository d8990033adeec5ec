"""`doctor`: what is here, what each stage really uses, what is missing and how to get it."""

from __future__ import annotations

import ctypes.util
import platform
import shutil
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil

from voice_local.cli import show
from voice_local.config import STAGES, Settings, thread_shares
from voice_local.engine.supervisor import WorkerEngine
from voice_local.errors import VoiceLocalError
from voice_local.extras import remedy
from voice_local.models.folder import profile_folder
from voice_local.profiles import BEST_FIRST, card_memory_gb, why_not

PACKAGES = {
    "small": ("voice-local", "onnxruntime", "sounddevice", "pyzmq", "faster-whisper", "ctranslate2", "llama-cpp-python",
              "hibari-tts"),
    "coqui": ("coqui-tts", "transformers", "torch", "torchaudio", "torchcodec"),
}
"""By the extra that brings them."""
LIBRARIES = {"portaudio": "apt-get install libportaudio2 (microphone and loudspeaker)"}
COMMANDS = {"espeak-ng": "apt-get install espeak-ng (only for coqui/joe, for Kokoro's voices in other languages, to train)"}


WORKER = "voice_local.engine.worker"


def workers() -> list[int]:
    """Process ids of engine workers that run on this machine, as far as they may be seen."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        if WORKER in (process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(int(process.info["pid"]))
    return found


async def run(settings: Settings, as_json: bool) -> None:
    """Examines everything; each stage that cannot be loaded is told with its reason."""
    packages, missing = {}, []
    for extra, name in ((extra, name) for extra, names in PACKAGES.items() for name in names):
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            packages[name] = "missing"
            missing.append({"what": name, "how": remedy(extra)})
    missing += [{"what": name, "how": how} for name, how in LIBRARIES.items() if not ctypes.util.find_library(name)]
    missing += [{"what": name, "how": how} for name, how in COMMANDS.items() if not shutil.which(name)]
    loaded: list[dict[str, Any]] = []
    reports = []
    worker_mb = 0.0
    try:
        async with WorkerEngine(settings, STAGES, show.note) as engine:
            reports = engine.reports
            worker_mb = psutil.Process(engine.pid).memory_info().rss / 2**20
    except VoiceLocalError as error:
        missing.append({"what": error.cause, "how": error.remedy})
    loaded = [asdict(report) for report in reports]
    front_mb = psutil.Process().memory_info().rss / 2**20
    memory = psutil.virtual_memory()
    machine = {
        "python": platform.python_version(), "system": platform.platform(), "cores": psutil.cpu_count(),
        "threads": thread_shares(settings.cpu_threads), "memory_gb": round(memory.total / 2**30, 1),
        "memory_free_gb": round(memory.available / 2**30, 1), "card_memory_gb": round(card_memory_gb(), 1),
    }
    profiles = {name: why_not(name) or "can run" for name in reversed(BEST_FIRST)}
    document = {"profile": settings.profile, "models": str(profile_folder(settings.profile, settings.models_dir)),
                "machine": machine, "profiles": profiles, "packages": packages, "stages": loaded,
                "worker_rss_mb": round(worker_mb, 1), "front_rss_mb": round(front_mb, 1), "missing": missing}
    if as_json:
        show.emit(document)
        return
    show.pairs("machine", machine)
    show.pairs("packages", packages)
    show.pairs("profiles", profiles)
    show.pairs(f"profile {settings.profile}", {"models": document["models"], "worker": f"{worker_mb:.0f} MB resident",
                                               "this process": f"{front_mb:.0f} MB resident"})
    show.reports(reports)
    show.pairs("missing", {item["what"]: item["how"] for item in missing} or {"nothing": ""})
