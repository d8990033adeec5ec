"""Which profile runs here when none is named: the best one that is installed and can run."""

from __future__ import annotations

from pathlib import Path

import psutil

from voice_local import config, extras
from voice_local.config import Settings
from voice_local.errors import ConfigError, ModelError
from voice_local.models import packaged
from voice_local.models.folder import embedded, profile_folder, read_manifest

BEST_FIRST = ("gpu-large", "gpu", "cpu", "base", "small", "tiny")
CARD_GB = {"gpu-large": 44.0, "gpu": 20.0}
MEMORY_GB = {"cpu": 8.0, "base": 4.0, "small": 2.0}


def card_memory_gb() -> float:
    """Memory of the largest NVIDIA card, as its driver tells; 0 without one."""
    sizes = [0.0]
    for path in Path("/proc/driver/nvidia/gpus").glob("*"):
        sizes.append(_nvml_gb(path.name))
    return max(sizes)


def _nvml_gb(bus: str) -> float:
    import subprocess

    command = ["nvidia-smi", f"--id={bus}", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return float(told.strip().splitlines()[0]) / 1024
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0.0


def why_not(profile: str) -> str:
    """Why `profile` cannot run here; empty when it can."""
    extra, modules = extras.missing(extras.adapters(profile))
    if modules:
        return f"its packages are not installed ({', '.join(modules)}): {extras.remedy(extra)}"
    if profile != "tiny":
        folder = profile_folder(profile, None)
        missing = _missing(profile, folder)
        if missing:
            return f"not installed ({', '.join(missing)} not in {folder}): voice-local models download --profile {profile}"
    if profile in CARD_GB and card_memory_gb() < CARD_GB[profile]:
        return f"needs a card with {CARD_GB[profile]:.0f} GB, found {card_memory_gb():.0f}"
    if profile in MEMORY_GB and psutil.virtual_memory().total / 2**30 < MEMORY_GB[profile]:
        return f"needs {MEMORY_GB[profile]:.0f} GB of memory"
    return ""


def _missing(profile: str, folder: Path) -> list[str]:
    """Which of its own models a profile lacks in `folder`."""
    settings = config.load(profile)
    wanted = [getattr(settings, stage).model for stage in config.STAGES]
    try:
        listed = read_manifest(folder).files
    except ModelError:
        listed = {}
    return [name for name in wanted if embedded(name) is None and name not in listed
            and not any(file.startswith(f"{name}/") for file in listed) and not packaged.present(name)]


def best() -> str | None:
    """The best profile that can run here; None where none can."""
    return next((name for name in BEST_FIRST if not why_not(name)), None)


def settings_for(profile: str | None, models_dir: Path | None, **overrides: object) -> Settings:
    """Settings of the named profile, else of the best that can run here.

    Raises:
        ConfigError: an unknown profile or setting, or none is named and none can run.
    """
    chosen = profile or best()
    if chosen is None:
        raise ConfigError("no profile can run here", "; ".join(f"{name}: {why_not(name)}" for name in ("small", "tiny")))
    return config.load(chosen, models_dir=models_dir, **overrides)
