"""Rooms, noises and lines: what happens to speech before a microphone's samples reach the ears
(numpy, 16 kHz)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, sosfilt

SAMPLE_RATE = 16_000
Audio = npt.NDArray[np.float32]


def make_noise(length: int, rng: np.random.Generator) -> Audio:
    """Coloured noise (1/f^a), sometimes with hum, clatter or a slow swell; unit power."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 30.0)
    sound = np.fft.irfft(spectrum / frequency ** rng.uniform(0.0, 1.2), length)
    time = np.arange(length) / SAMPLE_RATE
    sound = sound / (sound.std() + 1e-9)
    if rng.random() < 0.25:
        base = rng.uniform(45, 220)
        sound = sound + sum(
            np.sin(2 * np.pi * base * k * time + k) * rng.uniform(0, 1) for k in range(1, 6)
        )
    if rng.random() < 0.3:
        for _ in range(rng.integers(1, 8)):  # clicks, steps, cutlery
            at, size = int(rng.integers(0, max(1, length - 800))), int(rng.integers(80, 800))
            burst = (
                rng.standard_normal(size)
                * np.exp(-np.arange(size) / (size / 5))
                * rng.uniform(2, 12)
            )
            sound[at : at + size] += burst[: length - at]
    if rng.random() < 0.3:
        sound = sound * (1 + rng.uniform(0, 0.9) * np.sin(2 * np.pi * rng.uniform(0.2, 3) * time))
    return np.asarray(sound / (sound.std() + 1e-9), dtype=np.float32)


def reverberate(samples: Audio, rng: np.random.Generator) -> Audio:
    """A room: exponentially decaying noise of 0.1–0.5 s after the direct sound."""
    decay = rng.uniform(0.1, 0.5)
    length = int(decay * SAMPLE_RATE)
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail[: int(0.002 * SAMPLE_RATE)] = 0
    tail *= rng.uniform(0.1, 0.7) / (np.sqrt((tail**2).sum()) + 1e-9)
    tail[0] = 1.0
    return np.asarray(fftconvolve(samples, tail)[: len(samples)], dtype=np.float32)


def telephone(samples: Audio, rng: np.random.Generator) -> Audio:
    """A line of 300–3,400 Hz, roughly."""
    band = [rng.uniform(150, 350), rng.uniform(3000, 3800)]
    return np.asarray(
        sosfilt(butter(4, band, "bandpass", fs=SAMPLE_RATE, output="sos"), samples),
        dtype=np.float32,
    )


def tilt(samples: Audio, rng: np.random.Generator) -> Audio:
    """A microphone's colour: a first-order emphasis or muffling."""
    a = rng.uniform(-0.5, 0.6)
    return np.asarray(samples - a * np.concatenate([samples[:1], samples[:-1]]), dtype=np.float32)


class Room:
    """Records speech in a random room. Noises are made once and cut anew each time: making them
    costs more."""

    def __init__(self, rng: np.random.Generator, noises: int = 160) -> None:
        self.rng = rng
        self.pool = [make_noise(12 * SAMPLE_RATE, rng) for _ in range(noises)]

    def noise(self, length: int) -> Audio:
        """A piece of one of the noises, `length` samples."""
        whole = self.pool[int(self.rng.integers(len(self.pool)))]
        start = int(self.rng.integers(0, len(whole) - length + 1))
        return whole[start : start + length]

    def record(self, samples: Audio, length: int, lead: int, hardness: float = 1.0) -> Audio:
        """Places speech `lead` samples into a recording of `length` samples with a room, a line,
        noise and a level.

        `hardness` 0..1 scales how often each of them is there.
        """
        rng = self.rng
        if rng.random() < 0.3 * hardness:
            samples = reverberate(samples, rng)
        if rng.random() < 0.4 * hardness:
            samples = tilt(samples, rng)
        whole = np.zeros(length, dtype=np.float32)
        whole[lead : lead + len(samples)] = samples[: max(0, length - lead)]
        power = float(np.sqrt((samples**2).mean()) + 1e-9)
        if rng.random() < 0.1 + 0.65 * hardness:
            whole = whole + self.noise(length) * (power * 10 ** (-rng.uniform(5, 40) / 20))
        if rng.random() < 0.15 * hardness:
            whole = telephone(whole, rng)
        level = 10 ** (rng.uniform(-32, -1) / 20) / (float(np.abs(whole).max()) + 1e-9)
        return np.asarray(whole * level, dtype=np.float32)
