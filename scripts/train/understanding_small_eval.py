"""What a checkpoint is worth, on sentences that are neither trained on nor a benchmark's: for
choosing on the way."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from scripts.train.ears_data import spoken
from scripts.train.understanding_data import emotions
from scripts.train.understanding_small_data import OUTSIDE, Sentences
from scripts.train.understanding_small_model import Encoder, encode
from voice_local.text.plain import plain

DEV = Path(__file__).parent / "world" / "dev.tsv"
"""(label, text) written for choosing between trainings; neither trained on nor a benchmark's."""


def logits(
    model: Encoder, tokenizer: Tokenizer, texts: Sequence[str], size: int = 128
) -> dict[str, torch.Tensor]:
    """Logits (texts, labels) by head."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    back = torch.tensor(order).argsort()
    with torch.no_grad():
        parts = [
            model(*encode(tokenizer, [texts[i] for i in order[start : start + size]]))
            for start in range(0, len(order), size)
        ]
    return {name: torch.cat([part[name] for part in parts])[back] for name in parts[0]}


def dev() -> list[tuple[str, str]]:
    """(label, text) of the development sentences."""
    rows = [
        line.split("\t")
        for line in DEV.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    return [(row[0], row[1]) for row in rows]


def measure(
    args: Any, sentences: Sentences, tokenizer: Tokenizer, model: Encoder
) -> dict[str, float]:
    """Development figures; those of a public set only where its folder is there."""
    found: dict[str, float] = {}
    path = args.data_dir / "clinc_oos" / "train_val.json"
    if path.exists() and sentences.clinc:
        rows = json.loads(path.read_text(encoding="utf-8"))["val"]
        guess = (
            logits(model, tokenizer, [plain(spoken(text)) for text, _ in rows])["clinc"]
            .argmax(-1)
            .tolist()
        )
        right = [
            sentences.clinc[place] == f"clinc:{label}"
            for place, (_, label) in zip(guess, rows, strict=True)
        ]
        found["clinc_own_labels"] = round(sum(right) / len(right), 4)
    comments = emotions(args.data_dir, "dev")
    if comments:
        from sklearn.metrics import f1_score

        guess = (
            logits(model, tokenizer, [plain(text) for text, _ in comments])["emotion"]
            .argmax(-1)
            .tolist()
        )
        found["emotion_macro_f1"] = round(
            float(f1_score([label for _, label in comments], guess, average="macro")), 4
        )
    found |= _dev(sentences, tokenizer, model)
    return found


def _dev(sentences: Sentences, tokenizer: Tokenizer, model: Encoder) -> dict[str, float]:
    rows = dev()
    told = logits(model, tokenizer, [plain(text) for _, text in rows])["intent"].softmax(-1)
    places = told.argmax(-1).tolist()
    wrong = [
        (label, sentences.intents[place], round(float(told[i, place]), 2), text)
        for i, ((label, text), place) in enumerate(zip(rows, places, strict=True))
        if sentences.intents[place] != label
    ]
    for label, called, sure, text in wrong:
        print(f"  {label} → {called} {sure}: {text}")
    found = {}
    for name, outside in (("in_scope", False), ("out_of_scope", True)):
        there, missed = (
            sum((label == OUTSIDE) is outside for label, *_ in some) for some in (rows, wrong)
        )
        found[f"dev_{name}"] = round(1 - missed / there, 4)
    found["dev_finished_auc"] = _finished(
        tokenizer, model, [text for label, text in rows if len(text.split()) >= 4]
    )
    return found


def _finished(tokenizer: Tokenizer, model: Encoder, texts: Sequence[str]) -> float:
    """Area under the ROC curve, whole sentences against the same cut anywhere."""
    rng = random.Random(4)
    cut = [" ".join(text.split()[: rng.randrange(1, len(text.split()))]) for text in texts]
    whole, parts = (
        logits(model, tokenizer, [plain(text) for text in some])["finished"][:, 0]
        for some in (texts, cut)
    )
    return round(float((whole[:, None] > parts[None]).float().mean()), 4)
