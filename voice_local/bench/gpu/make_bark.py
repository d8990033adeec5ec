"""A Bark of any size with random weights, as Transformers keeps it. Its tokenizer knows a handful
of words only."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from voice_local.bench.gpu.kept import (
    save_tokenizer,
    transformers,
)
from voice_local.bench.gpu.shapes import BarkShape

WORDS = ("[UNK]", "[PAD]", "your", "table", "is", "booked", "tonight", ".")


def make_bark(shape: BarkShape, tokens: int, out: Path, seed: int = 7) -> None:
    """Writes configuration, model.safetensors, generation_config.json and a tokenizer.

    Every segment has `tokens` semantic tokens (49.9 a second of sound): an end before them is
    forbidden. Bark pads its text to 256 tokens whatever was said, so that words of a real tokenizer
    would cost the same.
    """
    import torch
    from safetensors.torch import save_model

    torch.manual_seed(seed)
    config = _config(shape)
    model = transformers().BarkModel(config)
    out.mkdir()
    # BarkGenerationConfig cannot save itself in this version of transformers: written here, as Hub
    # copies have it.
    config.save_pretrained(out)
    save_model(model, str(out / "model.safetensors"), metadata={"format": "pt"})
    (out / "generation_config.json").write_text(json.dumps(_generation(tokens)), encoding="utf-8")
    save_tokenizer(_tokenizer(), out, dict(zip(("unk_token", "pad_token"), WORDS, strict=False)))


def _config(shape: BarkShape) -> Any:
    """Suno's vocabularies at `shape`'s sizes."""
    from transformers import BarkConfig
    from transformers.models.bark.configuration_bark import (
        BarkCoarseConfig,
        BarkFineConfig,
        BarkSemanticConfig,
    )
    from transformers.models.encodec import EncodecConfig

    each: dict[str, Any] = {
        "hidden_size": shape.width,
        "num_heads": shape.heads,
        "num_layers": shape.layers,
        "block_size": 1024,
        "bias": False,
    }
    codec = EncodecConfig(
        num_filters=shape.codec_filters,
        hidden_size=shape.codec_width,
        codebook_dim=shape.codec_width,
        num_lstm_layers=shape.codec_lstm_layers,
    )
    return BarkConfig(
        semantic_config=BarkSemanticConfig(
            **each, input_vocab_size=129_600, output_vocab_size=10_048
        ).to_dict(),
        coarse_acoustics_config=BarkCoarseConfig(
            **each, input_vocab_size=12_096, output_vocab_size=12_096
        ).to_dict(),
        fine_acoustics_config=BarkFineConfig(
            **each, input_vocab_size=1056, output_vocab_size=1056
        ).to_dict(),
        codec_config=codec.to_dict(),
    )


def _generation(tokens: int) -> dict[str, Any]:
    """How Suno has the three stages run, the first one's length fixed."""
    kinds: Any = importlib.import_module("transformers.models.bark.generation_configuration_bark")
    semantic = kinds.BarkSemanticGenerationConfig(
        max_new_tokens=tokens, min_new_tokens=tokens, do_sample=True, temperature=0.7
    )
    coarse = kinds.BarkCoarseGenerationConfig(do_sample=True, temperature=0.7)
    fine = kinds.BarkFineGenerationConfig(temperature=0.5)
    return {
        "model_type": "bark",
        "sample_rate": 24_000,
        "codebook_size": 1024,
        "semantic_config": semantic.to_diff_dict(),
        "coarse_acoustics_config": coarse.to_diff_dict(),
        "fine_acoustics_config": fine.to_diff_dict(),
    }


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, normalizers
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = Tokenizer(
        WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token=WORDS[0])
    )
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = Whitespace()
    return words
