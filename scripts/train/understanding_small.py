"""Trains the understanding of real profiles: `python -m scripts.train.understanding_small`. One
encoder, exported to ONNX.

Intent, finished sentence and emotion are told by three heads on one pass; CLINC150's and HWU64's
own labels are learnt beside them (Caruana 1997) and left out of the export. Start it again and it
goes on where it was.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from scripts.train import common
from scripts.train.understanding_data import EMOTIONS
from scripts.train.understanding_small_batches import Batch, batches
from scripts.train.understanding_small_data import Sentences
from scripts.train.understanding_small_model import (
    Average,
    Encoder,
    freeze_below,
    groups,
    load_body,
    load_tokenizer,
    load_weights,
    losses,
    save_weights,
)
from voice_local.models.folder import home

BATCH = 64
SCALE = 10_000
"""Steps into which the course of the learning rate is divided."""


def build(args: Any, sentences: Sentences, tokenizer: Tokenizer) -> Encoder:
    """The model before its training."""
    torch.manual_seed(args.seed)
    heads = {
        "intent": len(sentences.intents),
        "finished": 1,
        "emotion": len(EMOTIONS),
        "clinc": len(sentences.clinc),
        "hwu": len(sentences.hwu),
    }
    body = load_body(args.encoder, random_weights=args.random_weights)
    return Encoder(
        body,
        {name: size for name, size in heads.items() if size},
        common.token_id(tokenizer, "[SEP]"),
    )


def train(args: Any, sentences: Sentences, tokenizer: Tokenizer, model: Encoder) -> None:
    """Trains `model` to `args.steps`, or as far as `args.seconds` reach.

    Its weights are then an average over about the last thousand steps.
    """
    device, path = torch.device(args.device), args.cache / "model.pt"
    state = common.load_checkpoint(path)
    first = int(state["step"]) if state else 0
    # The worker processes start before the device is used, so that they do not inherit its state.
    rows = batches(sentences, tokenizer, args.batch, args.seed + first, args.workers)
    optimizer, average = prepared(args, model, device, state)
    weight = emotion_weight(sentences, device)
    clock, progress = Clock(args.steps, args.seconds), common.Progress(args.steps, first, every=100)
    model.train()
    for step in range(first + 1, args.steps + 1):
        done = clock.done(step)
        rate = common.cosine(int(done * SCALE), SCALE, args.rate, SCALE // 20)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        found = batch_losses(model, next(rows), weight, device)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model, step)
        if step % 20 == 0 or step == args.steps:
            progress.step(step, **{name: float(value.detach()) for name, value in found.items()})
        last = step == args.steps or done >= 1
        if step % args.keep == 0 or last:
            save(args, path, model, optimizer, average, step)
        if last:
            print(f"{step} steps of {args.batch}, {clock.seconds():.0f} s", flush=True)
            break
    average.put(model)
    model.cpu()


def prepared(
    args: Any, model: Encoder, device: torch.device, state: dict[str, Any] | None
) -> tuple[torch.optim.Optimizer, Average]:
    """The optimizer and the average of weights, with `model` on `device`.

    `state`: the checkpoint to go on from; None begins from `args.start` or the encoder.
    """
    model.to(device)
    if state is not None:
        model.load_state_dict(state["model"])
    elif args.start:
        load_weights(model, args.start)
    if args.top:
        freeze_below(model, args.top)
    optimizer = torch.optim.AdamW(list(groups(model)), lr=args.rate, weight_decay=0.01, fused=True)
    average = Average(model)
    if state is not None:
        optimizer.load_state_dict(state["optimizer"])
        average.values = [value.to(device) for value in state["average"]]
    return optimizer, average


def emotion_weight(sentences: Sentences, device: torch.device) -> torch.Tensor:
    """The weight of each emotion in the loss: the rarer, the more."""
    counts = np.bincount([label for _, label in sentences.comments], minlength=len(EMOTIONS)) + 1
    return torch.tensor((counts.max() / counts) ** 0.5, dtype=torch.float32, device=device)


def batch_losses(
    model: Encoder, batch: Batch, weight: torch.Tensor, device: torch.device
) -> dict[str, torch.Tensor]:
    """The loss of each head on one batch."""
    halves, known = batch
    with products(device):
        told = [
            model(ids.to(device, non_blocking=True), mask.to(device, non_blocking=True))
            for ids, mask in halves
        ]
    logits = {name: torch.cat([part[name] for part in told]).float() for name in told[0]}
    return losses(logits, known.to(device, non_blocking=True), weight)


def save(
    args: Any,
    path: Path,
    model: Encoder,
    optimizer: torch.optim.Optimizer,
    average: Average,
    step: int,
) -> None:
    """Writes a checkpoint to `path`, and the averaged weights to `args.weights` if it is given."""
    common.save_checkpoint(
        path,
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "average": average.values,
            "step": step,
        },
    )
    if args.weights:
        save_weights(model, average.values, args.weights)


class Clock:
    """How far a training is, by its steps or by its time, whichever is further."""

    def __init__(self, steps: int, limit_s: float | None) -> None:
        self._steps, self._limit_s, self._began = steps, limit_s, time.monotonic()

    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def done(self, step: int) -> float:
        """The share that is done before `step`, 0 … 1."""
        return max(
            (step - 1) / self._steps,
            min(1.0, self.seconds() / self._limit_s) if self._limit_s else 0.0,
        )


def products(device: torch.device) -> Any:
    """Context in which products are in bfloat16 where the device has instructions for it."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else common.products()


def main() -> None:
    """Command line."""
    out = common.ROOT / "models" / "small" / "understanding"
    parser = common.arguments("understanding_small", out, __doc__ or "", steps=8000)
    parser.add_argument(
        "--encoder",
        type=Path,
        default=home() / "all-MiniLM-L6-v2",
        help="a BERT or DistilBERT with its tokenizer (voice-local models download "
        "all-MiniLM-L6-v2)",
    )
    parser.add_argument(
        "--random-weights", action="store_true", help="use only the encoder's shape"
    )
    parser.add_argument("--start", type=Path, help="a folder of trained weights to begin with")
    parser.add_argument(
        "--weights", type=Path, help="a folder that also gets the trained weights, as float16"
    )
    parser.add_argument(
        "--top", type=int, help="train only so many of the last layers, and the heads"
    )
    parser.add_argument(
        "--own-labels",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also learn the public sets' own labels",
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--seconds", type=float, help="the training ends by then, its rate going down in time"
    )
    parser.add_argument(
        "--workers", type=int, default=0, help="processes that draw sentences beside it"
    )
    parser.add_argument(
        "--train-only", action="store_true", help="neither measure nor export afterwards"
    )
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--keep", type=int, default=500, help="steps from checkpoint to checkpoint")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    sentences = Sentences(args.data_dir, random.Random(args.seed))
    if not args.own_labels:
        sentences.clinc, sentences.hwu = [], []
    tokenizer = load_tokenizer(args.encoder)
    model = build(args, sentences, tokenizer)
    if args.eval or args.export:
        args.steps = 0
        if args.start:
            load_weights(model, args.start)
    train(args, sentences, tokenizer, model)
    if args.train_only:
        return
    from scripts.train import understanding_small_eval, understanding_small_export

    figures = understanding_small_eval.measure(args, sentences, tokenizer, model.eval())
    print(figures, flush=True)
    if not args.eval:
        understanding_small_export.export(args, sentences, tokenizer, model, figures)


if __name__ == "__main__":
    main()
