"""G.711: telephone sound in 8 bits a sample, µ-law and A-law (ITU-T G.711)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from voice_local.audio.types import Audio

SAMPLE_RATE = 8000
"""Hz."""

_BIAS, _CLIP = 0x84, 32635


def mulaw_decoded(data: bytes) -> Audio:
    """float32 samples in −1..1 of µ-law bytes."""
    code = ~np.frombuffer(data, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, code & 15
    level = ((mantissa.astype(np.int32) << 3) + _BIAS << exponent.astype(np.int32)) - _BIAS
    return _scaled(np.where(code & 0x80, -level, level))


def mulaw_encoded(samples: Audio) -> bytes:
    """µ-law bytes of float32 samples; what is out of −1..1 is clipped."""
    wide = _wide(samples)
    level = np.minimum(np.abs(wide), _CLIP) + _BIAS
    exponent = np.floor(np.log2(level)).astype(np.int32) - 7
    mantissa = (level >> (exponent + 3)) & 15
    sign = np.where(wide < 0, 0x80, 0)
    code: npt.NDArray[np.int32] = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return code.astype(np.uint8).tobytes()


def alaw_decoded(data: bytes) -> Audio:
    """float32 samples in −1..1 of A-law bytes."""
    code = (np.frombuffer(data, dtype=np.uint8) ^ 0x55).astype(np.int32)
    exponent, mantissa = (code >> 4) & 7, code & 15
    low = (mantissa << 4) + 8
    level = np.where(exponent == 0, low, (low + 0x100) << np.maximum(exponent - 1, 0))
    return _scaled(np.where(code & 0x80, level, -level))


def alaw_encoded(samples: Audio) -> bytes:
    """A-law bytes of float32 samples; what is out of −1..1 is clipped."""
    wide = _wide(samples)
    level = np.minimum(np.where(wide < 0, -wide - 1, wide), 32767)
    exponent = np.maximum(np.floor(np.log2(np.maximum(level, 1))).astype(np.int32) - 7, 0)
    mantissa = np.where(exponent == 0, level >> 4, level >> (exponent + 3)) & 15
    sign = np.where(wide < 0, 0, 0x80)
    code: npt.NDArray[np.int32] = (sign | (exponent << 4) | mantissa) ^ 0x55
    return code.astype(np.uint8).tobytes()


def _wide(samples: Audio) -> npt.NDArray[np.int32]:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int32)


def _scaled(level: npt.NDArray[np.int32]) -> Audio:
    return (level / 32768).astype(np.float32)
