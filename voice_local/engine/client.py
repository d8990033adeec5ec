"""The engine as everything else sees it: typed methods over a transport, each written once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from voice_local.audio.types import Audio
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    CallContext,
    Classified,
    Classify,
    Generate,
    GenerateItem,
    GenerateOptions,
    Message,
    Prefill,
    Prefilled,
    Priority,
    SpeechChunk,
    Synthesize,
    TextDelta,
    Tool,
    ToolChoice,
    Transcribe,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.engine.operations import (
    CLASSIFY,
    GENERATE,
    PREFILL,
    SYNTHESIZE,
    TRANSCRIBE,
    Operation,
)
from voice_local.engine.transports.base import Transport
from voice_local.errors import EngineBusyError, StageError


class EngineClient:
    """Calls through `transport`, each with `context` but for what its kind decides.

    Every method may raise `EngineBusyError`, `WorkerDiedError` or `StageError` (see `Transport`).
    Cancelling a call's task, or closing its iterator, cancels the call.

    Attributes:
        transport: as given.
        context: as given.
    """

    def __init__(self, transport: Transport, context: CallContext | None = None) -> None:
        self.transport = transport
        self.context = context or CallContext()

    def of(self, session_id: str, turn_id: str = "") -> EngineClient:
        """The same engine for one session's, or one turn's, calls."""
        context = replace(self.context, session_id=session_id, turn_id=turn_id)
        return EngineClient(self.transport, context)

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS, *, model: str = ""
    ) -> Transcript:
        """The words of one utterance; `audio`: float32 (n,), 16 kHz."""
        priority = Priority.PARTIAL if options.interim else Priority.FINAL
        request = Transcribe(audio, options, model)
        return cast(Transcript, await self.one(TRANSCRIBE, request, priority))

    async def classify(
        self, pairs: Iterable[tuple[str, str | None]], *, model: str = ""
    ) -> tuple[Understanding, ...]:
        """Meaning and emotion of each (text, topic); topic: the intent that the talk was about."""
        found = await self.one(CLASSIFY, Classify(tuple(pairs), model))
        return cast(Classified, found).items

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """Meaning and emotion of one text; see `classify`."""
        return (await self.classify([(text, topic)]))[0]

    def generate(
        self,
        messages: Sequence[Message],
        options: GenerateOptions | None = None,
        *,
        tools: Sequence[Tool] = (),
        tool_choice: ToolChoice = ToolChoice.AUTO,
        model: str = "",
        priority: Priority = Priority.INTERACTIVE,
    ) -> AsyncGenerator[GenerateItem, None]:
        """The answer: text and tool calls as they come, `GenerationDone` at its end."""
        request = Generate(
            tuple(messages), options or GenerateOptions(), tuple(tools), tool_choice, model
        )
        return self.stream(GENERATE, request, priority)

    async def prefill(
        self, messages: Sequence[Message], *, tools: Sequence[Tool] = (), model: str = ""
    ) -> bool:
        """Reads the beginning of a prompt ahead, for a `generate` to come. Whether all was read.

        It ends as soon as somebody waits for anything.
        """
        request = Prefill(tuple(messages), tuple(tools), model)
        try:
            found = await self.one(PREFILL, request, Priority.BACKGROUND)
        except EngineBusyError:
            return False
        return cast(Prefilled, found).whole

    def synthesize(
        self, text: str, voice: str | None = None, *, model: str = ""
    ) -> AsyncGenerator[SpeechChunk, None]:
        """The sound of one segment in pieces, without leading silence."""
        return self.stream(SYNTHESIZE, Synthesize(text, voice, model))

    async def one(
        self, operation: Operation, request: Any, priority: Priority | None = None
    ) -> Any:
        """The item of an operation that does not stream."""
        found = [item async for item in self.stream(operation, request, priority)]
        if not found:
            raise StageError(f"{operation.name} was not answered")
        return found[0]

    def stream(
        self, operation: Operation, request: Any, priority: Priority | None = None
    ) -> AsyncGenerator[Any, None]:
        """The items of any operation."""
        context = self.context
        if priority is not None and priority is not context.priority:
            context = replace(context, priority=priority)
        return self.transport.call(operation, request, context)

    async def aclose(self) -> None:
        """Frees what it holds: nothing, for a client of an engine that another process started."""


async def text_of(items: AsyncGenerator[GenerateItem, None]) -> AsyncGenerator[str, None]:
    """The text of an answer without what else comes with it."""
    async with aclosing(items):
        async for item in items:
            if isinstance(item, TextDelta):
                yield item.text
