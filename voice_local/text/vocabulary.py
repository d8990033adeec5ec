"""Vocabulary for a recognizer: names, products and jargon that it is to expect. Read from a text or
a file, checked, and looked up in transcripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from voice_local.errors import TextInputError

MAX_CHARACTERS = 1000
"""Most characters of a vocabulary. Whisper's prompt holds 223 tokens, about 900 characters of
English."""

_MARKUP = re.compile(r"[<>{}|\[\]\\`]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PARTS = re.compile(r"[,;\r\n]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def load_vocabulary(text_or_file: str) -> tuple[str, ...]:
    """The terms in the file of that name, if it exists, else in the text itself; see
    `parse_vocabulary`.

    Raises:
        TextInputError: as `parse_vocabulary`; or the file is not UTF-8 text or cannot be read.
    """
    path = Path(text_or_file)
    try:
        is_file = (
            bool(text_or_file.strip())
            and path.exists()
            and ("/" in text_or_file or not path.is_dir())
        )
    except (OSError, ValueError):  # no possible file name: too long, or with a null character
        is_file = False
    if not is_file:
        return parse_vocabulary(text_or_file)
    try:
        with path.open("rb") as file:
            content = file.read(8 * MAX_CHARACTERS)
        return parse_vocabulary(content.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise TextInputError(
            f"the vocabulary file {text_or_file} cannot be read ({reason})",
            "give a UTF-8 text file with one term a line, or the terms themselves",
        ) from None


def parse_vocabulary(text: str) -> tuple[str, ...]:
    """The terms of `text`, separated by commas, semicolons or line ends: trimmed, without
    duplicates, in order.

    Raises:
        TextInputError: no terms, more than `MAX_CHARACTERS`, or markup characters, which a model
            could take for control tokens.
    """
    if len(text) > MAX_CHARACTERS:
        raise TextInputError(
            f"the vocabulary has {len(text)} characters or more, the limit is {MAX_CHARACTERS}",
            "keep the names and terms that are misheard without it",
        )
    found = _MARKUP.search(text)
    if found:
        raise TextInputError(
            f"the vocabulary holds {found.group()!r}, which is markup",
            "write plain terms, separated by commas or line ends",
        )
    terms = dict.fromkeys(" ".join(part.split()) for part in _PARTS.split(text))
    terms.pop("", None)
    if not any(_WORD.search(term) for term in terms):
        raise TextInputError(
            "the vocabulary holds no terms", "write terms, separated by commas or line ends"
        )
    return tuple(terms)


def terms_of(*texts: str) -> tuple[str, ...]:
    """The terms of what a client has written, without its markup; of a long text the last, as
    OpenAI's API has it."""
    text = _MARKUP.sub(" ", ", ".join(filter(None, texts)))
    if len(text) > MAX_CHARACTERS:
        text = text[-MAX_CHARACTERS:]
        text = text.partition(" ")[2] or text  # not half a word, where words are parted
    try:
        return parse_vocabulary(text)
    except TextInputError:
        return ()  # not a word in it: nothing to expect


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case, without punctuation."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def without_contained(terms: Sequence[str]) -> list[str]:
    """`terms` without those that are contained in a longer one: "milk" beside "skim milk"."""
    split = [words_of(term) for term in terms]
    return [
        term
        for term, words in zip(terms, split, strict=True)
        if not any(len(other) > len(words) and _count(other, words) for other in split)
    ]


def share_of_terms(text: str, terms: Sequence[str]) -> float:
    """The share (0..1) of the words of `text` that belong to one of `terms`."""
    words = words_of(text)
    covered = [False] * len(words)
    for term in terms:
        wanted = words_of(term)
        for start in range(len(words) - len(wanted) + 1 if wanted else 0):
            if words[start : start + len(wanted)] == wanted:
                covered[start : start + len(wanted)] = [True] * len(wanted)
    return sum(covered) / len(words) if words else 0.0


def _count(words: Sequence[str], wanted: Sequence[str]) -> int:
    return sum(
        list(words[start : start + len(wanted)]) == list(wanted)
        for start in range(len(words) - len(wanted) + 1)
    )
