"""The sound formats of the Realtime API."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from voice_local.audio import g711
from voice_local.audio.types import Audio
from voice_local.server.realtime.protocol import ClientError, known_keys, object_of

PCM_RATE = 24_000
"""Hz: the only rate of `audio/pcm`."""


class Encoding(StrEnum):
    """How samples are written."""

    PCM = "audio/pcm"
    """16-bit little-endian."""
    MULAW = "audio/pcmu"
    ALAW = "audio/pcma"


@dataclass(frozen=True)
class AudioFormat:
    """One direction's."""

    encoding: Encoding = Encoding.PCM

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return PCM_RATE if self.encoding is Encoding.PCM else g711.TELEPHONE_RATE

    def decoded(self, data: bytes) -> Audio:
        """float32 samples.

        Raises:
            ClientError: half a sample.
        """
        if self.encoding is Encoding.MULAW:
            return g711.from_mulaw(data)
        if self.encoding is Encoding.ALAW:
            return g711.from_alaw(data)
        if len(data) % 2:
            raise ClientError(
                f"{len(data)} bytes are not whole 16-bit samples.", "invalid_audio", "audio"
            )
        return np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)

    def encoded(self, samples: Audio) -> str:
        """In base64."""
        if self.encoding is Encoding.MULAW:
            data = g711.to_mulaw(samples)
        elif self.encoding is Encoding.ALAW:
            data = g711.to_alaw(samples)
        else:
            wide = np.clip(np.rint(samples * 32768), -32768, 32767)
            data = wide.astype("<i2").tobytes()
        return base64.b64encode(data).decode("ascii")

    def as_json(self) -> dict[str, Any]:
        """As the API writes it."""
        told: dict[str, Any] = {"type": self.encoding.value}
        return {**told, "rate": PCM_RATE} if self.encoding is Encoding.PCM else told


def format_of(value: Any, name: str) -> AudioFormat:
    """The format that a client names.

    Raises:
        ClientError: there is no such format.
    """
    given = object_of(value, name)
    known_keys(given, ("type", "rate"), name)
    try:
        encoding = Encoding(str(given.get("type")))
    except ValueError:
        names = ", ".join(Encoding)
        raise ClientError(
            f"'{name}.type' has to be one of: {names}.", param=f"{name}.type"
        ) from None
    found = AudioFormat(encoding)
    if given.get("rate") not in (None, found.sample_rate):
        raise ClientError(f"'{name}.rate' has to be {found.sample_rate}.", param=f"{name}.rate")
    return found
