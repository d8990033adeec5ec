"""The sound of telephones: 8 bits a sample by ITU-T G.711, µ-law and A-law.

The tables hold samples as 16-bit values, as usual: µ-law's 14 bits and A-law's 13, shifted up.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from voice_local.audio.types import Audio

TELEPHONE_RATE = 8_000
"""Hz."""

BIAS, CLIP = 132, 32_635
"""Of µ-law."""

FULL_SCALE = 32_768


def from_mulaw(data: bytes) -> Audio:
    """µ-law → float32."""
    return _floats(_mulaw_values()[np.frombuffer(data, np.uint8)])


def to_mulaw(samples: Audio) -> bytes:
    """float32 → µ-law."""
    return _mulaw_codes()[_indexes(samples)].tobytes()


def from_alaw(data: bytes) -> Audio:
    """A-law → float32."""
    return _floats(_alaw_values()[np.frombuffer(data, np.uint8)])


def to_alaw(samples: Audio) -> bytes:
    """float32 → A-law."""
    return _alaw_codes()[_indexes(samples)].tobytes()


def from_pcm16(data: bytes) -> Audio:
    """16-bit little-endian → float32."""
    return _floats(np.frombuffer(data, "<i2"))


def to_pcm16(samples: Audio) -> bytes:
    """float32 → 16-bit little-endian."""
    return (_indexes(samples) - FULL_SCALE).astype("<i2").tobytes()


def _floats(values: npt.NDArray[np.int16]) -> Audio:
    return values.astype(np.float32) / np.float32(FULL_SCALE)


def _indexes(samples: Audio) -> npt.NDArray[np.int64]:
    """Places in a table of all 16-bit values, the lowest first."""
    values = np.rint(np.nan_to_num(samples).astype(np.float64) * FULL_SCALE)
    return np.clip(values, -FULL_SCALE, FULL_SCALE - 1).astype(np.int64) + FULL_SCALE


@cache
def _mulaw_values() -> npt.NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    size = ((mantissa << 3) + BIAS << exponent) - BIAS
    return np.where(code & 0x80, -size, size).astype(np.int16)


@cache
def _mulaw_codes() -> npt.NDArray[np.uint8]:
    value = np.arange(-FULL_SCALE, FULL_SCALE)
    size = np.minimum(np.where(value < 0, ~value, value), CLIP) + BIAS
    exponent = np.floor(np.log2(size)).astype(np.int64) - 7
    mantissa = size >> exponent + 3 & 0x0F
    code = ~(np.where(value < 0, 0x80, 0) | exponent << 4 | mantissa) & 0xFF
    return np.asarray(code, dtype=np.uint8)


@cache
def _alaw_values() -> npt.NDArray[np.int16]:
    code = np.arange(256) ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    size = np.where(
        exponent == 0, (mantissa << 4) + 8, (mantissa << 4) + 0x108 << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, size, -size).astype(np.int16)


@cache
def _alaw_codes() -> npt.NDArray[np.uint8]:
    value = np.arange(-FULL_SCALE, FULL_SCALE) >> 3
    size = np.where(value < 0, ~value, value)
    exponent = np.maximum(np.floor(np.log2(np.maximum(size, 1))).astype(np.int64) - 4, 0)
    mantissa = size >> np.maximum(exponent, 1) & 0x0F
    mask = np.where(value < 0, 0x55, 0xD5)
    return ((exponent << 4 | mantissa) ^ mask).astype(np.uint8)
