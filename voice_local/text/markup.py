"""Removes markup from text that arrives in pieces, so that it can be shown, spoken and remembered.

Small models write Markdown although the prompt asks them not to. `MarkupFilter` takes an answer in
pieces, cut anywhere, and returns its plain text as soon as it is certain. Emphasis, headings,
bullets, rules, tables, images, HTML, entities, citations and emoji are removed; of a link the text
stays.
Code blocks are removed with their content; inline code stays, without its backticks.
"""

from __future__ import annotations

import html
from collections.abc import AsyncIterator

from voice_local.text.markup_inline import (
    LONGEST_HELD,
    backslash,
    bracket,
    power,
    tag,
    telephone_key,
)
from voice_local.text.markup_output import PlainText
from voice_local.text.markup_patterns import (
    BULLET,
    ENTITY,
    FENCE,
    HEADING,
    LINK_DEFINITION,
    NUMBERED,
    PLAIN_FENCES,
    PLAIN_RUN,
    UNFINISHED_ENTITY,
    UNFINISHED_LINE,
    WHOLE_RULE,
)

_OPENING = frozenset("#>-*+•◦▪‣·_=~`|[<:0123456789")
_INLINE = {"[": bracket, "!": bracket, "<": tag, "\\": backslash, "^": power}


class MarkupFilter:
    """Filters one text in pieces; `feed` and `end` return the plain text that is certain."""

    def __init__(self) -> None:
        self._raw = ""  # the beginning of an HTML entity
        self._held = ""  # what was not read yet
        self._out = PlainText()
        self._at_line = True  # at the beginning of a line
        self._item = False  # in a heading or list item, which gets a full stop at its end
        self._fence = ""  # the fence that closes the current code block
        self._prose = False  # in a fenced block that holds prose

    def feed(self, piece: str) -> str:
        """Takes the next piece; the plain text that has become certain."""
        raw = self._raw + piece
        unfinished = UNFINISHED_ENTITY.search(raw)
        cut = unfinished.start() if unfinished else len(raw)
        self._held, self._raw = (
            self._held + ENTITY.sub(lambda found: html.unescape(found[0]), raw[:cut]),
            raw[cut:],
        )
        return self._drain(final=False)

    def end(self) -> str:
        """Ends the text; the plain text that is left."""
        self._held, self._raw = self._held + self._raw, ""
        text = self._drain(final=True)
        return text + ("." if self._item and not self._out.ended else "")

    def _drain(self, *, final: bool) -> str:
        while self._held:
            step = self._code if self._fence else self._line if self._at_line else self._inline
            if not step(final):
                break
        return self._out.take()

    # Each step reads from the front of `_held`. False: it needs more text.

    def _code(self, final: bool) -> bool:
        line, newline, rest = self._held.partition("\n")
        if not newline and not final:
            return False
        self._held = rest
        stripped = line.strip()
        if stripped and not stripped.strip(self._fence[0]) and len(stripped) >= len(self._fence):
            self._fence, self._at_line = "", True
        return True

    def _line(self, final: bool) -> bool:
        text = self._held.lstrip(" \t")
        if not text:
            self._held = ""
            return True
        if text[0] not in _OPENING:
            self._held, self._at_line = text, False
            return True
        line, newline, rest = text.partition("\n")
        whole = bool(newline) or final
        if line.startswith(("```", "~~~")) or (not whole and line in ("`", "``", "~", "~~")):
            return self._fenced(line, rest, whole)
        if not whole and UNFINISHED_LINE.fullmatch(line) and len(line) < LONGEST_HELD:
            return False
        if WHOLE_RULE.fullmatch(line) or LINK_DEFINITION.fullmatch(line):
            self._held = rest
            return True
        if line[0] == "|":
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            self._held, self._item, self._at_line = (
                ", ".join(filter(None, cells)) + newline + rest,
                True,
                False,
            )
            return True
        return self._prefix(text)

    def _prefix(self, text: str) -> bool:
        for pattern in (HEADING, BULLET):
            if found := pattern.match(text):
                self._held, self._item, self._at_line = text[found.end() :], True, False
                return True
        if text[0] == ">":
            self._held = text[1:]
            return True
        self._item = NUMBERED.match(text) is not None
        self._held, self._at_line = text, False
        return True

    def _fenced(self, line: str, rest: str, whole: bool) -> bool:
        if not whole:
            return False
        found = FENCE.match(line)
        if found is None:
            self._held, self._at_line = line.strip("`~") + "\n" + rest, False
            return True
        marks, about = found["marks"], found["about"].strip()
        closing = about.find(marks)
        if closing >= 0:  # opened and closed in one line
            self._held, self._at_line = about[closing + len(marks) :].lstrip() + "\n" + rest, True
            return True
        self._held = rest
        plain = about.lower() in PLAIN_FENCES or (self._prose and not about)
        self._prose = plain and not self._prose
        self._fence = "" if plain else marks
        return True

    def _inline(self, final: bool) -> bool:
        text = self._held
        if found := PLAIN_RUN.match(text):
            self._out.give(found[0])
            self._held = text[found.end() :]
            return True
        char = text[0]
        if char == "\n":
            if self._item and not self._out.ended:
                self._out.give(".")
            self._out.give("\n")
            self._item, self._at_line, self._held = False, True, text[1:]
            return True
        if char in "*_~`":
            return self._marks(text, char, final)
        if read := _INLINE.get(char):
            rest = read(text, self._out, final=final)
            self._held = text if rest is None else rest
            return rest is not None
        if char == "|":
            self._out.give(", ")
        self._held = text[1:]
        return True

    def _marks(self, text: str, char: str, final: bool) -> bool:
        run = len(text) - len(text.lstrip(char))
        if run == len(text) and not final:
            return False
        before, after = self._out.before, text[run : run + 1] or "\n"
        if char == "`" and run >= 3:
            closing, newline = text.find("`" * run, run), text.find("\n", run)
            if closing < 0 and newline < 0 and not final:
                return False
            if closing >= 0 and (newline < 0 or closing < newline):
                self._held = text[closing + run :]
            else:
                self._at_line = True  # a code block that begins in the middle of a line
            return True
        key = telephone_key(text, self._out.recent, final=final) if char == "*" else False
        if key is None:
            return False
        kept = (
            key
            or (
                char == "*"
                and (
                    (before.isspace() and after.isspace()) or (before.isdigit() and after.isdigit())
                )
            )
            or (char == "_" and before.isalnum() and after.isalnum())
            or (char == "~" and run == 1)
        )
        if kept:
            self._out.give(char * run)
        self._held = text[run:]
        return True


def without_markup(text: str) -> str:
    """The plain text of a whole answer."""
    filter_ = MarkupFilter()
    return filter_.feed(text) + filter_.end()


async def plain_pieces(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """The plain text of an answer that arrives in pieces."""
    filter_ = MarkupFilter()
    async for piece in pieces:
        if text := filter_.feed(piece):
            yield text
    if text := filter_.end():
        yield text
