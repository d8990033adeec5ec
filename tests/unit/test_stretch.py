"""Speech faster or slower: as long as it should be, at the same pitch, alike in whatever pieces it
comes."""

from __future__ import annotations

import numpy as np
import pytest

from voice_local.audio.chime import chime
from voice_local.audio.stretch import TimeStretch
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.conversation.output.manner import (
    LOUDEST_PEAK,
    Manner,
)
from voice_local.conversation.output.speech_style import SpeechStyle
from voice_local.engine.api import SpeechChunk

pytestmark = pytest.mark.unit


def tone(seconds: float, pitch_hz: float = 180.0, rate: int = SAMPLE_RATE) -> Audio:
    time = np.arange(int(seconds * rate)) / rate
    return (
        0.3 * np.sin(2 * np.pi * pitch_hz * time) + 0.1 * np.sin(6 * np.pi * pitch_hz * time)
    ).astype(np.float32)


def stretched(sound: Audio, rate: float, piece: int, sample_rate: int = SAMPLE_RATE) -> Audio:
    stretch = TimeStretch(rate, sample_rate)
    begins = range(0, len(sound), piece)
    return np.concatenate(
        [stretch.push(sound[at : at + piece], at + piece >= len(sound)) for at in begins]
    )


@pytest.mark.parametrize("rate", [0.6, 0.8, 1.2, 1.6])
@pytest.mark.parametrize("sample_rate", [16_000, 24_000])
def test_length_pitch_and_level(rate: float, sample_rate: int) -> None:
    sound = tone(2.0, rate=sample_rate)
    found = stretched(sound, rate, len(sound), sample_rate)
    assert len(found) == pytest.approx(len(sound) / rate, abs=0.04 * sample_rate)
    middle = found[sample_rate // 4 : -sample_rate // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * sample_rate / len(middle) == pytest.approx(180, abs=3)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.1)
    assert np.abs(np.diff(middle)).max() < 2 * np.abs(np.diff(sound)).max(), "no clicks"


@pytest.mark.parametrize("piece", [160, 1000, 7000])
def test_pieces_make_no_difference(piece: int) -> None:
    sound = tone(1.0)
    assert np.allclose(stretched(sound, 0.8, piece), stretched(sound, 0.8, len(sound)), atol=1e-6)


@pytest.mark.parametrize("samples", [0, 1, 100])
def test_very_short_sound(samples: int) -> None:
    assert len(stretched(tone(1.0)[: max(1, samples)], 1.2, 1000)) < 1000


def test_louder_bends_and_never_exceeds_full_scale() -> None:
    loud = SpeechChunk(3 * tone(0.5), SAMPLE_RATE)
    assert np.abs(Manner(SpeechStyle(volume=2.0)).of(loud).samples).max() <= LOUDEST_PEAK
    soft = SpeechChunk(tone(0.5), SAMPLE_RATE)
    assert np.allclose(Manner(SpeechStyle(volume=0.5)).of(soft).samples, soft.samples / 2)
    assert Manner(SpeechStyle()).of(soft) is soft, "untouched as long as nobody asked"


def test_a_chime_can_be_heard_and_does_not_click() -> None:
    sound = chime()
    assert 1.0 < len(sound) / SAMPLE_RATE < 2.0 and 0.2 < np.abs(sound).max() < 0.9
    assert abs(sound[0]) < 0.01 and abs(sound[-1]) < 0.1
