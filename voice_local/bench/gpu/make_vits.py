"""Coqui's VITS of any size with random weights, in the form that real ones are converted to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from voice_local.bench.gpu.shapes import VitsShape

FRAMES_A_SYMBOL = 3
"""Frames of 11.6 ms; with a blank between symbols, five words come to the two seconds that people
take for them."""


def make_vits(shape: VitsShape, out: Path, seed: int = 7) -> None:
    """Writes config.json, model.safetensors and voice.json.

    Lengths do not depend on chance: without noise the fresh duration predictor says 0 for every
    symbol, and the length scale makes `FRAMES_A_SYMBOL` frames of that. All of its layers are
    computed as ever. Phones come from gruut, so that no espeak-ng is needed (published VCTK voices
    ask for that).
    """
    import torch
    from safetensors.torch import save_file
    from TTS.tts.models import setup_model

    torch.manual_seed(seed)
    config = _config(shape)
    model: Any = setup_model(config).eval()
    out.mkdir()
    weights = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    config.save_json(str(out / "config.json"))
    names = voices(shape)
    (out / "voice.json").write_text(
        json.dumps({"voices": names, "default": names[0]}), encoding="utf-8"
    )


def voices(shape: VitsShape) -> list[str]:
    """Names of its speakers."""
    return [f"random_{number:03}" for number in range(shape.speakers)]


def _config(shape: VitsShape) -> Any:
    """Coqui's defaults, at `shape`'s sizes."""
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import VitsCharacters

    characters = VitsCharacters().to_config()  # letters and IPA, as published voices have
    characters.characters_class = f"{VitsCharacters.__module__}.{VitsCharacters.__name__}"
    return VitsConfig(
        run_name="random",
        output_path="",
        characters=characters,
        use_phonemes=True,
        phonemizer="gruut",
        phoneme_language="en-us",
        text_cleaner="english_cleaners",
        add_blank=True,
        test_sentences=[],
        speakers=voices(shape),
        use_speaker_embedding=True,
        model_args=VitsArgs(
            hidden_channels=shape.hidden,
            hidden_channels_ffn_text_encoder=shape.ffn,
            num_layers_text_encoder=shape.text_layers,
            num_layers_flow=shape.flow_layers,
            upsample_initial_channel_decoder=shape.decoder_channels,
            use_speaker_embedding=True,
            speaker_embedding_channels=shape.speaker_channels,
            init_discriminator=shape.discriminator,
            length_scale=FRAMES_A_SYMBOL - 0.5,
            inference_noise_scale_dp=0.0,
        ),
    )
