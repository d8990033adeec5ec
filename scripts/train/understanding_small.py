"""Trains the understanding of real profiles: `python -m scripts.train.understanding_small`. One encoder, exported to ONNX.

Intent, finished sentence and emotion are told by three heads on one pass; CLINC150's and HWU64's own labels are learnt
beside them (Caruana 1997) and left out of the export. Start it again and it goes on where it was.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from scripts.train import common, understanding_small_eval
from scripts.train.understanding_data import EMOTIONS
from scripts.train.understanding_small_data import Sentences
from scripts.train.understanding_small_model import Average, Encoder, encode, groups, load_body, load_tokenizer, losses
from voice_local.models.folder import home

BATCH = 64


def build(args: Any, sentences: Sentences, tokenizer: Tokenizer) -> Encoder:
    """The model before its training."""
    torch.manual_seed(args.seed)
    heads = {"intent": len(sentences.intents), "finished": 1, "emotion": len(EMOTIONS), "clinc": len(sentences.clinc),
             "hwu": len(sentences.hwu)}
    body = load_body(args.encoder, random_weights=args.random_weights)
    return Encoder(body, {name: size for name, size in heads.items() if size}, common.token_id(tokenizer, "[SEP]"))


def train(args: Any, sentences: Sentences, tokenizer: Tokenizer, model: Encoder) -> None:
    """Trains `model` to `args.steps`; its weights are then the mean of the last thousand steps or so."""
    optimizer = torch.optim.AdamW(list(groups(model)), lr=args.rate, weight_decay=0.01, fused=True)
    average = Average(model)
    path, first = args.cache / "model.pt", 0
    state = common.load_checkpoint(path) or (common.load_checkpoint(args.start) if args.start else None)
    if state is not None:
        model.load_state_dict(state["model"])
        average.values = state["average"]
        if path.exists():
            optimizer.load_state_dict(state["optimizer"])
            first = int(state["step"])
    sentences.rng.seed(args.seed + first)
    counts = np.bincount([label for _, label in sentences.comments], minlength=len(EMOTIONS)) + 1
    weight = torch.tensor((counts.max() / counts) ** 0.5, dtype=torch.float32)
    progress = common.Progress(args.steps, first, every=100)
    model.train()
    for step in range(first + 1, args.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = common.cosine(step, args.steps, args.rate, min(300, args.steps // 10)) * group["scale"]
        # Short and long sentences apart: half as much padding.
        rows = sorted((sentences.row() for _ in range(args.batch)), key=lambda row: len(row.text))
        halves = [rows[: args.batch // 2], rows[args.batch // 2 :]]
        with common.products():
            told = [model(*encode(tokenizer, [row.input for row in half])) for half in halves]
        logits = {name: torch.cat([part[name] for part in told]).float() for name in told[0]}
        found = losses(logits, rows, weight)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(list(found.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model, step)
        progress.step(step, **{name: float(value.detach()) for name, value in found.items()})
        if step % args.keep == 0 or step == args.steps:
            common.save_checkpoint(path, {"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                                          "average": average.values, "step": step})
    average.put(model)


def main() -> None:
    """Command line."""
    parser = common.arguments("understanding_small", __doc__ or "", steps=8000)
    parser.set_defaults(out=common.ROOT / "models" / "small" / "understanding")
    parser.add_argument("--encoder", type=Path, default=home() / "all-MiniLM-L6-v2",
                        help="a BERT or DistilBERT with its tokenizer (voice-local models download all-MiniLM-L6-v2)")
    parser.add_argument("--random-weights", action="store_true", help="use only the encoder's shape")
    parser.add_argument("--start", type=Path, help="a checkpoint to begin with")
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--keep", type=int, default=500, help="steps from checkpoint to checkpoint")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    sentences = Sentences(args.data_dir, random.Random(args.seed))
    tokenizer = load_tokenizer(args.encoder)
    model = build(args, sentences, tokenizer)
    if args.eval or args.export:
        args.steps = 0
    train(args, sentences, tokenizer, model)
    from scripts.train import understanding_small_export

    figures = understanding_small_eval.measure(args, sentences, tokenizer, model.eval())
    print(figures, flush=True)
    if not args.eval:
        understanding_small_export.export(args, sentences, tokenizer, model, figures)


if __name__ == "__main__":
    main()
