"""Reads an exported mind back into a tokenizer and a model that can learn on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Parts of a layer, by Transformers' and by llama.cpp's names."""


def permute(weight: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Llama's rotary halves, interleaved as llama.cpp's `llama` architecture wants them."""
    rows, columns = weight.shape
    return (
        weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def unpermute(weight: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """The inverse of `permute`."""
    rows, columns = weight.shape
    return (
        weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
    )


def bpe(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """GPT-2 style byte-level BPE."""
    tokenizer = Tokenizer(
        models.BPE(vocab=vocabulary, merges=merges) if vocabulary else models.BPE()
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def read_tokenizer(path: Path, special: list[str]) -> Tokenizer:
    """The tokenizer inside a GGUF, its last tokens `special`."""
    from gguf import GGUFReader

    fields = GGUFReader(str(path)).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(line.split(" ")) for line in fields["tokenizer.ggml.merges"].contents()]
    plain = {token: i for i, token in enumerate(tokens) if token not in special}
    tokenizer = bpe(plain, merges)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in special])
    if [tokenizer.token_to_id(token) for token in special] != [
        tokens.index(token) for token in special
    ]:
        raise ValueError(f"{path} keeps its special tokens elsewhere")
    return tokenizer


def fill(model: Any, path: Path, heads: int) -> None:
    """Puts the weights of a GGUF into a `LlamaForCausalLM` of the same shape, quantized ones as
    they were rounded.

    Raises:
        KeyError, RuntimeError: it has another shape.
    """
    from gguf import GGUFReader
    from gguf.quants import dequantize

    weights = {
        tensor.name: np.array(dequantize(tensor.data, tensor.tensor_type))
        for tensor in GGUFReader(str(path)).tensors
    }
    found = {
        "model.embed_tokens.weight": weights["token_embd.weight"],
        "model.norm.weight": weights["output_norm.weight"],
        "lm_head.weight": weights["token_embd.weight"],
    }
    for layer in range(model.config.num_hidden_layers):
        for theirs, ours in NAMES.items():
            value = weights[f"blk.{layer}.{ours}.weight"]
            if ours in ("attn_q", "attn_k"):
                value = unpermute(value, heads)
            found[f"model.layers.{layer}.{theirs}.weight"] = value
    model.load_state_dict(
        {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in found.items()}
    )
