"""Cuts a growing answer into segments to be spoken: a short first one for speed, whole sentences
after."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable

from voice_local.text.sentence_ends import ends_sentence

_END = re.compile(r"[.!?…]+[\"')\]”’»]*(?=\s)|\n+")
_COMMAS = (",", ";", ":")
_SOFT = re.compile(r"[,;:](?=\s)")
FIRST_SEGMENT_WORDS = 3
"""A first segment may end at a comma once it has this many words."""

FIRST_PHRASE_WORDS, SECOND_PHRASE_WORDS = 4, 6
"""A first segment may end before a phrase once it has this many words; the second one too, after a
shorter first one."""

LETTER_S, COMMA_S, OPENER_S, NEXT_PIECES = 0.07, 0.25, 0.6, 8
"""How long a letter is said, how long a comma may last without sounding like a halt, that after a
first single word ("Well, …"; people think there), and how many pieces the next segment takes."""

PHRASE_BEGINNINGS = frozenset(
    "and but because so that which who when while if before after with without in on at from for "
    "by about into through during until since although".split()
)
LEANING = frozenset(
    "a an the my your his her its our their this that these those and or but not very so too as to "
    "of in on at from for by with is are was were be been has have had do does did can could will "
    "would should may might must more most less than such no some any each every one two it if go "
    "going come get put take look well because which who when".split()
)
"""After these a phrase does not end."""

_WORD = re.compile(r"[\w'’-]+")

LONGEST_SEGMENT = 240
"""Characters; longer ones are cut at a comma, else at a space."""


class Phrase(str):
    """A segment that ends in the middle of a sentence, without a sign."""

    __slots__ = ()


class Pace:
    """How fast an answer is being written, by the times at which its pieces came."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = 0.0
        self._pieces = 0

    def piece(self, now: float) -> None:
        """Another one came at `now`, in seconds."""
        self._first = now if self._first is None else self._first
        self._last = now
        self._pieces += 1

    def keeps_up(self, segment: str) -> bool:
        """Whether the next segment will be written by the time that `segment` has been said."""
        if self._first is None or self._pieces < 2:
            return False
        piece_s = (self._last - self._first) / (self._pieces - 1)
        remaining_s = 0.0
        if segment.rstrip()[-1:] in _COMMAS:
            remaining_s = OPENER_S if len(segment.split()) == 1 else COMMA_S
        return len(segment) * LETTER_S + remaining_s >= NEXT_PIECES * piece_s


async def segments(
    pieces: AsyncIterator[str], early: bool = False, cut_off: Callable[[], bool] = lambda: False
) -> AsyncIterator[str]:
    """Segments of the text that `pieces` make up, each as soon as its end is certain.

    `early`: the first may be as short as a word before a comma, or a phrase, where the rest is
    written fast enough. `cut_off`: asked at the end, whether the text stops within a sentence; that
    is left out, unless it is all there is.
    """
    held, pace = "", Pace()
    given: list[str] = []
    async for piece in pieces:
        pace.piece(asyncio.get_running_loop().time())
        held += piece
        while True:
            cut = boundary(held, first=not given)
            if early and len(given) < 2:
                cut = _earlier(held, given, cut, pace)
            if cut is None:
                break
            segment, held = held[:cut].strip(), held[cut:].lstrip()
            if segment:
                given.append(segment)
                yield Phrase(segment) if segment[-1].isalnum() else segment
    rest = held.strip()
    if rest and not (cut_off() and given and not _END.search(rest + " ")):
        for part in _fit(rest):
            yield part


def _earlier(text: str, given: list[str], cut: int | None, pace: Pace) -> int | None:
    """Where a first segment, or the one after a very short one, may end before `cut`."""
    if given and len(given[0].split()) >= FIRST_PHRASE_WORDS:
        return cut
    least = FIRST_PHRASE_WORDS if not given else SECOND_PHRASE_WORDS
    found = [
        end
        for end in (
            _comma_after(text, 1 if not given else FIRST_SEGMENT_WORDS),
            phrase_end(text, least),
        )
        if end is not None and (cut is None or end < cut)
    ]
    return min(found) if found and (given or pace.keeps_up(text[: min(found)])) else cut


def _comma_after(text: str, words: int) -> int | None:
    """One past the first comma, semicolon or colon of the first sentence after so many words."""
    return next(
        (
            soft.end()
            for soft in _SOFT.finditer(text)
            if len(text[: soft.start()].split()) >= words and not _END.search(text[: soft.start()])
        ),
        None,
    )


def phrase_end(text: str, least: int) -> int | None:
    """Where a sentence may pause after so many words: before one that begins a phrase and is not
    the last."""
    end = _END.search(text)
    words = list(_WORD.finditer(text, 0, end.start() if end else len(text)))
    for before, word in zip(words[least - 1 :], words[least:], strict=False):
        goes_on = text[word.end() : word.end() + 1].isspace()
        if (
            goes_on
            and word.group(0) in PHRASE_BEGINNINGS
            and before.group(0).lower() not in LEANING
        ):
            return word.start()
    return None


def split(text: str) -> list[str]:
    """Segments of a whole text."""
    parts, rest = [], text
    while (cut := boundary(rest + " ", first=False)) is not None:
        parts.append(rest[:cut].strip())
        rest = rest[cut:].lstrip()
    return [part for part in [*parts, *_fit(rest.strip())] if part]


def boundary(text: str, first: bool) -> int | None:
    """Where the first segment of `text` ends, or None while that is not certain."""
    if first and (comma := _comma_after(text, FIRST_SEGMENT_WORDS)) is not None:
        return comma
    for match in _END.finditer(text):
        before = text[: match.start()]
        item = _list_item(text, before) if match.group(0).startswith(".") else None
        if item is not None:
            if item > 0:
                return item
            continue  # the number of the first item belongs to what follows it
        ends = ends_sentence(match.group(0), before, text[match.end() :].lstrip())
        if ends is None:
            return None
        if ends:
            return match.end()
    return _forced_cut(text)


def _list_item(text: str, before: str) -> int | None:
    """Where the number of a list item begins, if `before` ends with one and `text` is a list."""
    word = _last_word(before)
    if re.fullmatch(r"\d{1,2}", word) and re.match(r"\d{1,2}\.\s", text):
        return len(before) - len(word)
    return None


def _last_word(text: str) -> str:
    return (text.split()[-1:] or [""])[0]


def _forced_cut(text: str) -> int | None:
    """Where a text that is too long for a segment is cut; None for a shorter one."""
    if len(text) <= LONGEST_SEGMENT:
        return None
    commas = [match.end() for match in _SOFT.finditer(text[:LONGEST_SEGMENT])]
    spaces = text.rfind(" ", 1, LONGEST_SEGMENT)
    return commas[-1] if commas else spaces if spaces > 0 else LONGEST_SEGMENT


def _fit(text: str) -> list[str]:
    parts = []
    while len(text) > LONGEST_SEGMENT:
        cut = boundary(text, first=False) or LONGEST_SEGMENT
        parts.append(text[:cut].strip())
        text = text[cut:].strip()
    return [*parts, text] if text else parts
