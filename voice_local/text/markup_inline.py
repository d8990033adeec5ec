"""Links, images, HTML tags and LaTeX commands within a line of marked-up text.

Each function takes text that begins with its sign, adds plain text to `out` and returns the text
that is still to be read; None where it needs more text. `final`: there is no more text.
"""

from __future__ import annotations

import re

from voice_local.text.markup_output import PlainText
from voice_local.text.markup_patterns import (
    AUTOLINK,
    CITATION,
    HIDDEN_TAGS,
    HTML_TAGS,
    LATEX,
    LINK,
    MATH,
    TAG,
    UNFINISHED_MATH,
)

LONGEST_HELD = 400
"""Characters after which a bracket that was not closed is plain text."""


def bracket(text: str, out: PlainText, *, final: bool) -> str | None:
    """A link or an image, which begins with `[` or `!`; the text of a link is still to be read."""
    image = text.startswith("![")
    if text[0] == "!" and not image:
        if len(text) == 1 and not final:
            return None
        out.give("!")
        return text[1:]
    found = LINK.match(text, 1 if image else 0)
    cut = "\n" in text or len(text) > LONGEST_HELD or final
    if found is None:
        return text[2 if image else 1 :] if cut else None
    complete = found["target"] is not None or found["reference"] is not None
    if not complete and not cut and (found.end() == len(text) or text[found.end()] in "(["):
        return None
    inner, rest = found["text"], text[found.end() :]
    noted = not complete or (found["reference"] is not None and inner[:1] in "^0123456789")
    if image or (noted and CITATION.fullmatch(inner)):
        out.dropped = True
        return rest
    return inner + rest


def tag(text: str, out: PlainText, *, final: bool) -> str | None:
    """An HTML tag or an address in angle brackets, which begins with `<`."""
    if len(text) == 1 and not final:
        return None
    found = TAG.match(text)
    if found is None:
        begun = re.match(r"<[A-Za-z/!]", text) is not None
        cut = ">" in text or "\n" in text or len(text) >= LONGEST_HELD or final
        if begun and not cut:
            return None
        out.give("<")
        return text[1:]
    name = (found["name"] or "").lower()
    if name in HIDDEN_TAGS and not found["close"]:
        end = re.search(rf"</{name}\s*>", text, re.IGNORECASE)
        if end is None:
            return "" if final else None
        return text[end.end() :]
    if link := AUTOLINK.fullmatch(found[0]):
        out.give(link["address"])
    elif found["name"] is None or name in HTML_TAGS:
        out.give(HTML_TAGS.get(name, ""))
        out.dropped = True
    else:
        out.give(found[0])
    return text[found.end() :]


def backslash(text: str, out: PlainText, *, final: bool) -> str | None:
    """An escaped character, a fraction or another LaTeX command."""
    if not final and (len(text) == 1 or UNFINISHED_MATH.fullmatch(text)):
        return None
    if found := MATH.match(text):
        return f"{found['top']}/{found['bottom']}" + text[found.end() :]
    command = re.match(r"\\([A-Za-z]+)", text)
    if command is None:
        return _escaped(text, out)
    unfinished = command.end() == len(text) or (text[command.end()] == "{" and "}" not in text)
    if unfinished and not final and "\n" not in text and len(text) < LONGEST_HELD:
        return None
    known = LATEX.get(command[1])
    if known is not None:
        out.give(known)
        return text[command.end() :]
    if out.last.isalnum() or out.last == ":":  # a path
        out.give("\\")
    return text[1:]


def _escaped(text: str, out: PlainText) -> str:
    following = text[1:2]
    if following and following in "*_`~#<&|!":
        out.give(following)
        return text[2:]
    return text[2 if following in ("(", ")", "[", "]", "\\") else 1 :]
