"""`/v1/chat/completions`: the language model alone, without a conversation's memory and skills."""

from __future__ import annotations

import json
import math
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.requests import Request

from voice_local.config import LlmSettings, Prompting
from voice_local.conversation.context.history import CHARACTERS_A_TOKEN, estimate_tokens
from voice_local.conversation.context.prompts import system_prompt
from voice_local.engine.api import (
    FinishReason,
    GenerateItem,
    GenerateOptions,
    GenerationDone,
    Message,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.voices import bare
from voice_local.errors import TextInputError, ToolInputError
from voice_local.server.http_bodies import read_json
from voice_local.server.http_calls import EVENTS, Answer, event, json_bytes
from voice_local.server.http_errors import Blame, RequestError
from voice_local.server.http_messages import messages_of, tools_of
from voice_local.server.http_stop import StopAt
from voice_local.server.state import ServerState

TOOL_CALLS = "tool_calls"
LEAST_TOKENS = 16
"""An answer has room for so many, or the conversation is too long."""

USUAL_TOKENS = 512
"""Of an answer at most, where a client does not say."""

DONE = b"data: [DONE]\n\n"


class _StreamOptions(BaseModel):
    include_usage: bool | None = False


class _ResponseFormat(BaseModel):
    type: str


class ChatBody(BaseModel):
    """What a client sends. Sampling beside temperature and seed is the settings'."""

    model_config = ConfigDict(strict=True)

    model: str = ""
    messages: list[dict[str, Any]]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    tools: list[dict[str, JsonValue]] | None = None
    tool_choice: JsonValue = None
    parallel_tool_calls: bool | None = True
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    n: int | None = 1
    response_format: _ResponseFormat | None = None
    logprobs: bool | None = False


class Chat:
    """Reads requests of one server."""

    def __init__(self, state: ServerState) -> None:
        self._state = state

    async def read(self, request: Request) -> Answer:
        """What a client asks.

        Raises:
            RequestError: that cannot be.
        """
        body = await read_json(request, ChatBody, self._state.limits.max_body_mb << 20)
        _check_offered(body)
        settings = self._state.settings.llm
        messages = _instructed(messages_of(body.messages), settings)
        tools, choice = tools_of(body.tools or (), body.tool_choice)
        wanted = Wanted(
            messages,
            tools,
            choice,
            _options(body, settings, messages),
            parallel=body.parallel_tool_calls is not False,
            stops=_stops(body.stop),
        )
        options = body.stream_options
        return Completion(
            wanted,
            bare(settings.model),
            streams=bool(body.stream),
            tells_usage=bool(options and options.include_usage),
        )


def _check_offered(body: ChatBody) -> None:
    if body.n not in (None, 1):
        raise RequestError("one answer is given", "n=1", Blame("n"))
    if body.response_format is not None and body.response_format.type != "text":
        raise RequestError(
            f"answers as {body.response_format.type[:40]} are not offered",
            "text, or a tool with tool_choice required",
            Blame("response_format"),
        )
    if body.logprobs:
        raise RequestError("log-probabilities are not offered", "", Blame("logprobs"))


def _instructed(messages: tuple[Message, ...], settings: LlmSettings) -> tuple[Message, ...]:
    """A model that was trained on one instruction is given that, whatever the client's are."""
    if settings.prompting is not Prompting.TRAINED:
        return messages
    own = Message(role="system", content=system_prompt(settings.prompting))
    return (own, *(message for message in messages if message["role"] != "system"))


def _options(body: ChatBody, settings: LlmSettings, messages: Sequence[Message]) -> GenerateOptions:
    """What does not fit the context is not asked for: clients' limits are for larger models."""
    most = max(LEAST_TOKENS, settings.n_ctx - estimate_tokens(messages))
    asked = body.max_completion_tokens or body.max_tokens or USUAL_TOKENS
    temperature = settings.temperature if body.temperature is None else body.temperature
    seed = secrets.randbits(32) if body.seed is None else body.seed % (1 << 32)
    return GenerateOptions(min(asked, most), temperature, seed)


def _stops(given: str | list[str] | None) -> tuple[str, ...]:
    stops = (given,) if isinstance(given, str) else tuple(given or ())
    if len(stops) > 4 or not all(stops):
        raise RequestError("there are at most 4 stops, none empty", "", Blame("stop"))
    return stops


@dataclass(frozen=True)
class Wanted:
    """What is generated. `parallel`: several calls in one answer. `stops`: texts that end it."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    choice: ToolChoice
    options: GenerateOptions
    parallel: bool
    stops: tuple[str, ...]

    async def items(self, engine: EngineClient) -> AsyncGenerator[GenerateItem, None]:
        """The answer; `GenerationDone` is its last item.

        The engine knows how long the conversation is: with too little room for the answer, it is
        asked for a shorter one.
        """
        options, begun = self.options, False
        while True:
            try:
                async with aclosing(
                    engine.generate(
                        self.messages, options, tools=self.tools, tool_choice=self.choice
                    )
                ) as items:
                    async for item in self._ended(items):
                        begun = True
                        yield item
                return
            except ToolInputError as error:
                raise RequestError(error.cause, error.remedy, Blame("tools")) from error
            except TextInputError as error:
                if begun or options.max_tokens <= LEAST_TOKENS:
                    blame = Blame("messages", "context_length_exceeded")
                    raise RequestError(error.cause, error.remedy, blame) from error
                options = replace(options, max_tokens=max(LEAST_TOKENS, options.max_tokens // 2))

    async def _ended(
        self, items: AsyncGenerator[GenerateItem, None]
    ) -> AsyncGenerator[GenerateItem, None]:
        stop = StopAt(self.stops)
        async for item in items:
            if isinstance(item, TextDelta):
                if text := stop.push(item.text):
                    yield TextDelta(text)
                if stop.reached:
                    break
            elif isinstance(item, ToolCall):
                yield item
                if not self.parallel:
                    break
            else:
                if rest := stop.rest():
                    yield TextDelta(rest)
                yield item
                return
        yield GenerationDone()


class Completion:
    """An `Answer`. `model`: what answers. `tells_usage`: at the end of a stream."""

    def __init__(self, wanted: Wanted, model: str, *, streams: bool, tells_usage: bool) -> None:
        self._wanted, self._model, self._tells_usage = wanted, model, tells_usage
        self.streams = streams
        self.media_type = EVENTS if streams else "application/json"
        self._created = int(time.time())
        self._text = ""
        self._calls: list[dict[str, Any]] = []
        self._reason = "stop"

    async def body(self, engine: EngineClient, id: str) -> AsyncGenerator[bytes, None]:
        """See `Answer`."""
        async with aclosing(self._wanted.items(engine)) as items:
            begun = False
            async for item in items:
                delta = self._take(item)
                if self.streams and not begun:
                    yield self._chunk(id, {"role": "assistant", "content": ""})
                    begun = True
                if self.streams and delta:
                    yield self._chunk(id, delta)
        if not self.streams:
            yield json_bytes(self._whole(id))
            return
        yield self._chunk(id, {}, self._reason)
        if self._tells_usage:
            yield event({**self._head(id, "chat.completion.chunk", []), "usage": self._usage()})
        yield DONE

    def _take(self, item: GenerateItem) -> dict[str, Any]:
        """What a client that reads a stream is told of it."""
        if isinstance(item, TextDelta):
            self._text += item.text
            return {"content": item.text} if item.text else {}
        if isinstance(item, ToolCall):
            function = {
                "name": item.name,
                "arguments": json.dumps(item.arguments, ensure_ascii=False),
            }
            call = {"id": f"call_{secrets.token_hex(12)}", "type": "function", "function": function}
            self._calls.append(call)
            return {"tool_calls": [{"index": len(self._calls) - 1, **call}]}
        self._reason = "length" if item.reason is FinishReason.LENGTH else "stop"
        if self._calls:
            self._reason = TOOL_CALLS
        return {}

    def _head(self, id: str, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{id}",
            "object": kind,
            "created": self._created,
            "model": self._model,
            "choices": choices,
        }

    def _chunk(self, id: str, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        usage = {"usage": None} if self._tells_usage else {}
        return event({**self._head(id, "chat.completion.chunk", [choice]), **usage})

    def _whole(self, id: str) -> dict[str, Any]:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self._text.strip() or (None if self._calls else ""),
            "refusal": None,
        }
        if self._calls:
            message["tool_calls"] = self._calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._reason}
        return {**self._head(id, "chat.completion", [choice]), "usage": self._usage()}

    def _usage(self) -> dict[str, Any]:
        """By the length of the text: the engine does not tell its tokens."""
        tools = sum(len(json.dumps(asdict(tool))) for tool in self._wanted.tools)
        asked = estimate_tokens(self._wanted.messages) + math.ceil(tools / CHARACTERS_A_TOKEN)
        calls = sum(len(json.dumps(call["function"])) for call in self._calls)
        made = math.ceil((len(self._text) + calls) / CHARACTERS_A_TOKEN)
        return {
            "prompt_tokens": asked,
            "completion_tokens": made,
            "total_tokens": asked + made,
            "estimated": True,
        }
