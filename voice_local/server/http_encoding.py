"""Speech in the formats of `/v1/audio/speech`, piece by piece as it is made."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import soundfile as sf
import soxr

from voice_local.audio.stretch import TimeStretch
from voice_local.audio.types import Audio
from voice_local.errors import ConfigError

RATE = 24_000
"""Of every format in Hz, as OpenAI's: a client that asks for bare samples expects it."""

UNKNOWN_SIZE = 0xFFFFFFFF
"""In a WAV file's header: it ends where the stream ends."""

MP3_RATE: dict[str, Any] = {"bitrate_mode": "CONSTANT", "compression_level": 0.5}
"""80 kbit/s at `RATE`."""


class Encoder(Protocol):
    """Of one stream. Not more than one thread at a time may call."""

    def push(self, samples: Audio) -> bytes:
        """The next samples, float32 mono at `RATE`; what of the stream is ready."""
        ...

    def end(self) -> bytes:
        """The rest of the stream."""
        ...


@dataclass(frozen=True)
class Format:
    """One `response_format`. `container`, `codec`: libsndfile's; empty: PCM of 16 bits."""

    media_type: str
    container: str = ""
    codec: str = ""


FORMATS = {
    "mp3": Format("audio/mpeg", "MP3", "MPEG_LAYER_III"),
    "opus": Format("audio/ogg", "OGG", "OPUS"),
    "flac": Format("audio/flac", "FLAC", "PCM_16"),
    "wav": Format("audio/wav"),
    "pcm": Format("audio/pcm"),
}


def encoder(name: str) -> Encoder:
    """A new one of the format `name`.

    Raises:
        ConfigError: the libsndfile here cannot write it.
    """
    format = FORMATS[name]
    if not format.container:
        return Pcm(wav_header() if name == "wav" else b"")
    if format.codec not in sf.available_subtypes(format.container):
        raise ConfigError(
            f"{sf.__libsndfile_version__} cannot write {name}", "ask for wav or pcm instead"
        )
    return Compressed(format)


def wav_header() -> bytes:
    """Of a stream of 16-bit PCM whose length is not known."""
    return (
        b"RIFF"
        + struct.pack("<I", UNKNOWN_SIZE)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)
        + b"data"
        + struct.pack("<I", UNKNOWN_SIZE)
    )


class Pcm:
    """16-bit PCM, little endian, after `header`."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def push(self, samples: Audio) -> bytes:
        """See `Encoder`."""
        header, self._header = self._header, b""
        values = np.rint(np.clip(samples, -1.0, 1.0) * 32767)
        return header + values.astype("<i2").tobytes()

    def end(self) -> bytes:
        """See `Encoder`."""
        return self._header


class Compressed:
    """Through libsndfile."""

    def __init__(self, format: Format) -> None:
        self._sink = _Sink(without_first=format.container == "MP3")
        # At a constant rate a player can tell how long an MP3 without its first frame is.
        rate = MP3_RATE if format.container == "MP3" else {}
        self._file = sf.SoundFile(
            self._sink, "w", RATE, 1, subtype=format.codec, format=format.container, **rate
        )

    def push(self, samples: Audio) -> bytes:
        """See `Encoder`."""
        self._file.write(np.clip(samples, -1.0, 1.0))
        return self._sink.take()

    def end(self) -> bytes:
        """See `Encoder`."""
        self._file.close()
        return self._sink.take()


class _Sink(io.RawIOBase):
    """What libsndfile writes, taken while it writes.

    At the end it goes back to fill in how long all is; that has been sent by then, and is dropped.
    `without_first`: the first thing written is dropped, too: of an MP3 that is a frame without
    sound that tells the length, a wrong one here.
    """

    def __init__(self, without_first: bool) -> None:
        self._drop = without_first
        self._ready = bytearray()
        self._at = self._end = 0

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        self._at = start + offset
        return self._at

    def write(self, content: Any) -> int:
        data = bytes(content)
        if self._at == self._end:
            if not self._drop:
                self._ready += data
            self._drop = False
            self._end += len(data)
        self._at += len(data)
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        found = bytes(self._ready)
        self._ready.clear()
        return found


class Voice:
    """A voice's sound at `speed` (1: as it speaks), encoded.

    Every method computes for long: call it off the event loop.
    """

    def __init__(self, encoder: Encoder, speed: float) -> None:
        self._encoder, self._speed = encoder, speed
        self._stretch: TimeStretch | None = None
        self._resampler: Any = None

    def push(self, samples: Audio, sample_rate: int) -> bytes:
        """The next piece of sound; what of the stream is ready. All have one rate."""
        if self._resampler is None and sample_rate != RATE:
            self._resampler = soxr.ResampleStream(sample_rate, RATE, 1, dtype="float32")
        if self._stretch is None and self._speed != 1.0:
            self._stretch = TimeStretch(self._speed, sample_rate)
        return self._encoder.push(self._at_rate(self._at_speed(samples, last=False), last=False))

    def end(self) -> bytes:
        """The rest of the stream."""
        rest = np.zeros(0, dtype=np.float32)
        rest = self._at_rate(self._at_speed(rest, last=True), last=True)
        return self._encoder.push(rest) + self._encoder.end()

    def _at_speed(self, samples: Audio, last: bool) -> Audio:
        return self._stretch.push(samples, last) if self._stretch else samples

    def _at_rate(self, samples: Audio, last: bool) -> Audio:
        if self._resampler is None:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples, last=last), dtype=np.float32)
