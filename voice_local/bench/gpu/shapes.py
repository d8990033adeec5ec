"""Sizes of the models that the `gpu` benchmark makes, and the lengths that it times them at.
Imports nothing heavy.

`FULL` is what the figures are about; `SMALL` walks through the same code on a CPU within seconds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from voice_local.errors import BenchmarkError


@dataclass(frozen=True)
class WhisperShape:
    """An encoder–decoder Whisper; `heads` of both; `vocabulary` of 51,866 is what large-v3 and its
    turbo have."""

    encoder_layers: int
    decoder_layers: int
    width: int
    heads: int
    mels: int = 128
    vocabulary: int = 51_866


@dataclass(frozen=True)
class LlamaShape:
    """A Llama 3.1; `width` and `ffn` in multiples of 256, the length of a block of Q4_K."""

    layers: int
    width: int
    ffn: int
    heads: int
    kv_heads: int
    vocabulary: int
    rope_base: float = 500_000.0
    context: int = 131_072


@dataclass(frozen=True)
class VitsShape:
    """Coqui's VITS; VCTK has 109 `speakers`. `discriminator`: only training uses it, yet published
    voices have it."""

    hidden: int
    ffn: int
    text_layers: int
    flow_layers: int
    decoder_channels: int
    speakers: int
    speaker_channels: int
    discriminator: bool


@dataclass(frozen=True)
class BarkShape:
    """Three GPTs of one size (semantic, coarse, fine) and an EnCodec of `codec_filters`."""

    layers: int
    width: int
    heads: int
    codec_filters: int
    codec_width: int
    codec_lstm_layers: int


@dataclass(frozen=True)
class DistilbertShape:
    """A DistilBERT; `intents` labels and one more output for the finished sentence."""

    layers: int
    width: int
    ffn: int
    heads: int
    vocabulary: int
    intents: int = 29


@dataclass(frozen=True)
class Lengths:
    """What is timed: how much goes in, how much comes out, how often.

    Attributes:
        utterances: seconds of sound → tokens that Whisper writes for it, always.
        intent_words: words of the text that is classified, one token each.
        prompt_tokens, kept_tokens: the LLM's prompt, and how much of it the call before had in
            common (a conversation).
        answer_tokens: of a whole answer; `clause_tokens` of its first clause.
        clause: spoken text of five words.
        bark_tokens: semantic tokens of one Bark clause, at 49.9 a second of sound.
        warm_ups, repeats: of each figure; `slow_repeats` where one takes seconds.
        talkers: numbers of conversations at once; each number for `talk_s` seconds, a turn of each
            about every `turn_every_s` seconds: three of speech, an answer that is heard for
            sixteen, and a moment.
    """

    utterances: tuple[tuple[int, int], ...] = ((3, 12), (8, 32))
    intent_words: int = 12
    prompt_tokens: int = 300
    kept_tokens: int = 260
    answer_tokens: int = 64
    clause_tokens: int = 8
    clause: str = "Your table is booked tonight."
    bark_tokens: int = 100
    warm_ups: int = 5
    repeats: int = 30
    slow_repeats: int = 5
    talkers: tuple[int, ...] = (4, 8, 16, 32, 64)
    talk_s: float = 20.0
    turn_every_s: float = 20.0


@dataclass(frozen=True)
class Shapes:
    """One set; `name` is `full` or `small`."""

    name: str
    whisper: WhisperShape
    llama: LlamaShape
    vits: VitsShape
    bark: BarkShape
    distilbert: DistilbertShape
    lengths: Lengths
    need_gb: float
    """Free disk space that making all of it takes, the largest intermediate included."""

    def digest(self) -> str:
        """Tells sets apart: what was made for another is made again."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


FULL = Shapes(
    "full",
    WhisperShape(encoder_layers=32, decoder_layers=4, width=1280, heads=20),
    LlamaShape(layers=32, width=4096, ffn=14_336, heads=32, kv_heads=8, vocabulary=128_256),
    VitsShape(
        hidden=192,
        ffn=768,
        text_layers=6,
        flow_layers=4,
        decoder_channels=512,
        speakers=109,
        speaker_channels=256,
        discriminator=True,
    ),
    BarkShape(
        layers=12, width=768, heads=12, codec_filters=32, codec_width=128, codec_lstm_layers=2
    ),
    DistilbertShape(layers=6, width=768, ffn=3072, heads=12, vocabulary=30_522),
    Lengths(),
    need_gb=13.0,
)

SMALL = Shapes(
    "small",
    WhisperShape(encoder_layers=1, decoder_layers=1, width=32, heads=2),
    LlamaShape(layers=2, width=256, ffn=512, heads=4, kv_heads=2, vocabulary=4096),
    VitsShape(
        hidden=32,
        ffn=64,
        text_layers=1,
        flow_layers=1,
        decoder_channels=32,
        speakers=3,
        speaker_channels=16,
        discriminator=False,
    ),
    BarkShape(layers=1, width=16, heads=2, codec_filters=4, codec_width=16, codec_lstm_layers=1),
    DistilbertShape(layers=1, width=32, ffn=64, heads=2, vocabulary=2000),
    Lengths(
        utterances=((3, 12), (8, 32)),
        answer_tokens=12,
        bark_tokens=16,
        warm_ups=1,
        repeats=3,
        slow_repeats=1,
        talkers=(1, 2),
        talk_s=1.0,
        turn_every_s=1.0,
    ),
    need_gb=0.5,
)

SHAPES = {"full": FULL, "small": SMALL}


def shapes_called(name: str) -> Shapes:
    """`full` or `small`.

    Raises:
        BenchmarkError: another name.
    """
    if name not in SHAPES:
        raise BenchmarkError(f"unknown shapes {name!r}", f"one of: {', '.join(SHAPES)}")
    return SHAPES[name]
