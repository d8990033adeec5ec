"""The trained model as ONNX in int8: `understanding.onnx`, `understanding.json`, `tokenizer.json`.

Word embeddings are kept as int8 with a scale a row; products of the layers are quantized by ONNX
Runtime (dynamic, a scale a column, seven bits, so that machines without VNNI do not overflow). The
rest is kept as float16, computed in float32.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from scripts.train import common, onnx_export
from scripts.train.understanding_classifier import temperature
from scripts.train.understanding_data import EMOTIONS
from scripts.train.understanding_small_data import NONE, Sentences
from scripts.train.understanding_small_eval import logits
from scripts.train.understanding_small_model import MAX_TOKENS, Encoder, encode
from voice_local.models.onnx_session import make_session

NAME = "understanding"
HEADS = ("intent", "finished", "emotion")
"""In the order in which their outputs stand beside each other."""
CALIBRATED_ON = 3000
PROBES = (
    ["stop"],
    ["my knee hurts", "what is the price of the red jacket you sold me last week"] * 3,
)


class RowScaled(nn.Module):
    """Embeddings as int8 with a float32 scale a row."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-8) / 127
        self.register_buffer("values", (weight / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(…) int64 → (…, width)."""
        values, scale = self.get_buffer("values"), self.get_buffer("scale")
        return values[ids].float() * scale[ids]


class Shipped(nn.Module):
    """What is exported: three heads' logits beside each other."""

    def __init__(self, model: Encoder) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """(batch, tokens) int64 twice → (batch, intents + 1 + emotions) logits."""
        features = self.model.features(input_ids, attention_mask)
        return torch.cat([self.model.heads[name](features) for name in HEADS], dim=-1)


def export(
    args: Any, sentences: Sentences, tokenizer: Tokenizer, model: Encoder, figures: dict[str, float]
) -> None:
    """Writes the folder `args.out`, and prints how far int8 is from float32."""
    heat = calibrated(sentences, tokenizer, model)
    args.out.mkdir(parents=True, exist_ok=True)
    body: Any = model.body
    body.set_input_embeddings(RowScaled(body.get_input_embeddings().weight.detach()))
    path = args.out / f"{NAME}.onnx"
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        exact = to_onnx(Shipped(model).eval(), tokenizer, whole)
        quantize(whole, path)
        agreement = compare(whole, path, sentences, tokenizer)
    shutil.copyfile(args.encoder / "tokenizer.json", args.out / "tokenizer.json")
    common.write_json(
        args.out / f"{NAME}.json",
        {
            "labels": sentences.intents,
            "emotions": EMOTIONS,
            "temperature": heat["intent"],
            "emotion_temperature": heat["emotion"],
            "max_tokens": MAX_TOKENS,
            "finished_output": True,
            "topics": True,
            "onnx_max_difference": exact,
            "int8_same": agreement,
            "development": figures,
        },
    )
    print({"bytes": path.stat().st_size, **heat, **agreement}, flush=True)


def calibrated(sentences: Sentences, tokenizer: Tokenizer, model: Encoder) -> dict[str, float]:
    """The temperatures of intent and emotion (Guo et al. 2017) on rows drawn anew."""
    rows = [sentences.row() for _ in range(CALIBRATED_ON)]
    result = {}
    for name in ("intent", "emotion"):
        known = [row for row in rows if getattr(row, name) != NONE]
        result[name] = 1.0
        if known:
            found = logits(model, tokenizer, [row.text for row in known])[name]
            result[name] = temperature(found, torch.tensor([getattr(row, name) for row in known]))
    return result


def to_onnx(model: nn.Module, tokenizer: Tokenizer, path: Path) -> float:
    """Writes ONNX and returns the largest difference from torch.

    Raises:
        RuntimeError: the difference is over 1e-3.
    """
    axes = {
        "input_ids": {0: "batch", 1: "tokens"},
        "attention_mask": {0: "batch", 1: "tokens"},
        "logits": {0: "batch"},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            encode(tokenizer, PROBES[1]),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=18,
            dynamo=False,
        )
    session = make_session(path, 1)
    worst = 0.0
    for texts in PROBES:
        ids, mask = encode(tokenizer, texts)
        with torch.no_grad():
            wanted = model(ids, mask).numpy()
        got = np.asarray(
            session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
        )
        worst = max(worst, float(np.abs(got - wanted).max()))
    if worst > 1e-3:
        raise RuntimeError(f"{path.name} differs from torch by {worst:.2e}")
    return worst


def quantize(source: Path, path: Path) -> None:
    """The layers' products in int8, but for those from a layer's inner width back."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(str(source)).graph
    shapes = {
        tensor.name: tuple(tensor.dims) for tensor in graph.initializer if len(tensor.dims) == 2
    }
    narrowing = {name for name, (wide, narrow) in shapes.items() if wide > narrow}
    kept = [
        node.name
        for node in graph.node
        if node.op_type in ("MatMul", "Gemm")
        and any(name in narrowing or "heads" in name for name in node.input)
    ]
    quantize_dynamic(
        source,
        path,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm"],
        nodes_to_exclude=kept,
    )
    onnx_export.halve(path)


def compare(
    whole: Path, path: Path, sentences: Sentences, tokenizer: Tokenizer
) -> dict[str, float]:
    """How often int8 decides as float32 does, on rows drawn anew."""
    rows = [sentences.row() for _ in range(1000)]
    told = []
    for file in (whole, path):
        session = make_session(file, 1)
        parts = []
        for row in rows:
            ids, mask = encode(tokenizer, [row.input])
            parts.append(
                np.asarray(
                    session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
                )[0]
            )
        told.append(np.stack(parts))
    intents = len(sentences.intents)
    spans = {"intent": slice(0, intents), "emotion": slice(intents + 1, None)}
    same = {
        name: float((told[0][:, span].argmax(1) == told[1][:, span].argmax(1)).mean())
        for name, span in spans.items()
    }
    moved = np.abs(1 / (1 + np.exp(-told[0][:, intents])) - 1 / (1 + np.exp(-told[1][:, intents])))
    return {
        **{name: round(value, 4) for name, value in same.items()},
        "finished_moved_mean": round(float(moved.mean()), 4),
    }
