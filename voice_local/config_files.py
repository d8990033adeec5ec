"""Where settings come from: profiles' TOML files, the package's and a person's own, and the
environment. A setting's old name is refused here (`RENAMED`)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from voice_local.base_folders import base_folder
from voice_local.errors import ConfigError

ENV_PREFIX = "VOICE_LOCAL__"
RENAMED = {
    ("vad", "release_threshold"): "neg_threshold",
    ("vad", "pause_ms"): "eager_end_of_turn_ms",
    ("vad", "commit_window_ms"): "endpointing_delay_ms",
    ("vad", "commit_shortest_ms"): "min_endpointing_delay_ms",
    ("vad", "commit_longest_ms"): "max_endpointing_delay_ms",
    ("conversation", "tone_thresholds"): "emotion_thresholds",
    ("conversation", "early_clause"): "early_segment",
    ("conversation", "partial_ms"): "interim_interval_ms",
    ("conversation", "decide_ms"): "min_interruption_ms",
    ("conversation", "tolerant_s"): "min_unintelligible_s",
    ("engine", "call_timeout_s"): "run_timeout_s",
}
"""Settings that had another name: section and old key → new key."""


def profile_values(profile: str, shipped: Sequence[str]) -> dict[str, Any]:
    """What the file of `profile` says, by section. `shipped`: the names of the package's own.

    Raises:
        ConfigError: an unknown profile, or one that cannot be read.
    """
    return _shipped(profile) if profile in shipped else _own(profile, shipped)


def own_profile(name: str) -> Path:
    """Where a person's own profile `name` lies."""
    return base_folder("XDG_CONFIG_HOME", ".config") / "voice_local" / "profiles" / f"{name}.toml"


def _shipped(profile: str) -> dict[str, Any]:
    text = (
        resources.files("voice_local")
        .joinpath("profiles", f"{profile}.toml")
        .read_text(encoding="utf-8")
    )
    return tomllib.loads(text)


def _own(profile: str, shipped: Sequence[str]) -> dict[str, Any]:
    """A person's own profile on top of the one it names as `base`; the embedded models then go by
    `tiny:`."""
    path = own_profile(Path(profile).name)
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        names = [*shipped, *sorted(found.stem for found in path.parent.glob("*.toml"))]
        raise ConfigError(f"unknown profile {profile!r}", f"one of: {', '.join(names)}") from None
    except ValueError as error:
        raise ConfigError(
            f"{path} is not TOML in UTF-8 ({error})",
            "correct it, or delete it and add its model again",
        ) from None
    base = own.pop("base", "tiny")
    if base not in shipped:
        raise ConfigError(f"{path} is based on {base!r}", f"one of: {', '.join(shipped)}")
    values = _shipped(base)
    for section in values.values() if base == "tiny" else ():
        if isinstance(section, dict) and "model" in section:
            section["model"] = f"tiny:{section['model']}"
    if isinstance(own.get("llm"), dict) and own["llm"].get("model"):
        values["llm"] = {}  # what the base says of its own LLM holds for no other
    merge(values, own)
    return values


def environment() -> dict[str, Any]:
    """The settings that the environment names, by section.

    Raises:
        ConfigError: a variable and another one for a part of it.
    """
    found: dict[str, Any] = {}
    for key, value in os.environ.items():
        if key.startswith(ENV_PREFIX):
            *path, last = key.removeprefix(ENV_PREFIX).lower().split("__")
            place = found
            for part in path:
                place = place.setdefault(part, {})
                if not isinstance(place, dict):
                    raise ConfigError(
                        f"{key} is set, and {ENV_PREFIX}{part.upper()} too", "unset the shorter one"
                    )
            if isinstance(place.get(last), dict):
                raise ConfigError(f"{key} is set, and settings within it too", f"unset {key}")
            place[last] = value
    return found


def refuse_old_names(values: Mapping[str, Any]) -> None:
    """Raises:
    ConfigError: a setting is called by a name that it had once; the error tells the new one.
    """
    for (section, old), new in RENAMED.items():
        given = values.get(section)
        if isinstance(given, Mapping) and old in given:
            variable = f"{ENV_PREFIX}{section}__{new}".upper()
            raise ConfigError(
                f"the setting {section}.{old} is called {section}.{new} now",
                f"write {new} in the section [{section}], or set {variable}",
            )


def merge(base: dict[str, Any], extra: dict[str, Any]) -> None:
    """Puts the values of `extra` into `base`, section by section; None changes nothing."""
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merge(base[key], value)
        elif value is not None:
            base[key] = value
