"""A vocabulary of made-up words, so that lengths are known: a word with a blank before it is one
token.

Words are syllables of a consonant and a vowel ("kuba"): they pair up in one way only, whatever the
text around them.
"""

from __future__ import annotations

import itertools
import random
from functools import cache

CONSONANTS, VOWELS = "bcdfghjklmnpqrstvwxz", "aeiou"
SYLLABLES = tuple(c + v for c, v in itertools.product(CONSONANTS, VOWELS))
BLANK = "Ġ"
"""How byte-level BPE writes a blank."""


@cache
def byte_letters() -> tuple[str, ...]:
    """The 256 letters that byte-level BPE writes bytes with, by byte (GPT-2's table, Radford et al.
    2019)."""
    plain = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = iter(range(256, 512))
    return tuple(chr(byte) if byte in plain else chr(next(others)) for byte in range(256))


def short_words(count: int) -> list[str]:
    """The first `count` of the 10,000 words of two syllables."""
    return [
        "".join(pair) for pair in itertools.islice(itertools.product(SYLLABLES, repeat=2), count)
    ]


def long_words(count: int) -> list[str]:
    """The first `count` of the million words of three syllables."""
    return [
        "".join(three) for three in itertools.islice(itertools.product(SYLLABLES, repeat=3), count)
    ]


def sentence(words: int, seed: int, known: int = 1000) -> str:
    """`words` words of the first `known` short ones, the same for the same seed."""
    return " ".join(random.Random(seed).choices(short_words(known), k=words))


def byte_pairs(size: int) -> tuple[list[str], list[tuple[str, str]]]:
    """(tokens, merges) of a byte-level BPE of `size` tokens: bytes, syllables, short words without
    and with a blank.

    What is left over is filled with long words that text never encodes to; they can be generated
    all the same.
    """
    room = size - 256 - len(SYLLABLES)
    short = short_words(min(10_000, room // 2))
    tokens = [*byte_letters(), *SYLLABLES, *short, *(BLANK + word for word in short)]
    tokens += [BLANK + word for word in long_words(size - len(tokens))]
    merges = [(syllable[0], syllable[1]) for syllable in SYLLABLES]
    merges += [(word[:2], word[2:]) for word in short]
    merges += [(BLANK, word) for word in short]
    return tokens, merges
