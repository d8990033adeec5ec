"""Reads exported ears back into a model that can learn on: CTranslate2's binary format, weights as
they were quantized."""

from __future__ import annotations

import struct
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

    If it has more encoder layers than `weights`, those on top start by handing on what they are
    given.

    Raises:
        KeyError, RuntimeError: it has another shape.
    """
    state = {key: value.numpy() for key, value in model.state_dict().items()}
    grown = sum(
        f"encoder/layer_{i}/ffn/linear_0/weight" in weights
        for i in range(model.config.encoder_layers)
    )
    for i in range(grown, model.config.encoder_layers):
        for part in ("self_attn.out_proj", "fc2"):
            for kind in ("weight", "bias"):
                state[f"model.encoder.layers.{i}.{part}.{kind}"] *= 0

    def linear(target: str, source: str, rows: slice = slice(None), bias: bool = True) -> None:
        state[f"{target}.weight"] = weights[f"{source}/weight"][rows]
        if bias:
            state[f"{target}.bias"] = weights[f"{source}/bias"][rows]

    def norm(target: str, source: str) -> None:
        state[f"{target}.weight"], state[f"{target}.bias"] = (
            weights[f"{source}/gamma"],
            weights[f"{source}/beta"],
        )

    config = model.config
    width = config.d_model
    for side, layers in (("encoder", grown), ("decoder", config.decoder_layers)):
        for i in range(layers):
            to, source = f"model.{side}.layers.{i}", f"{side}/layer_{i}"
            for n, part in enumerate("qkv"):
                linear(
                    f"{to}.self_attn.{part}_proj",
                    f"{source}/self_attention/linear_0",
                    slice(n * width, (n + 1) * width),
                    part != "k",
                )
            linear(f"{to}.self_attn.out_proj", f"{source}/self_attention/linear_1")
            norm(f"{to}.self_attn_layer_norm", f"{source}/self_attention/layer_norm")
            if side == "decoder":
                linear(f"{to}.encoder_attn.q_proj", f"{source}/attention/linear_0")
                for n, part in enumerate("kv"):
                    linear(
                        f"{to}.encoder_attn.{part}_proj",
                        f"{source}/attention/linear_1",
                        slice(n * width, (n + 1) * width),
                        part != "k",
                    )
                linear(f"{to}.encoder_attn.out_proj", f"{source}/attention/linear_2")
                norm(f"{to}.encoder_attn_layer_norm", f"{source}/attention/layer_norm")
            linear(f"{to}.fc1", f"{source}/ffn/linear_0")
            linear(f"{to}.fc2", f"{source}/ffn/linear_1")
            norm(f"{to}.final_layer_norm", f"{source}/ffn/layer_norm")
        norm(f"model.{side}.layer_norm", f"{side}/layer_norm")
        state[f"model.{side}.embed_positions.weight"] = weights[
            f"{side}/position_encodings/encodings"
        ]
    for conv in ("conv1", "conv2"):
        linear(f"model.encoder.{conv}", f"encoder/{conv}")
    state["model.decoder.embed_tokens.weight"] = state["proj_out.weight"] = weights[
        "decoder/embeddings/weight"
    ]
    model.load_state_dict({key: torch.from_numpy(np.array(value)) for key, value in state.items()})
