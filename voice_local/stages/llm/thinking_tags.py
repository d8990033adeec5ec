"""The tags in which models wrap what is not for listeners, and what closes them."""

from __future__ import annotations

import re

LONGEST = 96
"""Characters that a tag may have; what is longer is none."""

_REASONING = (
    r"(?:\w{1,12}:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|analysis|scratchpad|"
    r"inner[_ ]?monologue|antthinking|cot|chain[_ ]of[_ ]thought|deliberation|planning)"
)
_CALL = (
    r"(?:\w{1,12}:)?(?:tool[_ ]?(?:calls?|use|code|outputs?|responses?|results?)|function[_ "
    r"]?calls?|tools)"
)
_HIDDEN = rf"(?:{_REASONING}|{_CALL})"
_STOP = r"<\|?(?:end|return|call|start|channel|im_end|eot_id|eom_id)\|?>|<channel\|>"
_BLOCKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(opens, re.IGNORECASE), closes)
    for opens, closes in (
        (rf"<\s*(?P<name>{_HIDDEN})(?:\s[^<>]*)?>", r"<\s*/\s*{name}\s*>"),
        (r"<\s*(?P<name>function|invoke|parameter)\s*=[^<>]*>", r"<\s*/\s*{name}\s*>"),
        (r"<\s*(?P<name>function|invoke)\s+name\s*=[^<>]*>", r"<\s*/\s*{name}\s*>"),
        (
            rf"\[\s*(?P<name>{_REASONING}|tool_results?|available_tools)\s*\]",
            r"\[\s*/\s*{name}\s*\]",
        ),
        (r"\[\s*(?P<name>tool_calls?|function_calls?)\s*\]", r"\[\s*/\s*{name}\s*\]"),
        (rf"◁\s*(?P<name>{_REASONING})\s*▷", r"◁\s*/\s*{name}\s*▷"),
        (
            r"<\|(?:begin|start)_of_(?P<name>thought|thinking|reasoning|tool_calls?)\|>",
            r"<\|end_of_{name}\|>",
        ),
        (
            rf"<\|(?P<name>{_HIDDEN})(?:_begin|_start)?\|?>",
            r"<\|(?:/|end_?(?:of_)?)?{name}(?:_end)?\|>|<{name}\|>",
        ),
        (rf"<\|(?P<name>{_CALL})_(?:section_)?begin\|>", r"<\|{name}_(?:section_)?end\|>"),
        (r"<｜(?P<name>tool▁calls?|tool▁outputs?)▁begin｜>", r"<｜{name}▁end｜>"),
        (r"<unused94>", r"<unused95>"),
        (r"<\|python_tag\|>", r"<\|(?:eom_id|eot_id)\|>"),
    )
)
REASONING = re.compile(
    rf"<\s*{_REASONING}(?:\s[^<>]*)?>|\[\s*{_REASONING}\s*\]|◁\s*{_REASONING}\s*▷", re.IGNORECASE
)
"""The opening of reasoning, within other reasoning."""

_CLOSING = re.compile(
    rf"<\s*/\s*{_REASONING}\s*>|\[\s*/\s*{_REASONING}\s*\]|◁\s*/\s*{_REASONING}\s*▷|"
    rf"<\|end_of_thought\|>|<\|/?end_?{_REASONING}\|>|<unused95>",
    re.IGNORECASE,
)
HEADER = re.compile(r"<\|(?:channel|start)\|?>", re.IGNORECASE)
UNMARKED_CHANNEL, UNMARKED_FINAL = re.compile(r"analysis(?=[A-Z])"), r"assistant\s*final"
"""What is left of channels where a runtime writes no control tokens."""

_CHANNEL = re.compile(
    r"<\|channel\|?>\s*(?P<name>\w+)[^<\n]*(?:<\|constrain\|>[^<\n]*)?(?P<end><\|message\|>|\n)?",
    re.IGNORECASE,
)
_START = re.compile(r"<\|start\|>\w*|<\|im_start\|>\w*\n?|<start_of_turn>\w*\n?", re.IGNORECASE)
DROPPED = re.compile(
    rf"(?!<\|(?:channel|start|im_start|python_tag|{_HIDDEN}|(?:begin|start)_of_(?!solution)))"
    rf"<\|[\w ]{{1,40}}\|>|<channel\|>|(?!<｜tool)<｜[\w▁ ]{{1,40}}｜>|"
    rf"<end_of_turn>|</\s*{_CALL}\s*>|"
    rf"</?\s*(?:final[_ ]?answer|answer|response|output)\s*>",
    re.IGNORECASE,
)
"""Tokens that are left out alone."""

_TAG = re.compile(
    r"<[^<>\n]{1,94}>|\[[^\[\]\n]{1,32}\]|◁[^◁▷\n]{1,32}▷|```[^`\n]*\n|(?=[\[{]\s*[{\"])[\[{]"
)
_BEGINS = re.compile(
    r"<(?:$|[\s/|｜A-Za-z][^<>\n]*$)|\[(?:$|[\s/\w][^\[\]\n]*$)|[\[{]\s*$|◁[^◁▷\n]*$|```[^`\n]*$"
)
_CALL_FENCE = re.compile(r"```\s*(?P<about>\w*)\s*\n", re.IGNORECASE)
_JSON_CALL = re.compile(
    r"[\[{]\s*(?:\{\s*)?\"(?:name|function|tool|tool_name|tool_calls?|action|arguments|parameters|"
    r"recipient_name)\"\s*:"
)
_MAY_BE_JSON_CALL = re.compile(r"\s*(?:[\[{]\s*(?:\{\s*)?(?:\"\w{0,14}\"?\s*)?)?$")


def complete(text: str, *, final: bool) -> str | None:
    """The tag at the front of `text`; empty where there is none, None while it is not complete."""
    found = _TAG.match(text)
    if found:
        return found[0]
    return None if not final and len(text) <= LONGEST and _BEGINS.match(text) else ""


def closes_reasoning(tag: str) -> bool:
    """Whether `tag` ends reasoning."""
    return _CLOSING.fullmatch(tag) is not None


def opening(text: str, tag: str, *, final: bool) -> tuple[bool, int, str]:
    """What `tag`, at the front of `text`, opens: (whether that is not known yet, characters to
    leave out, what closes it).

    No characters: it is text. Nothing that closes it: there is no more of it.
    """
    if tag.lower().startswith(("<|channel", "<|start", "<|im_start", "<start_of_turn")):
        return _header(text, tag, final=final)
    if tag.startswith("```"):
        return _fence(text, tag, final=final)
    if tag in ("{", "["):
        return _json(text, final=final)
    for opens, closes in _BLOCKS:
        if found := opens.fullmatch(tag):
            return False, len(tag), _closing(closes, found)
    return False, 0, ""


def opened_by(prompt: str) -> str | None:
    """What closes the block that a rendered prompt ends in, as a pattern; None where it ends in
    none."""
    tail = prompt.rstrip()
    for opens, closes in _BLOCKS:
        for found in opens.finditer(tail, max(0, len(tail) - LONGEST)):
            if found.end() == len(tail):
                return _closing(closes, found)
    return None


def _closing(closes: str, found: re.Match[str]) -> str:
    return closes.replace("{name}", re.escape(found.groupdict().get("name") or ""))


def _header(text: str, tag: str, *, final: bool) -> tuple[bool, int, str]:
    """A channel's name, up to its message; "final" is for listeners."""
    if not tag.lower().startswith("<|channel"):
        found = _START.match(text)
        if found is None or (found.end() == len(text) and not final):
            return found is not None, 0, ""
        return False, found.end(), ""
    channel = _CHANNEL.match(text)
    if channel is None or (channel["end"] is None and len(text) < 2 * LONGEST and not final):
        return not final, len(tag) if final else 0, ""
    return False, channel.end(), "" if channel["name"].lower() == "final" else _STOP


def _fence(text: str, tag: str, *, final: bool) -> tuple[bool, int, str]:
    """A code block is a call where its name or its content says so; others are code, which is not
    dealt with here."""
    found = _CALL_FENCE.fullmatch(tag)
    if found is None:
        return False, 0, ""
    if re.fullmatch(_CALL, found["about"], re.IGNORECASE):
        return False, len(tag), r"\n\s*```+"
    if found["about"].lower() not in ("", "json"):
        return False, 0, ""
    inside = text[len(tag) :]
    if _JSON_CALL.match(inside.lstrip()):
        return False, len(tag), r"\n\s*```+"
    return not final and _MAY_BE_JSON_CALL.match(inside) is not None, 0, ""


def _json(text: str, *, final: bool) -> tuple[bool, int, str]:
    if _JSON_CALL.match(text) is None:
        return not final and _MAY_BE_JSON_CALL.match(text) is not None, 0, ""
    end = _json_end(text)
    if end is None:
        return not final, len(text) if final else 0, ""
    return False, end, ""


def _json_end(text: str) -> int | None:
    """Where the JSON value at the front of `text` ends; None if it has not ended."""
    depth, quoted, escaped = 0, False, False
    for index, char in enumerate(text):
        if escaped or char == "\\":
            escaped = not escaped
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "[{":
            depth += 1
        elif not quoted and char in "]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return None
