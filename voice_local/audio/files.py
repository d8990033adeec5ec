"""Reading and writing audio files: any format that libsndfile or FFmpeg reads, any sample rate, any
number of channels."""

from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile as sf

from voice_local.audio import decode
from voice_local.audio.mono import (
    resampled,
    to_mono,
)
from voice_local.audio.sources import (
    Source,
    begun,
    opened,
)
from voice_local.audio.types import Audio
from voice_local.errors import (
    AudioInputError,
    OutputError,
)

MAX_SECONDS = 3600.0
"""Longest recording in seconds; longer ones are refused with an error that names this limit."""


def read_audio(path: str | Path) -> Audio:
    """Reads a recording as float32 mono at 16 kHz; for the downmix see `mono.to_mono`.

    `path` may be a pipe, and "-" is standard input; both are read to their end.

    Raises:
        AudioInputError: missing, a directory, a device, not audio, empty, not finite, or longer
            than `MAX_SECONDS`.
    """
    with opened(path) as source:
        return _read(source)


def read_audio_stream(stream: BinaryIO, name: str) -> Audio:
    """As `read_audio`, from a seekable stream; `name`: for messages.

    Raises:
        AudioInputError: as `read_audio`.
    """
    return _read(Source(name, begun(stream, name), None))


def _read(source: Source) -> Audio:
    parts = []
    for (rate, channels), run in groupby(_checked(decode.blocks(source), source), _form):
        try:
            parts.append(to_mono(resampled((samples for samples, _ in run), rate, channels)))
        except (ValueError, RuntimeError) as error:
            raise AudioInputError(
                f"{source.name} has a rate of {rate} Hz that cannot be used "
                f"({decode.short(error)})",
                "convert it to 16 kHz",
            ) from None
    if not sum(map(len, parts)):
        raise AudioInputError(f"{source.name} holds no samples", "record something first")
    return np.concatenate(parts)


def _form(block: decode.Block) -> tuple[int, int]:
    return block[1], block[0].shape[1]


def _checked(blocks: Iterable[decode.Block], source: Source) -> Iterator[decode.Block]:
    """`blocks`, after checking their values and their total length: a header may be wrong, and a
    stream may be endless."""
    seconds = 0.0
    for samples, rate in blocks:
        seconds += len(samples) / rate if rate > 0 else float("inf")
        if seconds > MAX_SECONDS:
            raise AudioInputError(
                f"{source.name} is longer than {MAX_SECONDS / 60:.0f} minutes", "cut it into parts"
            )
        if not np.isfinite(samples).all():
            raise AudioInputError(
                f"{source.name} holds samples that are not numbers (NaN or infinite)",
                "write the file again",
            )
        yield samples, rate


def write_wav(path: str | Path, samples: Audio, sample_rate: int) -> None:
    """Writes a WAV file of 16-bit PCM, atomically: if that fails, an existing file is not changed.

    Raises:
        OutputError: the file cannot be written, or the disk is full.
    """
    _write(Path(path), wav_bytes(samples, sample_rate))


def wav_bytes(samples: Audio, sample_rate: int) -> bytes:
    """The bytes of a WAV file of 16-bit PCM."""
    return _bytes(samples, sample_rate, "WAV")


def write_flac(path: str | Path, samples: Audio, sample_rate: int) -> None:
    """Writes a 16-bit FLAC file, atomically as `write_wav`; `samples` of shape (count,) or (count,
    channels).

    Raises:
        OutputError: the file cannot be written, or the disk is full.
    """
    _write(Path(path), _bytes(samples, sample_rate, "FLAC"))


def _bytes(samples: Audio, sample_rate: int, format: str) -> bytes:
    content = io.BytesIO()
    sf.write(content, np.clip(samples, -1.0, 1.0), sample_rate, subtype="PCM_16", format=format)
    return content.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        if (path.exists() and not path.is_file()) or not os.access(path.resolve().parent, os.W_OK):
            path.write_bytes(content)  # a pipe, a device, or a read-only folder
        else:
            _replace(path.resolve(), content)  # resolved, so that a symbolic link is kept
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({decode.short(error)})",
            "choose a folder that exists, may be written and has room",
        ) from None


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".voice-local-{secrets.token_hex(8)}.part")
    try:
        beside.write_bytes(content)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def check_writable(path: str | Path) -> None:
    """Raises OutputError unless a file can be created at `path`; to be called before any work."""
    path = Path(path)
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a directory", "give a file name")
        real = path.resolve()  # a symbolic link is kept
        if real.exists() and not real.is_file():
            return  # a pipe or a device: opening it would be the first use of it
        existed = real.exists()
        with real.open("ab"):
            pass
        if not existed:
            real.unlink()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise OutputError(
            f"cannot write {path} ({getattr(error, 'strerror', None) or 'links in a circle'})",
            "choose a folder that exists and may be written",
        ) from None
