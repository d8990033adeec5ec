"""Sampling with llama.cpp: how the next token is drawn from an evaluation."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voice_local.config import LlmSettings
from voice_local.engine.api import GenerateOptions

TEMPERATURE_FROM = 1e-3
"""Lower temperatures mean greedy decoding."""

PENALIZED_TOKENS = 64
"""How many of the last tokens the repetition penalty counts."""

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""`llama_token_data`."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn.

    `temperature` 0 is greedy decoding; `repeat_penalty` 1 is no penalty.
    """

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    seed: int

    @classmethod
    def of(cls, settings: LlmSettings, options: GenerateOptions) -> Sampling:
        """As the settings have it, and a request."""
        return cls(
            options.temperature,
            settings.top_k,
            settings.top_p,
            settings.min_p,
            settings.repeat_penalty,
            options.seed,
        )


class Sampler:
    """Draws a token after each evaluation of one sequence. A context manager, which frees it."""

    def __init__(self, lib: Any, context: Any, vocab: Any, how: Sampling, words: int) -> None:
        self._lib, self._context, self._vocab, self._words = lib, context, vocab, words
        self._grammar: Any = None
        self._candidates: Candidates | None = None
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
        """The token drawn from the last evaluation.

        Raises:
            RuntimeError: a grammar holds, and no token of the vocabulary fits it.
        """
        if self._grammar is None:
            return int(self._lib.llama_sampler_sample(self._chain, self._context, -1))
        return self._next_held()

    def hold(self, gbnf: str, begun: Sequence[int] = ()) -> bool:
        """Lets a grammar hold from now on, of which the tokens `begun` are written already. False,
        and nothing held, where they do not fit it.

        Raises:
            RuntimeError: llama.cpp does not read the grammar.
        """
        self.release()
        self._grammar = self._lib.llama_sampler_init_grammar(self._vocab, gbnf.encode(), b"root")
        if not self._grammar:
            self._grammar = None
            raise RuntimeError("a grammar is not read")
        if self._candidates is None:
            self._candidates = Candidates(self._lib, self._words)
        for token in begun:
            if not self._candidates.fits(self._grammar, token):
                self.release()
                return False
            self._lib.llama_sampler_accept(self._grammar, token)
        return True

    def release(self) -> None:
        """Lets go of the grammar."""
        if self._grammar is not None:
            self._lib.llama_sampler_free(self._grammar)
            self._grammar = None

    def _next_held(self) -> int:
        """As llama.cpp's own programs do it: what is drawn freely mostly fits, and one token is
        looked at far faster than all of them."""
        assert self._candidates is not None
        logits = self._lib.llama_get_logits_ith(self._context, -1)
        token = self._candidates.drawn(logits, [self._chain])
        if not self._candidates.fits(self._grammar, token):
            token = self._candidates.drawn(logits, [self._grammar, self._chain])
            if not self._candidates.fits(self._grammar, token):
                raise RuntimeError("no token fits the grammar")
        self._lib.llama_sampler_accept(self._grammar, token)
        self._lib.llama_sampler_accept(self._chain, token)
        return token

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()
        self._lib.llama_sampler_free(self._chain)


class Candidates:
    """The array of all tokens to which llama.cpp's samplers are applied."""

    def __init__(self, lib: Any, words: int) -> None:
        self._lib = lib
        self._fresh = np.zeros(words, dtype=_CANDIDATE)
        self._fresh["id"] = np.arange(words)
        self._all = self._fresh.copy()
        self._one = np.zeros(1, dtype=_CANDIDATE)

    def drawn(self, logits: Any, samplers: Sequence[Any]) -> int:
        """The token that these samplers draw."""
        words = len(self._all)
        self._all[:] = self._fresh
        self._all["logit"] = np.ctypeslib.as_array(logits, (words,))
        found = self._array(self._all)
        for sampler in samplers:
            self._lib.llama_sampler_apply(sampler, ctypes.byref(found))
        return int(found.data[max(found.selected, 0)].id)

    def fits(self, grammar: Any, token: int) -> bool:
        """Whether a grammar allows `token` next."""
        self._one[0] = (token, 1.0, 0.0)
        self._lib.llama_sampler_apply(grammar, ctypes.byref(self._array(self._one)))
        return bool(self._one["logit"][0] > -np.inf)

    def _array(self, of: np.ndarray[Any, Any]) -> Any:
        data = of.ctypes.data_as(ctypes.POINTER(self._lib.llama_token_data))
        return self._lib.llama_token_data_array(data=data, size=len(of), selected=-1, sorted=False)
