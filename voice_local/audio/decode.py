"""Decodes audio files: with libsndfile first, then with FFmpeg's decoders through PyAV.

Files are untrusted. Playlists, manifests and session descriptions name other files or hosts, which
are never opened: FFmpeg may not use the demuxers of such formats nor any protocol, and every
request to open a second file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile as sf

from voice_local.audio.sources import Source
from voice_local.audio.types import Audio
from voice_local.errors import AudioInputError

BLOCK_FRAMES = 65_536
FOREIGN = frozenset(
    {
        # Formats that name other files or hosts.
        "hls",
        "dash",
        "webm_dash_manifest",
        "concat",
        "concatf",
        "imf",
        "image2",
        "image2pipe",
        "smoothstreaming",
        "sdp",
        "rtp",
        "rtp_mpegts",
        "rtsp",
        "sap",
        "vobsub",
        "avisynth",
        "vapoursynth",
        # Devices, and generators of sound.
        "alsa",
        "oss",
        "pulse",
        "jack",
        "sndio",
        "openal",
        "avfoundation",
        "dshow",
        "gdigrab",
        "vfwcap",
        "decklink",
        "android_camera",
        "fbdev",
        "kmsgrab",
        "x11grab",
        "xcbgrab",
        "v4l2",
        "video4linux2",
        "video4linux2,v4l2",
        "iec61883",
        "libcdio",
        "lavfi",
        "sbg",
    }
)
"""Demuxers that FFmpeg must not use."""

Block = tuple[Audio, int]
"""float32 samples (frames, channels), and their sample rate in Hz."""


def blocks(source: Source) -> Iterator[Block]:
    """The audio of `source` in blocks; of a damaged file, what precedes the damage.

    Raises:
        AudioInputError: neither library can read it.
    """
    found, reason = False, ""
    try:
        for block in _by_libsndfile(source):
            found = True
            yield block
    except (sf.SoundFileError, OSError) as error:
        reason = short(error)
    if found:
        return
    source.stream.seek(0)
    try:
        yield from _by_ffmpeg(source)
    except ImportError:
        if reason:
            raise AudioInputError(
                f"{source.name} is not readable audio ({reason})",
                "give a WAV, FLAC, OGG or MP3; PyAV (pip install av) reads more",
            ) from None


def _by_libsndfile(source: Source) -> Iterator[Block]:
    # Opened by path if there is one, since some formats have a second file next to the first, and
    # others are recognized by their extension. A `.raw` file is opened by descriptor, since
    # soundfile would take its extension for headerless samples.
    by_number = source.path is not None and source.path.lower().endswith(b".raw")
    target = source.stream.fileno() if by_number else source.path or source.stream
    with sf.SoundFile(target, closefd=not by_number) as file:
        # After each block soundfile seeks to its current position, which corrupts MP3 decoding and
        # fails for formats that cannot seek.
        file.seekable = lambda: False
        while len(samples := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
            yield samples, file.samplerate


def _by_ffmpeg(source: Source) -> Iterator[Block]:
    import av

    allowed = {
        "format_whitelist": ",".join(sorted(av.formats_available - FOREIGN)),
        "protocol_whitelist": "none",
    }
    try:
        with av.open(
            source.stream,
            "r",
            metadata_errors="replace",
            container_options=allowed,
            io_open=_refuse,
        ) as container:
            track = container.streams.best("audio")
            if track is None:
                raise AudioInputError(f"{source.name} has no sound in it", "give an audio file")
            for packet in container.demux(track):
                with suppress(av.error.FFmpegError):  # a damaged packet is skipped
                    for frame in packet.decode():
                        assert isinstance(frame, av.AudioFrame)
                        yield _samples(frame), frame.sample_rate
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise AudioInputError(
            f"{source.name} is not readable audio ({short(error)})",
            "give a WAV, FLAC, OGG, MP3 or M4A",
        ) from None


def _refuse(url: str, flags: int, options: dict[str, str]) -> Any:
    raise PermissionError("it names another file or address, which is not opened")


def _samples(frame: Any) -> Audio:
    """float32 (frames, channels) of an `av.AudioFrame` of any sample format."""
    values: npt.NDArray[Any] = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels)
    if values.dtype == np.uint8:
        values = values.astype(np.float32) / 128 - 1
    elif np.issubdtype(values.dtype, np.integer):
        values = values.astype(np.float32) / -float(np.iinfo(values.dtype).min)
    return values.astype(np.float32, copy=False)


def short(error: Exception) -> str:
    """The first line of a library's error message, for use within a message."""
    text = str(getattr(error, "error_string", "") or getattr(error, "strerror", "") or error)
    return text.strip().splitlines()[0].rstrip(".")[:100] if text.strip() else type(error).__name__
