"""What the LLM reads while nobody waits: the past between turns, stable words while they are said,
summaries when idle."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.unit.talker import Talker
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.engine.api import (
    Generate,
    GenerateItem,
    Message,
)
from voice_local.skills.responder import (
    new_conversation,
)

pytestmark = pytest.mark.unit
WORDS: list[Any] = ["where is", "where is my", "where is my order", "where is my order"]


def talker(engine: ScriptedEngine, **settings: Any) -> Talker:
    """Speaks to an LLM that is told its instructions at the start and nothing later."""
    settings.setdefault("llm", {"prompting": "instruct"})
    return Talker(engine, **settings)


def said(prompt: list[Message]) -> list[str]:
    return [message["content"] for message in prompt[1:]]


def prompts(engine: ScriptedEngine) -> list[Any]:
    return [argument for stage, argument in engine.calls if stage == "llm"]


async def test_the_instructions_are_read_before_anybody_speaks() -> None:
    engine = ScriptedEngine()
    context = new_conversation(engine, load("small"))
    await context.prepare()
    (prompt,) = engine.read_ahead
    assert [m["role"] for m in prompt] == ["system", "user"] and prompt[1]["content"] == ""
    assert prompt[0] == context.messages("", "hello")[0]


async def test_every_prompt_goes_on_with_what_was_read_between_turns() -> None:
    engine = ScriptedEngine(answers=["Yes.", "No."], transcripts=["one", "two", "three"])
    made = talker(
        engine, conversation={"prefill": "turns", "dips": False, "interim_interval_ms": 10_000}
    )
    await made.run((0.5, False), *[(0.5, True), (1.5, False)] * 3)
    assert [said(prompt) for prompt in engine.read_ahead] == [
        [""],
        ["one", "Yes.", ""],
        ["one", "Yes.", "two", "No.", ""],
        ["one", "Yes.", "two", "No.", "three", "No.", ""],
    ]
    for asked, read in zip(prompts(engine), engine.read_ahead, strict=False):
        assert asked[:-1] == read[:-1]


async def test_words_are_read_while_they_are_said() -> None:
    engine = ScriptedEngine(transcripts=WORDS)
    await talker(engine, conversation={"interim_interval_ms": 300}).run(
        (0.5, False), (1.6, True), (1.5, False)
    )
    words = [said(prompt)[-1] for prompt in engine.read_ahead]
    first_turn = words[: words.index("where is my order") + 1]
    assert first_turn == ["", "where", "where is", "where is my", "where is my order"], (
        "but for the last tentative one"
    )


@pytest.mark.parametrize(("prefill", "expected"), [("none", []), ("turns", [[""]])])
async def test_words_are_read_only_where_that_is_wanted(
    prefill: str, expected: list[list[str]]
) -> None:
    engine = ScriptedEngine(transcripts=WORDS)
    await talker(engine, conversation={"interim_interval_ms": 300, "prefill": prefill}).run(
        (0.5, False), (1.2, True)
    )
    assert [said(prompt) for prompt in engine.read_ahead] == expected


async def test_words_are_not_read_where_something_else_comes_before_them() -> None:
    engine = ScriptedEngine(transcripts=WORDS)
    await Talker(engine, conversation={"interim_interval_ms": 300}).run((0.5, False), (1.2, True))
    assert [said(prompt) for prompt in engine.read_ahead] == [[""]]


SHORT = {"strategy": "summary_recent", "turns": 1}
TURN = ((0.5, True), (1.0, False))


class Noting(ScriptedEngine):
    """Notes at each `generate` how many streams have been given up until then."""

    def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        self.given_up = [*getattr(self, "given_up", []), len(self.cancelled)]
        return super()._generate(request)


async def test_a_summary_is_given_up_when_the_user_speaks() -> None:
    """D8: it held the only LLM stream, so that whoever spoke waited for it."""
    engine = Noting(
        answers=["Yes.", "Yes.", "They spoke of " + "bread " * 400, "Fine."], token_s=0.05
    )
    made = talker(engine, memory=SHORT)
    await made.run((0.5, False), *TURN, *TURN, (1.5, False), *TURN, (0.5, False))
    assert engine.given_up[:4] == [0, 0, 0, 1], (
        "the summary's stream was still open when the user was answered"
    )
    assert (
        made.turns[-1].assistant_text == "Fine."
        and "bread" not in made.session.context.memory.summary
    )
    assert made.turns[-1].first_audio_ms is not None and made.turns[-1].first_audio_ms < 800


async def test_what_was_given_up_is_done_later() -> None:
    engine = ScriptedEngine(
        answers=["Yes.", "Yes.", "bread " * 400, "Fine.", "They spoke of bread."], token_s=0.05
    )
    made = talker(engine, memory=SHORT)
    await made.run((0.5, False), *TURN, *TURN, (1.5, False), *TURN, (4.0, False))
    assert made.session.context.memory.summary == "They spoke of bread."


async def test_a_new_beginning_is_read_to_its_end_before_it_is_used() -> None:
    """A summary changes the whole prompt: who speaks while it is read is answered with the old
    one."""
    engine = ScriptedEngine(
        answers=["Yes.", "Yes.", "They spoke of bread.", "Fine."], prefill_s=2.0
    )
    made = talker(engine, memory=SHORT)
    await made.run((3.0, False), (0.5, True), (4.0, False), (0.5, True), (3.2, False), *TURN)
    assert made.session.context.memory.summary == "They spoke of bread."
    asked = prompts(engine)[-1]
    assert "bread" not in asked[0]["content"] and len(asked) == 1 + 2 * 2 + 1, (
        "nothing of the past is lost meanwhile"
    )


async def test_the_oldest_turns_go_between_turns() -> None:
    engine = ScriptedEngine(
        answers=[f"number {n} " + "word " * 60 for n in range(12)],
        transcripts=["tell me more of it"],
    )
    made = talker(engine, memory={"strategy": "full", "token_budget": 600})
    await made.run((0.5, False), *[(0.5, True), (6.0, False)] * 9)
    changed = 0
    for before, after in zip(prompts(engine), prompts(engine)[1:], strict=False):
        changed += after[: len(before)] != before
        assert after[:-1] in [prompt[:-1] for prompt in engine.read_ahead], (
            "a turn waited for a new beginning"
        )
    assert changed >= 1
