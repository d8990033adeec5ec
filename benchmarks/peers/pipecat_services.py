"""Recognition, answers and speech by our engine as services of pipecat."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.utils.time import time_now_iso8601

from benchmarks.peers.common import PromptedLlm, from_pcm, pairs, to_pcm
from voice_local.audio.types import SAMPLE_RATE
from voice_local.config import Settings
from voice_local.engine.client import EngineClient


class EngineSTT(SegmentedSTTService):
    """Recognition by the engine."""

    def __init__(self, engine: EngineClient, heard: list[str]) -> None:
        # The detector's silence is at the segment's end already: no more of it, which would have to
        # be recognized too.
        super().__init__(
            sample_rate=SAMPLE_RATE,
            trailing_silence_secs=0.0,
            ttfs_p99_latency=0.5,
            settings=STTSettings(model="ours", language=None),
        )
        self._engine, self._heard = engine, heard

    @property
    def wants_wav_segments(self) -> bool:
        """See `SegmentedSTTService`."""
        return False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """See `STTService`."""
        found = await self._engine.transcribe(from_pcm(audio))
        self._heard.append(found.text)
        if found.text:
            yield TranscriptionFrame(found.text, "", time_now_iso8601())


class EngineLLM(LLMService[Any]):
    """Answers by the engine."""

    def __init__(self, engine: EngineClient, settings: Settings) -> None:
        super().__init__(
            settings=LLMSettings(
                model="ours",
                system_instruction=None,
                temperature=0.0,
                max_tokens=None,
                top_p=None,
                top_k=None,
                frequency_penalty=None,
                presence_penalty=None,
                seed=None,
                filter_incomplete_user_turns=False,
                user_turn_completion_config=None,
            )
        )
        self._prompted = PromptedLlm(engine, settings)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """See `LLMService`."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        past, text = pairs([(m["role"], m["content"]) for m in frame.context.get_messages()])
        await self.push_frame(LLMFullResponseStartFrame())
        try:
            async with aclosing(self._prompted.answer(past, text)) as pieces:
                async for piece in pieces:
                    await self._push_llm_text(piece)
        finally:
            await self.push_frame(LLMFullResponseEndFrame())


class EngineTTS(TTSService):
    """Speech by the engine."""

    def __init__(self, engine: EngineClient, sample_rate: int, answers: list[str]) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=sample_rate,
            settings=TTSSettings(model="ours", voice=None, language=None),
        )
        self._engine, self._answers = engine, answers

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """See `TTSService`."""
        self._answers.append(text)
        async for chunk in self._engine.synthesize(text):
            yield TTSAudioRawFrame(
                to_pcm(chunk.samples), chunk.sample_rate, 1, context_id=context_id
            )
