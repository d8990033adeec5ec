"""A Whisper of our own size: its tokenizer, its model with a CTC helper, its features, its export to CTranslate2."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn

from scripts.train.common import token_id

WINDOW_S = 10
LETTERS = " 'abcdefghijklmnopqrstuvwxyz"
MELS = 80
SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
           "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]


def train_tokenizer(texts: list[str], size: int = 700) -> Tokenizer:
    """Byte-level BPE over `texts`, then Whisper's special and timestamp tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator([" " + text for text in texts], trainer)
    stamps = [f"<|{i * 0.02:.2f}|>" for i in range(WINDOW_S * 50 + 1)]
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL + stamps])
    return tokenizer


class LogMel(nn.Module):
    """Whisper's log-mel features (Radford et al. 2022): (batch, samples) at 16 kHz → (batch, 80, frames of 10 ms)."""

    def __init__(self) -> None:
        super().__init__()
        from faster_whisper.feature_extractor import FeatureExtractor

        filters = torch.from_numpy(FeatureExtractor(feature_size=MELS).mel_filters).float()
        self.register_buffer("filters", filters)
        self.register_buffer("window", torch.hann_window(400))

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        spectrum = torch.stft(audio, 400, 160, window=self.get_buffer("window"), return_complex=True)
        mel = self.get_buffer("filters") @ spectrum[..., :-1].abs() ** 2
        log = torch.clamp(mel, min=1e-10).log10()
        log = torch.maximum(log, log.amax(dim=(1, 2), keepdim=True) - 8.0)
        return (log + 4.0) / 4.0


def build_model(tokenizer: Tokenizer, width: int = 160, encoder: int = 4, decoder: int = 2) -> Any:
    """An untrained `WhisperForConditionalGeneration` for `tokenizer`, with a CTC head beside it (training only)."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    ids = {token: token_id(tokenizer, token) for token in SPECIAL}
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(), num_mel_bins=MELS, d_model=width, encoder_layers=encoder,
        decoder_layers=decoder, encoder_attention_heads=4, decoder_attention_heads=4,
        encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, max_source_positions=WINDOW_S * 50,
        max_target_positions=96, dropout=0.05, attention_dropout=0.0, activation_dropout=0.0,
        pad_token_id=ids["<|endoftext|>"], bos_token_id=ids["<|endoftext|>"], eos_token_id=ids["<|endoftext|>"],
        decoder_start_token_id=ids["<|startoftranscript|>"], suppress_tokens=[], begin_suppress_tokens=[],
    )
    model = WhisperForConditionalGeneration(config)
    # The library's init (0.02 everywhere) leaves the sound twenty times weaker than the position sinusoids: a big model
    # digs it out in the end, one of this size never did. He et al. 2015 for the convolutions, weaker sinusoids.
    with torch.no_grad():
        for conv in (model.model.encoder.conv1, model.model.encoder.conv2):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        model.model.encoder.embed_positions.weight.mul_(0.3)
    model.ctc = nn.Linear(width, len(LETTERS) + 1)  # letters align sooner than word pieces; the last is the blank
    return model


def encode(model: Any, features: torch.Tensor) -> torch.Tensor:
    """The encoder over windows shorter than its longest (CTranslate2 accepts them too): (b, 80, t) → (b, t/2, d)."""
    encoder = model.model.encoder
    hidden = nn.functional.gelu(encoder.conv1(features))
    hidden = nn.functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    hidden = nn.functional.dropout(hidden, 0.05, encoder.training)
    for layer in encoder.layers:
        out = layer(hidden, None)
        hidden = out[0] if isinstance(out, tuple) else out
    return torch.as_tensor(encoder.layer_norm(hidden))


def export(model: Any, tokenizer: Tokenizer, out: Path) -> None:
    """Writes the CTranslate2 int8 model with the files faster-whisper wants into `out`."""
    from ctranslate2.converters import TransformersConverter
    from transformers import GenerationConfig, PreTrainedTokenizerFast, WhisperFeatureExtractor

    ids = {token: token_id(tokenizer, token) for token in SPECIAL}
    helper, model.ctc = model.ctc, nn.Identity()
    model.generation_config = GenerationConfig(
        decoder_start_token_id=ids["<|startoftranscript|>"], eos_token_id=ids["<|endoftext|>"],
        pad_token_id=ids["<|endoftext|>"], bos_token_id=ids["<|endoftext|>"], suppress_tokens=[],
        begin_suppress_tokens=[], no_timestamps_token_id=ids["<|notimestamps|>"], alignment_heads=[[0, 0]],
        lang_to_id={"<|en|>": ids["<|en|>"]}, task_to_id={"transcribe": ids["<|transcribe|>"]}, is_multilingual=False,
        max_length=96,
    )
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "hf", Path(folder) / "ct2"
        model.save_pretrained(source)
        fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<|endoftext|>", bos_token="<|endoftext|>",
                                    eos_token="<|endoftext|>", pad_token="<|endoftext|>")
        fast.save_pretrained(source)
        WhisperFeatureExtractor(feature_size=MELS, chunk_length=WINDOW_S).save_pretrained(source)
        TransformersConverter(str(source)).convert(str(target), quantization="int8", force=True)
        for name in ("config.json", "model.bin", "vocabulary.json"):
            shutil.copy(target / name, out / name)
    tokenizer.save(str(out / "tokenizer.json"))
    (out / "preprocessor_config.json").write_text(
        json.dumps({"feature_size": MELS, "sampling_rate": 16000, "hop_length": 160, "chunk_length": WINDOW_S,
                    "n_fft": 400}, indent=2) + "\n", encoding="utf-8")
    model.ctc = helper
