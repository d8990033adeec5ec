"""Keeps what a model writes for itself or for a machine out of what is said: reasoning, channels,
tool calls.

A block counts only where a model puts one: at the beginning of the answer or of a line, after
another block, after a finished sentence, or with no blank before it. Elsewhere ("the <think> tag
marks …") its tag is text and stays. A block that is not closed goes on to the end of the answer.

A closing tag without an opening one belongs to a block that the prompt's template opened. Where the
stage knows that (`opened_by`), everything before it is reasoning, however long. Where nobody knows,
what came before it is dropped if it has not been given out yet: the beginning of an answer is held
until its first segment ends, which a listener does not notice, for nothing is said before. Models
whose template knows of no reasoning need not wait for that (`hold=False`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum

from voice_local.stages.llm import thinking_tags as tags

LONGEST_HELD = 120
"""Characters of a beginning that are held at most."""

NESTED_HELD = 1200
"""As many behind a block within which another had begun: its end may still come."""

_FIRST_SEGMENT = re.compile(r"[,;:.!?…][\"')\]]*\s|\n")
_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’]*\s+$")
_LINE_BEGINS = re.compile(r"(?:^|\n)[ \t]*$")
_ENDS = frozenset(".!?…")
_CANDIDATE = re.compile(r"[<\[{◁]|```")


def without_thinking(
    pieces: Iterable[str], opened: str | None = None, *, hold: bool = True
) -> Iterator[str]:
    """The pieces without blocks, wherever their tags are cut; leading blanks after one go too.

    `opened`: the result of `thinking_tags.opened_by` for the prompt. `hold`: whether the beginning
    may wait for a closing tag.
    """
    filter_ = _Filter(opened, hold)
    for piece in pieces:
        if text := filter_.take(piece, final=False):
            yield text
    if text := filter_.take("", final=True):
        yield text


class _Verdict(Enum):
    """What a tag is: text, or something that was taken out; or what comes after it has to tell."""

    TEXT, TAKEN, UNSURE = range(3)


class _Filter:
    """Reads tag by tag. `_held` is not read yet; `_text` is read and will be said, unless a closing
    tag comes."""

    def __init__(self, opened: str | None, hold: bool) -> None:
        self._held = self._text = ""
        self._closes = re.compile(opened, re.IGNORECASE) if opened else None
        self._holds = hold
        self._nested = self._begun = False
        self._strip = True  # blanks at the beginning go
        self._last = ""  # the last character given out
        self._before = (
            "\n"  # the end of what was given out; a line's beginning at first and after a block
        )

    def take(self, piece: str, *, final: bool) -> str:
        """What is certain to be said after `piece`."""
        self._held += piece
        out: list[str] = []
        if not self._begun and not self._begin_answer(final):
            return ""
        while self._held and (self._within(final) if self._closes else self._tag(out, final)):
            pass
        if self._text and not self._waits(final):
            self._give(out)
        return "".join(out)

    def _begin_answer(self, final: bool) -> bool:
        """Looks for channels whose control tokens the runtime left out; false: the beginning is too
        short to tell."""
        if "analysis".startswith(self._held) and not final:
            return False
        self._begun = True
        if self._closes is None and tags.UNMARKED_CHANNEL.match(self._held):
            self._closes = re.compile(tags.UNMARKED_FINAL)
        return True

    def _within(self, final: bool) -> bool:
        """Goes on inside a block; false: its end has not come."""
        assert self._closes is not None
        found = next(
            (
                found
                for found in self._closes.finditer(self._held)
                if not self._is_mention_inside(found.start(), found.end())
            ),
            None,
        )
        inside = self._held[: found.start()] if found else self._held
        self._nested = self._nested or tags.REASONING.search(inside) is not None
        if found is None:
            self._held = "" if final else self._held[-2 * tags.LONGEST :]
            return False
        if not final and self._held[found.end() :] in ("", " "):
            return False  # the next characters may make it a mention
        again = (
            tags.HEADER.match(found[0]) is not None
        )  # the next channel's beginning ends this one
        self._held = self._held[found.start() if again else found.end() :]
        self._closes = None
        self._begin()
        return True

    def _begin(self) -> None:
        """After a block, as at the beginning of an answer."""
        self._before, self._strip, self._holds = "\n", True, True

    def _tag(self, out: list[str], final: bool) -> bool:
        """Reads up to the next tag and what it is; false: more is needed."""
        candidate = _CANDIDATE.search(self._held)
        if candidate is None:
            ticks = 0 if final else len(self._held) - len(self._held.rstrip("`"))
            self._read(len(self._held) - min(ticks, 2))
            return False
        self._read(candidate.start())
        tag = tags.complete(self._held, final=final)
        if tag is None:
            return False
        verdict = self._classify_tag(tag, out, final) if tag else _Verdict.TEXT
        if verdict is _Verdict.TEXT:
            self._read(max(1, len(tag)))
        return verdict is not _Verdict.UNSURE

    def _classify_tag(self, tag: str, out: list[str], final: bool) -> _Verdict:
        """What `tag`, at the front of what is held, is; if it is no text, it is taken out."""
        if tags.closes_reasoning(tag):
            after = self._held[len(tag) :]
            if not after and not final:
                return _Verdict.UNSURE
            if self._is_mention(after):
                return _Verdict.TEXT
            if self._holds:
                self._text, self._nested = "", False
            self._take_out(len(tag), out)
            return _Verdict.TAKEN
        if tags.DROPPED.fullmatch(tag):
            self._take_out(len(tag), out)
            return _Verdict.TAKEN
        if not self._block_may_begin():
            return _Verdict.TEXT
        unsure, length, closes = tags.opening(self._held, tag, final=final)
        if unsure or not length:
            return _Verdict.UNSURE if unsure else _Verdict.TEXT
        self._take_out(length, out)
        if closes:
            self._closes, self._nested = re.compile(closes, re.IGNORECASE), False
        return _Verdict.TAKEN

    def _take_out(self, length: int, out: list[str]) -> None:
        self._give(out)
        self._held = self._held[length:]
        self._begin()

    def _read(self, length: int) -> None:
        self._text += self._held[:length]
        self._held = self._held[length:]

    def _block_may_begin(self) -> bool:
        text = self._before + self._text
        if _LINE_BEGINS.search(text) or _SENTENCE_END.search(text):
            return True
        return not (text[-1].isspace() or text[-1] in "\"'`(“‘[")

    def _is_mention(self, after: str) -> bool:
        """ "the </think> tag": blanks or quotes on both sides, within a sentence."""
        before = self._before + self._text
        if _LINE_BEGINS.search(before) or _SENTENCE_END.search(before):
            return False
        return before[-1] in " \"'`(“‘" and (after[:1] or "\n") in " \"'`).,;:!?”’"

    def _is_mention_inside(self, start: int, end: int) -> bool:
        """As `_is_mention`, within reasoning; there a tag before a capital closes it."""
        before, after = self._held[:start], self._held[end : end + 2]
        if not before or _LINE_BEGINS.search(before) or _SENTENCE_END.search(before):
            return False
        return before[-1] in " \"'`(“‘" and re.match(r"[\"'`).,;:!?”’]|\s[a-z]", after) is not None

    def _waits(self, final: bool) -> bool:
        """Whether a beginning is still held back."""
        if final or not self._holds:
            return False
        if self._nested:
            return len(self._text) < NESTED_HELD
        return len(self._text) < LONGEST_HELD and not _FIRST_SEGMENT.search(self._text.lstrip())

    def _give(self, out: list[str]) -> None:
        text = self._text.lstrip() if self._strip else self._text
        if self._strip and (
            self._last in _ENDS or (text != self._text and self._last and not self._last.isspace())
        ):
            text = f" {text}"  # two sentences between which a block stood
        self._text = ""
        if text.strip() or (text and self._before != "\n"):
            out.append(text)
            self._last = text[-1]
            self._before, self._strip, self._holds, self._nested = (
                (self._before + text)[-80:],
                False,
                False,
                False,
            )
