"""A quantized GGUF through llama.cpp: the model's own chat template, streamed pieces, nothing read
twice.

What a prompt shares with any conversation before is not computed again: see `llama_cache`.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import ClassVar

from voice_local.config import Settings
from voice_local.engine.api import (
    FinishReason,
    Generate,
    GenerateItem,
    GenerateOptions,
    GenerationDone,
    Message,
    Prefill,
    Prefilled,
    StageKind,
    TextDelta,
    ToolCall,
    ToolChoice,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.errors import (
    ModelFormatError,
    StageError,
    TextInputError,
)
from voice_local.models.folder import ModelFolder
from voice_local.stages.llm.bare_calls import tagged
from voice_local.stages.llm.cpu_library import load_cpu_library
from voice_local.stages.llm.held_answer import FreeAnswer, held_answer
from voice_local.stages.llm.llama_cache import (
    PrefixCache,
    Slot,
)
from voice_local.stages.llm.llama_context import (
    Decoded,
    LlamaContext,
)
from voice_local.stages.llm.llama_prompt import ChatTemplate
from voice_local.stages.llm.llama_sampler import Sampling
from voice_local.stages.llm.thinking import without_thinking
from voice_local.stages.llm.thinking_tags import opened_by
from voice_local.stages.llm.tool_calls import without_calls
from voice_local.text.spoken import to_spoken

_REASONING_TEMPLATE = re.compile(r"think|reason|thought|channel", re.IGNORECASE)

SEQUENCES = 8
"""Conversations whose beginnings are kept side by side, the start of all of them included."""


class LlamaLlm:
    """An `LlmStage`: one GGUF, resident.

    Attributes:
        read: how many prompt tokens were computed since the start; what was kept is not counted.
    """

    spec: ClassVar[StageSpec] = StageSpec(StageKind.LLM)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        load_cpu_library()
        import llama_cpp
        from jinja2 import TemplateError

        self._settings = settings.llm
        path = models.file(self._settings.model)
        offload = llama_cpp.llama_supports_gpu_offload() and settings.device != "cpu"
        self._device = "cuda" if offload else "cpu"
        self._context = LlamaContext(
            path,
            self._settings.n_ctx,
            self._settings.n_batch,
            SEQUENCES,
            self._settings.n_gpu_layers if offload else 0,
        )
        self._context.use_threads(threads)
        self._cache = PrefixCache(self._context, SEQUENCES)
        self.read = 0
        template = self._context.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelFormatError(
                f"{path} has no chat template", "use an instruction-tuned GGUF with its template"
            )
        self._reasons = _REASONING_TEMPLATE.search(template) is not None
        try:
            self._template = ChatTemplate(self._context, template)
        except TemplateError as error:
            raise ModelFormatError(
                f"the chat template of {path} is none ({error})", "fetch it again"
            ) from None

    def use_threads(self, count: int) -> None:
        """Computes on so many threads from now on."""
        self._context.use_threads(count)

    def prompt(self, messages: Sequence[Message]) -> str:
        """The text the model reads."""
        return self._template.text(self._as_spoken(messages))

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The same as tokens: contents can write no control token."""
        return self._template.tokens(self._as_spoken(messages))

    def _as_spoken(self, messages: Sequence[Message]) -> list[Message]:
        if not self._settings.spoken_input:
            return list(messages)
        return [
            Message(role="user", content=to_spoken(message["content"]))
            if message["role"] == "user"
            else message
            for message in messages
        ]

    def prefill(self, request: Prefill, cancelled: Cancelled) -> Prefilled:
        """Reads the beginning of a prompt ahead; see `LlmStage`."""
        messages = self._as_spoken(request.messages)
        tokens = self._template.tokens(messages, request.tools, open_ended=True)
        if not tokens or len(tokens) > self._settings.n_ctx - self._settings.max_tokens:
            return Prefilled(True)
        if self._cache.known(tokens) < len(tokens):
            slot = self._cache.claim(tokens)
            self._read(slot, tokens, cancelled)
            if len(slot.tokens) < len(tokens):
                return Prefilled(False)
            if _starts_conversations(request.messages):
                self._cache.pin(slot)
        return Prefilled(True)

    def generate(self, request: Generate, cancelled: Cancelled) -> Iterator[GenerateItem]:
        """See `LlmStage`; thinking blocks are left out.

        Raises:
            TextInputError: the messages do not fit the context.
            ToolInputError: a call is required that the model cannot be made to write.
            StageError: llama.cpp failed.
        """
        prepared, options = self._as_spoken(request.messages), request.options
        tools = () if request.tool_choice is ToolChoice.NONE else request.tools
        opened = opened_by(self._template.text(prepared, tools))
        held = held_answer(
            request.tool_choice,
            tools,
            opened,
            self._context.tokenize_plain,
            takes_tools=self._template.takes_tools,
        )
        tokens = self._template.tokens(prepared, tools, begun=held.begun)
        room = self._settings.n_ctx - options.max_tokens - len(self._template.written(held.later))
        if len(tokens) > room:
            raise TextInputError(
                f"the conversation takes {len(tokens)} tokens, {room} fit",
                "send fewer or shorter messages",
            )
        names = frozenset(tool.name for tool in tools)
        return self._items(tokens, options, cancelled, opened, held, names)

    def _items(
        self,
        tokens: list[int],
        options: GenerateOptions,
        cancelled: Cancelled,
        opened: str | None,
        held: FreeAnswer,
        names: frozenset[str],
    ) -> Iterator[GenerateItem]:
        calls: deque[ToolCall] = deque()
        cut = False

        def pieces() -> Generator[str, None, None]:
            nonlocal cut
            cut = yield from self._pieces(tokens, options, cancelled, held)

        raw = without_calls(tagged(pieces(), names), calls) if names else pieces()
        if held.one_call:
            with closing(raw):
                next((True for _ in raw if calls), None)
            yield from islice(calls, 1)
        else:
            for text in without_thinking(raw, opened, hold=self._reasons):
                yield TextDelta(text)
                while calls:
                    yield calls.popleft()
            yield from calls
        yield GenerationDone(FinishReason.LENGTH if cut else FinishReason.STOP)

    def _read(self, slot: Slot, tokens: Sequence[int], cancelled: Cancelled) -> None:
        """Evaluates what `slot` does not hold of `tokens`, in batches. What was read stays when it
        is cancelled."""
        while len(slot.tokens) < len(tokens) and not cancelled():
            part = tokens[len(slot.tokens) : len(slot.tokens) + self._context.batch]
            if self._evaluate(slot, part, cancelled):
                self.read += len(part)

    def _evaluate(self, slot: Slot, part: Sequence[int], cancelled: Cancelled | None) -> bool:
        """Adds `part` to a slot; false if it was cancelled. Room is made where it is needed."""
        while True:
            outcome = self._context.evaluate(part, slot.sequence, len(slot.tokens), cancelled)
            if outcome is Decoded.DONE:
                slot.tokens += part
                return True
            if outcome is Decoded.ABORTED:
                return False
            if not self._cache.make_room(slot):
                raise StageError(
                    "the context of the language model is full", "set a larger llm.n_ctx"
                )

    def _pieces(
        self,
        tokens: list[int],
        options: GenerateOptions,
        cancelled: Cancelled,
        held: FreeAnswer,
    ) -> Generator[str, None, bool]:
        """The answer; at its end, whether the limit of tokens cut it off."""
        try:
            slot = self._cache.claim(tokens)
            self._read(slot, tokens, cancelled)
            return (
                False if cancelled() else (yield from self._answer(slot, options, cancelled, held))
            )
        except RuntimeError as error:
            raise StageError(f"llama.cpp failed: {error}", "see the worker's log") from error

    def _answer(
        self, slot: Slot, options: GenerateOptions, cancelled: Cancelled, held: FreeAnswer
    ) -> Generator[str, None, bool]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        begun = bool(held.begun)
        if begun:
            yield held.begun
        with self._context.sampler(Sampling.of(self._settings, options)) as sampler:
            held.start(sampler)
            for count in range(options.max_tokens):
                token = sampler.next()
                ends, silent, piece = self._context.ends(token), held.silent, ""
                if not ends:
                    piece = decoder.decode(self._context.piece(token))
                    if not begun:
                        piece = piece.lstrip()
                written = held.ended(sampler) if ends else held.read(piece, sampler)
                if ends and not written:
                    return False
                if piece:
                    begun = True
                if text := ("" if silent else piece) + written:
                    yield text
                if cancelled():
                    return False
                if count + 1 < options.max_tokens:
                    self._add(slot, [*([] if ends else [token]), *self._template.written(written)])
        return True

    def _add(self, slot: Slot, tokens: Sequence[int]) -> None:
        for at in range(0, len(tokens), self._context.batch):
            self._evaluate(slot, tokens[at : at + self._context.batch], None)

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        import llama_cpp

        kind = self._context.metadata.get("general.architecture", "?")
        return {
            "runtime": f"llama-cpp-python {llama_cpp.__version__}",
            "device": self._device,
            "model": self._settings.model,
            "notes": f"{kind}, context {self._settings.n_ctx}"
            + (", takes tools" if self._template.takes_tools else ""),
        }


def _starts_conversations(messages: Sequence[Message]) -> bool:
    """Whether every conversation begins like this: instructions, and nothing said yet."""
    return all(message["role"] == "system" or not message["content"] for message in messages)
