"""Downmix and resampling: any number of channels at any rate → mono at 16 kHz, without losing sound
that only some channels carry."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import soxr

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)

PART = SAMPLE_RATE // 2
"""Samples (half a second) over which the polarity of a channel is constant."""

OPPOSED = 0.5
"""Two channels that correlate by less than −`OPPOSED` carry the same sound in opposite polarity."""


def resampled(blocks: Iterable[Audio], sample_rate: int, channels: int) -> Audio:
    """Blocks of (frames, channels) at `sample_rate` → one float32 (n, channels) at 16 kHz.

    Raises:
        ValueError, RuntimeError: a sample rate that soxr does not support.
    """
    if sample_rate == SAMPLE_RATE:
        return np.concatenate(list(blocks))
    stream = soxr.ResampleStream(sample_rate, SAMPLE_RATE, channels, dtype="float32")
    parts = [stream.resample_chunk(np.ascontiguousarray(block)) for block in blocks]
    parts.append(stream.resample_chunk(np.zeros((0, channels), np.float32), last=True))
    return np.concatenate(parts)


def to_mono(samples: Audio) -> Audio:
    """float32 (n, channels) at 16 kHz → (n,), in −1..1.

    The mean of the channels, with two corrections. A channel that carries the sound of the loudest
    one with opposite polarity (a wrongly wired cable, a "karaoke" effect) is inverted, for each
    half second separately; otherwise the two would cancel out. And the mean is amplified to the
    level of the loudest channel, since sound in one of six channels would have a sixth of its
    amplitude. No channel is left out, since each may carry another speaker.
    """
    if samples.shape[1] == 1:
        return np.clip(samples[:, 0], -1.0, 1.0)
    power = samples.var(axis=0)
    loudest = int(power.argmax())
    mixed = np.zeros(len(samples), dtype=np.float32)
    for channel in range(samples.shape[1]):
        mixed += samples[:, channel] * _signs(samples[:, channel], samples[:, loudest])
    mixed /= samples.shape[1]
    softer = np.sqrt(power[loudest] / max(float(mixed.var()), 1e-12))
    room = 1.0 / max(float(np.abs(mixed).max(initial=0.0)), 1e-6)
    mixed *= np.float32(max(1.0, min(softer, room, samples.shape[1])))
    return np.clip(mixed, -1.0, 1.0)


def _signs(channel: Audio, loudest: Audio) -> Audio:
    """+1 or −1 for each sample of `channel`: the polarity with which it is added to `loudest`.

    Where the two do not correlate, as in silence or with a speaker on each, the polarity of the
    last half second that did is kept; at the beginning that of the first one.
    """
    padding = -len(channel) % PART
    ours, theirs = (np.pad(x, (0, padding)).reshape(-1, PART) for x in (channel, loudest))
    ours, theirs = (x - x.mean(axis=1, keepdims=True) for x in (ours, theirs))
    scale = np.sqrt((ours**2).sum(axis=1) * (theirs**2).sum(axis=1))
    alike = (ours * theirs).sum(axis=1) / np.maximum(scale, 1e-9)
    telling = np.flatnonzero(np.abs(alike) > OPPOSED)
    if not len(telling):
        return np.ones(len(channel), dtype=np.float32)
    latest = telling[
        np.maximum(np.searchsorted(telling, np.arange(len(alike)), side="right") - 1, 0)
    ]
    return np.repeat(np.sign(alike[latest]).astype(np.float32), PART)[: len(channel)]
