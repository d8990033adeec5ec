"""The Realtime API: function tools that the client runs, in time, late, or never."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.unit.realtime_client import LONG, RealtimeClient, good_turn
from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.conversation import phrases
from voice_local.engine.api import Generate, GenerateItem, TextDelta, ToolCall, ToolChoice
from voice_local.errors import WorkerDiedError

pytestmark = pytest.mark.unit
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
OSLO = ToolCall("get_weather", {"city": "Oslo"})
LATE_S = 5.3
"""A first token after so long comes while "Give me a moment …" sounds."""
ROME = ToolCall("get_weather", {"city": "Rome"})


async def called(client: RealtimeClient, count: int = 1) -> str:
    """The id of the `count`-th call."""
    told = await client.until("response.function_call_arguments.done", count)
    return str(told["call_id"])


async def weather_asked(client: RealtimeClient) -> str:
    """The session has a tool, and its LLM calls it; the call's id."""
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo")
    return await called(client)


async def give(
    client: RealtimeClient, call_id: str, output: str = "sunny", **response: Any
) -> None:
    """Answers a call and asks for the response."""
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    await client.send("conversation.item.create", item=item)
    await client.send("response.create", **({"response": response} if response else {}))


async def test_a_tool_is_called_and_its_output_answered() -> None:
    call = ToolCall("get_weather", {"city": "Oslo"})
    client = RealtimeClient(ScriptedEngine(answers=[call, "It is sunny in Oslo."]))
    await client.configure(tools=[WEATHER], tool_choice="required")
    await client.type("what is the weather in Oslo")
    first = await client.until("response.done")
    (item,) = first["response"]["output"]
    assert item["type"] == "function_call" and item["name"] == "get_weather"
    assert json.loads(item["arguments"]) == {"city": "Oslo"}
    output = {"type": "function_call_output", "call_id": item["call_id"], "output": "sunny"}
    await client.send("conversation.item.create", item=output)
    await client.send("response.create")
    second = await client.until("response.done", 2)
    assert second["response"]["output"][0]["content"][0]["transcript"] == "It is sunny in Oslo."
    prompts = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "sunny" in str(prompts[-1])
    await client.close()


async def test_a_call_while_a_filler_sounds_makes_no_message_without_words() -> None:
    """The call is told at once; the message ends with its sound, and the next response follows."""
    first, second = (
        ToolCall("get_weather", {"city": "Oslo"}),
        ToolCall("get_weather", {"city": "X"}),
    )
    engine = ScriptedEngine(answers=[first, second, "It is sunny."], token_s=5.3, segment_s=0.1)
    client = RealtimeClient(engine)
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo")
    for count in (1, 2):
        told = await client.until("response.function_call_arguments.done", count)
        output = {"type": "function_call_output", "call_id": told["call_id"], "output": "{}"}
        await client.send("conversation.item.create", item=output)
        await client.send("response.create")
    await client.until("response.done", 3)
    assert client.errors == []
    responses = [event["response"]["output"] for event in client.of("response.done")]
    kinds = [[item["type"] for item in output] for output in responses]
    assert kinds == [["message", "function_call"], ["function_call"], ["message"]]
    said = [item["content"][0]["transcript"] for out in responses for item in out if "role" in item]
    assert said == [phrases.LATER, "It is sunny."]
    ended = [event["item_id"] for event in client.of("response.output_audio.done")]
    for event in client.of("response.output_audio.delta"):
        after = client.told.index(event)
        done = [one for one in client.told[:after] if one["type"] == "response.output_audio.done"]
        assert event["item_id"] in ended and event["item_id"] not in {d["item_id"] for d in done}
    await client.close()


async def test_nothing_is_said_to_gain_time_while_the_client_runs_a_tool() -> None:
    call = ToolCall("get_weather", {"city": "Oslo"})
    client = RealtimeClient(ScriptedEngine(answers=[call, "It is sunny."]))
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo")
    done = await client.until("response.done")
    await asyncio.sleep(20)
    call_id = done["response"]["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
    await client.send("conversation.item.create", item=output)
    await client.send("response.create")
    second = await client.until("response.done", 2)
    (message,) = second["response"]["output"]
    assert message["content"][0]["transcript"] == "It is sunny."
    await client.close()


async def test_the_server_may_be_set_to_gain_time_while_a_tool_runs() -> None:
    engine = ScriptedEngine(answers=[OSLO, "It is sunny."])
    client = RealtimeClient(state=server_state(engine, tool_filler=True))
    call_id = await weather_asked(client)
    await client.until("response.done")
    await asyncio.sleep(20)
    assert len(client.of("response.done")) == 2 and client.heard_s(1) > 0.3
    await give(client, call_id)
    await client.until("response.done", 3)
    said = [event["transcript"] for event in client.of("response.output_audio_transcript.done")]
    assert said == [phrases.LATER, "It is sunny."]
    await client.close()


async def test_a_tool_that_returns_after_its_turn_was_interrupted_is_told() -> None:
    call = ToolCall("get_weather", {"city": "Oslo"})
    engine = ScriptedEngine(answers=[call, "Hello.", "Sunny, it says."])
    client = RealtimeClient(engine)
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo")
    first = await client.until("response.done")
    await client.type("never mind, hello")
    await client.until("response.done", 2)
    call_id = first["response"]["output"][0]["call_id"]
    output = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
    await client.send("conversation.item.create", item=output)
    await client.send("response.create")
    third = await client.until("response.done", 3)
    assert third["response"]["output"][0]["content"][0]["transcript"] == "Sunny, it says."
    await client.close()


async def test_tool_choice_reaches_the_engine() -> None:
    engine = ScriptedEngine(answers=[ToolCall("get_weather", {"city": "Oslo"}), "Sunny."])
    client = RealtimeClient(engine)
    await client.configure(tools=[WEATHER], tool_choice={"type": "function", "name": "get_weather"})
    tools = client.realtime.live.session.context.tools
    assert tools.choice is ToolChoice.REQUIRED and len(tools.described) == 1
    await client.configure(tool_choice="none")
    assert not list(tools.described)
    await client.close()


async def test_a_client_that_leaves_while_a_call_waits() -> None:
    """The second call comes while the filler still sounds; nothing may wait for it for ever."""
    engine = ScriptedEngine(answers=[OSLO, ROME, "Fine."], token_s=LATE_S, segment_s=0.1)
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    engine.token_s = 0.0
    await give(client, call_id)
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await client.close()
    assert client.state.pool.open_sessions == set()


async def test_a_call_of_a_turn_that_was_interrupted_is_not_told_in_the_next() -> None:
    engine = ScriptedEngine(answers=[OSLO, ROME, "Hello."], token_s=LATE_S, segment_s=0.1)
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    engine.token_s = 0.0
    await give(client, call_id)
    await asyncio.sleep(0.1)
    await client.send("response.cancel")
    await client.type("never mind")
    done = await client.until("response.done", 3)
    assert [item["type"] for item in done["response"]["output"]] == ["message"]
    assert len(client.of("response.function_call_arguments.done")) == 1
    await good_turn(client)


async def test_a_late_output_leaves_the_answer_that_goes_on() -> None:
    engine = ScriptedEngine(answers=[OSLO, LONG, "Sunny, it says."])
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    await client.until("response.done")
    await client.type("never mind, tell me something long")
    await client.until("response.output_audio.delta")
    await give(client, call_id)
    assert client.errors[0]["code"] == "conversation_already_has_active_response"
    second = await client.until("response.done", 2)
    assert second["response"]["status"] == "completed"
    await client.send("response.create")
    third = await client.until("response.done", 3)
    assert third["response"]["output"][0]["content"][0]["transcript"] == "Sunny, it says."
    prompts = [argument for stage, argument in engine.calls if stage == "llm"]
    assert "sunny" in str(prompts[-1])
    await good_turn(client)


async def test_a_call_that_is_never_answered_opens_no_way_around_an_answer() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[OSLO, LONG]))
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo")
    await client.until("response.done")
    await client.type("never mind, tell me something long")
    await client.until("response.output_audio.delta")
    await client.send("response.create")
    assert client.errors[0]["code"] == "conversation_already_has_active_response"
    done = await client.until("response.done", 2)
    assert done["response"]["status"] == "completed"
    async with asyncio.timeout(5):
        await client.close()


async def test_an_output_without_its_response_is_no_reason_to_end_the_sound() -> None:
    """Asked for before the output is there: the call's own message still sounds."""
    engine = ScriptedEngine(answers=[OSLO, "It is sunny."], token_s=LATE_S, segment_s=0.1)
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    engine.token_s = 0.0
    await client.send("response.create")
    assert client.errors[0]["code"] == "conversation_already_has_active_response"
    await give(client, call_id)
    done = await client.until("response.done", 2)
    assert done["response"]["output"][0]["content"][0]["transcript"] == "It is sunny."
    await client.close()


class Instructed(ScriptedEngine):
    """Keeps what the LLM was told to do at each answer: `told`. `client`: whose it is."""

    client: RealtimeClient
    told: list[str]

    def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        self.told.append(self.client.realtime.live.current.instructions)
        return super()._generate(request)


async def test_instructions_of_one_response_are_for_it_alone() -> None:
    """The turn before it, which waits for a tool, ends after they were given."""
    engine = Instructed(answers=[OSLO, "One moment.", "Ahoy."])
    engine.told, engine.client = [], RealtimeClient(engine)
    client = engine.client
    await client.configure(tools=[WEATHER], instructions="Speak of ships.")
    await client.type("what is the weather in Oslo")
    await client.until("response.done")
    await client.send("response.create", response={"instructions": "Say that you are checking."})
    await client.until("response.done", 2)
    await client.type("and now")
    await client.until("response.done", 3)
    assert engine.told == ["Speak of ships.", "Say that you are checking.", "Speak of ships."]
    await client.close()


async def test_a_response_that_cannot_begin_changes_nothing() -> None:
    engine = Instructed(answers=["Ahoy."])
    engine.told, engine.client = [], RealtimeClient(engine)
    client = engine.client
    await client.configure(instructions="Speak of ships.")
    content = [{"type": "input_text", "text": 600 * "word "}]
    item = {"type": "message", "role": "user", "content": content}
    await client.send("conversation.item.create", item=item)
    await client.send("response.create", response={"instructions": "Sum up."}, event_id="mine")
    assert client.errors[0]["event_id"] == "mine"
    await client.send(
        "conversation.item.delete", item_id=client.of("conversation.item.done")[0]["item"]["id"]
    )
    await client.type("and now")
    await client.until("response.done")
    assert engine.told == ["Speak of ships."]
    await client.close()


async def test_the_message_after_a_tool_is_truncated_by_its_own_time() -> None:
    engine = ScriptedEngine(
        answers=[OSLO, "One two three four five six seven eight nine ten."], token_s=LATE_S
    )
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    engine.token_s = 0.0
    await give(client, call_id)
    done = await client.until("response.done", 2)
    item_id = done["response"]["output"][0]["id"]
    truncate = {"item_id": item_id, "content_index": 0, "audio_end_ms": 0}
    await client.send("conversation.item.truncate", **truncate)
    assert client.errors == []
    (exchange,) = client.realtime.live.session.context.memory.exchanges
    assert "One" not in exchange.assistant
    await client.close()


async def test_two_calls_whose_outputs_come_one_after_the_other() -> None:
    """Agents SDKs send the next `response.create` only after `response.done`."""
    engine = TwoCalls(answers=["It is sunny in both."])
    client = RealtimeClient(engine)
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo and Rome")
    await client.until("response.done")
    first, second = [
        event["call_id"] for event in client.of("response.function_call_arguments.done")
    ]
    await give(client, first)
    await client.until("response.done", 2)
    await give(client, second, "rainy")
    done = await client.until("response.done", 3)
    assert done["response"]["output"][0]["content"][0]["transcript"] == "It is sunny in both."
    prompts = [argument for stage, argument in engine.calls if stage == "llm"]
    assert "sunny" in str(prompts[-1]) and "rainy" in str(prompts[-1])
    await good_turn(client)


class TwoCalls(ScriptedEngine):
    """Its first answer calls two tools."""

    async def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        if request.messages[-1]["role"] == "user" and not self.asked_twice:
            self.asked_twice = True
            yield OSLO
            yield ROME
            return
        async for item in super()._generate(request):
            yield item

    asked_twice = False


async def test_what_is_typed_goes_before_an_output_of_a_turn_that_is_over() -> None:
    engine = ScriptedEngine(answers=[OSLO, "Hello.", "A story.", "Sunny, it says."])
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    await client.until("response.done")
    await client.type("never mind, hello")
    await client.until("response.done", 2)
    item = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
    await client.send("conversation.item.create", item=item)
    await client.type("tell me a story")
    third = await client.until("response.done", 3)
    assert third["response"]["output"][0]["content"][0]["transcript"] == "A story."
    await client.send("response.create")
    fourth = await client.until("response.done", 4)
    assert fourth["response"]["output"][0]["content"][0]["transcript"] == "Sunny, it says."
    await client.close()


async def test_what_is_typed_with_an_output_is_told_with_it() -> None:
    engine = ScriptedEngine(answers=[OSLO, "Sunny, and your umbrella stays here."])
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    await client.until("response.done")
    item = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
    await client.send("conversation.item.create", item=item)
    await client.type("do I need an umbrella")
    await client.until("response.done", 2)
    prompts = [argument for stage, argument in engine.calls if stage == "llm"]
    assert "sunny" in str(prompts[-1]) and "umbrella" in str(prompts[-1])
    assert client.realtime.live.waiting == []
    await client.close()


async def test_an_answer_goes_on_as_it_began() -> None:
    engine = ScriptedEngine(answers=[OSLO, "It is sunny."])
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    await client.until("response.done")
    await give(client, call_id, output_modalities=["text"])
    done = await client.until("response.done", 2)
    assert done["response"]["output_modalities"] == ["audio"]
    assert client.of("response.output_text.delta") == []
    assert client.of("response.output_audio.delta")
    await client.close()


async def test_a_cancelled_response_says_who_cancelled_it() -> None:
    """While the next response waits for the filler's end."""
    engine = ScriptedEngine(answers=[OSLO, "It is sunny."], token_s=LATE_S, segment_s=0.1)
    client = RealtimeClient(engine)
    await client.configure(tools=[WEATHER])
    await client.type("what is the weather in Oslo")
    await give(client, await called(client))
    await client.send("response.cancel")
    done = await client.until("response.done", 2)
    assert done["response"]["status_details"]["reason"] == "client_cancelled"
    await good_turn(client)


async def test_a_voice_that_fails_before_a_call_ends_the_response() -> None:
    """What was lost of a segment is not waited for."""
    lost: list[Any] = [(1, WorkerDiedError("killed")), (1, WorkerDiedError("killed")), None]
    engine = Preamble(answers=["It is sunny."], sounds=lost, piece_s=0.2)
    client = RealtimeClient(engine)
    call_id = await weather_asked(client)
    await client.until("response.done")
    await give(client, call_id)
    await client.until("response.done", 2)
    await client.close()


class Preamble(ScriptedEngine):
    """Its first answer says something, and calls a tool."""

    async def _generate(self, request: Generate) -> AsyncGenerator[GenerateItem, None]:
        if request.messages[-1]["role"] == "user":
            yield TextDelta("Let me look at the weather there for you.")
            yield OSLO
            return
        async for item in super()._generate(request):
            yield item


async def test_words_before_a_call_are_said_before_it() -> None:
    client = RealtimeClient(Preamble(answers=["It is sunny."]))
    call_id = await weather_asked(client)
    first = await client.until("response.done")
    message, call = first["response"]["output"]
    assert message["content"][0]["transcript"] == "Let me look at the weather there for you."
    assert call["type"] == "function_call"
    await give(client, call_id)
    second = await client.until("response.done", 2)
    (message,) = second["response"]["output"]
    assert message["content"][0]["transcript"] == "It is sunny."
    await client.close()


async def test_a_turn_that_began_in_writing_goes_on_in_writing() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[OSLO, "It is sunny."]))
    await client.configure(tools=[WEATHER])
    content = [{"type": "input_text", "text": "what is the weather in Oslo"}]
    item = {"type": "message", "role": "user", "content": content}
    await client.send("conversation.item.create", item=item)
    await client.send("response.create", response={"output_modalities": ["text"]})
    await give(client, await called(client))
    done = await client.until("response.done", 2)
    assert done["response"]["output"][0]["content"][0] == {
        "type": "output_text",
        "text": "It is sunny.",
    }
    assert client.of("response.output_audio.delta") == []
    (exchange,) = client.realtime.live.session.context.memory.exchanges
    assert exchange.assistant == "It is sunny."
    await client.type("and now")
    await client.until("response.done", 3)
    assert client.of("response.output_audio.delta")
    await client.close()
