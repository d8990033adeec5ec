"""One model and one context with several token sequences, through llama.cpp's C interface.

Which sequences are kept is decided in `llama_cache`. Only one thread at a time may call.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.errors import ModelFormatError
from voice_local.stages.llm.llama_log import llama_log
from voice_local.stages.llm.llama_sampler import (
    Sampler,
    Sampling,
)


class Decoded(Enum):
    """How an evaluation ended. After `FULL` and `ABORTED` the sequence is as it was before."""

    DONE = "done"
    FULL = "full"
    ABORTED = "aborted"


class LlamaContext:
    """A GGUF model that is loaded once, and its context.

    Attributes:
        metadata: the key-value metadata of the file, as strings.
        cells: how many tokens all sequences together may hold (size of the KV cache).
        batch: most tokens of one evaluation.
        sequences: number of token sequences, which are numbered from 0.
        control: the control tokens by their text, such as `<|im_end|>`.
        user_defined: the texts of the tokens that are marked as user-defined in the vocabulary.

    Raises:
        ModelFormatError: llama.cpp cannot load the file or create the context.
    """

    def __init__(self, path: Path, cells: int, batch: int, sequences: int, gpu_layers: int) -> None:
        import llama_cpp

        self._log = llama_log()
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
        # Kept here, since llama.cpp only holds a pointer to it.
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
        """The attributes of control and user-defined tokens."""
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
        """The text of a token in the vocabulary; empty for a negative number."""
        return (
            (self._lib.llama_vocab_get_text(self._vocab, token) or b"").decode("utf-8", "replace")
            if token >= 0
            else ""
        )

    @property
    def bos(self) -> int:
        """The token that begins a text (BOS); negative where the vocabulary has none."""
        return int(self._lib.llama_vocab_bos(self._vocab))

    @property
    def eos(self) -> int:
        """The token that ends a text (EOS); negative where the vocabulary has none."""
        return int(self._lib.llama_vocab_eos(self._vocab))

    def strips(self, token: int) -> tuple[bool, bool]:
        """Whether a control token removes the blanks before it, and those after it."""
        return (
            self._has(token, self._lib.LLAMA_TOKEN_ATTR_LSTRIP),
            self._has(token, self._lib.LLAMA_TOKEN_ATTR_RSTRIP),
        )

    def ends(self, token: int) -> bool:
        """Whether `token` ends a generation."""
        return bool(self._lib.llama_vocab_is_eog(self._vocab, token))

    def tokenize_plain(self, text: str) -> list[int]:
        """The tokens of `text`; names of control tokens in it are read as plain text."""
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
        """The bytes of `token`.

        A control token is written by its name, since some models mark their reasoning with them.
        """
        buffer = ctypes.create_string_buffer(64)
        count = self._lib.llama_token_to_piece(self._vocab, token, buffer, 64, 0, True)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = self._lib.llama_token_to_piece(self._vocab, token, buffer, -count, 0, True)
        return buffer.raw[:count]

    # The context.

    def use_threads(self, count: int) -> None:
        """Sets the number of threads for evaluations."""
        self._lib.llama_set_n_threads(self._context, count, count)

    def evaluate(
        self,
        tokens: Sequence[int],
        sequence: int,
        position: int,
        abort: Callable[[], bool] | None = None,
    ) -> Decoded:
        """Adds at most `batch` tokens to `sequence` at `position`, and computes the logits of the
        last one, for sampling.

        `abort` is polled from this thread; once it is true the evaluation ends within a few ms.

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
        """Removes the tokens from `position` on out of `sequence`; false where this kind of model
        (a recurrent one) cannot remove some of them."""
        return bool(self._lib.llama_memory_seq_rm(self._memory, sequence, position, -1))

    def share(self, source: int, target: int, count: int) -> None:
        """Lets the empty sequence `target` share the first `count` tokens of `source`, which are
        stored only once."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, 0, count)

    # Sampling.

    def sampler(self, how: Sampling) -> Sampler:
        """A new sampler; a context manager."""
        words = int(self._lib.llama_vocab_n_tokens(self._vocab))
        return Sampler(self._lib, self._context, self._vocab, how, words)

    def close(self) -> None:
        """Frees the model and the context."""
        if self._context:
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self._context)
            self._lib.llama_model_free(self._model)
            self._context = self._model = None


def _text(read: Callable[[Any, int, Any, int], int], model: Any, number: int) -> str:
    """The whole string that `read(model, number, buffer, size)` writes, in a buffer that fits."""
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = read(model, number, buffer, size)
        if length < size:
            return buffer.value.decode("utf-8", "replace")
        size = length + 1
