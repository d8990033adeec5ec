"""Streaming voice activity detection with Silero VAD: frames of 32 ms, the embedded ONNX model.

One `SileroModel` serves any number of conversations; the recurrent state is kept in a
`SileroStream` for each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
)
from voice_local.models.onnx_session import make_session

CONTEXT = 64
"""Samples of the previous frame that models since v5 expect before each frame."""


def package_file() -> Path:
    """The embedded ONNX file, after checking its digest.

    Raises:
        ModelMissingError, ModelDigestError, ModelFormatError: it is missing or was changed.
    """
    return ModelFolder(tiny_folder()).file("silero-vad/silero_vad_16k_op15.onnx")


RATE = np.array(SAMPLE_RATE, dtype=np.int64)


class SileroModel:
    """The weights, loaded once."""

    def __init__(self, path: Path | None = None) -> None:
        self._session: Any = make_session(path or package_file(), threads=1)

    def stream(self) -> SileroStream:
        """The state of a new conversation."""
        return SileroStream(self._session)


class SileroStream:
    """The voice activity detector of one conversation."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Resets the recurrent state."""
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        self._context = np.zeros(CONTEXT, dtype=np.float32)

    def probability(self, frame: Audio) -> float:
        """Probability 0..1 that `frame` (`FRAME_SAMPLES` samples, float32, 16 kHz) holds speech."""
        whole = np.concatenate([self._context, frame])[None]
        output, self._state = self._session.run(
            None, {"input": whole, "state": self._state, "sr": RATE}
        )
        self._context = frame[-CONTEXT:]
        return float(output[0, 0])
