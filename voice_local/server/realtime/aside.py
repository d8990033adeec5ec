"""A response beside the conversation (`conversation: "none"`): nothing of it is remembered."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import numpy as np
import soxr

from voice_local.conversation.context import prompts
from voice_local.conversation.output.segments import split
from voice_local.engine.api import GenerateOptions, Message, SpeechChunk
from voice_local.engine.client import text_of
from voice_local.errors import VoiceLocalError
from voice_local.server.realtime.answer import Answer, Status
from voice_local.server.realtime.live import Live
from voice_local.server.realtime.protocol import new_id
from voice_local.server.realtime.session_config import SessionConfig
from voice_local.text.markup import without_markup


class Aside:
    """One response. `said`: what it answers; None: the conversation so far."""

    def __init__(
        self,
        live: Live,
        config: SessionConfig,
        metadata: dict[str, Any] | None,
        said: list[str] | None,
    ) -> None:
        self._live, self._config, self._said = live, config, said
        self._about = {
            "conversation_id": None,
            "output_modalities": ["audio"] if config.spoken else ["text"],
            "max_output_tokens": config.passed.get("max_output_tokens") or "inf",
            "audio": {"output": {"format": config.output_format.as_json(), "voice": config.voice}},
            "metadata": metadata,
        }

    async def run(self) -> None:
        """Gives it."""
        live, config = self._live, self._config
        answer = Answer(live.tell, None, self._about, config.output_format, spoken=config.spoken)
        context = live.session.context
        engine = context.engine.of(new_id("aside"))
        options = GenerateOptions(context.options.max_tokens, context.options.temperature)
        try:
            text = ""
            async with aclosing(text_of(engine.generate(self._messages(), options))) as pieces:
                async for piece in pieces:
                    text += piece
                    if not config.spoken:
                        answer.words(piece, glue="")
            for segment in split(without_markup(text)) if config.spoken else ():
                answer.words(segment)
                async with aclosing(engine.synthesize(segment)) as sound:
                    async for chunk in sound:
                        answer.sound(self._resampled(chunk))
                        await live.outbox.room()
        except VoiceLocalError:
            answer.finish(Status.FAILED, "server_error")
        else:
            answer.finish(Status.COMPLETED)

    def _messages(self) -> list[Message]:
        context, config = self._live.session.context, self._config
        if self._said is None:
            found = context.memory.messages("", "")
            found = [message for message in found if message["content"]]
            if config.instructions:
                found.append(Message(role="user", content=config.instructions))
            return found
        settings = context.settings
        system = prompts.system_prompt(
            settings.llm.prompting, "neutral", config.instructions, name=settings.conversation.name
        )
        return [
            Message(role="system", content=system),
            Message(role="user", content="\n".join(self._said) or config.instructions),
        ]

    def _resampled(self, chunk: SpeechChunk) -> Any:
        rate = self._config.output_format.sample_rate
        if chunk.sample_rate == rate:
            return chunk.samples
        return np.asarray(soxr.resample(chunk.samples, chunk.sample_rate, rate), dtype=np.float32)
