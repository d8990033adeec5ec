"""A Whisper of any size with random weights, through the conversion that real ones go through, as
CTranslate2 float16."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from voice_local.bench.gpu.kept import (
    save_tokenizer,
    transformers,
)
from voice_local.bench.gpu.shapes import WhisperShape
from voice_local.bench.gpu.words import (
    BLANK,
    byte_letters,
    long_words,
)
from voice_local.supply.converters import whisper_to_ctranslate2

TEXT_TOKENS = 50_257
"""Of Whisper's 51,866 tokens those that are text; the last is empty, <|endoftext|> comes next."""

END = "<|endoftext|>"
WINDOW_S = 30


def vocabulary() -> list[str]:
    """Whisper large-v3's layout: text (single bytes, made-up words each with its blank, an empty
    token), then its own.

    The empty token is in every Whisper of many languages, and CTranslate2 tells those by it.
    """
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    text = [*byte_letters(), *(BLANK + word for word in long_words(TEXT_TOKENS - 257)), ""]
    tasks = (
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    )
    languages = [f"<|{code}|>" for code in LANGUAGES]
    stamps = [f"<|{i * 0.02:.2f}|>" for i in range(WINDOW_S * 50 + 1)]
    return [*text, END, "<|startoftranscript|>", *languages, *tasks, *stamps]


def make_whisper(shape: WhisperShape, out: Path, seed: int = 7) -> None:
    """Writes the folder that `stt_whisper` loads.

    Everything but words is suppressed, the end of the text too: beam search always writes as many
    words as it may.

    Raises:
        ValueError: the shape's vocabulary is not Whisper's.
    """
    tokens = vocabulary()
    if len(tokens) != shape.vocabulary:
        raise ValueError(f"Whisper's layout has {len(tokens)} tokens, the shape {shape.vocabulary}")
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".making-") as folder:
        source = Path(folder)
        _save(shape, tokens, source, seed)
        out.mkdir()
        whisper_to_ctranslate2(source, out)


def _save(shape: WhisperShape, tokens: list[str], folder: Path, seed: int) -> None:
    """Model and tokenizer as Transformers keeps them."""
    import torch

    library = transformers()
    ids = {token: place for place, token in enumerate(tokens)}
    ends = {
        **dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id"), ids[END]),
        "decoder_start_token_id": ids["<|startoftranscript|>"],
    }
    silent = [*range(256), *range(TEXT_TOKENS - 1, len(tokens))]
    languages = {
        token: place
        for token, place in ids.items()
        if ids["<|startoftranscript|>"] < place < ids["<|translate|>"]
    }
    torch.manual_seed(seed)
    model = library.WhisperForConditionalGeneration(
        library.WhisperConfig(
            vocab_size=len(tokens),
            num_mel_bins=shape.mels,
            d_model=shape.width,
            encoder_layers=shape.encoder_layers,
            decoder_layers=shape.decoder_layers,
            encoder_attention_heads=shape.heads,
            decoder_attention_heads=shape.heads,
            encoder_ffn_dim=4 * shape.width,
            decoder_ffn_dim=4 * shape.width,
            max_source_positions=WINDOW_S * 50,
            max_target_positions=448,
            suppress_tokens=silent,
            begin_suppress_tokens=[],
            **ends,
        )
    ).half()
    model.generation_config = library.GenerationConfig(
        suppress_tokens=silent,
        begin_suppress_tokens=[],
        no_timestamps_token_id=ids["<|notimestamps|>"],
        alignment_heads=[[shape.decoder_layers - 1, 0]],
        lang_to_id=languages,
        is_multilingual=True,
        max_length=448,
        task_to_id={"translate": ids["<|translate|>"], "transcribe": ids["<|transcribe|>"]},
        **ends,
    )
    model.save_pretrained(folder)
    save_tokenizer(
        _tokenizer(tokens),
        folder,
        dict.fromkeys(("unk_token", "bos_token", "eos_token", "pad_token"), END),
    )
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "feature_extractor_type": "WhisperFeatureExtractor",
                "feature_size": shape.mels,
                "sampling_rate": 16_000,
                "hop_length": 160,
                "chunk_length": WINDOW_S,
                "n_fft": 400,
            }
        ),
        encoding="utf-8",
    )


def _tokenizer(tokens: list[str]) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(
        models.BPE(
            vocab={token: place for place, token in enumerate(tokens[:TEXT_TOKENS])}, merges=[]
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in tokens[TEXT_TOKENS:]]
    )
    return tokenizer
