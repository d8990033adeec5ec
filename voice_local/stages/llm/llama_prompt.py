"""A chat template filled in and cut into tokens, so that no content can write a control token.

The template is rendered with marks where contents go. Its own text may hold control tokens;
contents never: text such as `<|im_end|>` in them becomes the tokens of its letters. What stands
between two control tokens is tokenized in one piece, as llama.cpp does it, so that ordinary prompts
come out as they would in one go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from voice_local.engine.api import Message, Tool, ToolCall
from voice_local.stages.llm.llama_context import LlamaContext

# Private-use characters: no template looks for them, and trimming leaves them.
_MARK = re.compile("\ue000(\\d+)\ue001")
_MARKS = re.compile("[\ue000\ue001]")
WORD_JOINER = "\u2060"
SHORTEST_MARKER = 3
"""Shorter user-defined tokens are ordinary signs, not a template's markers."""


class ChatTemplate:
    """The chat template of one model and its tokenizer.

    Attributes:
        takes_tools: whether the chat template has tools.

    Raises:
        jinja2.TemplateError: it is not a template.
    """

    def __init__(self, context: LlamaContext, template: str) -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._context = context
        self._formatter: Any = Jinja2ChatFormatter(
            template,
            eos_token=context.token_text(context.eos),
            bos_token=context.token_text(context.bos),
        )
        self._control = _any_of(context.control)
        # What a vocabulary of its own adds is looked for by llama.cpp in every text, contents
        # included.
        self._markers = _any_of(
            [
                *context.control,
                *(
                    text
                    for text in context.user_defined
                    if len(text) >= SHORTEST_MARKER and text in template
                ),
            ]
        )
        self.takes_tools = "tools" in template
        self._late_system = self._keeps_late_system()

    def _keeps_late_system(self) -> bool:
        """Whether a system message that comes after a user's is rendered."""
        from jinja2 import TemplateError

        probe = [
            Message(role="user", content="a"),
            Message(role="assistant", content="b"),
            Message(role="system", content="late-system-probe"),
            Message(role="user", content="c"),
        ]
        try:
            return "late-system-probe" in self._formatted(probe)
        except (TemplateError, ValueError, TypeError):  # the ways in which templates refuse
            return False

    def _formatted(self, messages: Sequence[Any], tools: Sequence[Tool] = ()) -> str:
        functions = [{"type": "function", "function": asdict(tool)} for tool in tools] or None
        filled = self._formatter(messages=list(messages), tools=functions, enable_thinking=False)
        return str(filled.prompt)

    def text(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
        """The prompt as text. A marker within a content is broken by a word joiner: whoever
        tokenizes this finds none."""
        prepared = self._prepared(messages)
        contents = [WORD_JOINER.join(self._harmless(message["content"])) for message in prepared]
        return _MARK.sub(lambda mark: contents[int(mark.group(1))], self._marked(prepared, tools))

    def _prepared(self, messages: Sequence[Message]) -> list[Message]:
        """Contexts are folded into the user's message where the template has no place for them."""
        folded = list(messages) if self._late_system else fold_contexts(messages)
        return [
            Message(**{**message, "content": _MARKS.sub("", message["content"].strip())})
            for message in folded
        ]

    def _marked(self, messages: Sequence[Message], tools: Sequence[Tool]) -> str:
        return self._formatted(
            [
                {
                    "role": message["role"],
                    "content": f"\ue000{number}\ue001",
                    # Without tools a small model would write the call that it sees once more.
                    **_calls(message.get("tool_calls", ()) if tools else ()),
                }
                for number, message in enumerate(messages)
            ],
            tools,
        )

    def written(self, text: str) -> list[int]:
        """The tokens of a text that is as trustworthy as the template: it may hold control
        tokens."""
        writer = _Writer(self._context)
        self._write_template(writer, text)
        return writer.finished()

    def tokens(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        *,
        open_ended: bool = False,
        begun: str = "",
    ) -> list[int]:
        """The prompt as tokens. `open_ended`: only until the end of the last message's content,
        which may yet grow. `begun`: the beginning of the answer, as for `written`."""
        prepared = self._prepared(messages)
        parts = _MARK.split(self._marked(prepared, tools))
        if open_ended:
            last = max(
                (at for at in range(1, len(parts), 2) if int(parts[at]) == len(prepared) - 1),
                default=0,
            )
            parts = parts[: last + 1]
        else:
            parts[-1] += begun
        writer = _Writer(self._context)
        for at, part in enumerate(parts):
            if at % 2:
                writer.content(self._harmless(prepared[int(part)]["content"]))
            else:
                self._write_template(writer, part)
        return writer.finished()

    def _write_template(self, writer: _Writer, text: str) -> None:
        end = 0
        for found in self._control.finditer(text) if self._control else ():
            writer.text(text[end : found.start()])
            writer.control(self._context.control[found.group(0)])
            end = found.end()
        writer.text(text[end:])

    def _harmless(self, content: str) -> list[str]:
        """`content` in pieces none of which holds a marker; they are tokenized apart."""
        if self._markers is None:
            return [content]
        cuts = [found.start() + 1 for found in self._markers.finditer(content)]
        return [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]


def _calls(calls: Sequence[ToolCall]) -> dict[str, Any]:
    """As templates know them. What they write of arguments is JSON with `<` escaped."""
    made = [
        {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in calls
    ]
    return {"tool_calls": made} if made else {}


class _Writer:
    """Collects tokens; text is tokenized once it is known to be followed by a control token or the
    end."""

    def __init__(self, context: LlamaContext) -> None:
        self._context = context
        self._tokens: list[int] = []
        self._waiting = ""
        self._strips = False

    def text(self, text: str) -> None:
        """More of the same text."""
        if self._strips and text.strip():
            text, self._strips = text.lstrip(), False
        self._waiting += "" if self._strips else text

    def content(self, pieces: list[str]) -> None:
        """A message's text, to be tokenized apart between its pieces."""
        self._strips = False
        for number, piece in enumerate(pieces):
            if number:
                self._flush()
            self._waiting += piece

    def control(self, token: int) -> None:
        """A control token."""
        left, right = self._context.strips(token)
        if left:
            self._waiting = self._waiting.rstrip()
        self._flush()
        self._tokens.append(token)
        self._strips = right

    def finished(self) -> list[int]:
        """All of it."""
        self._flush()
        return self._tokens

    def _flush(self) -> None:
        self._tokens += self._context.tokenize_plain(self._waiting)
        self._waiting = ""


def fold_contexts(messages: Sequence[Message]) -> list[Message]:
    """Puts every later system message in front of the user message after it, in brackets."""
    folded: list[Message] = []
    waiting = ""
    for index, message in enumerate(messages):
        if message["role"] == "system" and index > 0:
            waiting = message["content"]
        elif message["role"] == "user" and waiting:
            folded.append(Message(role="user", content=f"[{waiting}]\n{message['content']}"))
            waiting = ""
        else:
            folded.append(message)
    return folded


def _any_of(texts: Sequence[str] | dict[str, int]) -> re.Pattern[str] | None:
    """A pattern that finds any of `texts`, the longest first; None for none."""
    known = sorted((text for text in texts if text), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, known))) if known else None
