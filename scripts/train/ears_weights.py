"""Reads an exported speech recognizer (CTranslate2's binary format) back into a trainable model,
with the weights as they were quantized."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
Weights = dict[str, npt.NDArray[Any]]


def read(path: Path) -> Weights:
    """Every variable of a CTranslate2 `model.bin` (binary version 6), quantized ones as float32
    again.

    Raises:
        ValueError: another version of the format.
    """
    data, at = path.read_bytes(), 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + kind, data, at)
        at += struct.calcsize("<" + kind)
        return int(value)

    def name() -> str:
        nonlocal at
        length = number("H")
        at += length
        return data[at - length : at - 1].decode()

    if number("I") != 6:
        raise ValueError(f"{path} has another binary version than 6")
    name()
    number("I")
    raw: Weights = {}
    for _ in range(number("I")):
        key = name()
        shape = [number("I") for _ in range(number("B"))]
        kind = np.dtype(TYPES[number("B")])
        size = number("I")
        raw[key] = np.frombuffer(data, kind, size // kind.itemsize, at).reshape(shape)
        at += size
    return {
        key: value.astype(np.float32) / raw[f"{key}_scale"].reshape(-1, *[1] * (value.ndim - 1))
        if f"{key}_scale" in raw
        else value
        for key, value in raw.items()
        if not key.endswith("_scale")
    }


def fill(model: Any, weights: Weights) -> None:
    """Puts `weights` into a `WhisperForConditionalGeneration` of the same width.

    If it has more encoder layers than `weights`, the additional ones on top start as the identity.

    Raises:
        KeyError, RuntimeError: it has another shape.
    """
    config = model.config
    copy = _Copy({key: value.numpy() for key, value in model.state_dict().items()}, weights)
    grown = sum(
        f"encoder/layer_{i}/ffn/linear_0/weight" in weights for i in range(config.encoder_layers)
    )
    copy.make_identity(range(grown, config.encoder_layers))
    for side, layers in (("encoder", grown), ("decoder", config.decoder_layers)):
        for i in range(layers):
            copy.layer(side, i, config.d_model)
        copy.norm(f"model.{side}.layer_norm", f"{side}/layer_norm")
        copy.state[f"model.{side}.embed_positions.weight"] = weights[
            f"{side}/position_encodings/encodings"
        ]
    for conv in ("conv1", "conv2"):
        copy.linear(f"model.encoder.{conv}", f"encoder/{conv}")
    copy.state["model.decoder.embed_tokens.weight"] = copy.state["proj_out.weight"] = weights[
        "decoder/embeddings/weight"
    ]
    model.load_state_dict(
        {key: torch.from_numpy(np.array(value)) for key, value in copy.state.items()}
    )


class _Copy:
    """Copies CTranslate2's `weights` into `state`, the state of a model of transformers."""

    def __init__(self, state: Weights, weights: Weights) -> None:
        self.state, self.weights = state, weights

    def make_identity(self, layers: Iterable[int]) -> None:
        """Lets encoder `layers` return their input: what their residual branches add is zero."""
        for i in layers:
            for part in ("self_attn.out_proj", "fc2"):
                for kind in ("weight", "bias"):
                    self.state[f"model.encoder.layers.{i}.{part}.{kind}"] *= 0

    def linear(
        self, target: str, source: str, rows: slice = slice(None), bias: bool = True
    ) -> None:
        """The `rows` of a linear or convolutional layer."""
        self.state[f"{target}.weight"] = self.weights[f"{source}/weight"][rows]
        if bias:
            self.state[f"{target}.bias"] = self.weights[f"{source}/bias"][rows]

    def norm(self, target: str, source: str) -> None:
        """A layer normalization."""
        self.state[f"{target}.weight"] = self.weights[f"{source}/gamma"]
        self.state[f"{target}.bias"] = self.weights[f"{source}/beta"]

    def layer(self, side: str, number: int, width: int) -> None:
        """One transformer layer of `side`, which is "encoder" or "decoder"."""
        to, source = f"model.{side}.layers.{number}", f"{side}/layer_{number}"
        self._projections(f"{to}.self_attn", f"{source}/self_attention/linear_0", "qkv", width)
        self.linear(f"{to}.self_attn.out_proj", f"{source}/self_attention/linear_1")
        self.norm(f"{to}.self_attn_layer_norm", f"{source}/self_attention/layer_norm")
        if side == "decoder":
            self.linear(f"{to}.encoder_attn.q_proj", f"{source}/attention/linear_0")
            self._projections(f"{to}.encoder_attn", f"{source}/attention/linear_1", "kv", width)
            self.linear(f"{to}.encoder_attn.out_proj", f"{source}/attention/linear_2")
            self.norm(f"{to}.encoder_attn_layer_norm", f"{source}/attention/layer_norm")
        self.linear(f"{to}.fc1", f"{source}/ffn/linear_0")
        self.linear(f"{to}.fc2", f"{source}/ffn/linear_1")
        self.norm(f"{to}.final_layer_norm", f"{source}/ffn/layer_norm")

    def _projections(self, target: str, source: str, parts: str, width: int) -> None:
        """The projections `parts` of an attention, which CTranslate2 stores as one matrix."""
        for n, part in enumerate(parts):
            rows = slice(n * width, (n + 1) * width)
            self.linear(f"{target}.{part}_proj", source, rows, bias=part != "k")
