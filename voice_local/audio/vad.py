"""Silero VAD, streaming: 32 ms frames through the ONNX file among the embedded models.

One `SileroModel` serves any number of conversations; the recurrent state lives in each one's
`SileroStream`.
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
"""Samples of the frame before that models since v5 want in front of each frame."""


def package_file() -> Path:
    """The ONNX file among the embedded models, checked.

    Raises:
        ModelMissingError, ModelDigestError, ModelFormatError: it is not there, or is another.
    """
    return ModelFolder(tiny_folder()).file("silero-vad/silero_vad_16k_op15.onnx")


RATE = np.array(SAMPLE_RATE, dtype=np.int64)


class SileroModel:
    """The weights, loaded once."""

    def __init__(self, path: Path | None = None) -> None:
        self._session: Any = make_session(path or package_file(), threads=1)

    def stream(self) -> SileroStream:
        """A fresh conversation's state."""
        return SileroStream(self._session)


class SileroStream:
    """One conversation's voice activity: frames in, probabilities out."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Forgets all that was heard."""
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
