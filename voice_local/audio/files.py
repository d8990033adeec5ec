"""Audio files in and out: any format libsndfile reads, any rate, any number of channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from voice_local.engine.protocol import SAMPLE_RATE, Audio
from voice_local.errors import AudioInputError, OutputError

MAX_SECONDS = 3600.0
"""Longest recording read; longer ones are refused with this limit named."""


def read_audio(path: str | Path) -> Audio:
    """Reads a recording as float32 mono at 16 kHz.

    Raises:
        AudioInputError: missing, a directory, not audio, empty, not finite, or longer than `MAX_SECONDS`.
    """
    path = Path(path)
    if path.is_dir():
        raise AudioInputError(f"{path} is a directory", "give an audio file")
    if not path.exists():
        raise AudioInputError(f"{path} does not exist", "check the path")
    try:
        with sf.SoundFile(path) as file:
            if file.samplerate <= 0 or file.frames / file.samplerate > MAX_SECONDS:
                raise AudioInputError(f"{path} is longer than {MAX_SECONDS / 60:.0f} minutes", "cut it into parts")
            rate = file.samplerate
            samples = file.read(dtype="float32", always_2d=True)
    except (sf.SoundFileError, OSError) as error:
        raise AudioInputError(f"{path} is not readable audio ({_short(error)})", "give a WAV, FLAC, OGG or MP3") from None
    if not len(samples):
        raise AudioInputError(f"{path} holds no samples", "record something first")
    if not np.isfinite(samples).all():
        raise AudioInputError(f"{path} holds samples that are not numbers (NaN or infinite)", "write the file anew")
    return to_mono_16k(samples, rate)


def to_mono_16k(samples: Audio, sample_rate: int) -> Audio:
    """(frames, channels) or (frames,) at any rate → float32 (n,) at 16 kHz, in −1..1."""
    mono = samples.mean(axis=1) if samples.ndim == 2 else samples
    if sample_rate != SAMPLE_RATE:
        mono = soxr.resample(mono, sample_rate, SAMPLE_RATE)
    return np.clip(mono, -1.0, 1.0).astype(np.float32)


def write_wav(path: str | Path, samples: Audio, sample_rate: int) -> None:
    """Writes 16-bit PCM.

    Raises:
        OutputError: the place cannot be written.
    """
    path = Path(path)
    try:
        sf.write(path, np.clip(samples, -1.0, 1.0), sample_rate, subtype="PCM_16", format="WAV")
    except (sf.SoundFileError, OSError, TypeError) as error:
        raise OutputError(f"cannot write {path} ({_short(error)})", "choose a folder that exists and may be written") \
            from None


def check_writable(path: str | Path) -> None:
    """Raises OutputError unless a file can be made at `path`; done before any model is loaded."""
    path = Path(path)
    if path.is_dir():
        raise OutputError(f"{path} is a directory", "give a file name")
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise OutputError(f"cannot write {path} ({error.strerror})", "choose a folder that exists and may be written") \
            from None


def _short(error: Exception) -> str:
    text = str(getattr(error, "error_string", "") or getattr(error, "strerror", "") or error)
    return text.strip().splitlines()[0].rstrip(".")[:100] if text.strip() else type(error).__name__
