"""What goes over the socket between a front process and its worker: one msgpack header, at most one
block of samples.

Requests carry `id` and `op` (transcribe, understand, generate, prefill, synthesize, cancel, hello);
answers `id` and `kind` (item, end, error), beats only `kind`.
"""

from __future__ import annotations

from typing import Any

import msgpack
import numpy as np

from voice_local.audio.types import Audio
from voice_local.errors import StageError

MAX_MESSAGE_BYTES = 64 * 2**20
"""A socket closes on anything larger: room for sixteen minutes of float32 at 16 kHz."""

QUEUE_MESSAGES = 1000
"""High-water mark of each direction."""


def pack(header: dict[str, Any], samples: Audio | None = None) -> list[bytes]:
    """Frames of one message.

    Raises:
        StageError: it is larger than `MAX_MESSAGE_BYTES`.
    """
    frames = [msgpack.packb(header)]
    if samples is not None:
        frames.append(np.ascontiguousarray(samples, dtype=np.float32).tobytes())
    if sum(map(len, frames)) > MAX_MESSAGE_BYTES:
        raise StageError("a message to the engine is over 64 MiB", "send shorter sound")
    return frames


def unpack(frames: list[bytes]) -> tuple[dict[str, Any], Audio | None]:
    """Header and samples of one message."""
    header: dict[str, Any] = msgpack.unpackb(frames[0])
    samples = np.frombuffer(frames[1], dtype=np.float32) if len(frames) > 1 else None
    return header, samples
