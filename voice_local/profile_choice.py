"""Which profile runs here when none is named: the best one that is installed and can run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from voice_local import (
    config,
    extras,
)
from voice_local.config import Settings
from voice_local.config_files import own_profile
from voice_local.engine import requirements
from voice_local.engine.catalog import ADAPTERS
from voice_local.errors import (
    ConfigError,
    ModelError,
    ModelMissingError,
)
from voice_local.models import packaged
from voice_local.models.folder import (
    REMEDY,
    STORE,
    embedded,
    home,
    profile_folder,
    read_manifest,
    renamed,
)
from voice_local.models.lock import (
    read_lock,
    shipped_lock,
)

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

    command = [
        "nvidia-smi",
        f"--id={bus}",
        "--query-gpu=memory.total",
        "--format=csv,noheader,nounits",
    ]
    try:
        output = subprocess.run(
            command, capture_output=True, text=True, timeout=10, check=True
        ).stdout
        return float(output.strip().splitlines()[0]) / 1024
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0.0


@dataclass(frozen=True)
class Obstacle:
    """Why something cannot run here, and what helps (empty where nothing does). `names`: of what is
    missing."""

    cause: str
    remedy: str = ""
    names: tuple[str, ...] = ()

    @property
    def in_full(self) -> str:
        """The cause with all names."""
        return f"{self.cause} ({', '.join(self.names)})" if self.names else self.cause

    @property
    def in_short(self) -> str:
        """The cause without names, and the remedy."""
        return f"{self.cause}: {self.remedy}" if self.remedy else self.cause

    def __str__(self) -> str:
        return f"{self.in_full}: {self.remedy}" if self.remedy else self.in_full


def obstacle(profile: str) -> Obstacle | None:
    """What keeps `profile` from running here; None where nothing does.

    Raises:
        ConfigError: an unknown profile, or one that cannot be read.
    """
    if found := lacking(config.load(profile), config.STAGES):
        return found
    if profile in CARD_GB and card_memory_gb() < CARD_GB[profile]:
        return Obstacle(
            f"needs a card with {CARD_GB[profile]:.0f} GB, found {card_memory_gb():.0f}"
        )
    if profile in MEMORY_GB and psutil.virtual_memory().total / 2**30 < MEMORY_GB[profile]:
        return Obstacle(f"needs {MEMORY_GB[profile]:.0f} GB of memory")
    return None


def lacking(settings: Settings, stages: Sequence[str]) -> Obstacle | None:
    """The packages, or else the models, that `stages` need and that are not here."""
    adapters = [
        name for name in (getattr(settings, stage).adapter for stage in stages) if name in ADAPTERS
    ]
    extra, modules = requirements.missing(adapters)
    if modules:
        return Obstacle("its packages are not installed", extras.remedy(extra), tuple(modules))
    missing = _missing(settings, stages)
    if not missing:
        return None
    files = _files(profile_folder(settings.profile, settings.models_dir))
    for name in missing:
        if old := renamed(name, files):
            return Obstacle(old.cause, old.remedy)
    count = "a model" if len(missing) == 1 else f"{len(missing)} models"
    return Obstacle(f"lacks {count}", _fetching(settings.profile, missing), tuple(missing))


def _fetching(profile: str, missing: Sequence[str]) -> str:
    """The commands that bring the `missing` models of `profile`."""
    if profile == "tiny":
        return REMEDY
    entries = {entry.name: entry for entry in read_lock(shipped_lock()).models}
    if unknown := [name for name in missing if name not in entries]:
        return (
            f"add {unknown[0]} again: voice-local models add PATH --stage STAGE --license LICENSE"
        )
    named = f"--profile {profile}" if profile in config.PROFILES else " ".join(missing)
    unlocked = [name for name in missing if not entries[name].locked]
    first = f"voice-local models lock {' '.join(unlocked)}, then " if unlocked else ""
    return f"{first}voice-local models download {named}"


def require(settings: Settings, stages: Sequence[str]) -> None:
    """Refuses what cannot be loaded before anything is. A folder of models that was named is left
    to whoever loads.

    Raises:
        ModelMissingError: packages or models are missing.
    """
    if settings.models_dir is None and (found := lacking(settings, stages)):
        raise ModelMissingError(f"profile {settings.profile}: {found.in_full}", found.remedy)


def why_not(profile: str) -> str:
    """Why `profile` cannot run here and what helps; empty when it can."""
    found = obstacle(profile)
    return str(found) if found else ""


def _missing(settings: Settings, stages: Sequence[str]) -> list[str]:
    """Which of the models that `stages` load are not there."""
    folder = profile_folder(settings.profile, settings.models_dir)
    wanted = dict.fromkeys(getattr(settings, stage).model for stage in stages)
    return [
        name.removeprefix(STORE)
        for name in wanted
        if embedded(name) is None
        and not _listed(name.removeprefix(STORE), home() if name.startswith(STORE) else folder)
    ]


def _listed(name: str, folder: Path) -> bool:
    files = _files(folder)
    return (
        name in files
        or any(file.startswith(f"{name}/") for file in files)
        or packaged.present(name)
    )


def _files(folder: Path) -> frozenset[str]:
    """What the manifest of `folder` names; empty where there is none."""
    try:
        return frozenset(read_manifest(folder).files)
    except ModelError:
        return frozenset()


def own_profiles() -> list[str]:
    """The names of a person's own profiles."""
    return sorted(path.stem for path in own_profile("any").parent.glob("*.toml"))


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
        raise ConfigError(
            "no profile can run here",
            "; ".join(f"{name}: {why_not(name)}" for name in ("small", "tiny")),
        )
    return config.load(chosen, models_dir=models_dir, **overrides)
