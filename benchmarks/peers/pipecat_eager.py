"""A recognizer for pipecat that predicts the end of a turn: what its eager turns need and its own
local services are not.

It predicts at the voice detector's first silence and commits once the window has passed, as our
conversation does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.settings import STTSettings
from pipecat.services.stt_service import STTService
from pipecat.turns.eager_end_of_turn_mixin import EagerEndOfTurnSTTServiceMixin
from pipecat.utils.time import time_now_iso8601

from benchmarks.peers.common import from_pcm
from voice_local.audio.types import SAMPLE_RATE
from voice_local.engine.client import EngineClient

PRE_ROLL_BYTES = SAMPLE_RATE  # half a second of 16-bit samples


class EagerSTT(EagerEndOfTurnSTTServiceMixin, STTService):
    """Recognition by the engine, anew over the whole utterance at each pause; `more_s` after one
    the turn is over."""

    def __init__(self, engine: EngineClient, heard: list[str], more_s: float) -> None:
        super().__init__(
            enable_eager_end_of_turn=True,
            sample_rate=SAMPLE_RATE,
            ttfs_p99_latency=0.5,
            settings=STTSettings(model="ours", language=None),
        )
        self._engine, self._heard_texts, self._more_s = engine, heard, more_s
        self._audio = bytearray()
        self._open = False
        self._prediction: asyncio.Task[None] | None = None

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """See `STTService`; nothing is recognized frame by frame."""
        yield None

    async def process_audio_frame(
        self, frame: InputAudioRawFrame, direction: FrameDirection
    ) -> None:
        """See `STTService`."""
        self._audio += frame.audio
        if not self._open:
            del self._audio[:-PRE_ROLL_BYTES]

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """See `STTService`."""
        await super().process_frame(frame, direction)
        if isinstance(frame, VADUserStartedSpeakingFrame):
            if self._prediction:
                self._prediction.cancel()
                await self._cancel_eager_end_of_turn()
            if not self._open:
                self._open = True
                await self.broadcast_frame(ProposedUserStartedSpeakingFrame)
        elif isinstance(frame, VADUserStoppedSpeakingFrame) and self._open:
            self._prediction = asyncio.create_task(self._predict())

    async def _predict(self) -> None:
        over = asyncio.get_running_loop().time() + self._more_s
        text = (await self._engine.transcribe(from_pcm(bytes(self._audio)))).text
        if text:
            await self._push_eager_end_of_turn(text, user_id="")
        await asyncio.sleep(max(0.0, over - asyncio.get_running_loop().time()))
        self._prediction, self._open = None, False
        self._audio.clear()
        self._clear_eager_end_of_turn()
        self._heard_texts.append(text)
        if text:
            await self.push_frame(TranscriptionFrame(text, "", time_now_iso8601(), finalized=True))
        await self.broadcast_frame(ProposedUserStoppedSpeakingFrame)
