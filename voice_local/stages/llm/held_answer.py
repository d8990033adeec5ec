"""When a grammar holds an answer: from its beginning, once thinking is closed, or within a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from voice_local.engine.api import Tool, ToolChoice
from voice_local.errors import ToolInputError
from voice_local.stages.llm.call_grammar import RequiredCall, call_after_tag, required_call
from voice_local.stages.llm.thinking_tags import LONGEST
from voice_local.stages.llm.tool_calls import CLOSES, OPENS, end_of_call


class HeldSampler(Protocol):
    """What is done to the sampler, see `llama_sampler.Sampler`."""

    def hold(self, gbnf: str, begun: Sequence[int] = ()) -> bool:
        """Lets a grammar hold from now on; false where `begun` does not fit it."""
        ...

    def release(self) -> None:
        """Lets go of it."""
        ...


class FreeAnswer:
    """One that no grammar holds.

    Attributes:
        begun: what is written into the prompt as the answer's beginning.
        later: what `read` or `ended` may give to be written.
        one_call: whether the answer ends with its first call, and what else it says is left out.
        silent: whether what is being generated is none of the answer.
    """

    begun = later = ""
    one_call = silent = False

    def start(self, sampler: HeldSampler) -> None:
        """Before the first token."""

    def read(self, piece: str, sampler: HeldSampler) -> str:
        """After each piece; what is to be written after it, not to be generated."""
        return ""

    def ended(self, sampler: HeldSampler) -> str:
        """When the model ends its answer; what is to be written instead of the end."""
        return ""


class OneCallAnswer(FreeAnswer):
    """One call. `opened`: what closes the thinking that the prompt ends in, if it does, as a
    pattern: the call then begins behind it."""

    one_call = True

    def __init__(self, call: RequiredCall, opened: str | None) -> None:
        self._call = call
        self._closes = re.compile(opened, re.IGNORECASE) if opened else None
        self._text = ""
        self.silent = self._closes is not None
        self.begun, self.later = ("", call.begun) if self.silent else (call.begun, "")

    def start(self, sampler: HeldSampler) -> None:
        """See `FreeAnswer`."""
        if not self.silent:
            sampler.hold(self._call.gbnf)

    def read(self, piece: str, sampler: HeldSampler) -> str:
        """See `FreeAnswer`."""
        if not self.silent or self._closes is None:
            return ""
        self._text = (self._text + piece)[-2 * LONGEST - len(piece) :]
        return self._begin(sampler) if self._closes.search(self._text) else ""

    def ended(self, sampler: HeldSampler) -> str:
        """See `FreeAnswer`; thinking that ends without its tag has ended, too."""
        return self._begin(sampler) if self.silent else ""

    def _begin(self, sampler: HeldSampler) -> str:
        self.silent = False
        sampler.hold(self._call.gbnf)
        return self._call.begun


class CallsAnswer(FreeAnswer):
    """Text and calls as the model likes; what it writes within a call is held.

    `tokenize`: the tokens of a plain text. Where a tool's schema has no grammar, nothing is held.
    """

    def __init__(self, tools: Sequence[Tool], tokenize: Callable[[str], Sequence[int]]) -> None:
        self._tools, self._tokenize = tools, tokenize
        self._text, self._inside = "", False

    def read(self, piece: str, sampler: HeldSampler) -> str:
        """See `FreeAnswer`."""
        self._text += piece
        while True:
            end = end_of_call(self._text) if self._inside else self._text.find(OPENS)
            if end < 0:
                break
            self._text = self._text[end + len(CLOSES if self._inside else OPENS) :]
            self._inside = not self._inside
            if not self._inside:
                sampler.release()
            elif (gbnf := self._grammar()) is not None:
                sampler.hold(gbnf, self._tokenize(self._text))
        if not self._inside:
            self._text = self._text[-len(OPENS) :]
        return ""

    def _grammar(self) -> str | None:
        try:
            return call_after_tag(self._tools)
        except ToolInputError:
            return None


def held_answer(
    choice: ToolChoice,
    tools: Sequence[Tool],
    opened: str | None,
    tokenize: Callable[[str], Sequence[int]],
    *,
    takes_tools: bool,
) -> FreeAnswer:
    """How the answer to a request is held. `takes_tools`: whether the model's template has tools.

    Raises:
        ToolInputError: a call is required, and the model cannot be made to write one.
    """
    if choice is ToolChoice.REQUIRED:
        if not takes_tools:
            raise ToolInputError(
                "the language model takes no tools, so that it cannot be made to call one",
                "choose one whose chat template has tools: voice-local models list",
            )
        return OneCallAnswer(required_call(tools), opened)
    if tools and takes_tools:
        return CallsAnswer(tools, tokenize)
    return FreeAnswer()
