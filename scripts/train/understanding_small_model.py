"""One encoder with a head a question, its losses, and what it is optimized with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn

from scripts.train.understanding_small_data import NONE, Row

MAX_TOKENS = 64
DECAY = 0.9
"""How much slower each layer learns than the one above it (Howard & Ruder 2018)."""
HEADS_FASTER = 5.0
SMOOTHING = 0.05
PART_BYTES = 14 * 2**20
"""The most that one file of trained weights holds."""
WEIGHTS = {"intent": 1.0, "finished": 1.0, "emotion": 1.0, "clinc": 1.0, "hwu": 0.4}


class Encoder(nn.Module):
    """A BERT or DistilBERT (Devlin et al. 2019, Sanh et al. 2019) and linear heads on its last
    layer.

    The heads read the first token, the mean, and the mark after the text, which stands beside the
    last word: that one tells
    most of whether a sentence is finished. The word embeddings are not trained: they would be half
    of all weights.
    """

    def __init__(self, body: nn.Module, heads: dict[str, int], separator: int) -> None:
        super().__init__()
        self.body, self.separator = body, separator
        width = int(body.config.hidden_size)  # type: ignore[union-attr,arg-type]
        self.drop = nn.Dropout(0.1)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(3 * width, size) for name, size in heads.items()}
        )
        body.get_input_embeddings().weight.requires_grad_(False)  # type: ignore[operator]

    def features(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(batch, tokens) int64 twice → (batch, 3 · width)."""
        hidden = self.body(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        end = (input_ids == self.separator).to(torch.int64).argmax(1)
        after = hidden.gather(1, end.view(-1, 1, 1).expand(-1, 1, hidden.shape[-1])).squeeze(1)
        return torch.cat([hidden[:, 0], mean, after], dim=-1)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """(batch, tokens) int64 twice → logits (batch, labels) by head."""
        features = self.drop(self.features(input_ids, attention_mask))
        return {name: head(features) for name, head in self.heads.items()}


def load_body(folder: Path, *, random_weights: bool = False) -> nn.Module:
    """The encoder at `folder` (config.json, model.safetensors), or one of its shape with random
    weights."""
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    if random_weights:
        made: nn.Module = AutoModel.from_config(config)
        return made
    pooler = {"add_pooling_layer": False} if config.model_type == "bert" else {}
    safe = {"local_files_only": True, "use_safetensors": True}
    found: nn.Module = AutoModel.from_pretrained(folder, config=config, **safe, **pooler).float()
    return found


def load_tokenizer(folder: Path) -> Tokenizer:
    """Its tokenizer, cutting at `MAX_TOKENS`."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]") or 0, pad_token="[PAD]")
    return tokenizer


def encode(
    tokenizer: Tokenizer, texts: Sequence[str | tuple[str, str]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """(ids, mask) int64 (batch, longest)."""
    rows = tokenizer.encode_batch(list(texts))
    return torch.tensor([row.ids for row in rows]), torch.tensor(
        [row.attention_mask for row in rows]
    )


def layers(body: nn.Module) -> Sequence[nn.Module]:
    """The encoder's layers, the first first."""
    found = getattr(body, "encoder", None) or body.transformer
    return list(found.layer)  # type: ignore[union-attr,arg-type]


def groups(model: Encoder) -> Iterator[dict[str, Any]]:
    """Parameter groups with a `scale` of the learning rate each: heads fastest, lower layers
    slowest."""
    stack = layers(model.body)
    inside = {id(value) for layer in stack for value in layer.parameters()}
    rest = [
        value
        for value in model.body.parameters()
        if id(value) not in inside and value.requires_grad
    ]
    yield {"params": list(model.heads.parameters()), "scale": HEADS_FASTER}
    for depth, layer in enumerate(reversed(stack)):
        yield {
            "params": [value for value in layer.parameters() if value.requires_grad],
            "scale": DECAY**depth,
        }
    yield {"params": rest, "scale": DECAY ** len(stack)}


def targets(rows: Sequence[Row]) -> torch.Tensor:
    """What is known of each row, int64 (heads, rows) in the order of `WEIGHTS`; `NONE` where
    nothing is."""
    return torch.tensor([[int(getattr(row, name)) for row in rows] for name in WEIGHTS])


def losses(
    logits: dict[str, torch.Tensor], wanted: torch.Tensor, emotion_weight: torch.Tensor
) -> dict[str, torch.Tensor]:
    """The mean loss of each head over the rows that it can learn from (`wanted`: see `targets`); 0
    where there are none.

    Nothing here waits for the device, so that it never idles.
    """
    found = {}
    by_head = dict(zip(WEIGHTS, wanted, strict=True))
    for name, scores in logits.items():
        place = by_head[name].clamp_min(0)
        weight = (by_head[name] != NONE).float()
        if name == "finished":
            each = nn.functional.binary_cross_entropy_with_logits(
                scores[:, 0], place.float(), reduction="none"
            )
        else:
            each = nn.functional.cross_entropy(
                scores, place, label_smoothing=SMOOTHING, reduction="none"
            )
        if name == "emotion":
            weight = weight * emotion_weight[place]
        found[name] = WEIGHTS[name] * (each * weight).sum() / weight.sum().clamp_min(1e-6)
    return found


class Average:
    """The exponential moving average of a model's trained weights (Polyak & Juditsky 1992)."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.values = [
            value.detach().clone() for value in model.parameters() if value.requires_grad
        ]

    def update(self, model: nn.Module, step: int) -> None:
        """Takes the weights after step `step`; the first steps count more."""
        decay = min(self.decay, step / (step + 50))
        current = [value.detach() for value in model.parameters() if value.requires_grad]
        torch._foreach_lerp_(self.values, current, 1 - decay)

    def put(self, model: nn.Module) -> None:
        """Sets the model's weights to the mean."""
        for value, mean in zip(
            (v for v in model.parameters() if v.requires_grad), self.values, strict=True
        ):
            value.data.copy_(mean)


def save_weights(model: Encoder, values: Sequence[torch.Tensor], folder: Path) -> None:
    """Writes all but the word embeddings as float16 in parts of at most `PART_BYTES`; `values`:
    those that are trained."""
    from safetensors.torch import save_file

    trained = iter(values)
    words = model.body.get_input_embeddings().weight  # type: ignore[operator]
    parts: list[dict[str, torch.Tensor]] = [{}]
    size = 0
    for name, parameter in model.named_parameters():
        value = next(trained) if parameter.requires_grad else parameter
        if parameter is words:
            continue
        half = value.detach().to("cpu", torch.float16).contiguous()
        if size and size + half.nbytes > PART_BYTES:
            parts.append({})
            size = 0
        parts[-1][name] = half
        size += half.nbytes
    folder.mkdir(parents=True, exist_ok=True)
    for place, part in enumerate(parts):
        save_file(part, folder / f"trained-{place}.partial")
        (folder / f"trained-{place}.partial").replace(folder / f"trained-{place}.safetensors")


def load_weights(model: Encoder, folder: Path) -> None:
    """Puts the parts that `save_weights` wrote into `model`.

    Raises:
        KeyError: a trained weight is in none of them.
    """
    from safetensors.torch import load_file

    found: dict[str, torch.Tensor] = {}
    for path in sorted(folder.glob("trained-*.safetensors")):
        found |= load_file(path)
    for name, value in model.named_parameters():
        if name in found:
            value.data.copy_(found[name].float())
        elif value.requires_grad:
            raise KeyError(name)


def freeze_below(model: Encoder, top: int) -> None:
    """Leaves only the last `top` layers and the heads to be trained."""
    for name, value in model.body.named_parameters():
        if not any(
            name.startswith(f"encoder.layer.{place}.")
            for place in range(len(layers(model.body)))[-top:]
        ):
            value.requires_grad_(False)
