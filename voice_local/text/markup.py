"""Markup out of a growing text: what is left can be shown, spoken and remembered.

Small models write for the eye although they are told not to. `MarkupFilter` takes an answer in
pieces, cut anywhere, and gives its plain text as soon as it is certain: emphasis, headings,
bullets, rules, tables, links (their text stays), images, HTML, entities, citations and emoji go.
Code blocks go with what is in them; inline code stays, without its ticks.
"""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator

from voice_local.text.markup_patterns import (
    AUTOLINK,
    BULLET,
    CITATION,
    EMOJI,
    ENTITY,
    FENCE,
    HEADING,
    HIDDEN_TAGS,
    HTML_TAGS,
    LATEX,
    LINK,
    LINK_DEFINITION,
    MATH,
    NUMBERED,
    PLAIN_FENCES,
    PLAIN_RUN,
    TAG,
    UNFINISHED_ENTITY,
    UNFINISHED_LINE,
    UNFINISHED_MATH,
    WHOLE_RULE,
)

LONGEST_HELD = 400
"""Characters after which a bracket that was not closed is text."""

_ENDED = ".!?:;,…"
_OPENING = frozenset("#>-*+•◦▪‣·_=~`|[<:0123456789")


class MarkupFilter:
    """One text in pieces; `feed` and `end` give what is certain by then."""

    def __init__(self) -> None:
        self._raw = ""  # the beginning of an entity
        self._held = ""
        self._out: list[str] = []
        self._last = "\n"  # the last character given out
        self._space = False  # one that waits for what follows it
        self._dropped = False  # something was, since then
        self._at_line = True
        self._item = False  # a heading or an item of a list, which is given a full stop at its end
        self._fence = ""  # what closes the code block
        self._prose = False  # within a block that holds text

    def feed(self, piece: str) -> str:
        """The next plain text after `piece` has come."""
        raw = self._raw + piece
        unfinished = UNFINISHED_ENTITY.search(raw)
        cut = unfinished.start() if unfinished else len(raw)
        self._held, self._raw = (
            self._held + ENTITY.sub(lambda found: html.unescape(found[0]), raw[:cut]),
            raw[cut:],
        )
        return self._drain(final=False)

    def end(self) -> str:
        """The rest."""
        self._held, self._raw = self._held + self._raw, ""
        text = self._drain(final=True)
        return text + ("." if self._item and self._last not in _ENDED + "\n" else "")

    def _drain(self, *, final: bool) -> str:
        while self._held:
            step = self._code if self._fence else self._line if self._at_line else self._inline
            if not step(final):
                break
        text, self._out = "".join(self._out), []
        return text

    # Each step takes something off the front of what is held; false: more text is needed.

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
            self._give(found[0])
            self._held = text[found.end() :]
            return True
        char = text[0]
        if char == "\n":
            if self._item and self._last not in _ENDED + "\n":
                self._give(".")
            self._give("\n")
            self._item, self._at_line, self._held = False, True, text[1:]
            return True
        if char in "*_~`":
            return self._marks(text, char, final)
        if char in "[!":
            return self._bracket(text, final)
        if char == "<":
            return self._tag(text, final)
        if char == "\\":
            return self._backslash(text, final)
        if char == "|":
            self._give(", ")
        self._held = text[1:]
        return True

    def _marks(self, text: str, char: str, final: bool) -> bool:
        run = len(text) - len(text.lstrip(char))
        if run == len(text) and not final:
            return False
        before, after = (" " if self._space else self._last), text[run : run + 1] or "\n"
        if char == "`" and run >= 3:
            closing, newline = text.find("`" * run, run), text.find("\n", run)
            if closing < 0 and newline < 0 and not final:
                return False
            if closing >= 0 and (newline < 0 or closing < newline):
                self._held = text[closing + run :]
            else:
                self._at_line = True  # a block that begins behind text
            return True
        kept = (
            (
                char == "*"
                and (
                    (before.isspace() and after.isspace()) or (before.isdigit() and after.isdigit())
                )
            )
            or (char == "_" and before.isalnum() and after.isalnum())
            or (char == "~" and run == 1)
        )
        if kept:
            self._give(char * run)
        self._held = text[run:]
        return True

    def _bracket(self, text: str, final: bool) -> bool:
        image = text.startswith("![")
        if text[0] == "!" and not image:
            if len(text) == 1 and not final:
                return False
            self._give("!")
            self._held = text[1:]
            return True
        found = LINK.match(text, 1 if image else 0)
        cut = "\n" in text or len(text) > LONGEST_HELD or final
        if found is None:
            if not cut:
                return False
            self._held = text[2 if image else 1 :]
            return True
        complete = found["target"] is not None or found["reference"] is not None
        if not complete and not cut and (found.end() == len(text) or text[found.end()] in "(["):
            return False
        self._held = text[found.end() :]
        inner = found["text"]
        noted = not complete or (found["reference"] is not None and inner[:1] in "^0123456789")
        if image or (noted and CITATION.fullmatch(inner)):
            self._dropped = True
            return True
        self._held = inner + self._held
        return True

    def _tag(self, text: str, final: bool) -> bool:
        if len(text) == 1 and not final:
            return False
        if not re.match(r"<[A-Za-z/!]", text):
            self._give("<")
            self._held = text[1:]
            return True
        found = TAG.match(text)
        if found is None:
            if ">" not in text and "\n" not in text and len(text) < LONGEST_HELD and not final:
                return False
            self._give("<")
            self._held = text[1:]
            return True
        name = (found["name"] or "").lower()
        if name in HIDDEN_TAGS and not found["close"]:
            end = re.search(rf"</{name}\s*>", text, re.IGNORECASE)
            if end is None and not final:
                return False
            self._held = text[end.end() :] if end else ""
            return True
        self._held = text[found.end() :]
        if link := AUTOLINK.fullmatch(found[0]):
            self._give(link["address"])
        elif found["name"] is None or name in HTML_TAGS:
            self._give(HTML_TAGS.get(name, ""))
            self._dropped = True
        else:
            self._give(found[0])
        return True

    def _backslash(self, text: str, final: bool) -> bool:
        if len(text) == 1 and not final:
            return False
        if not final and UNFINISHED_MATH.fullmatch(text):
            return False
        if found := MATH.match(text):
            self._held = f"{found['top']}/{found['bottom']}" + text[found.end() :]
            return True
        command = re.match(r"\\([A-Za-z]+)", text)
        if command is None:
            following = text[1:2]
            if following and following in "*_`~#<&|!":
                self._give(following)
                self._held = text[2:]
            else:
                self._held = text[2 if following in ("(", ")", "[", "]", "\\") else 1 :]
            return True
        open_math = command.end() == len(text) or (text[command.end()] == "{" and "}" not in text)
        if open_math and not final and "\n" not in text and len(text) < LONGEST_HELD:
            return False
        known = LATEX.get(command[1])
        if known is None:
            if self._last.isalnum() or self._last == ":":  # a path
                self._give("\\")
            self._held = text[1:]
        else:
            self._give(known)
            self._held = text[command.end() :]
        return True

    def _give(self, text: str) -> None:
        """Gives out `text` without emoji. A blank after a word waits, for what follows may be
        dropped."""
        for part in re.findall(r"[ \t]+|[^ \t]+", text):
            kept = EMOJI.sub("", part).replace("{", "").replace("}", "")
            self._dropped = self._dropped or kept[:1] != part[0]
            if not kept:
                continue
            part = kept
            if not part.strip(" \t"):
                if self._last in " \n":
                    continue
                if self._last in _ENDED:
                    self._put(" ")
                else:
                    self._space, self._dropped = True, self._dropped and self._space
                continue
            if self._space and part[0] != "\n" and not (self._dropped and part[0] in ".,;:!?)"):
                self._put(" ")
            self._space = self._dropped = False
            self._put(part)

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._last = text[-1]


def without_markup(text: str) -> str:
    """The plain text of a whole answer."""
    filter_ = MarkupFilter()
    return filter_.feed(text) + filter_.end()


async def plain_pieces(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """The plain text of an answer that comes in pieces."""
    filter_ = MarkupFilter()
    async for piece in pieces:
        if text := filter_.feed(piece):
            yield text
    if text := filter_.end():
        yield text
