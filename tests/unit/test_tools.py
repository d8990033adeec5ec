"""Functions of a host program that the LLM calls: what they get, what it is told, and when they
run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from tests.unit.talker import Talker
from tests.unit.typed import ask, ask_all
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.conversation import events, phrases
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.tools import MOST_ROUNDS, HostTool, ToolFunction
from voice_local.conversation.options import SessionUpdate
from voice_local.conversation.session import VoiceSession
from voice_local.engine.api import (
    Generate,
    GenerateItem,
    Message,
    Prefill,
    Prefilled,
    TextDelta,
    Tool,
    ToolCall,
    ToolChoice,
    Understanding,
)
from voice_local.errors import WorkerDiedError
from voice_local.skills.responder import new_conversation
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
OSLO = ToolCall("weather", {"city": "Oslo"})
RAIN = "It rains in Oslo."


class Asked(ScriptedEngine):
    """Keeps every request to the LLM.

    Attributes:
        generates, prefills: in order.
    """

    generates: list[Generate]
    prefills: list[Prefill]

    def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        self.generates.append(request)
        return super()._generate(request)

    def _prefill(self, request: Prefill) -> AsyncGenerator[Prefilled, None]:
        self.prefills.append(request)
        return super()._prefill(request)


def asked(*answers: str | ToolCall | Exception, **script: Any) -> Asked:
    """An engine whose LLM gives `answers`, the last of them for ever."""
    engine = Asked(meant=[Understanding(None)], answers=list(answers), **script)
    engine.generates, engine.prefills = [], []
    return engine


def tool(function: ToolFunction, name: str = "weather", *, side_effects: bool = False) -> HostTool:
    """`function` as a tool that takes a city."""
    return HostTool(Tool(name, "Tells the weather.", CITY), function, side_effects)


def noting(ran: list[str]) -> ToolFunction:
    """A function that adds to `ran` what it was asked for."""

    async def weather(city: str) -> str:
        ran.append(city)
        return "rain"

    return weather


def conversation(engine: ScriptedEngine, *tools: HostTool) -> ConversationContext:
    """One whose LLM may call `tools`."""
    context = new_conversation(engine, load("small"), IntentRouter(2.0, 1.0))
    for one in tools:
        context.tools.add(one)
    return context


def after_words(request: Generate) -> list[Message]:
    """What stands in a prompt behind the user's words."""
    roles = [message["role"] for message in request.messages]
    return list(request.messages[len(roles) - roles[::-1].index("user") :])


async def test_a_result_goes_back_to_the_llm() -> None:
    engine = asked(OSLO, RAIN)
    cities: list[str] = []

    async def weather(city: str) -> str:
        cities.append(city)
        return "rain"

    context = conversation(engine, tool(weather))
    record = await ask(context, "how is the weather in Oslo")
    assert cities == ["Oslo"] and record.assistant_text == RAIN and record.handled_by == "llm"
    first, second = engine.generates
    assert first.tools == second.tools == (Tool("weather", "Tells the weather.", CITY),)
    assert after_words(first) == []
    assert after_words(second) == [
        Message(role="assistant", content="", tool_calls=(OSLO,)),
        Message(role="tool", content="rain"),
    ]
    assert record.tool_calls == ['weather({"city": "Oslo"}): rain']
    (exchange,) = context.memory.exchanges
    assert (exchange.user, exchange.assistant) == ("how is the weather in Oslo", RAIN)


@pytest.mark.parametrize("side_effects", [False, True])
async def test_calls_stand_in_the_record_in_order(side_effects: bool) -> None:
    answers = iter(["rain", "sun"])
    engine = asked(OSLO, ToolCall("weather", {"city": "Århus"}), "Both.")
    told = tool(lambda city: next(answers), side_effects=side_effects)
    record = await ask(conversation(engine, told), "the weather in two cities")
    assert record.tool_calls == [
        'weather({"city": "Oslo"}): rain',
        'weather({"city": "Århus"}): sun',
    ]
    assert [message["content"] for message in after_words(engine.generates[2])] == [
        "",
        "rain",
        "",
        "sun",
    ]


async def test_a_function_that_is_not_async_holds_nothing_up() -> None:
    loop, passed = asyncio.get_running_loop(), asyncio.Event()

    def weather(city: str) -> str:
        # Only the event loop can set it: it goes on meanwhile.
        assert asyncio.run_coroutine_threadsafe(passed.wait(), loop).result(5)
        return "rain"

    async with aclosing(VoiceSession(conversation(asked(OSLO, RAIN), tool(weather)))) as session:
        answering = asyncio.create_task(session.ask("how is the weather"))
        for _ in range(20):
            await asyncio.sleep(0)
        passed.set()
        assert (await answering).assistant_text == RAIN


async def test_an_unknown_tool_is_told_as_an_error() -> None:
    engine = asked(ToolCall("dance"), "I can't dance.")
    record = await ask(conversation(engine, tool(lambda city: "rain")), "dance for me")
    assert record.assistant_text == "I can't dance."
    assert json.loads(after_words(engine.generates[1])[-1]["content"]) == {
        "error": "there is no tool dance"
    }
    (noted,) = record.tool_calls
    assert noted.startswith("dance({}): ") and "there is no tool" in noted


@pytest.mark.parametrize("side_effects", [False, True])
@pytest.mark.parametrize("call", [OSLO, ToolCall("weather", {"town": "Oslo"})])
async def test_a_tool_that_raises_is_told_as_an_error(call: ToolCall, side_effects: bool) -> None:
    async def weather(city: str) -> str:
        raise KeyError("no service")

    engine = asked(call, "I could not find out.")
    told = tool(weather, side_effects=side_effects)
    record = await ask(conversation(engine, told), "how is the weather")
    assert record.assistant_text == "I could not find out." and record.fallbacks == []
    error = json.loads(after_words(engine.generates[1])[-1]["content"])["error"]
    assert error.startswith("KeyError" if call is OSLO else "TypeError")
    assert len(record.tool_calls) == 1


async def test_after_so_many_rounds_an_answer_is_due() -> None:
    ran: list[str] = []
    cities = [ToolCall("weather", {"city": city}) for city in ("Oslo", "Rome", "Lima", "Bonn")]
    engine = asked(*cities, RAIN)
    record = await ask(conversation(engine, tool(noting(ran))), "how is the weather in Oslo")
    assert len(ran) == len(record.tool_calls) == MOST_ROUNDS
    assert [bool(request.tools) for request in engine.generates] == [True] * MOST_ROUNDS + [False]
    assert record.assistant_text == phrases.NO_WORDS_FOR_IT


async def test_a_call_that_was_made_is_not_made_again() -> None:
    ran: list[str] = []
    engine = asked(OSLO, OSLO, RAIN)
    record = await ask(conversation(engine, tool(noting(ran))), "how is the weather in Oslo")
    assert ran == ["Oslo"] and record.assistant_text == RAIN
    assert [bool(request.tools) for request in engine.generates] == [True, True, False]


@pytest.mark.parametrize("copied", ['{"sky": "rain"}', '["rain"]', " \n{ ", ""])
async def test_a_result_that_is_only_copied_is_put_into_words(copied: str) -> None:
    engine = asked(OSLO, copied, RAIN)
    record = await ask(conversation(engine, tool(noting([]))), "how is the weather in Oslo")
    assert record.assistant_text == RAIN
    assert [bool(request.tools) for request in engine.generates] == [True, True, False]


async def test_a_worker_that_dies_after_a_call_does_not_repeat_it() -> None:
    ran: list[str] = []
    engine = asked(OSLO, WorkerDiedError("gone"), RAIN)
    told = tool(noting(ran), side_effects=True)
    record = await ask(conversation(engine, told), "how is the weather")
    assert ran == ["Oslo"] and record.assistant_text == RAIN
    assert record.fallbacks == ["engine_restarted: during llm"]


async def test_a_worker_that_dies_after_a_required_call_does_not_repeat_it() -> None:
    ran: list[str] = []
    engine = asked(OSLO, WorkerDiedError("gone"), OSLO, RAIN)
    context = conversation(engine, tool(noting(ran), side_effects=True))
    context.tools.choice = ToolChoice.REQUIRED
    record = await ask(context, "how is the weather in Oslo")
    assert ran == ["Oslo"] and record.assistant_text == RAIN
    choices = [request.tool_choice for request in engine.generates]
    assert choices[0] is ToolChoice.REQUIRED and ToolChoice.REQUIRED not in choices[1:]


async def test_a_worker_that_dies_after_a_result_is_asked_again() -> None:
    """What was said before the call needs not be said again, and what it led to follows."""
    rounds = Rounds([TextDelta("Let me see. "), OSLO], [], [TextDelta(RAIN)])
    rounds.dies = 2
    record = await ask(conversation(rounds, tool(noting([]))), "how is the weather in Oslo")
    assert record.assistant_text == f"Let me see. {RAIN}"
    assert record.fallbacks == ["engine_restarted: during llm"]


async def test_of_calls_in_one_round_each_is_made_once() -> None:
    ran: list[str] = []
    rome = ToolCall("weather", {"city": "Rome"})
    engine = Rounds([OSLO, OSLO], [OSLO, rome], [TextDelta(RAIN)])
    record = await ask(conversation(engine, tool(noting(ran))), "how is the weather")
    assert ran == ["Oslo", "Rome"] and record.assistant_text == RAIN


class Rounds(ScriptedEngine):
    """Gives whole generations, one after the other."""

    def __init__(self, *rounds: list[GenerateItem]) -> None:
        super().__init__(meant=[Understanding(None)])
        self._rounds = list(rounds)
        self.dies, self._asked = 0, 0

    async def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        self._asked += 1
        items = self._rounds.pop(0)
        if self._asked == self.dies:
            raise WorkerDiedError("gone")
        for item in items:
            yield item


async def test_tools_can_be_changed_while_the_conversation_goes_on() -> None:
    engine = asked("Fine.")
    context = conversation(engine, tool(lambda city: "rain"))
    async with aclosing(VoiceSession(context)) as session:
        session.update(SessionUpdate(tools=[tool(lambda city: "sun", "sun")]))
        await session.ask("hi")
        session.update(SessionUpdate(tools=()))
        await session.ask("hi")
    assert [[one.name for one in request.tools] for request in engine.generates] == [["sun"], []]


async def test_what_is_read_ahead_knows_the_tools() -> None:
    """A prompt with tools begins otherwise: what was read without them would be read again."""
    engine = asked("Fine.")
    context = conversation(engine, tool(lambda city: "rain"))
    await context.prepare()
    await ask_all(context, "hi", "hi")
    assert engine.prefills and all(request.tools for request in engine.prefills)


# Spoken: what waits for the user's end, and what goes on after an interruption.


class Doer:
    """A tool that takes a while.

    Attributes:
        began, ended: loop times.
    """

    def __init__(self, takes_s: float = 0.0) -> None:
        self._takes_s = takes_s
        self.began: list[float] = []
        self.ended: list[float] = []

    async def __call__(self, city: str) -> str:
        """The tool's function."""
        loop = asyncio.get_running_loop()
        self.began.append(loop.time())
        await asyncio.sleep(self._takes_s)
        self.ended.append(loop.time())
        return "done"


def talker(engine: ScriptedEngine, doer: Doer, *, side_effects: bool) -> Talker:
    """Somebody who speaks to an LLM that has `doer`."""
    made = Talker(engine, conversation={"interim_interval_ms": 10_000, "dips": False})
    made.session.context.tools.add(tool(doer, side_effects=side_effects))
    return made


@pytest.mark.parametrize("side_effects", [False, True])
async def test_side_effects_wait_until_the_user_has_surely_finished(side_effects: bool) -> None:
    first = [OSLO] if side_effects else [OSLO, RAIN]
    engine, doer = asked(*first, OSLO, RAIN, stt_s=0.05), Doer()
    made = talker(engine, doer, side_effects=side_effects)
    # The pause within the utterance begins an answer that is thrown away.
    await made.run((0.5, False), (0.5, True), (0.2, False), (0.5, True), (3.0, False))
    committed = next(at for at, event in made.told if isinstance(event, events.UserSaid))
    (turn,) = made.turns
    if side_effects:
        assert len(doer.began) == 1 and doer.began[0] >= committed
    else:
        assert len(doer.began) == 2 and doer.began[0] < committed
    assert turn.heard_text == RAIN


async def test_a_side_effect_that_was_begun_runs_to_its_end_when_the_user_interrupts() -> None:
    engine, doer = asked(OSLO, RAIN), Doer(takes_s=4.0)
    made = talker(engine, doer, side_effects=True)
    await made.step(0.5, False)
    await made.step(0.5, True)
    while not doer.began:
        await made.step(0.032, False)
    made.session.cancel_response()
    await made.step(1.0, False)
    (turn,) = made.turns
    assert turn.interrupted and not doer.ended and turn.tool_calls == []
    await made.run((5.0, False))
    assert len(doer.began) == len(doer.ended) == 1 and len(engine.generates) == 1
    assert turn.tool_calls == ['weather({"city": "Oslo"}): done']
    assert [e.assistant for e in made.session.context.memory.exchanges] == [""]


async def test_the_end_of_a_session_waits_for_a_side_effect_that_was_begun() -> None:
    doer = Doer(takes_s=4.0)
    session = VoiceSession(conversation(asked(OSLO, RAIN), tool(doer, side_effects=True)))
    session.push_text("how is the weather")
    await asyncio.sleep(1.0)
    assert doer.began and not doer.ended
    await session.aclose()
    assert len(doer.ended) == 1


async def test_what_only_looks_is_given_up_with_its_turn() -> None:
    doer = Doer(takes_s=4.0)
    async with aclosing(VoiceSession(conversation(asked(OSLO, RAIN), tool(doer)))) as session:
        session.push_text("how is the weather")
        await asyncio.sleep(1.0)
        session.cancel_response()
        await asyncio.sleep(10.0)
    assert doer.began and not doer.ended
