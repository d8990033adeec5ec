"""A Llama of any size as GGUF, mixed as Q4_K_M is, its blocks written at random: no float16 copy
stands between.

The plan of tensors is llama.cpp's own for this mix (`llama_tensor_get_type`): Q4_K, but Q6_K for
the output and, in half of the layers, for values and the second feed-forward matrix; norms in
float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from voice_local.bench.gpu.shapes import LlamaShape
from voice_local.bench.gpu.words import byte_pairs
from voice_local.errors import BenchmarkError

Kind = Literal["Q4_K", "Q6_K", "F32"]
BLOCKS: dict[Kind, tuple[int, int]] = {"Q4_K": (256, 144), "Q6_K": (256, 210), "F32": (1, 4)}
"""(values, bytes) of one block."""

SPECIAL = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|> {{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPREAD = 0.02
"""Standard deviation of the weights, as models start from."""

MUTE = 256
"""The vocabulary's first tokens are single bytes."""

CHUNK_ROWS = 4096
"""Rows made and written at a time: tens of megabytes."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Tensor:
    """One tensor: `rows` of `columns` values (a vector has one row)."""

    name: str
    rows: int
    columns: int
    kind: Kind

    @property
    def values(self) -> int:
        """How many weights."""
        return self.rows * self.columns

    @property
    def row_bytes(self) -> int:
        """Of one row."""
        each, size = BLOCKS[self.kind]
        return self.columns // each * size

    @property
    def bytes(self) -> int:
        """In the file, without padding."""
        return self.rows * self.row_bytes


def message_tokens(words: int) -> int:
    """Tokens of a message of `words` made-up words: its role, the words, its end."""
    return words + 2


def plan(shape: LlamaShape) -> list[Tensor]:
    """Every tensor, in the order of the file.

    Raises:
        BenchmarkError: a width that Q4_K cannot be cut into.
    """
    if shape.width % 256 or shape.ffn % 256:
        raise BenchmarkError(
            f"Q4_K wants widths in multiples of 256, not {shape.width} and {shape.ffn}",
            "choose others",
        )
    narrow = shape.width // shape.heads * shape.kv_heads
    found = [Tensor("token_embd.weight", shape.vocabulary, shape.width, "Q4_K")]
    for layer in range(shape.layers):
        better: Kind = "Q6_K" if _gets_more_bits(layer, shape.layers) else "Q4_K"
        block = f"blk.{layer}"
        found += [
            Tensor(f"{block}.attn_norm.weight", 1, shape.width, "F32"),
            Tensor(f"{block}.attn_q.weight", shape.width, shape.width, "Q4_K"),
            Tensor(f"{block}.attn_k.weight", narrow, shape.width, "Q4_K"),
            Tensor(f"{block}.attn_v.weight", narrow, shape.width, better),
            Tensor(f"{block}.attn_output.weight", shape.width, shape.width, "Q4_K"),
            Tensor(f"{block}.ffn_norm.weight", 1, shape.width, "F32"),
            Tensor(f"{block}.ffn_gate.weight", shape.ffn, shape.width, "Q4_K"),
            Tensor(f"{block}.ffn_up.weight", shape.ffn, shape.width, "Q4_K"),
            Tensor(f"{block}.ffn_down.weight", shape.width, shape.ffn, better),
        ]
    return [
        *found,
        Tensor("output_norm.weight", 1, shape.width, "F32"),
        Tensor("output.weight", shape.vocabulary, shape.width, "Q6_K"),
    ]


def _gets_more_bits(layer: int, layers: int) -> bool:
    """llama.cpp's `use_more_bits`: the first and last eighth, and every third between."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def make_llm(shape: LlamaShape, path: Path, seed: int = 7) -> None:
    """Writes the GGUF at `path`, some dozens of megabytes in memory at a time.

    No token but words is ever likely: rows of the output for single bytes and for special tokens
    are nothing, so their logits are 0 where the best of the others is well above. An answer is
    always as long as it may be.

    Raises:
        BenchmarkError: the package `gguf` is missing.
    """
    try:
        import gguf
    except ImportError:
        raise BenchmarkError("writing a GGUF needs the package gguf", "pip install gguf") from None
    tensors = plan(shape)
    writer = gguf.GGUFWriter(str(path), "llama")
    _describe(writer, gguf, shape)
    for tensor in tensors:
        packed = tensor.kind != "F32"
        dimensions = (tensor.columns,) if tensor.rows == 1 else (tensor.rows, tensor.row_bytes)
        writer.add_tensor_info(
            tensor.name,
            dimensions,
            np.dtype(np.uint8 if packed else np.float32),
            tensor.bytes,
            raw_dtype=gguf.GGMLQuantizationType[tensor.kind],
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    rng = np.random.default_rng(seed)
    with path.open("ab") as file:
        for tensor in tensors:
            _pad(file)
            for piece in pieces(tensor, shape.vocabulary, rng):
                piece.tofile(file)
        _pad(file)


def pieces(tensor: Tensor, vocabulary: int, rng: np.random.Generator) -> Iterator[npt.NDArray[Any]]:
    """A tensor's bytes, some thousand rows at a time."""
    if tensor.kind == "F32":
        yield np.ones(tensor.values, dtype=np.float32)  # norms pass on what they get
        return
    for start in range(0, tensor.rows, CHUNK_ROWS):
        rows = min(CHUNK_ROWS, tensor.rows - start)
        count = rows * tensor.columns // 256
        blocks = q4_blocks(count, rng) if tensor.kind == "Q4_K" else q6_blocks(count, rng)
        if tensor.name == "output.weight":
            places = np.arange(start, start + rows)
            silent = (places < MUTE) | (places >= vocabulary - len(SPECIAL))
            blocks = blocks.reshape(rows, -1).copy()
            blocks[silent] = 0
        yield blocks


def q4_blocks(count: int, rng: np.random.Generator) -> Bytes:
    """(count, 144) bytes of Q4_K: two float16, twelve bytes of 6-bit scales and offsets, 256 values
    of four bits.

    Scales and offsets are all 32, so a value q is `SPREAD` times (q − 7.5) over its standard
    deviation: no mean.
    """
    blocks = np.empty((count, 144), dtype=np.uint8)
    step = SPREAD / (32 * np.sqrt((16**2 - 1) / 12))
    blocks[:, :4] = np.array([step, 7.5 * step], dtype=np.float16).view(np.uint8)
    # Six-bit 32 in llama.cpp's packing: the first eight bytes hold low bits and, on top, two high
    # ones of the last four.
    blocks[:, 4:12] = 32 | (2 << 6)
    blocks[:, 12:16] = 0
    blocks[:, 16:] = np.frombuffer(rng.bytes(count * 128), dtype=np.uint8).reshape(count, 128)
    return blocks


def q6_blocks(count: int, rng: np.random.Generator) -> Bytes:
    """(count, 210) bytes of Q6_K: 256 values of six bits, sixteen scales of 64 (int8), one
    float16."""
    blocks = np.empty((count, 210), dtype=np.uint8)
    blocks[:, :192] = np.frombuffer(rng.bytes(count * 192), dtype=np.uint8).reshape(count, 192)
    blocks[:, 192:208] = 64
    step = SPREAD / (64 * np.sqrt((64**2 - 1) / 12))
    blocks[:, 208:] = np.array([step], dtype=np.float16).view(np.uint8)
    return blocks


def _describe(writer: Any, gguf: Any, shape: LlamaShape) -> None:
    """Sizes, vocabulary and template."""
    writer.add_name("voice_local random weights")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.vocabulary)
    tokens, merges = byte_pairs(shape.vocabulary - len(SPECIAL))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*tokens, *SPECIAL])
    writer.add_token_types(
        [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(SPECIAL)
    )
    writer.add_token_merges([" ".join(merge) for merge in merges])
    writer.add_bos_token_id(shape.vocabulary - 1)
    writer.add_eos_token_id(shape.vocabulary - 1)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def _pad(file: Any, step: int = 32) -> None:
    """Up to GGUF's alignment."""
    file.write(b"\0" * (-file.tell() % step))
