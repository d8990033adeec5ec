"""Level and silence of synthesized speech. Levels are in dBFS (0 is full scale)."""

from __future__ import annotations

import numpy as np

from voice_local.audio.types import Audio

TARGET_RMS_DBFS = -20.0
PEAK_DBFS = (-11.0, -2.0)
"""Range of the peak of a finished segment."""

SILENCE_DBFS = -45.0
"""Frames below this level count as silent."""


def dbfs(value: float) -> float:
    """Amplitude → dBFS; −120 for 0."""
    return float(20 * np.log10(max(value, 1e-6)))


def rms_frames(samples: Audio, frame: int) -> Audio:
    """Root mean square of consecutive frames of `frame` samples."""
    count = len(samples) // frame
    power = (samples[: count * frame].reshape(count, frame) ** 2).mean(axis=1)
    return np.asarray(np.sqrt(power + 1e-12), dtype=np.float32)


def audible_span(
    samples: Audio, sample_rate: int, threshold_dbfs: float = SILENCE_DBFS
) -> tuple[int, int]:
    """(first, last + 1) audible sample, in steps of 5 ms; (0, 0) when all is silent."""
    frame = max(1, sample_rate // 200)
    loud = np.flatnonzero(rms_frames(samples, frame) > 10 ** (threshold_dbfs / 20))
    if not len(loud):
        return 0, 0
    return int(loud[0]) * frame, min(len(samples), (int(loud[-1]) + 1) * frame)


class SegmentFinisher:
    """Prepares a segment that arrives in pieces for playback: trims the silence around it, and
    fades its ends against clicks.

    `gain` is applied to every sample; peaks over the limit are soft-clipped.
    """

    def __init__(
        self, sample_rate: int, gain: float, lead_ms: float = 10, tail_ms: float = 60
    ) -> None:
        self._sample_rate, self._gain = sample_rate, gain
        self._lead, self._tail = (int(ms * sample_rate / 1000) for ms in (lead_ms, tail_ms))
        self._fade = int(0.005 * sample_rate)
        self._begun = False

    def finish(self, piece: Audio, last: bool) -> Audio:
        """The next piece, prepared; empty as long as nothing audible has come."""
        samples = rounded_off(np.asarray(piece * self._gain, dtype=np.float32))
        first, end = audible_span(samples, self._sample_rate)
        if not self._begun and end == 0:
            return np.zeros(0, dtype=np.float32)
        begin = 0 if self._begun else max(0, first - self._lead)
        end = min(len(samples), end + self._tail) if last else len(samples)
        cut = samples[begin:end].copy()
        if not self._begun:
            fade = min(len(cut) // 2, self._fade)
            cut[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        if last:
            fade = min(len(cut) // 2, self._fade)
            cut[len(cut) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        self._begun = True
        return cut


def finish_segment(samples: Audio, sample_rate: int) -> Audio:
    """A whole segment, normalized to speech level and prepared as by `SegmentFinisher`; empty when
    all of it is silent."""
    return SegmentFinisher(sample_rate, speech_gain(samples)).finish(samples, last=True)


def speech_gain(samples: Audio) -> float:
    """The gain that brings the louder half of the frames to `TARGET_RMS_DBFS`, limited so that the
    peak stays within `PEAK_DBFS`."""
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    return gain_for(rms_frames(samples, min(len(samples), 400)), peak) if peak >= 1e-5 else 0.0


def gain_for(frames_rms: Audio, peak: float, spread_db: float = 0.0) -> float:
    """As `speech_gain`, from the RMS of each frame and the peak, which may be wrong by
    `spread_db`."""
    frames = np.sort(frames_rms)
    loud = float(np.sqrt((frames[len(frames) // 2 :] ** 2).mean()))
    gain = 10 ** (TARGET_RMS_DBFS / 20) / loud
    low, high = 10 ** ((PEAK_DBFS[0] + spread_db) / 20), 10 ** ((PEAK_DBFS[1] - spread_db) / 20)
    return float(np.clip(peak * gain, low, high) / peak)


def rounded_off(samples: Audio) -> Audio:
    """Soft-clips `samples` at the upper limit of `PEAK_DBFS`, from nine tenths of it on, each
    sample by itself."""
    high = 10 ** (PEAK_DBFS[1] / 20)
    size, knee = np.abs(samples), 0.9 * high
    bent = knee + (high - knee) * np.tanh((size - knee) / (high - knee))
    return np.asarray(np.where(size > knee, np.sign(samples) * bent, samples), dtype=np.float32)
