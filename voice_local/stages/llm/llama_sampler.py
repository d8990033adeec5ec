"""Sampling with llama.cpp: how the next token is drawn from an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TEMPERATURE_FROM = 1e-3
"""Lower temperatures mean greedy decoding."""

PENALIZED_TOKENS = 64
"""How many of the last tokens the repetition penalty counts."""


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


class Sampler:
    """Draws a token after each evaluation of one sequence. A context manager, which frees it."""

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
        """The token drawn from the last evaluation."""
        return int(self._lib.llama_sampler_sample(self._chain, self._context, -1))

    def __enter__(self) -> Sampler:
        return self

    def __exit__(self, *exc: object) -> None:
        self._lib.llama_sampler_free(self._chain)
