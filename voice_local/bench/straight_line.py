"""The straight-line assistant: the same endpointing and models, but each stage begins when the one
before has ended.

What most assistants in tutorials do, and the yardstick for all that our conversation overlaps:
transcribe the whole utterance, understand it, generate the whole answer, synthesize the whole
answer, play.
"""

from __future__ import annotations

import asyncio

import numpy as np

from voice_local.audio.types import (
    FRAME_SAMPLES,
    Audio,
    VoiceActivity,
)
from voice_local.bench.real_time import Playback
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.input.endpointing import (
    Endpointer,
    SpeechEnded,
)
from voice_local.engine.client import text_of


class StraightLine:
    """One conversation. Every turn goes to the LLM; what is said over an answer is not heard.

    Attributes:
        transcripts, answers: the transcripts and the answers, in order.
    """

    def __init__(
        self, conversation: ConversationContext, voice_activity: VoiceActivity, playback: Playback
    ) -> None:
        self._conversation, self._vad, self._playback = conversation, voice_activity, playback
        # Nothing is known of the sentence before it has ended: `endpointing_delay_ms` it is.
        self._endpointer = Endpointer(conversation.settings.vad)
        self._waiting = np.zeros(0, dtype=np.float32)
        self._answering: asyncio.Task[None] | None = None
        self.transcripts: list[str] = []
        self.answers: list[str] = []

    async def feed(self, block: Audio) -> None:
        """Takes the next block of the microphone (16 kHz); returns at once."""
        self._waiting = np.concatenate([self._waiting, block])
        while len(self._waiting) >= FRAME_SAMPLES:
            frame, self._waiting = self._waiting[:FRAME_SAMPLES], self._waiting[FRAME_SAMPLES:]
            for event in self._endpointer.push(frame, self._vad.probability(frame)):
                if isinstance(event, SpeechEnded) and (
                    self._answering is None or self._answering.done()
                ):
                    if self._answering:
                        self._answering.result()  # what it raised is not lost
                    self._answering = asyncio.create_task(self._answer(event.audio))

    async def _answer(self, audio: Audio) -> None:
        conversation, engine = self._conversation, self._conversation.engine
        text = (await engine.transcribe(audio)).text
        self.transcripts.append(text)
        if not text:
            return
        found = await engine.understand(text, conversation.topic.intent)
        context = conversation.context(
            found.intent, conversation.tone.update(found.emotion, found.emotion_confidence)
        )
        messages = conversation.memory.messages(context, text)
        answer = "".join(
            [piece async for piece in text_of(engine.generate(messages, conversation.options))]
        ).strip()
        if not answer:
            return
        chunks = [
            chunk.samples
            async for chunk in engine.synthesize(answer, conversation.settings.tts.voice)
        ]
        self.answers.append(answer)
        self._playback.write(np.concatenate(chunks))
        conversation.topic.update(found.intent)
        conversation.memory.add(context, text, answer)

    async def aclose(self) -> None:
        """Lets the answer under way end.

        Raises:
            EngineError: what went wrong with it.
        """
        if self._answering:
            await self._answering
