"""Recognition, answers and speech by our engine as plugins of livekit-agents."""

from __future__ import annotations

from typing import Any

from livekit.agents import llm, stt, tts, utils
from livekit.agents.language import LanguageCode

from benchmarks.peers.common import PromptedLlm, from_pcm, pairs, to_pcm
from voice_local.config import Settings
from voice_local.engine.client import EngineClient


class EngineSTT(stt.STT[Any]):
    """Recognition by the engine."""

    def __init__(self, engine: EngineClient, heard: list[str]) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._engine, self._heard = engine, heard

    async def _recognize_impl(
        self, buffer: utils.AudioBuffer, *, language: Any = None, conn_options: Any = None
    ) -> stt.SpeechEvent:
        frame = utils.merge_frames(buffer)
        found = await self._engine.transcribe(from_pcm(bytes(frame.data)))
        self._heard.append(found.text)
        return stt.SpeechEvent(
            type=stt.SpeechEventType.FINAL_TRANSCRIPT,
            alternatives=[stt.SpeechData(language=LanguageCode("en"), text=found.text)],
        )


class EngineLLM(llm.LLM[Any]):
    """Answers by the engine."""

    def __init__(self, engine: EngineClient, settings: Settings) -> None:
        super().__init__()
        self.prompted = PromptedLlm(engine, settings)

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: Any = None,
        conn_options: Any = None,
        parallel_tool_calls: Any = None,
        tool_choice: Any = None,
        extra_kwargs: Any = None,
    ) -> llm.LLMStream:
        """See `LLM`."""
        return EngineLLMStream(
            self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options
        )


class EngineLLMStream(llm.LLMStream):
    """One answer."""

    async def _run(self) -> None:
        assert isinstance(self._llm, EngineLLM)
        said = [
            (str(item.role), item.text_content or "")
            for item in self._chat_ctx.items
            if item.type == "message"
        ]
        past, text = pairs(said)
        number = utils.shortuuid()
        async for piece in self._llm.prompted.answer(past, text):
            self._event_ch.send_nowait(
                llm.ChatChunk(id=number, delta=llm.ChoiceDelta(role="assistant", content=piece))
            )


class EngineTTS(tts.TTS[Any]):
    """Speech by the engine."""

    def __init__(self, engine: EngineClient, sample_rate: int, answers: list[str]) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=sample_rate,
            num_channels=1,
        )
        self.engine, self.answers = engine, answers

    def synthesize(self, text: str, *, conn_options: Any = None) -> tts.ChunkedStream:
        """See `TTS`."""
        return EngineTTSStream(tts=self, input_text=text, conn_options=conn_options)


class EngineTTSStream(tts.ChunkedStream):
    """One sentence."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, EngineTTS)
        voice.answers.append(self.input_text)
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=voice.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
        )
        async for chunk in voice.engine.synthesize(self.input_text):
            output_emitter.push(to_pcm(chunk.samples))
        output_emitter.flush()
