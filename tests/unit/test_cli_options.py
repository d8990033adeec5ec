"""What options of commands change in the settings, and what they leave to the profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from voice_local.cli import app as commands
from voice_local.cli import runs
from voice_local.config import Settings

pytestmark = pytest.mark.unit


def called(monkeypatch: pytest.MonkeyPatch, command: str, *arguments: object) -> Settings:
    """The settings with which `command` runs."""
    kept: list[Settings] = []

    async def keep(settings: Settings, *_: Any) -> None:
        kept.append(settings)

    monkeypatch.setattr(runs, command, keep)
    commands.app([command, *map(str, arguments)], standalone_mode=False)
    return kept[0]


def test_say_speaks_with_the_voice_of_the_profile(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    say = ("say", "hello", "--out", tmp_path / "x.wav")
    assert called(monkeypatch, *say, "--profile", "small").tts.adapter == "tts_hibari"
    assert called(monkeypatch, *say, "--profile", "tiny").tts.adapter == "tts_coqui"
    assert (
        called(monkeypatch, *say, "--profile", "gpu", "--engine", "bark").tts.adapter == "tts_bark"
    )


def test_recognition_takes_vocabulary_and_language(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "menu.txt").write_text("flat white\ncortado\n")
    found = called(
        monkeypatch,
        "transcribe",
        "x.wav",
        "--profile",
        "small",
        "--vocabulary",
        tmp_path / "menu.txt",
    )
    assert found.stt.vocabulary == ("flat white", "cortado") and found.stt.language == "auto"
    found = called(
        monkeypatch,
        "demo",
        "--profile",
        "small",
        "--vocabulary",
        "Kaczmarek, Siobhan",
        "--language",
        "de",
    )
    assert found.stt.vocabulary == ("Kaczmarek", "Siobhan") and found.stt.language == "de"
    assert called(monkeypatch, "transcribe", "x.wav", "--profile", "small").stt.vocabulary == ()


def test_no_limit_of_tokens_that_belongs_to_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """D17: 96 tokens, the embedded recognizer's, applied to all and cut fast speech of half a
    minute."""
    for profile in ("tiny", "small", "base", "cpu", "gpu", "gpu-large"):
        assert (
            called(monkeypatch, "transcribe", "x.wav", "--profile", profile).stt.max_tokens is None
        )
