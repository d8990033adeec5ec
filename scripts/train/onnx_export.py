"""ONNX files of the text classifiers, half as large as their weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

HALVED = 4096
"""Weights of at least so many values are kept as float16."""


Encode = Callable[[Sequence[str]], tuple[torch.Tensor, torch.Tensor]]
"""Texts → (ids, mask), both (batch, longest) int64."""


def export(model: nn.Module, encode: Encode, path: Path) -> float:
    """Writes ONNX, its large weights in float16, and returns the largest difference from torch with
    the same weights.

    Raises:
        RuntimeError: the difference is over 1e-4.
    """
    import onnxruntime

    path.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        for value in model.parameters():
            if value.numel() >= HALVED:
                value.copy_(value.half().float())
    ids, mask = encode(
        ["where is my order", "please turn on the light in the kitchen and the garden"]
    )
    axes = {
        "input_ids": {0: "batch", 1: "tokens"},
        "attention_mask": {0: "batch", 1: "tokens"},
        "logits": {0: "batch"},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (ids, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=18,
            dynamo=False,
        )
    halve(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for texts in (
        ["stop"],
        ["my knee hurts", "what is the price of the red jacket you sold me last week"] * 3,
    ):
        ids, mask = encode(texts)
        with torch.no_grad():
            wanted = model(ids, mask).numpy()
        got = session.run(None, {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0]
        worst = max(worst, float(np.abs(np.asarray(got) - wanted).max()))
    if worst > 1e-4:
        raise RuntimeError(f"{path.name} differs from torch by {worst:.2e}")
    return worst


def halve(path: Path) -> None:
    """Stores the large weights of an ONNX file as float16; they are float32 again once it is
    loaded."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) >= HALVED:
            name = tensor.name
            tensor.CopyFrom(
                numpy_helper.from_array(
                    numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half"
                )
            )
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, str(path))
