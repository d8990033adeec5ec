"""Bark's adapter on a tiny Bark with random weights.

A structural test only: it proves that the real `transformers.BarkModel` loads, speaks and is cut
off through our interface. Its sound is noise; it says nothing about how Bark sounds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models import stage_calls
from voice_local.config import load
from voice_local.errors import (
    ModelFormatError,
    TextInputError,
)
from voice_local.models.folder import (
    ModelFolder,
    write_manifest,
)

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    make_tiny_bark(root / "bark")
    write_manifest(root)
    return root


def make_tiny_bark(out: Path) -> None:
    """Saves a Bark of a few thousand random weights, with one voice preset."""
    import torch
    from safetensors.torch import save_model
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BarkConfig, BarkModel, PreTrainedTokenizerFast
    from transformers.models.bark.configuration_bark import (
        BarkCoarseConfig,
        BarkFineConfig,
        BarkSemanticConfig,
    )
    from transformers.models.bark.generation_configuration_bark import (
        BarkCoarseGenerationConfig,
        BarkFineGenerationConfig,
        BarkSemanticGenerationConfig,
    )
    from transformers.models.encodec import EncodecConfig

    torch.manual_seed(3)
    small: dict[str, Any] = {"hidden_size": 16, "num_heads": 2, "num_layers": 1, "block_size": 1024}
    config = BarkConfig(
        semantic_config=BarkSemanticConfig(
            **small, input_vocab_size=129_600, output_vocab_size=10_048
        ).to_dict(),
        coarse_acoustics_config=BarkCoarseConfig(
            **small, input_vocab_size=12_096, output_vocab_size=12_096
        ).to_dict(),
        fine_acoustics_config=BarkFineConfig(
            **small, input_vocab_size=1056, output_vocab_size=1056
        ).to_dict(),
        codec_config=EncodecConfig(
            num_filters=4,
            hidden_size=16,
            codebook_dim=16,
            num_lstm_layers=1,
            upsampling_ratios=[8, 5, 4, 2],
        ).to_dict(),
    )
    model = BarkModel(config)
    semantic = BarkSemanticGenerationConfig(max_new_tokens=16, min_eos_p=None, do_sample=False)
    coarse = BarkCoarseGenerationConfig(
        do_sample=False, max_coarse_history=60, sliding_window_len=16
    )
    # BarkGenerationConfig cannot save itself in this version of transformers: written here, as Hub
    # copies have it.
    config.save_pretrained(out)
    save_model(model, str(out / "model.safetensors"), metadata={"format": "pt"})
    (out / "generation_config.json").write_text(
        json.dumps(
            {
                "model_type": "bark",
                "sample_rate": 24_000,
                "codebook_size": 1024,
                "semantic_config": semantic.to_diff_dict(),
                "coarse_acoustics_config": coarse.to_diff_dict(),
                "fine_acoustics_config": BarkFineGenerationConfig().to_diff_dict(),
            }
        )
    )
    words = Tokenizer(
        WordLevel({"[UNK]": 0, "[PAD]": 1, "hello": 2, "there": 3}, unk_token="[UNK]")
    )
    words.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]"
    ).save_pretrained(out)
    preset = out / "presets" / "random"
    preset.mkdir(parents=True)
    rng = np.random.default_rng(1)
    np.save(preset / "semantic_prompt.npy", rng.integers(0, 10_000, 40))
    np.save(preset / "coarse_prompt.npy", rng.integers(0, 1024, (2, 60)))
    np.save(preset / "fine_prompt.npy", rng.integers(0, 1024, (8, 60)))


def test_bark_speaks_through_our_interface(folder: Path) -> None:
    from voice_local.stages.tts.bark import BarkTts

    stage = BarkTts(
        load("tiny", tts={"adapter": "tts_bark", "model": "bark"}), ModelFolder(folder), 1
    )
    assert stage.voices() == ["random", "none"]
    for voice in ("random", "none"):
        chunks = list(stage_calls.chunks(stage, "hello there", voice))
        for chunk in chunks:
            assert chunk.samples.dtype == np.float32 and np.isfinite(chunk.samples).all()
            assert chunk.sample_rate == 24_000
    assert list(stage_calls.chunks(stage, "hello", cancelled=lambda: True)) == []
    with pytest.raises(TextInputError, match="unknown voice"):
        list(stage_calls.chunks(stage, "hello", "nobody"))
    assert "bark" in stage.describe()["notes"]


def test_what_is_no_bark_is_refused(tmp_path: Path) -> None:
    from voice_local.stages.tts.bark import BarkTts

    (tmp_path / "bark").mkdir()
    (tmp_path / "bark" / "config.json").write_text("{}")
    write_manifest(tmp_path)
    with pytest.raises(ModelFormatError):
        BarkTts(
            load("tiny", tts={"adapter": "tts_bark", "model": "bark"}), ModelFolder(tmp_path), 1
        )
