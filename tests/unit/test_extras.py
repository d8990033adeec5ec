"""Which packages a profile needs, and what is said where they are missing."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from voice_local import (
    config,
    extras,
    profile_choice,
)
from voice_local.engine import (
    catalog,
    loader,
    requirements,
)
from voice_local.errors import ConfigError
from voice_local.models.folder import ModelFolder, tiny_folder
from voice_local.supply.wheelhouse import closure

pytestmark = pytest.mark.unit
TORCH = (
    "torch",
    "torchaudio",
    "torchcodec",
    "transformers",
    "coqui-tts",
    "accelerate",
    "silero-vad",
)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of modules that are not installed, to be filled."""
    names: set[str] = set()
    find = importlib.util.find_spec

    def found(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in names else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", found)
    return names


def test_every_adapter_has_an_extra_that_the_package_declares() -> None:
    declared = {
        extra
        for line in requires("voice-local") or ()
        for extra in ("small", "coqui", "bark")
        if (marker := Requirement(line).marker) and marker.evaluate({"extra": extra})
    }
    assert {adapter.extra for adapter in catalog.ADAPTERS.values()} == declared


@pytest.mark.parametrize(
    ("profile", "wanted"),
    [
        ("small", ("small",)),
        ("base", ("small",)),
        ("tiny", ("small", "coqui")),
        ("gpu", ("small", "coqui")),
    ],
)
def test_a_profile_needs_only_its_own_extras(profile: str, wanted: tuple[str, ...]) -> None:
    assert requirements.needed(requirements.adapters(profile)) == wanted


def test_small_carries_no_torch_and_coqui_carries_small() -> None:
    small, coqui = closure(("small",)), closure(("coqui",))
    assert {"faster-whisper", "ctranslate2", "llama-cpp-python", "onnxruntime"} <= set(small)
    assert not set(TORCH) & set(small)
    assert set(small) <= set(coqui) and {"torch", "coqui-tts"} <= set(coqui)


def test_missing_packages_are_told_with_their_command(
    without: set[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    without |= {"TTS", "gruut"}
    assert profile_choice.why_not(
        "tiny"
    ) == "its packages are not installed (TTS, gruut): " + extras.remedy("coqui")
    assert "scripts/setup" in extras.remedy(
        "coqui"
    ) and "pip install 'voice-local[coqui]'" in extras.remedy("coqui")
    assert profile_choice.best() is None
    with pytest.raises(ConfigError, match="no profile") as told:
        profile_choice.settings_for(None, None)
    assert (
        "voice-local models download --profile small" in told.value.remedy
        and "tiny: its packages" in told.value.remedy
    )
    assert profile_choice.settings_for("tiny", None).profile == "tiny"  # its other stages run
    without |= {"llama_cpp"}
    assert "(llama_cpp)" in profile_choice.why_not(
        "small"
    ) and "scripts/setup --small" in profile_choice.why_not("small")
    assert extras.remedy("coqui") in profile_choice.why_not("tiny")  # brings small's too


def test_a_stage_whose_library_is_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(ConfigError, match="tts_coqui needs the package 'torch'") as told:
        loader.build("tts_coqui", config.load("tiny"), ModelFolder(tiny_folder()), 1)
    assert told.value.remedy == extras.remedy("coqui")


def test_an_installed_package_names_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extras, "CHECKOUT", tmp_path)
    assert extras.remedy("small") == "pip install 'voice-local[small]'"
