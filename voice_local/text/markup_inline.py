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
    DEGREE,
    HIDDEN_TAGS,
    HTML_TAGS,
    KEY,
    KEY_PRESSED,
    LATEX,
    LINK,
    MATH,
    POWER,
    RAISED,
    RAISED_TO,
    TAG,
    UNFINISHED_DEGREE,
    UNFINISHED_MATH,
)

LONGEST_HELD = 400
"""Characters after which a bracket that was not closed is plain text."""

LONGEST_RAISED = 40
"""As `LONGEST_HELD`, of a raised text with its tags."""

_SUPERSCRIPTS = str.maketrans("0123456789-−+n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺ⁿ")


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
        return _less_than(text, out, final=final)
    name = (found["name"] or "").lower()
    if name == "sup" and not found["close"]:
        raised = RAISED.match(text)
        if raised is not None:
            return _raised(raised["raised"], out) + text[raised.end() :]
        if not final and "\n" not in text and len(text) < LONGEST_RAISED:
            return None
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


def _less_than(text: str, out: PlainText, *, final: bool) -> str | None:
    begun = re.match(r"<[A-Za-z/!]", text) is not None
    cut = ">" in text or "\n" in text or len(text) >= LONGEST_HELD or final
    if begun and not cut:
        return None
    out.give("<")
    return text[1:]


def _raised(text: str, out: PlainText) -> str:
    """What a raised text is: a power ("10³"), an ending ("10th"), or the number of a note, which is
    left out."""
    if re.fullmatch(r"[-−+]?\d{1,3}|[a-z]", text) is None:
        return text
    if RAISED_TO.search(out.recent):
        return text.translate(_SUPERSCRIPTS) if re.fullmatch("[-−+]?\\d+|n", text) else f"^{text}"
    out.dropped = out.dropped or text[-1].isdigit()
    return "" if text[-1].isdigit() else text


def backslash(text: str, out: PlainText, *, final: bool) -> str | None:
    """An escaped character, a fraction or another LaTeX command."""
    if not final and (len(text) == 1 or UNFINISHED_MATH.fullmatch(text)):
        return None
    if found := MATH.match(text):
        return _fraction(found["top"], found["bottom"]) + text[found.end() :]
    if found := re.match(r"\\sqrt\{([^{}\n]*)\}", text):
        out.give("√")
        return _grouped(found[1]) + text[found.end() :]
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


def _fraction(top: str, bottom: str) -> str:
    slash = "∕" if re.fullmatch("[A-Za-z] [A-Za-z]", f"{top} {bottom}") else "/"
    return f"{_grouped(top)}{slash}{_grouped(bottom)}"


def _grouped(part: str) -> str:
    """`part` in parentheses, unless it is one number or word."""
    return part if re.fullmatch(r"[-−]?[\w.,]*|\\[A-Za-z]+", part) else f"({part})"


def power(text: str, out: PlainText, *, final: bool) -> str | None:
    """A power in braces, which begins with `^`: "^{n+1}" is "^(n+1)"."""
    if not final and UNFINISHED_DEGREE.fullmatch(text):
        return None
    if found := DEGREE.match(text):
        out.give("°")
        return text[found.end() :]
    found = POWER.match(text)
    if found is None:
        open_brace = text.startswith("^{") and "\n" not in text and len(text) < LONGEST_HELD
        if open_brace and not final:
            return None
        out.give("^")
        return text[1:]
    out.give("^")
    return _grouped(found["power"]) + text[found.end() :]


def telephone_key(text: str, before: str, *, final: bool) -> bool | None:
    """Whether the asterisk at the front of `text` is a key to press ("dial *67", "press *."), after
    the text `before`; None where that takes more text."""
    found, pressed = KEY.match(text), KEY_PRESSED.search(before)
    if found is None or pressed is None:
        return False
    if found.end() == 1:
        return True
    if pressed["dialled"] is None:
        return False
    if found.end() == len(text) and found[0][-1].isdigit() and not final:
        return None
    return text[found.end() : found.end() + 1] != "*"


def _escaped(text: str, out: PlainText) -> str:
    following = text[1:2]
    if following and following in "*_`~#<&|!":
        out.give(following)
        return text[2:]
    return text[2 if following in ("(", ")", "[", "]", "\\") else 1 :]
