"""The assistant's voice as a media track."""

from __future__ import annotations

import asyncio
from collections import deque
from fractions import Fraction

import av
import numpy as np
from aiortc.mediastreams import AudioStreamTrack

from voice_local.audio.types import Audio
from voice_local.server.realtime.audio_format import PCM_RATE

PIECE = PCM_RATE // 50


class SpeechTrack(AudioStreamTrack):
    """The assistant's voice as it is to be played: 20 ms at a time, silence between."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: deque[Audio] = deque()
        self._left: Audio = np.zeros(0, dtype=np.float32)
        self._count, self._began_at = 0, 0.0

    def put(self, samples: Audio) -> None:
        """Takes the next sound, at 24 kHz."""
        self._pieces.append(samples)

    def clear(self) -> None:
        """Forgets what is not played yet."""
        self._pieces.clear()
        self._left = np.zeros(0, dtype=np.float32)

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms, in time."""
        loop = asyncio.get_running_loop()
        if not self._count:
            self._began_at = loop.time()
        await asyncio.sleep(max(0.0, self._began_at + self._count / PCM_RATE - loop.time()))
        while len(self._left) < PIECE and self._pieces:
            self._left = np.concatenate([self._left, self._pieces.popleft()])
        piece = np.zeros(PIECE, dtype=np.float32)
        taken = self._left[:PIECE]
        piece[: len(taken)], self._left = taken, self._left[PIECE:]
        wide = np.clip(np.rint(piece * 32767), -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wide.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = PCM_RATE, self._count
        frame.time_base = Fraction(1, PCM_RATE)
        self._count += PIECE
        return frame
