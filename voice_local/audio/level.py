"""Loudness and silence of synthesized sound. Levels are dBFS (0 is full scale)."""

from __future__ import annotations

import numpy as np

from voice_local.engine.protocol import Audio

TARGET_RMS_DBFS = -20.0
PEAK_DBFS = (-11.0, -2.0)
"""Every clause's peak ends between these two."""

SILENCE_DBFS = -45.0
"""Below this a stretch counts as silent."""


def dbfs(value: float) -> float:
    """Amplitude → dBFS; −120 for nothing."""
    return float(20 * np.log10(max(value, 1e-6)))


def rms_frames(samples: Audio, frame: int) -> Audio:
    """Root mean square of consecutive frames of `frame` samples."""
    count = len(samples) // frame
    power = (samples[: count * frame].reshape(count, frame) ** 2).mean(axis=1)
    return np.asarray(np.sqrt(power + 1e-12), dtype=np.float32)


def audible_span(samples: Audio, sample_rate: int, threshold_dbfs: float = SILENCE_DBFS) -> tuple[int, int]:
    """(first, last + 1) audible sample by 5 ms frames; (0, 0) when all is silent."""
    frame = max(1, sample_rate // 200)
    loud = np.flatnonzero(rms_frames(samples, frame) > 10 ** (threshold_dbfs / 20))
    if not len(loud):
        return 0, 0
    return int(loud[0]) * frame, min(len(samples), (int(loud[-1]) + 1) * frame)


def finish_clause(samples: Audio, sample_rate: int, lead_ms: float = 10, tail_ms: float = 60) -> Audio:
    """A clause ready to be played: speech level, silence trimmed, ends faded so that seams do not click."""
    levelled = to_speech_level(samples)
    first, end = audible_span(levelled, sample_rate)
    if end == 0:
        return np.zeros(0, dtype=np.float32)
    first = max(0, first - int(lead_ms * sample_rate / 1000))
    end = min(len(levelled), end + int(tail_ms * sample_rate / 1000))
    cut = levelled[first:end].copy()
    fade = min(len(cut) // 2, int(0.005 * sample_rate))
    if fade:
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        cut[:fade] *= ramp
        cut[-fade:] *= ramp[::-1]
    return cut


def to_speech_level(samples: Audio) -> Audio:
    """Scales to `TARGET_RMS_DBFS` over the louder half of the sound, the peak kept within `PEAK_DBFS`."""
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    if peak < 1e-5:
        return np.zeros_like(samples)
    frames = np.sort(rms_frames(samples, min(len(samples), 400)))
    loud = float(np.sqrt((frames[len(frames) // 2 :] ** 2).mean()))
    gain = 10 ** (TARGET_RMS_DBFS / 20) / loud
    low, high = (10 ** (edge / 20) for edge in PEAK_DBFS)
    return np.asarray(samples * (np.clip(peak * gain, low, high) / peak), dtype=np.float32)
