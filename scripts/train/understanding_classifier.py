"""The tiny understanding's model: a small DistilBERT with a linear head, its tokenizer, and the
temperature of its logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn

MAX_TOKENS = 64
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


class Classifier(nn.Module):
    """DistilBERT (Sanh et al. 2019), a linear head on its last layer: first token, mean, and the
    mark after the text.

    That mark stands beside the last word, which tells most of whether a sentence is finished.
    """

    def __init__(
        self, vocab: int, outputs: int, dim: int = 192, layers: int = 3, dropout: float = 0.1
    ) -> None:
        super().__init__()
        from transformers import DistilBertConfig, DistilBertModel

        self.body = DistilBertModel(
            DistilBertConfig(
                vocab_size=vocab,
                dim=dim,
                n_layers=layers,
                n_heads=4,
                hidden_dim=3 * dim,
                dropout=dropout,
                attention_dropout=dropout,
                max_position_embeddings=MAX_TOKENS,
            )
        )
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(3 * dim, outputs)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(batch, tokens) int64 twice → (batch, outputs) logits."""
        hidden = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        end = (input_ids == SPECIAL.index("[SEP]")).to(torch.int64).argmax(1)
        after = hidden.gather(1, end.view(-1, 1, 1).expand(-1, 1, hidden.shape[-1])).squeeze(1)
        return torch.as_tensor(self.head(self.drop(torch.cat([hidden[:, 0], mean, after], dim=-1))))


def train_tokenizer(texts: list[str], size: int = 8000) -> Tokenizer:
    """Lower-casing WordPiece."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(
            vocab_size=size, special_tokens=SPECIAL, show_progress=False, min_frequency=3
        ),
    )
    return prepared(tokenizer)


def prepared(tokenizer: Tokenizer) -> Tokenizer:
    """With BERT's marks around a text or a pair, padding and truncation."""
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)],
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]"), pad_token="[PAD]")
    return tokenizer


def encode(
    tokenizer: Tokenizer, texts: Sequence[str | tuple[str, str]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask) int64 (batch, longest)."""
    rows = tokenizer.encode_batch(list(texts))
    return torch.tensor([r.ids for r in rows]), torch.tensor([r.attention_mask for r in rows])


def temperature(logits: torch.Tensor, truth: torch.Tensor) -> float:
    """Temperature scaling (Guo et al. 2017): the divisor of logits with the least cross-entropy."""
    grid = torch.linspace(0.3, 3.0, 55)
    costs = torch.stack([nn.functional.cross_entropy(logits / t, truth) for t in grid])
    return round(float(grid[int(costs.argmin())]), 3)
