"""Batches for the understanding of real profiles, drawn and cut into tokens, in processes of their
own where asked."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from scripts.train.understanding_small_data import Sentences
from scripts.train.understanding_small_model import encode, targets

Batch = tuple[list[tuple[torch.Tensor, torch.Tensor]], torch.Tensor]
"""(ids, mask) int64 (rows, tokens) of the shorter and of the longer half, and `targets` of all rows
in that order."""
APART = 100_003
"""From the seed of one process to that of the next."""


def batch(sentences: Sentences, tokenizer: Tokenizer, size: int) -> Batch:
    """`size` rows, short and long ones apart: half as much padding."""
    rows = sorted((sentences.row() for _ in range(size)), key=lambda row: len(row.text))
    halves = [rows[: size // 2], rows[size // 2 :]]
    return [encode(tokenizer, [row.input for row in half]) for half in halves], targets(rows)


class _Endless(IterableDataset[Batch]):
    def __init__(self, sentences: Sentences, tokenizer: Tokenizer, size: int, seed: int) -> None:
        super().__init__()
        self._sentences, self._tokenizer, self._size, self._seed = sentences, tokenizer, size, seed

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        self._sentences.rng.seed(self._seed + (APART * info.id if info else 0))
        while True:
            yield batch(self._sentences, self._tokenizer, self._size)


def batches(
    sentences: Sentences, tokenizer: Tokenizer, size: int, seed: int, workers: int
) -> Iterator[Batch]:
    """Batches without end; with `workers`, drawn by so many processes."""
    loader = DataLoader(
        _Endless(sentences, tokenizer, size, seed),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=bool(workers) and torch.cuda.is_available(),
    )
    return iter(loader)
