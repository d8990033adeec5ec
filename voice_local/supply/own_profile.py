"""The profile that `models add` makes of a model of one's own."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from voice_local.config_files import own_profile
from voice_local.errors import ConfigError, OutputError
from voice_local.models.folder import home
from voice_local.models.paths import found, write_whole

CLASSIFIERS = {"intent": "intent_distilbert", "emotion": "emotion"}
"""Adapters of classifiers that answer one question, by stage."""


def is_there(profile: str, stage: str, name: str, root: Path) -> bool:
    """Whether `profile` is there already and uses model `name` of the folder `root` for `stage`.

    Raises:
        ConfigError: it is there and does not. InputError: its name is too long.
    """
    path = own_profile(profile)
    if found(path) is None:
        return False
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        uses = values.get(stage, {}).get("model") == name
        folder = Path(values.get("models_dir") or home())
    except (OSError, ValueError, AttributeError, TypeError):
        uses, folder = False, root
    if not uses or folder.resolve() != root.resolve():
        raise ConfigError(
            f"there is a profile {profile} already, of something else ({path})",
            "give the new one another name: --profile NAME",
        )
    return True


def write(profile: str, base: str, stage: str, name: str, architecture: str, root: Path) -> None:
    """Writes the profile, everything that the model does not do as in `base`.

    Raises:
        OutputError: the place cannot be written.
    """
    adapter = {
        "bark": "tts_bark",
        "understanding": "understanding",
        "onnx": CLASSIFIERS.get(stage),
    }.get(architecture)
    # A model that tells both serves both stages.
    sections = tuple(CLASSIFIERS) if architecture == "understanding" else (stage,)
    lines = [
        f"# Made by `models add`. Everything else is as in profile {base}.",
        f"base = {quoted(base)}",
    ]
    if root != home():
        lines.append(f"models_dir = {quoted(str(root.resolve()))}")
    for section in sections:
        lines += [
            "",
            f"[{section}]",
            f"model = {quoted(name)}",
            *([f"adapter = {quoted(adapter)}"] if adapter else []),
        ]
    target = own_profile(profile)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, "\n".join(lines) + "\n")
    except OSError as error:
        raise OutputError(
            f"cannot write {target} ({error.strerror})",
            "set XDG_CONFIG_HOME to a place that can be written",
        ) from None


def quoted(text: str) -> str:
    """`text` as TOML writes it: JSON's escapes, and the one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
