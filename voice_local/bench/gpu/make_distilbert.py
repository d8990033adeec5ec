"""DistilBERTs of any size with random weights, through real ones' conversion: intent and emotion in
ONNX."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from voice_local.bench.gpu.kept import (
    save_tokenizer,
    transformers,
)
from voice_local.bench.gpu.shapes import DistilbertShape
from voice_local.bench.gpu.words import (
    long_words,
    short_words,
)
from voice_local.engine.api import EMOTIONS
from voice_local.supply.converters import classifier_to_onnx

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'"


def make_distilbert(shape: DistilbertShape, out: Path, seed: int = 7) -> None:
    """Writes the folder that `intent_distilbert` and `emotion` load: two models beside one
    tokenizer.

    Raises:
        RuntimeError: ONNX Runtime gives other logits than torch.
    """
    intents = [f"intent_{number:02}" for number in range(shape.intents)]
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".making-") as folder:
        place = Path(folder)
        out.mkdir()
        # The first has one output more than labels: whether the sentence is finished.
        for name, labels, extra in (("intent", intents, 1), ("emotion", list(EMOTIONS), 0)):
            source, target = place / name, place / f"{name}-onnx"
            target.mkdir()
            _save(shape, [*labels, *["finished"] * extra], source, seed)
            classifier_to_onnx(source, target)
            about = json.loads((target / "emotion.json").read_text(encoding="utf-8"))
            about |= {"labels": labels, "finished_output": bool(extra)}
            (out / f"{name}.json").write_text(json.dumps(about), encoding="utf-8")
            os.replace(target / "emotion.onnx", out / f"{name}.onnx")
            os.replace(target / "tokenizer.json", out / "tokenizer.json")


def vocabulary(size: int) -> list[str]:
    """Special tokens, letters alone and inside words, then made-up words, each one token."""
    tokens = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    tokens += short_words(min(10_000, size - len(tokens)))
    return tokens + long_words(size - len(tokens))


def _save(shape: DistilbertShape, labels: list[str], folder: Path, seed: int) -> None:
    """Model and tokenizer as Transformers keeps them."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    library = transformers()
    torch.manual_seed(seed)
    model = library.DistilBertForSequenceClassification(
        library.DistilBertConfig(
            vocab_size=shape.vocabulary,
            n_layers=shape.layers,
            n_heads=shape.heads,
            dim=shape.width,
            hidden_dim=shape.ffn,
            num_labels=len(labels),
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
        )
    )
    model.save_pretrained(folder)
    places = {token: place for place, token in enumerate(vocabulary(shape.vocabulary))}
    pieces = Tokenizer(models.WordPiece(places, **{"unk_token": "[UNK]"}))
    pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces.post_processor = processors.BertProcessing(
        *((name, places[name]) for name in ("[SEP]", "[CLS]"))
    )
    save_tokenizer(pieces, folder, {f"{name.strip('[]').lower()}_token": name for name in SPECIAL})
