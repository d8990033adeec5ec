"""llama.cpp's C interface as far as a conversation needs it: one model, one context of several
token sequences.

Nothing here decides what is kept: see `llama_cache`. One thread at a time may call.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.errors import ModelFormatError

TEMPERATURE_FROM = 1e-3
"""A lower temperature is greedy."""

ERROR_LEVEL = 4
"""Of ggml's log."""

PENALIZED_TOKENS = 64
"""The repetition penalty looks back so far."""


class Decoded(Enum):
    """How an evaluation ended; but for `DONE` the sequence holds what it held before."""

    DONE = "done"
    FULL = "full"
    ABORTED = "aborted"


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn. `temperature` 0: the likeliest; `repeat_penalty` 1: none."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    seed: int


class LlamaContext:
    """A GGUF, loaded once.

    Attributes:
        metadata: the file's own, as strings.
        cells: how many tokens all sequences together may hold.
        batch: how many tokens one evaluation takes at most.
        sequences: how many token sequences there are, numbered from 0.
        control: the control tokens by their text, such as `<|im_end|>`.
        user_defined: the texts of tokens that a vocabulary adds to what was learned from text.

    Raises:
        ModelFormatError: llama.cpp does not load it.
    """

    def __init__(self, path: Path, cells: int, batch: int, sequences: int, gpu_layers: int) -> None:
        import llama_cpp

        self._log = _log()
        llama_cpp.llama_backend_init()
        self._lib: Any = llama_cpp.llama_cpp
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        self._model = (
            llama_cpp.llama_model_load_from_file(str(path).encode(), params)
            if path.is_file()
            else None
        )
        if not self._model:
            raise ModelFormatError(
                f"{path} is not a GGUF that llama.cpp loads", "fetch or train it again"
            )
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.metadata = self._read_metadata()
        context = llama_cpp.llama_context_default_params()
        context.n_ctx, context.n_seq_max, context.kv_unified = cells, sequences, True
        context.n_batch = context.n_ubatch = batch
        context.offload_kqv = gpu_layers != 0
        context.no_perf = True
        self._context = llama_cpp.llama_init_from_model(self._model, context)
        if not self._context:
            raise ModelFormatError(
                f"llama.cpp makes no context of {cells} tokens for {path}",
                "set a smaller llm.n_ctx, or free memory",
            )
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(batch, 0, 1)
        self.cells, self.batch, self.sequences = (
            int(llama_cpp.llama_n_ctx(self._context)),
            batch,
            sequences,
        )
        self._abort: Callable[[], bool] = lambda: False
        # Kept here: llama.cpp holds but a pointer to it.
        self._aborts = llama_cpp.ggml_abort_callback(lambda _: self._abort())
        self._never = llama_cpp.ggml_abort_callback()
        self._attributes = self._read_attributes()
        self.control = {
            text: token
            for token in self._attributes
            if self._has(token, self._lib.LLAMA_TOKEN_ATTR_CONTROL)
            and (text := self.token_text(token))
        }
        self.user_defined = [
            self.token_text(token)
            for token in self._attributes
            if self._has(token, self._lib.LLAMA_TOKEN_ATTR_USER_DEFINED)
        ]

    def _read_metadata(self) -> dict[str, str]:
        lib = self._lib
        keys = partial(_text, lib.llama_model_meta_key_by_index, self._model)
        values = partial(_text, lib.llama_model_meta_val_str_by_index, self._model)
        return {
            keys(number): values(number)
            for number in range(lib.llama_model_meta_count(self._model))
        }

    def _read_attributes(self) -> dict[int, int]:
        """Of the tokens that are no ordinary ones."""
        lib, found = self._lib, {}
        for token in range(lib.llama_vocab_n_tokens(self._vocab)):
            attributes = int(lib.llama_vocab_get_attr(self._vocab, token))
            if attributes & (lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_USER_DEFINED):
                found[token] = attributes
        return found

    def _has(self, token: int, attribute: int) -> bool:
        return bool(self._attributes.get(token, 0) & attribute)

    # The vocabulary.

    def token_text(self, token: int) -> str:
        """A token's text as the vocabulary has it; empty for a negative one."""
        return (
            (self._lib.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")
            if token >= 0
            else ""
        )

    @property
    def bos(self) -> int:
        """The token that begins a text; negative where there is none."""
        return int(self._lib.llama_vocab_bos(self._vocab))

    @property
    def eos(self) -> int:
        """The token that ends a text; negative where there is none."""
        return int(self._lib.llama_vocab_eos(self._vocab))

    def strips(self, token: int) -> tuple[bool, bool]:
        """Whether a control token takes the blanks before it away, and those after it."""
        return (
            self._has(token, self._lib.LLAMA_TOKEN_ATTR_LSTRIP),
            self._has(token, self._lib.LLAMA_TOKEN_ATTR_RSTRIP),
        )

    def ends(self, token: int) -> bool:
        """Whether `token` ends a generation."""
        return bool(self._lib.llama_vocab_is_eog(self._vocab, token))

    def tokenize_plain(self, text: str) -> list[int]:
        """The tokens of `text`, in which nothing is a control token."""
        raw = text.encode()
        if not raw:
            return []
        room = len(raw) + 8
        while True:
            tokens = (ctypes.c_int32 * room)()
            count = self._lib.llama_tokenize(self._vocab, raw, len(raw), tokens, room, False, False)
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def piece(self, token: int) -> bytes:
        """The bytes that `token` writes; a control token writes its name: some models part
        reasoning and answer by them."""
        buffer = ctypes.create_string_buffer(64)
        count = self._lib.llama_token_to_piece(self._vocab, token, buffer, 64, 0, True)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = self._lib.llama_token_to_piece(self._vocab, token, buffer, -count, 0, True)
        return buffer.raw[:count]

    # The context.

    def use_threads(self, count: int) -> None:
        """Evaluates on so many threads from now on."""
        self._lib.llama_set_n_threads(self._context, count, count)

    def evaluate(
        self,
        tokens: Sequence[int],
        sequence: int,
        position: int,
        abort: Callable[[], bool] | None = None,
    ) -> Decoded:
        """Adds at most `batch` tokens to `sequence` at `position`; the last one's outcome can be
        sampled then.

        `abort` is asked all the time, from this thread; true ends it within a few ms.

        Raises:
            RuntimeError: llama.cpp failed.
        """
        batch, count = self._batch, len(tokens)
        batch.n_tokens = count
        np.ctypeslib.as_array(batch.token, (count,))[:] = tokens
        np.ctypeslib.as_array(batch.pos, (count,))[:] = np.arange(position, position + count)
        np.ctypeslib.as_array(batch.n_seq_id, (count,))[:] = 1
        np.ctypeslib.as_array(batch.logits, (count,))[:] = 0
        batch.logits[count - 1] = 1
        for index in range(count):
            batch.seq_id[index][0] = sequence
        self._abort = abort or self._abort
        self._lib.llama_set_abort_callback(
            self._context, self._aborts if abort else self._never, None
        )
        self._log.muted = abort is not None
        code = self._lib.llama_decode(self._context, batch)
        self._log.muted = False
        if code == 0:
            return Decoded.DONE
        self.forget(sequence, position)
        if code not in (1, 2):
            raise RuntimeError(f"llama_decode gave {code}")
        return Decoded.FULL if code == 1 else Decoded.ABORTED

    def forget(self, sequence: int, position: int = 0) -> bool:
        """Takes what is at `position` and after it out of `sequence`; false where the model's kind
        of memory cannot."""
        return bool(self._lib.llama_memory_seq_rm(self._memory, sequence, position, -1))

    def share(self, source: int, target: int, count: int) -> None:
        """Lets the empty sequence `target` begin with the first `count` tokens of `source`, which
        cost nothing twice."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, 0, count)

    # Sampling.

    def sampler(self, how: Sampling) -> Sampler:
        """A new one; close it."""
        return Sampler(
            self._lib, self._context, how, int(self._lib.llama_vocab_n_tokens(self._vocab))
        )

    def close(self) -> None:
        """Frees everything."""
        if self._context:
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self._context)
            self._lib.llama_model_free(self._model)
            self._context = self._model = None


class Sampler:
    """Draws tokens after one evaluation after another. Use as a context manager."""

    def __init__(self, lib: Any, context: Any, how: Sampling, words: int) -> None:
        self._lib, self._context = lib, context
        self._chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if how.repeat_penalty != 1.0:
            self._add(
                lib.llama_sampler_init_penalties(
                    words, PENALIZED_TOKENS, how.repeat_penalty, 0.0, 0.0
                )
            )
        if how.temperature < TEMPERATURE_FROM:
            self._add(lib.llama_sampler_init_greedy())
            return
        self._add(lib.llama_sampler_init_top_k(how.top_k))
        self._add(lib.llama_sampler_init_top_p(how.top_p, 1))
        self._add(lib.llama_sampler_init_min_p(how.min_p, 1))
        self._add(lib.llama_sampler_init_temp(how.temperature))
        self._add(lib.llama_sampler_init_dist(how.seed))

    def _add(self, sampler: Any) -> None:
        self._lib.llama_sampler_chain_add(self._chain, sampler)

    def next(self) -> int:
        """The token that follows what was evaluated last."""
        return int(self._lib.llama_sampler_sample(self._chain, self._context, -1))

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *exc: object) -> None:
        self._lib.llama_sampler_free(self._chain)


class _Log:
    """Where llama.cpp writes what it has to say: errors to standard error, and none about a prompt
    that was given up."""

    def __init__(self) -> None:
        import llama_cpp

        self.muted = False
        self._callback = llama_cpp.llama_log_callback(
            self._write
        )  # llama.cpp holds but a pointer to it
        llama_cpp.llama_log_set(self._callback, None)

    def _write(self, level: int, text: bytes, _: object) -> None:
        if level == ERROR_LEVEL and not self.muted:
            sys.stderr.write(text.decode("utf-8", "replace"))


@cache
def _log() -> _Log:
    """The one of this process."""
    return _Log()


def _text(read: Callable[[Any, int, Any, int], int], model: Any, number: int) -> str:
    """What `read(model, number, buffer, size)` writes, as long as it is."""
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = read(model, number, buffer, size)
        if length < size:
            return buffer.value.decode("utf-8", "replace")
        size = length + 1
