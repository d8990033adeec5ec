"""The microphone's way: frames of 32 ms, echo taken out where there is one, a headset's sound left
alone."""

from __future__ import annotations

import numpy as np
import pytest

from voice_local.audio.types import (
    FRAME_SAMPLES,
    Audio,
)
from voice_local.config import AudioSettings
from voice_local.local.microphone import MicrophonePath

pytestmark = pytest.mark.unit
RATE, BLOCK = 48_000, 480


def through(microphone: Audio, played: Audio, **settings: bool) -> Audio:
    """What a conversation would hear, 16 kHz."""
    path = MicrophonePath(AudioSettings(**settings))
    frames = []
    for start in range(0, len(microphone), BLOCK):
        frames += path.push(microphone[start : start + BLOCK], played[start : start + BLOCK])
    assert all(len(frame) == FRAME_SAMPLES for frame in frames)
    return np.concatenate(frames)


def voice(seconds: float, seed: int) -> Audio:
    """Noise with the loudness of speech, swelling four times a second."""
    rng, time = np.random.default_rng(seed), np.arange(int(seconds * RATE)) / RATE
    return (
        0.1 * rng.standard_normal(len(time)) * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * time))
    ).astype(np.float32)


def rms(samples: Audio) -> float:
    """Root mean square."""
    return float(np.sqrt((samples**2).mean()))


def test_an_echo_is_taken_out() -> None:
    played = voice(4, 1)
    echo = np.float32(0.1) * np.concatenate([np.zeros(3840, np.float32), played])[: len(played)]
    left, without = through(echo, played), through(echo, played, echo_cancel=False)
    assert rms(left[32_000:]) < 0.1 * rms(without[32_000:]), "over 20 dB less after two seconds"


def test_a_canceller_that_has_rested_still_knows_the_room() -> None:
    played = np.concatenate([voice(4, 1), np.zeros(5 * RATE, np.float32), voice(2, 3)])
    echo = np.float32(0.1) * np.concatenate([np.zeros(3840, np.float32), played])[: len(played)]
    left, without = through(echo, played), through(echo, played, echo_cancel=False)
    for begin in (32_000, 9 * 16_000 + 8000):  # half a second into what is said after
        assert rms(left[begin : begin + 16_000]) < 0.1 * rms(without[begin : begin + 16_000])


def test_while_nothing_is_played_a_user_is_heard_unchanged() -> None:
    user, nothing = voice(4, 2), np.zeros(4 * RATE, np.float32)
    user[: 2 * RATE] = 0
    np.testing.assert_allclose(
        through(user, nothing)[32_000:], through(user, nothing, echo_cancel=False)[32_000:]
    )


@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.4])
def test_its_own_voice_is_told_from_another(seconds: float) -> None:
    played = voice(2, 1)
    echo = np.float32(0.1) * np.concatenate([np.zeros(3840, np.float32), played])[: len(played)]
    shares = []
    for sound in (echo, voice(2, 2), echo + voice(2, 2), np.zeros_like(echo)):
        path = MicrophonePath(AudioSettings(echo_cancel=False))
        for start in range(0, RATE * 3 // 2, BLOCK):
            path.push(sound[start : start + BLOCK], played[start : start + BLOCK])
        shares.append(path.echo_ratio(seconds))
    own, other, both, nothing = shares
    assert own > 0.5 > 0.35 > max(other, both) and nothing == 0


def test_a_headsets_user_is_heard_unchanged_over_the_assistant() -> None:
    played, user = voice(4, 1), voice(4, 2)
    user[: 2 * RATE] = 0
    heard, plain = through(user, played), through(user, played, echo_cancel=False)
    begun = slice(33_000, 40_000)  # by then the assistant has fallen silent
    np.testing.assert_allclose(heard[begun], plain[begun], atol=1e-6)
