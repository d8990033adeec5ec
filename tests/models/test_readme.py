"""The library examples of README: the first runs as it stands, but for the microphone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import voice_local.local.device
from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE
from voice_local.config import AudioSettings
from voice_local.local.cards import WavCard
from voice_local.local.demo import bundled

pytestmark = pytest.mark.models
README = Path("README.md")


def test_what_is_shown_of_the_examples_stands_in_them() -> None:
    """`test_examples` runs them."""
    shown = re.findall(
        r"<!-- from (.*?) -->\n```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )
    assert {name for name, _ in shown} == {str(path) for path in Path("examples").glob("*.py")}
    for name, part in shown:
        assert part in Path(name).read_text(encoding="utf-8"), name


def test_the_example_holds_a_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wav = tmp_path / "user.wav"
    sf.write(
        wav,
        np.concatenate([np.zeros(SAMPLE_RATE // 2, np.float32), read_audio(bundled()[0])]),
        SAMPLE_RATE,
    )

    class Recording(WavCard):
        def __init__(self, settings: AudioSettings) -> None:
            super().__init__(wav, settings)

    monkeypatch.setattr(voice_local.local.device, "DeviceCard", Recording)
    example = re.findall(
        r"(?<!-->\n)```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL
    )[0]
    assert len(example.strip().splitlines()) <= 12
    example = example.replace('load("small")', 'load("tiny")')  # whose models are always here
    assert 'load("tiny")' in example
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    assert "Action(action=" in printed and "TurnEnded(record=" in printed
