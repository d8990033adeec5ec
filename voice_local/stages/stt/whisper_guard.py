"""Which of several decodings of one sound to take, and how a decoding that repeats itself is
cut.

Whisper may loop ("na na na …"), or write a sentence where there is none (Radford et al. 2022,
section 4.5; the compression ratio and the mean log-probability are its tests too).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

LOOP_RATIO = 2.4
"""UTF-8 bytes over their zlib length: a text above it repeats itself (Whisper's own threshold)."""

UNSURE_LOGPROB = -0.3
"""A decoding with a lower mean log-probability is tried again, with more beams. Measured on 50
utterances of LibriSpeech test-other: 11.3 % WER with 11 of them tried again; 11.8 % at Whisper's
own threshold of -1.0, 11.5 % with 5 beams for all.
"""

LEAST_TOKENS, TOKENS_PER_S = 16, 9.0
"""What a first decoding may write. Fast English is 6 tokens a second; what needs more is decoded
again without it."""

SHORT_S = 1.0
"""In so short a sound the alignment tells nothing of repeated words: one is kept."""


@dataclass(frozen=True)
class Decoding:
    """One way of decoding a sound.

    Attributes:
        text: words.
        tokens: the ids behind them.
        avg_logprob: mean log-probability of a token.
        no_speech_prob: 0..1, that the sound held no words.
        ended: false when it was stopped by its limit of tokens.
    """

    text: str
    tokens: tuple[int, ...]
    avg_logprob: float
    no_speech_prob: float
    ended: bool

    @property
    def repeats(self) -> bool:
        """Whether the text repeats itself."""
        return compression_ratio(self.text) > LOOP_RATIO

    @property
    def loops(self) -> bool:
        """Whether it repeats itself and found no end."""
        return self.repeats and not self.ended

    @property
    def doubtful(self) -> bool:
        """Whether another way should be tried."""
        return self.repeats or self.avg_logprob < UNSURE_LOGPROB


def compression_ratio(text: str) -> float:
    """Bytes of `text` over bytes when compressed; 0 for none."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def token_limit(seconds: float) -> int:
    """How many tokens a first decoding of so much sound may write."""
    return LEAST_TOKENS + int(TOKENS_PER_S * seconds)


def best(tries: Sequence[Decoding]) -> Decoding:
    """The one to take: that found its end, then that does not repeat itself, then the surest.

    Where all repeat themselves, the shortest: a loop is surer of each word that it adds.
    """
    return max(
        tries,
        key=lambda one: (
            not one.loops,
            not one.repeats,
            -len(one.tokens) if one.repeats else 0,
            one.avg_logprob,
        ),
    )


def spoken_tokens(starts_s: Sequence[float], ends_s: Sequence[float], seconds: float) -> int:
    """How many tokens of a loop were spoken: up to the first four on end that the alignment gives
    under 0.1 s together.

    `starts_s`, `ends_s`: when each token begins and ends, by its alignment with the sound of
    `seconds`.
    """
    for index in range(len(starts_s) - 3):
        if ends_s[index + 3] - starts_s[index] < 0.1 and starts_s[index] > seconds / 2:
            return index
    return len(starts_s)


def once(text: str) -> str:
    """`text` with words that repeat from its beginning kept once: "eight, eight, eight" →
    "eight"."""
    words = text.split()
    bare = [word.strip(".,!?;:…-").lower() for word in words]
    for length in range(1, len(words) // 2 + 1):
        if all(bare[index] == bare[index % length] for index in range(len(bare))):
            return " ".join(words[:length]).rstrip(",;:-")
    return text
