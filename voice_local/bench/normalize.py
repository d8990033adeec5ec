"""What is compared when words are counted: Whisper's English normalizer, and errors by
alignment."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

from voice_local.errors import BenchmarkError

Normalizer = Callable[[str], str]
REMEDY = "pip install 'voice-local[bench]'"


def whisper_english() -> Normalizer:
    """Whisper's normalizer (Radford et al. 2022, appendix C): case, punctuation, fillers,
    contractions, numbers, spelling.

    "Mr. Smith won't pay twenty pounds" → "mister smith will not pay £20". Opens no network; each is
    independent.

    Raises:
        BenchmarkError: the package is not installed.
    """
    try:
        with warnings.catch_warnings():
            # One of its docstrings has a stray backslash, which Python tells of.
            warnings.simplefilter("ignore")
            from whisper_normalizer.english import EnglishTextNormalizer
    except ImportError:
        raise BenchmarkError("Whisper's normalizer is not installed", REMEDY) from None
    normalize = EnglishTextNormalizer()
    return lambda text: str(normalize(text)).strip()


@dataclass(frozen=True)
class Errors:
    """How a transcript differs from the truth, by the shortest edit (Levenshtein).

    Attributes:
        words, characters: of the truth.
        substitutions, deletions, insertions: of words.
        lost: deletions of a single word with a rightly heard word, or the utterance's end, on
            either side: a mishearing seldom looks so.
        character_errors: of all three kinds.
    """

    words: int
    characters: int
    substitutions: int
    deletions: int
    insertions: int
    lost: int
    character_errors: int

    @property
    def all(self) -> int:
        """Errors in words."""
        return self.substitutions + self.deletions + self.insertions


def count(truth: str, recognized: str) -> Errors:
    """The errors of one utterance; both texts as they are to be compared.

    Raises:
        BenchmarkError: jiwer is not installed.
    """
    try:
        import jiwer
    except ImportError:
        raise BenchmarkError("jiwer is not installed", REMEDY) from None
    truth, recognized = " ".join(truth.split()), " ".join(recognized.split())
    if not truth:
        return Errors(0, 0, 0, 0, len(recognized.split()), 0, len(recognized))
    words, characters = (
        jiwer.process_words(truth, recognized),
        jiwer.process_characters(truth, recognized),
    )
    chunks = words.alignments[0]
    kinds = ["equal", *(chunk.type for chunk in chunks), "equal"]
    lost = sum(
        "equal" in kinds[1:-1]
        and chunk.type == "delete"
        and chunk.ref_end_idx - chunk.ref_start_idx == 1
        and kinds[index] == kinds[index + 2] == "equal"
        for index, chunk in enumerate(chunks)
    )
    return Errors(
        len(truth.split()),
        len(truth),
        words.substitutions,
        words.deletions,
        words.insertions,
        lost,
        characters.substitutions + characters.deletions + characters.insertions,
    )
