"""Typed turns and other texts of a host program, checked."""

from __future__ import annotations

from voice_local.errors import TextInputError

MAX_TEXT = 2000
"""Longest typed turn, in characters."""


def checked_text(text: str, limit: int = MAX_TEXT) -> str:
    """`text` without outer blanks.

    Raises:
        TextInputError: nothing is left, more than `limit` characters, or bytes that are no
            characters (Python hands on what is not UTF-8 among a command's arguments as lone
            surrogates).
    """
    text = text.strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        raise TextInputError(
            "the text holds bytes that are not UTF-8", "write it in UTF-8"
        ) from None
    if not text:
        raise TextInputError("the text is empty", "say something")
    if len(text) > limit:
        raise TextInputError(
            f"the text has {len(text)} characters, the limit is {limit}", "split it into parts"
        )
    return text
