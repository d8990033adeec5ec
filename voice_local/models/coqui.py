"""Loads one of Coqui's models from our own folder format: config.json, model.safetensors,
voice.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TRAINING = (
    "posterior_encoder.",
    "disc.",
    "duration_predictor.post_",
    "duration_predictor.flows.1.",
)
"""Parts of a VITS that are never asked when it speaks; a converted voice may come without them."""


def load_coqui(folder: Path) -> Any:
    """The model, ready to speak, weight norm folded into the weights. Where voice.json names
    `phones`, its tokenizer takes phones in the place of text.

    Raises:
        OSError, ValueError, KeyError, TypeError, RuntimeError: it is not whole, or no model of
            Coqui's.
    """
    from safetensors.torch import load_file
    from TTS.config import load_config
    from TTS.tts.models import setup_model

    config = load_config(folder / "config.json")
    if json.loads((folder / "voice.json").read_text(encoding="utf-8")).get("phones"):
        config.use_phonemes = False
    model = setup_model(config)
    weights = load_file(folder / "model.safetensors")
    keys = model.load_state_dict(weights, strict=False)
    wrong = [name for name in keys.missing_keys if not name.startswith(TRAINING)] + list(
        keys.unexpected_keys
    )
    if wrong:
        raise RuntimeError(f"{folder.name} lacks, or does not know, {wrong[0]}")
    model.eval()
    _fold_weight_norm(model)
    return model


def _fold_weight_norm(model: Any) -> None:
    from torch.nn.utils import parametrize

    for module in model.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
