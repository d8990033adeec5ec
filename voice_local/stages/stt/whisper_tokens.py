"""Whisper's prompt and its tokens: language, vocabulary, words with their times."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from voice_local.engine.api import Word
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
)
from voice_local.text.vocabulary import without_contained

FRAME_S = 0.02
"""Seconds of sound behind one position of the encoder's output."""

KEPT_PROMPTS = 64
"""So many vocabularies' prompts are remembered."""

PROMPT_TOKENS = 223
"""Tokens of earlier text that Whisper takes: half its context less one."""

INTRODUCTION, CONTINUATION = " Glossary: ", ","
"""Around the vocabulary. The comma keeps Whisper from taking the list's end for the end of all
speech: without it one of 100 coffee orders and four of 150 spoken digits became loops."""


class WhisperTokens:
    """One model's tokenizer.

    Attributes:
        multilingual: whether the model knows more than English.
    """

    def __init__(self, tokenizer: Any, multilingual: bool) -> None:
        self._tokenizer, self.multilingual = tokenizer, multilingual
        self._task = self._ids("<|transcribe|>") if multilingual else []
        self._start, self._end = self._ids("<|startoftranscript|>"), self._ids("<|notimestamps|>")
        self._vocabularies: dict[tuple[tuple[str, ...], bool], tuple[list[int], list[str]]] = {}

    def _ids(self, *names: str) -> list[int]:
        ids = [self._tokenizer.token_to_id(name) for name in names]
        if None in ids:
            raise ModelFormatError(
                f"the recognizer's tokenizer lacks one of {', '.join(names)}",
                "fetch the model again",
            )
        return [int(number) for number in ids]

    def check_language(self, language: str) -> None:
        """Raises:
        ConfigError: a language that the model does not know.
        """
        known = (
            language == "en"
            if not self.multilingual
            else self._tokenizer.token_to_id(f"<|{language}|>") is not None
        )
        if not known or not language.isalpha():
            raise ConfigError(
                f"the recognizer does not know the language {language!r}",
                "give a code such as en, de or fr, or auto"
                if self.multilingual
                else "it knows English only: give en, or choose a profile with another recognizer",
            )

    def prompt(
        self, language: str, vocabulary: tuple[str, ...], *, isolated: bool = False
    ) -> list[int]:
        """The ids that a decoding of speech in `language` (ISO 639-1) starts with.

        `isolated`: the sound is hardly more than a word, which Whisper writes as a sentence: the
        terms then begin with a
        capital. Measured: 137 instead of 132 of 150 spoken digits; in whole orders it costs ten of
        363 values.

        Raises:
            ConfigError: a language that the model does not know.
        """
        spoken: list[int] = []
        if self.multilingual:
            self.check_language(language)
            spoken = self._ids(f"<|{language}|>")
        return [
            *self._expected(vocabulary, isolated)[0],
            *self._start,
            *spoken,
            *self._task,
            *self._end,
        ]

    def left_out(self, vocabulary: tuple[str, ...]) -> list[str]:
        """The terms of `vocabulary` for which Whisper's prompt has no room."""
        return self._expected(vocabulary, True)[1]

    def _expected(self, vocabulary: tuple[str, ...], isolated: bool) -> tuple[list[int], list[str]]:
        """(The ids of the vocabulary in the place of earlier text, the terms that do not fit)."""
        if not vocabulary:
            return [], []
        key = vocabulary, isolated
        if key not in self._vocabularies:
            terms = without_contained(vocabulary)
            if isolated:
                terms = [term[:1].upper() + term[1:] for term in terms]
            kept = len(terms)
            while (
                kept
                and len(ids := self._encode(INTRODUCTION + ", ".join(terms[:kept]) + CONTINUATION))
                >= PROMPT_TOKENS
            ):
                kept -= 1
            if len(self._vocabularies) >= KEPT_PROMPTS:
                self._vocabularies.clear()
            self._vocabularies[key] = (
                [*self._ids("<|startofprev|>"), *ids] if kept else [],
                terms[kept:],
            )
        return self._vocabularies[key]

    def _encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def text(self, tokens: Sequence[int]) -> str:
        """What the tokens spell, special ones left out."""
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True)).strip()

    def words(
        self,
        tokens: Sequence[int],
        starts_s: Sequence[float],
        ends_s: Sequence[float],
        probabilities: Sequence[float],
        offset_s: float,
    ) -> tuple[Word, ...]:
        """The words that `tokens` spell, with the times of their tokens moved by `offset_s`.

        A word begins where a blank does; text written without blanks (Chinese, Japanese) is parted
        where its tokens spell whole characters.
        """
        found: list[Word] = []
        first = 0
        for index in range(len(tokens)):
            piece = str(self._tokenizer.decode(list(tokens[first : index + 1])))
            following = (
                str(self._tokenizer.decode(list(tokens[index + 1 : index + 2])))
                if index + 1 < len(tokens)
                else " "
            )
            blankless = (
                bool(piece.strip()) and not piece.strip().isascii() and not _alphabetic(piece)
            )
            if "\ufffd" in piece or not (following.startswith(" ") or blankless):
                continue
            if piece.strip():
                sure = [float(value) for value in probabilities[first : index + 1]]
                found.append(
                    Word(
                        piece.strip(),
                        round(offset_s + starts_s[first], 2),
                        round(offset_s + ends_s[index], 2),
                        round(sum(sure) / len(sure), 3) if sure else 0.0,
                    )
                )
            first = index + 1
        return without_pauses(found)


def without_pauses(words: Sequence[Word]) -> tuple[Word, ...]:
    """`words`; those that are longer than twice the median (at most 0.4 s) begin a median before
    their end.

    A pause before a word is counted to it otherwise.
    """
    middle = (
        min(0.4, statistics.median(word.end_s - word.start_s for word in words)) if words else 0.0
    )
    return tuple(
        replace(word, start_s=round(word.end_s - middle, 2))
        if word.end_s - word.start_s > 2 * middle
        else word
        for word in words
    )


def _alphabetic(text: str) -> bool:
    """Whether a script that parts words by blanks is used: below the CJK blocks and Thai."""
    return all(ord(char) < 0x0E00 or 0x10A0 <= ord(char) < 0x2E80 for char in text)
