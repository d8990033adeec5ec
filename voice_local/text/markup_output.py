"""The plain text that remains of marked-up text, without double blanks where markup was dropped."""

from __future__ import annotations

import re

from voice_local.text.markup_patterns import EMOJI

ENDED = ".!?:;,…"
"""Punctuation after which a line needs no full stop."""

RECENT = 24
"""Characters of `PlainText.recent`."""


class PlainText:
    """Collects plain text, without emoji.

    Attributes:
        dropped: whether markup or emoji were left out since the last character that was kept.
    """

    def __init__(self) -> None:
        self.dropped = False
        self._parts: list[str] = []
        self._last = "\n"  # the last character that was kept
        self._recent = ""  # the last few of them
        self._space = False  # a blank that is kept only if text follows it

    @property
    def last(self) -> str:
        """The last character that was kept; a line end at the beginning."""
        return self._last

    @property
    def before(self) -> str:
        """The character that the next one will stand after."""
        return " " if self._space else self._last

    @property
    def recent(self) -> str:
        """The last characters before the next one."""
        return self._recent + (" " if self._space else "")

    @property
    def ended(self) -> bool:
        """Whether the text ends with punctuation or a line end."""
        return self._last in ENDED + "\n"

    def give(self, text: str) -> None:
        """Adds `text`. A blank after a word is held back, since what follows it may be dropped."""
        for part in re.findall(r"[ \t]+|[^ \t]+", text):
            kept = EMOJI.sub("", part).replace("{", "").replace("}", "")
            self.dropped = self.dropped or kept[:1] != part[0]
            if not kept:
                continue
            if kept.strip(" \t"):
                self._word(kept)
            elif self._last in ENDED:
                self._put(" ")
            elif self._last not in " \n":
                self._space, self.dropped = True, self.dropped and self._space

    def take(self) -> str:
        """What was added since the last call."""
        text, self._parts = "".join(self._parts), []
        return text

    def _word(self, part: str) -> None:
        if self._space and part[0] != "\n" and not (self.dropped and part[0] in ".,;:!?)"):
            self._put(" ")
        self._space = self.dropped = False
        self._put(part)

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._last = text[-1]
        self._recent = (self._recent + text)[-RECENT:]
