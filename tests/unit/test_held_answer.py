"""When a grammar holds an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_call_grammar import REFUSED, described, tokens_of, tool
from voice_local.engine.api import ToolChoice
from voice_local.errors import TextInputError
from voice_local.stages.llm.call_grammar import call_after_tag, required_call
from voice_local.stages.llm.held_answer import CallsAnswer, OneCallAnswer, held_answer
from voice_local.stages.llm.tool_calls import CLOSES, OPENS

pytestmark = pytest.mark.unit


def test_a_required_call_needs_tools_and_a_model_that_takes_them() -> None:
    for tools, takes in (((), True), ((tool({}),), False)):
        with pytest.raises(TextInputError, match="tool"):
            held_answer(ToolChoice.REQUIRED, tools, None, tokens_of, takes_tools=takes)


class Sampler:
    """Notes which grammars hold from when on."""

    def __init__(self, fits: bool = True) -> None:
        self.held: list[tuple[str, Any] | None] = []
        self._fits = fits

    def hold(self, gbnf: str, begun: Any = ()) -> bool:
        self.held.append((gbnf, begun))
        return self._fits

    def release(self) -> None:
        self.held.append(None)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_in_a_free_answer_each_call_is_held_from_its_tag_to_its_end(size: int) -> None:
    tools, sampler = [tool(described(t={"type": "string"}))], Sampler()
    answer = CallsAnswer(tools, tokens_of)
    assert answer.begun == "" and not answer.one_call
    call = '\n{"name": "a_tool", "arguments": {"t": "</tool_call>"}}\n' + CLOSES
    text = f"a <tool_ b {OPENS}{call} c {OPENS}{call}"
    for at in range(0, len(text), size):
        assert answer.read(text[at : at + size], sampler) == ""
    grammars = [held if held is None else held[0] for held in sampler.held]
    assert grammars == [call_after_tag(tools), None] * 2
    if size == 1:
        assert sampler.held[0] == (call_after_tag(tools), [])


def test_in_a_free_answer_a_schema_without_grammar_is_left_alone() -> None:
    sampler = Sampler()
    answer = CallsAnswer([tool(described(x=REFUSED["pattern"]))], tokens_of)
    answer.read(f"{OPENS}\n", sampler)
    assert sampler.held == []


def test_a_required_call_begins_once_thinking_is_closed() -> None:
    call = required_call([tool({})])
    sampler, answer = Sampler(), OneCallAnswer(call, r"<\s*/\s*think\s*>")
    answer.start(sampler)
    assert answer.begun == "" and answer.later == call.begun and answer.silent
    for piece in ("I might ", OPENS, '{"name": "x"}', CLOSES, "</th"):
        assert answer.read(piece, sampler) == ""
    assert sampler.held == []
    assert answer.read("ink>\n\n", sampler) == call.begun
    assert sampler.held == [(call.gbnf, ())] and not answer.silent
    assert answer.read(" {", sampler) == "" and answer.ended(sampler) == ""


def test_thinking_that_ends_without_its_tag_is_followed_by_the_call() -> None:
    call = required_call([tool({})])
    sampler, answer = Sampler(), OneCallAnswer(call, "</think>")
    assert answer.ended(sampler) == call.begun
    assert len(sampler.held) == 1 and answer.ended(sampler) == ""
