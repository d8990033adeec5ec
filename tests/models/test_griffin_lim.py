"""Griffin-Lim in pieces against itself in one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from voice_local.stages.tts import griffin_lim
from voice_local.stages.tts.griffin_lim import (
    GriffinLim,
    Stft,
)

pytestmark = pytest.mark.models
SIZES = Stft(1024, 200, 800)
WINDOW = torch.hann_window(800)


def spectrum(sound: Any) -> Any:
    """(bins, frames) magnitudes."""
    return torch.stft(sound, 1024, 200, 800, WINDOW, return_complex=True).abs()


def gliding(seconds: float) -> Any:
    """Something like a voice: harmonics of a gliding pitch, louder and softer."""
    time = torch.arange(int(seconds * 16_000)) / 16_000
    phase = 2 * torch.pi * (120 * time + 15 * torch.sin(3 * time))
    return 0.1 * (1.2 + torch.sin(9 * time)) * sum(torch.sin(k * phase) / k for k in range(1, 30))


def off(sound: Any, target: Any) -> float:
    """How far its spectrum is from the target, relative."""
    return float((spectrum(sound) - target).norm() / target.norm())


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.74, 0.76, 1.2, 3.6, 6.0])
def test_pieces_are_as_good_as_the_whole(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    target = spectrum(gliding(seconds))
    vocoder = GriffinLim(SIZES, 16, "cpu")
    pieces = list(vocoder.pieces(target))
    monkeypatch.setattr(griffin_lim, "FIRST_FRAMES", 10_000)
    (whole,) = vocoder.pieces(target)
    sound = torch.cat(pieces)
    assert len(sound) == len(whole) == 200 * (target.shape[1] - 1)
    assert (len(pieces) > 1) == (target.shape[1] > 60)
    assert off(sound, target) < 1.15 * off(whole, target) + 0.01


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 60, 61])
def test_any_number_of_frames_has_its_length(frames: int) -> None:
    pieces = list(GriffinLim(SIZES, 4, "cpu").pieces(torch.rand(513, frames)))
    assert sum(map(len, pieces)) == 200 * (frames - 1) and all(
        torch.isfinite(piece).all() for piece in pieces
    )


def test_the_level_is_known_before_the_sound() -> None:
    sound = gliding(2.0)
    told = GriffinLim(SIZES, 16, "cpu").frame_rms(spectrum(sound))
    padded = np.pad(sound.numpy(), 400)
    window = WINDOW.numpy() ** 2
    found = [
        float(np.sqrt((padded[i * 200 : i * 200 + 800] ** 2 * window).sum() / window.sum()))
        for i in range(3, len(told) - 3)
    ]
    np.testing.assert_allclose(told[3:-3].numpy(), found, rtol=0.01)
