"""Trains the tiny understanding: `python -m scripts.train.understanding`. Two small DistilBERTs,
exported to ONNX.

`intent.onnx` gives intent and finished-sentence logits, `emotion.onnx` the seven emotions;
`tokenizer.json` serves both.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from scripts.train import common, onnx_export
from scripts.train.understanding_classifier import (
    MAX_TOKENS,
    Classifier,
    encode,
    prepared,
    temperature,
    train_tokenizer,
)
from scripts.train.understanding_data import EMOTIONS, Intents, Row, emotions

AVERAGED = 0.998
SURE, WHOLE_SURE = 0.8, 0.95
"""So many whole sentences are told as finished with at least `SURE`, the middle of the endpointer's
curve."""


def resume(
    path: Path,
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    averaged: AveragedModel | None = None,
) -> int:
    """Loads the checkpoint at `path` if there is one; the last step it had taken."""
    state = common.load_checkpoint(path)
    if state is None:
        return 0
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    if averaged is not None:
        averaged.load_state_dict(state["averaged"])
    return int(state["step"])


def keep(
    path: Path,
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    step: int,
    last: int,
    averaged: AveragedModel | None = None,
) -> None:
    """Writes a checkpoint every 500 steps and after the last."""
    if step % 500 == 0 or step == last:
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
        if averaged is not None:
            state["averaged"] = averaged.state_dict()
        common.save_checkpoint(path, state)


def train_member(args: Any, tokenizer: Tokenizer, member: int) -> Classifier:
    """One intent and finished-sentence model of those that are averaged; each has a seed of its
    own."""
    seed = args.seed + 100 * member
    torch.manual_seed(seed)
    rows = Intents(args.data_dir, random.Random(seed))
    # Public labels are learnt beside ours (Caruana 1997): the sets tell apart more than we do. Not
    # exported.
    outputs = len(rows.labels) + 1
    model = Classifier(tokenizer.get_vocab_size(), outputs + len(rows.public_labels))
    averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    path = args.cache / f"intent-{member}.pt"
    first = resume(path, model, optimizer, averaged)
    rows.rng.seed(seed + first)
    progress = common.Progress(args.steps, first, every=100)
    model.train()
    for step in range(first + 1, args.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = common.cosine(step, args.steps, 8e-4, 100)
        found = intent_losses(model, tokenizer, [rows.row() for _ in range(64)], outputs)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        averaged.update_parameters(model)
        progress.step(step, **{name: float(value.detach()) for name, value in found.items()})
        keep(path, model, optimizer, step, args.steps, averaged)
    model.load_state_dict(averaged.module.state_dict())
    kept = nn.Linear(model.head.in_features, outputs)
    kept.load_state_dict({"weight": model.head.weight[:outputs], "bias": model.head.bias[:outputs]})
    model.head = kept
    return model.eval()


def intent_losses(
    model: Classifier, tokenizer: Tokenizer, drawn: Sequence[Row], outputs: int
) -> dict[str, torch.Tensor]:
    """Intent, finished and, where a row has one, public label; `outputs`: of the first two
    together."""
    logits = model(*encode(tokenizer, [row.input for row in drawn]))
    each = nn.functional.cross_entropy(
        logits[:, : outputs - 1],
        torch.tensor([row.intent for row in drawn]),
        reduction="none",
        label_smoothing=0.05,
    )
    weight = torch.tensor([row.taught for row in drawn])
    found = {
        "intent": (each * weight).sum() / weight.sum(),
        "finished": 2
        * nn.functional.binary_cross_entropy_with_logits(
            logits[:, outputs - 1], torch.tensor([row.finished for row in drawn])
        ),
    }
    public = [i for i, row in enumerate(drawn) if row.public >= 0]
    if public:
        found["public"] = 0.5 * nn.functional.cross_entropy(
            logits[public][:, outputs:], torch.tensor([drawn[i].public for i in public])
        )
    return found


class Mean(nn.Module):
    """The mean of several models' logits (Hansen & Salamon 1990: their mistakes differ), and a bias
    on the last."""

    def __init__(self, members: Sequence[Classifier]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.bias = nn.Parameter(torch.zeros(members[0].head.out_features))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(batch, tokens) int64 twice → (batch, outputs) logits."""
        return (
            torch.stack([member(input_ids, attention_mask) for member in self.members]).mean(0)
            + self.bias
        )


def train_intent(args: Any, tokenizer: Tokenizer) -> tuple[Mean, list[str], float]:
    """The intent and finished-sentence models as one, its labels and its temperature."""
    model = Mean([train_member(args, tokenizer, member) for member in range(args.members)]).eval()
    rows = Intents(args.data_dir, random.Random(args.seed - 1))
    drawn = [row for row in (rows.row() for _ in range(2500)) if row.taught]
    with torch.no_grad():
        logits = model(*encode(tokenizer, [row.input for row in drawn]))
        # Far more is cut here than people stop within a sentence; the bias takes that back.
        model.bias[-1] += math.log(SURE / (1 - SURE)) - logits[:, -1].quantile(1 - WHOLE_SURE)
    return (
        model,
        rows.labels,
        temperature(logits[:, :-1], torch.tensor([row.intent for row in drawn])),
    )


def train_emotion(args: Any, tokenizer: Tokenizer) -> tuple[Classifier, float, dict[str, float]]:
    """The emotion model, its temperature, and its figures on GoEmotions' dev rows."""
    train, dev = emotions(args.data_dir, "train"), emotions(args.data_dir, "dev")
    if not train:
        raise SystemExit(f"no GoEmotions rows under {args.data_dir}: give --data-dir")
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    model = Classifier(tokenizer.get_vocab_size(), len(EMOTIONS), layers=2, dropout=0.2)
    counts = np.bincount([label for _, label in train], minlength=len(EMOTIONS))
    weight = torch.tensor((counts.max() / counts) ** 0.5, dtype=torch.float32)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    steps = args.emotion_epochs * len(train) // 64
    path = args.cache / "emotion.pt"
    first = resume(path, model, optimizer)
    rng.seed(args.seed + first)
    progress = common.Progress(steps, first, every=200)
    model.train()
    for step in range(first + 1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = common.cosine(step, steps, 7e-4, 100)
        rows = rng.choices(train, k=64)
        texts = [
            " ".join("[MASK]" if rng.random() < 0.1 else w for w in t.split()) for t, _ in rows
        ]
        loss = nn.functional.cross_entropy(
            model(*encode(tokenizer, texts)),
            torch.tensor([i for _, i in rows]),
            weight=weight,
            label_smoothing=0.05,
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        progress.step(step, emotion=float(loss.detach()))
        keep(path, model, optimizer, step, steps)
    model.eval()
    with torch.no_grad():
        logits = torch.cat(
            [
                model(*encode(tokenizer, [t for t, _ in dev[i : i + 256]]))
                for i in range(0, len(dev), 256)
            ]
        )
    from sklearn.metrics import accuracy_score, f1_score

    truth, guess = [i for _, i in dev], logits.argmax(-1).tolist()
    figures = {
        "rows": len(dev),
        "macro_f1": round(float(f1_score(truth, guess, average="macro")), 4),
        "accuracy": round(float(accuracy_score(truth, guess)), 4),
    }
    print(figures, flush=True)
    return model, temperature(logits, torch.tensor(truth)), figures


def main() -> None:
    """Command line."""
    parser = common.arguments(
        "understanding", common.TINY / "tiny-classifier", __doc__ or "", steps=8000
    )
    parser.add_argument("--members", type=int, default=3, help="intent models to average")
    parser.add_argument("--emotion-epochs", type=int, default=5)
    parser.add_argument(
        "--parts",
        default="intent,emotion",
        help="train only one of the two, with the tokenizer in --out",
    )
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    path = args.out / "tokenizer.json"
    if "intent" in args.parts and "emotion" in args.parts:
        args.out.mkdir(parents=True, exist_ok=True)
        train_tokenizer(tokenizer_texts(args)).save(str(path))
    tokenizer = prepared(Tokenizer.from_file(str(path)))
    tokenizer.save(str(path))
    encoded = partial(encode, tokenizer)
    if "intent" in args.parts:
        model, labels, heat = train_intent(args, tokenizer)
        common.write_json(
            args.out / "intent.json",
            {
                "labels": labels,
                "temperature": heat,
                "max_tokens": MAX_TOKENS,
                "finished_output": True,
                "topics": True,
                "onnx_max_difference": onnx_export.export(model, encoded, args.out / "intent.onnx"),
            },
        )
    if "emotion" in args.parts:
        emotion, heat, figures = train_emotion(args, tokenizer)
        common.write_json(
            args.out / "emotion.json",
            {
                "labels": EMOTIONS,
                "temperature": heat,
                "max_tokens": MAX_TOKENS,
                "finished_output": False,
                "goemotions_dev": figures,
                "onnx_max_difference": onnx_export.export(
                    emotion, encoded, args.out / "emotion.onnx"
                ),
            },
        )


def tokenizer_texts(args: Any) -> list[str]:
    """What the tokenizer is made of: the world, GoEmotions, the public intent sets."""
    rows = Intents(args.data_dir, random.Random(args.seed + 1))
    texts = [rows.row().text for _ in range(60_000)] + [
        t for t, _ in emotions(args.data_dir, "train")
    ]
    return texts + [s for found in rows.public.values() for s in found]


if __name__ == "__main__":
    main()
