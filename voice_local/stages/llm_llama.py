"""A quantized GGUF through llama-cpp-python: the model's own chat template, streamed pieces, prefix reuse.

One context, one sequence: what a prompt shares with the call before is not computed again (llama-cpp-python keeps the
longest common prefix), so a conversation pays for its new words only.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from typing import Any

from voice_local.config import Settings, thread_shares
from voice_local.engine.protocol import Cancelled, GenerateOptions, Message
from voice_local.errors import ModelFormatError, StageError, TextInputError
from voice_local.models.folder import ModelFolder
from voice_local.stages.thinking import without_thinking
from voice_local.stages.thinking_tags import opened_by
from voice_local.text.spoken import to_spoken

_REASONING_TEMPLATE = re.compile(r"think|reason|thought|channel", re.IGNORECASE)


class LlamaLlm:
    """One GGUF, resident."""

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._settings = settings.llm
        path = models.file(self._settings.model)
        offload = llama_cpp.llama_supports_gpu_offload() and settings.device != "cpu"
        self._device = "cuda" if offload else "cpu"
        # A prompt is read before anything is synthesized, so every core may read it; generation and synthesis overlap.
        try:
            self._llama: Any = llama_cpp.Llama(
                str(path), n_ctx=self._settings.n_ctx, n_batch=self._settings.n_batch, n_threads=threads,
                n_threads_batch=thread_shares(settings.cpu_threads)["stt"],
                n_gpu_layers=self._settings.n_gpu_layers if offload else 0, seed=settings.seed, verbose=False)
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelFormatError(f"{path} is not a GGUF that llama.cpp loads ({str(error).splitlines()[0][:80]})",
                                   "fetch or train it again") from None
        template = self._llama.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelFormatError(f"{path} has no chat template", "use an instruction-tuned GGUF with its template")
        vocabulary = self._llama._model
        eos, bos = vocabulary.token_eos(), vocabulary.token_bos()
        self._formatter = Jinja2ChatFormatter(
            template, eos_token=vocabulary.token_get_text(eos) if eos >= 0 else "",
            bos_token=vocabulary.token_get_text(bos) if bos >= 0 else "")
        self._reasons = _REASONING_TEMPLATE.search(template) is not None
        self._system_anywhere = self._keeps_late_system()

    def _keeps_late_system(self) -> bool:
        """Whether the template renders a system message that comes after a user's."""
        from jinja2 import TemplateError

        probe = [Message(role="user", content="a"), Message(role="assistant", content="b"),
                 Message(role="system", content="late-system-probe"), Message(role="user", content="c")]
        try:
            return "late-system-probe" in self._render(probe)
        except (TemplateError, ValueError, TypeError):  # the ways in which templates refuse
            return False

    def _render(self, messages: Sequence[Message]) -> str:
        rendered = self._formatter(messages=list(messages), enable_thinking=False)  # type: ignore[arg-type]
        return str(rendered.prompt)

    def prompt(self, messages: Sequence[Message]) -> str:
        """The text the model reads. Contexts are folded into the user's message where the template has no place."""
        prepared: list[Message] = []
        for message in messages:
            content = message["content"]
            if message["role"] == "user" and self._settings.spoken_input:
                content = to_spoken(content)
            prepared.append(Message(role=message["role"], content=content))
        if not self._system_anywhere:
            prepared = fold_contexts(prepared)
        return self._render(prepared)

    def generate(self, messages: Sequence[Message], options: GenerateOptions, cancelled: Cancelled) -> Iterator[str]:
        """Pieces of the answer; thinking blocks are left out.

        Raises:
            TextInputError: the messages do not fit the context.
            StageError: llama.cpp failed.
        """
        prompt = self.prompt(messages)
        tokens = self._llama.tokenize(prompt.encode(), add_bos=False, special=True)
        room = self._settings.n_ctx - options.max_tokens
        if len(tokens) > room:
            raise TextInputError(f"the conversation takes {len(tokens)} tokens, {room} fit", "say less, or start anew")
        return without_thinking(self._pieces(tokens, options, cancelled), opened_by(prompt), hold=self._reasons)

    def _pieces(self, tokens: list[int], options: GenerateOptions, cancelled: Cancelled) -> Iterator[str]:
        import llama_cpp

        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        vocabulary = llama_cpp.llama_model_get_vocab(self._llama._model.model)
        self._llama.set_seed(options.seed)
        said, count = "", 0
        try:
            for token in self._llama.generate(tokens, temp=options.temperature, top_k=40, top_p=0.95, min_p=0.05,
                                              repeat_penalty=1.0):
                if cancelled() or count >= options.max_tokens or llama_cpp.llama_vocab_is_eog(vocabulary, token):
                    return
                count += 1
                # Some models part reasoning and answer by control tokens alone; `without_thinking` takes those out.
                piece = decoder.decode(self._llama.detokenize([token], prev_tokens=tokens, special=True))
                if not said:
                    piece = piece.lstrip()
                if not piece:
                    continue
                before = len(said)
                said += piece
                ends = [said.find(stop) for stop in options.stop if stop in said]
                if ends:
                    if min(ends) > before:
                        yield said[before : min(ends)]
                    return
                yield piece
        except (RuntimeError, ValueError) as error:
            raise StageError(f"llama.cpp failed: {error}", "see the worker's log") from error

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        import llama_cpp

        kind = self._llama.metadata.get("general.architecture", "?")
        return {"runtime": f"llama-cpp-python {llama_cpp.__version__}", "device": self._device,
                "model": self._settings.model, "notes": f"{kind}, context {self._settings.n_ctx}"}


def fold_contexts(messages: Sequence[Message]) -> list[Message]:
    """Puts every later system message in front of the user message after it, in brackets."""
    folded: list[Message] = []
    waiting = ""
    for index, message in enumerate(messages):
        if message["role"] == "system" and index > 0:
            waiting = message["content"]
        elif message["role"] == "user" and waiting:
            folded.append(Message(role="user", content=f"[{waiting}]\n{message['content']}"))
            waiting = ""
        else:
            folded.append(message)
    return folded
