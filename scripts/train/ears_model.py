"""A Whisper of our own size: its tokenizer, its model with a CTC helper, its features, its export
to CTranslate2."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

from scripts.train.common import token_id

WINDOW_S = 10
LETTERS = " 'abcdefghijklmnopqrstuvwxyz"
MELS = 80
SPECIAL = [
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
]


def train_tokenizer(texts: list[str], size: int = 700) -> Tokenizer:
    """Byte-level BPE over `texts`, then Whisper's special and timestamp tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[],
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([" " + text for text in texts], trainer)
    stamps = [f"<|{i * 0.02:.2f}|>" for i in range(WINDOW_S * 50 + 1)]
    tokenizer.add_special_tokens(
        [AddedToken(t, special=True, normalized=False) for t in SPECIAL + stamps]
    )
    return tokenizer


class LogMel(nn.Module):
    """Whisper's log-mel features (Radford et al. 2022): (batch, samples) at 16 kHz → (batch, 80,
    frames of 10 ms)."""

    def __init__(self) -> None:
        super().__init__()
        from faster_whisper.feature_extractor import FeatureExtractor

        filters = torch.from_numpy(FeatureExtractor(feature_size=MELS).mel_filters).float()
        self.register_buffer("filters", filters)
        self.register_buffer("window", torch.hann_window(400))

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        spectrum = torch.stft(
            audio, 400, 160, window=self.get_buffer("window"), return_complex=True
        )
        mel = self.get_buffer("filters") @ spectrum[..., :-1].abs() ** 2
        log = torch.clamp(mel, min=1e-10).log10()
        log = torch.maximum(log, log.amax(dim=(1, 2), keepdim=True) - 8.0)
        return (log + 4.0) / 4.0


def build_model(tokenizer: Tokenizer, width: int = 160, encoder: int = 8, decoder: int = 2) -> Any:
    """An untrained `WhisperForConditionalGeneration` for `tokenizer`, started so that a small one
    learns."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    ids = {token: token_id(tokenizer, token) for token in SPECIAL}
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
        num_mel_bins=MELS,
        d_model=width,
        encoder_layers=encoder,
        decoder_layers=decoder,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=4 * width,
        decoder_ffn_dim=4 * width,
        max_source_positions=WINDOW_S * 50,
        max_target_positions=96,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        pad_token_id=ids["<|endoftext|>"],
        bos_token_id=ids["<|endoftext|>"],
        eos_token_id=ids["<|endoftext|>"],
        decoder_start_token_id=ids["<|startoftranscript|>"],
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    model: Any = WhisperForConditionalGeneration(config)
    # The library's init (0.02 everywhere) leaves the sound twenty times weaker than the position
    # sinusoids and the layers nearly mute: a big model digs itself out in the end, one of this size
    # does not in our time.
    with torch.no_grad():
        hearing = model.model.encoder
        for conv in (hearing.conv1, hearing.conv2):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")  # He et al. 2015
        for layer in [*hearing.layers, *model.model.decoder.layers]:
            for module in layer.modules():
                if isinstance(module, nn.Linear):
                    nn.init.xavier_uniform_(module.weight)
        for layer in hearing.layers:
            look_near(layer.self_attn, width)
    return model


class Helpers(nn.Module):
    """Heads on the encoder for training only: letters (CTC aligns them sooner than word pieces) and
    phones."""

    def __init__(self, names: list[str], width: int = 160) -> None:
        super().__init__()
        self.letters = nn.Linear(width, len(LETTERS) + 1)  # the last is CTC's blank
        self.phones = nn.Linear(width, len(names))
        engines = [name.split(":", 1)[0] for name in names]
        self.register_buffer("strange", torch.tensor([[a != b for b in engines] for a in engines]))
        self.pauses = np.array([name.endswith(":") and name.count(":") == 1 for name in names])

    def phone_loss(self, hidden: torch.Tensor, phones: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of each frame's phone among those of the same synthesizer; (b, t, d), (b,
        t) → scalar."""
        known = phones >= 0
        logits = self.phones(hidden[known])
        logits = logits.masked_fill(self.get_buffer("strange")[phones[known]], -1e4)
        return nn.functional.cross_entropy(logits, phones[known])

    def sounding(self, phones: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which frames hold a phone rather than a pause."""
        return np.asarray((phones >= 0) & ~self.pauses[np.maximum(phones, 0)])


def look_near(
    attention: Any, width: int, offsets: tuple[int, ...] = (-6, -2, 2, 6), sharpness: float = 0.5
) -> None:
    """Lets head k start by attending `offsets[k]` frames away, as a time-delay network does.

    Queries and keys read the position sinusoids, queries turned by the offset: their product is a
    sum of cosines of the distance from there. Learning goes on freely from that start; one of its
    own would take it long.
    """
    size, half = width // len(offsets), width // 2
    # The frequencies of Whisper's sinusoids.
    speeds = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half, dtype=torch.float64))
    query, key = torch.zeros(width, width), torch.zeros(width, width)
    for head, offset in enumerate(offsets):
        for j in range(size // 2):
            sine, row = head * size + 2 * j, j
            turn = float(speeds[j]) * offset
            key[sine, row] = key[sine + 1, half + row] = 1.0
            query[sine, row] = query[sine + 1, half + row] = math.cos(turn)
            query[sine, half + row], query[sine + 1, row] = math.sin(turn), -math.sin(turn)
    scale = math.sqrt(sharpness * math.sqrt(size))
    attention.q_proj.weight.mul_(0.3).add_(scale * query)
    attention.k_proj.weight.mul_(0.3).add_(scale * key)


def encode(model: Any, features: torch.Tensor) -> torch.Tensor:
    """The encoder over windows shorter than its longest (CTranslate2 accepts them too): (b, 80, t)
    → (b, t/2, d)."""
    encoder = model.model.encoder
    hidden = nn.functional.gelu(encoder.conv1(features))
    hidden = nn.functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    for layer in encoder.layers:
        out = layer(hidden, None)
        hidden = out[0] if isinstance(out, tuple) else out
    return torch.as_tensor(encoder.layer_norm(hidden))


def keep_as_transformers(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Writes the model and its tokenizer into `folder` as Transformers keeps a Whisper."""
    from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperFeatureExtractor

    ids = {token: token_id(tokenizer, token) for token in SPECIAL}
    model.generation_config = GenerationConfig(
        decoder_start_token_id=ids["<|startoftranscript|>"],
        eos_token_id=ids["<|endoftext|>"],
        pad_token_id=ids["<|endoftext|>"],
        bos_token_id=ids["<|endoftext|>"],
        suppress_tokens=[],
        begin_suppress_tokens=[],
        no_timestamps_token_id=ids["<|notimestamps|>"],
        alignment_heads=[[0, 0]],
        lang_to_id={"<|en|>": ids["<|en|>"]},
        task_to_id={"transcribe": ids["<|transcribe|>"]},
        is_multilingual=False,
        max_length=96,
    )
    model.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<|endoftext|>",
        bos_token="<|endoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )
    fast.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=MELS, chunk_length=WINDOW_S).save_pretrained(folder)


def export(model: Any, tokenizer: Tokenizer, out: Path) -> None:
    """Writes the CTranslate2 int8 model with the files faster-whisper wants into `out`."""
    from ctranslate2.converters import TransformersConverter

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "hf", Path(folder) / "ct2"
        keep_as_transformers(model, tokenizer, source)
        TransformersConverter(str(source)).convert(str(target), quantization="int8", force=True)
        for name in ("config.json", "model.bin", "vocabulary.json"):
            shutil.copy(target / name, out / name)
    tokenizer.save(str(out / "tokenizer.json"))
    (out / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "feature_size": MELS,
                "sampling_rate": 16000,
                "hop_length": 160,
                "chunk_length": WINDOW_S,
                "n_fft": 400,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
