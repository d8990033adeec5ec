"""The Realtime API: turns, items, tools, and every fault with its own answer and a good next turn."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from tests.unit.realtime_client import RealtimeClient
from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.conversation import phrases
from voice_local.engine.api import ToolCall, ToolChoice, Transcript
from voice_local.errors import CapacityError, StageError, TextInputError
from voice_local.server.connection_tasks import until_first
from voice_local.server.logs import JsonLines
from voice_local.server.outbox import MOST_BYTES, STALL_S, Outbox
from voice_local.server.realtime.protocol import ClientError

pytestmark = pytest.mark.unit
LONG = 6 * "The answer has some more words to say. "
TRANSCRIBED = {"input": {"transcription": {"model": "whisper-1"}}}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


async def good_turn(client: RealtimeClient) -> None:
    """The session answers: nothing that came before has harmed it."""
    before = len(client.of("response.done"))
    await client.type("hello again")
    done = await client.until("response.done", before + 1)
    assert done["response"]["status"] == "completed"
    await client.close()


async def test_a_spoken_turn_tells_its_events_in_order() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["turn the page"]))
    await client.configure(audio=TRANSCRIBED)
    await client.speak(1.0)
    await client.speak(3.0, loud=False)
    done = await client.until("response.done")
    assert client.kinds()[:3] == ["session.created", "conversation.created", "session.updated"]
    assert client.kinds()[3:] == TURN
    (item,) = done["response"]["output"]
    said = item["content"][0]["transcript"]
    assert said == "Hello! How can I help you?" and done["response"]["status"] == "completed"
    (words,) = client.of("conversation.item.input_audio_transcription.completed")
    assert words["transcript"] == "turn the page"
    started, stopped = client.told[3]["audio_start_ms"], client.told[4]["audio_end_ms"]
    assert 0 <= started <= 60 and 940 <= stopped <= 1060
    assert client.heard_s() > 0.2
    await client.close()


async def test_deltas_of_a_transcript_only_append() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["One sentence. Another one. And a third."]))
    await client.type("hi")
    await client.until("response.done")
    deltas = [event["delta"] for event in client.of("response.output_audio_transcript.delta")]
    (done,) = client.of("response.output_audio_transcript.done")
    assert "".join(deltas) == done["transcript"] == "One sentence. Another one. And a third."
    await client.close()


async def test_speech_over_an_answer_cancels_it() -> None:
    engine = ScriptedEngine(answers=[LONG, "Fine."], transcripts=["please stop that now"])
    client = RealtimeClient(engine)
    await client.type("tell me something long")
    await client.until("response.output_audio.delta", 20)
    await client.speak(1.0)
    await client.speak(3.0, loud=False)
    first = await client.until("response.done")
    assert first["response"]["status"] == "cancelled"
    assert first["response"]["status_details"]["reason"] == "turn_detected"
    second = await client.until("response.done", 2)
    assert second["response"]["status"] == "completed"
    kinds = client.kinds()
    assert kinds.index("input_audio_buffer.speech_started") < len(kinds)
    item_id = first["response"]["output"][0]["id"]
    await client.send(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=200
    )
    await client.until("conversation.item.truncated")
    kept = client.realtime.live.session.context.memory.exchanges[0].assistant
    assert 0 < len(kept) < 30 and LONG.startswith(kept)
    await good_turn(client)


async def test_a_noise_over_an_answer_leaves_it() -> None:
    engine = ScriptedEngine(answers=[LONG], transcripts=[""])
    client = RealtimeClient(engine)
    await client.type("tell me something long")
    await client.until("response.output_audio.delta", 20)
    await client.speak(0.3)
    await client.speak(4.0, loud=False)
    done = await client.until("response.done")
    assert done["response"]["status"] == "completed"
    assert client.of("input_audio_buffer.speech_started") == []
    await client.close()


async def test_manual_turns_are_committed_and_asked_for() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["one", "two"]))
    detection = {"input": {"turn_detection": None, "transcription": {"model": "x"}}}
    await client.configure(audio=detection)
    for _ in range(2):
        await client.speak(0.6)
        await client.speak(0.4, loud=False)
        await client.send("input_audio_buffer.commit")
    await client.until("conversation.item.input_audio_transcription.completed", 2)
    assert client.of("response.created") == []
    assert client.of("input_audio_buffer.speech_started") == []
    await client.send("response.create")
    await client.until("response.done")
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "one two" in str(asked[-1])
    await client.close()


async def test_a_transcription_session_transcribes_and_never_answers() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["only words"]), transcribes_only=True)
    created = client.realtime.live.as_json()
    assert created["type"] == "transcription" and "tools" not in created
    session = {"type": "transcription", "audio": TRANSCRIBED}
    await client.send("session.update", session=session)
    await client.speak(1.0)
    await client.speak(2.0, loud=False)
    words = await client.until("conversation.item.input_audio_transcription.completed")
    assert words["transcript"] == "only words"
    await client.send("response.create")
    assert client.of("response.created") == [] and len(client.errors) == 1
    await client.close()


async def test_text_alone() -> None:
    client = RealtimeClient()
    await client.configure(output_modalities=["text"])
    await client.type("hi")
    done = await client.until("response.done")
    assert client.of("response.output_audio.delta") == []
    assert done["response"]["output"][0]["content"][0]["type"] == "output_text"
    (text,) = client.of("response.output_text.done")
    assert text["text"] == "Hello! How can I help you?"
    await client.close()


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


async def test_a_response_beside_the_conversation_is_not_remembered() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["A title."]))
    await client.send(
        "response.create",
        response={
            "conversation": "none",
            "output_modalities": ["text"],
            "instructions": "Give a title.",
            "metadata": {"topic": "title"},
            "input": [
                {
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "A text."}],
                }
            ],
        },
    )
    done = await client.until("response.done")
    assert done["response"]["conversation_id"] is None
    assert done["response"]["metadata"] == {"topic": "title"}
    assert done["response"]["output"][0]["content"][0]["text"].strip() == "A title."
    assert client.of("conversation.item.added") == []
    assert client.realtime.live.session.context.memory.exchanges == []
    await good_turn(client)


async def test_instructions_of_one_response_are_for_it_alone() -> None:
    engine = ScriptedEngine()
    client = RealtimeClient(engine)
    await client.configure(instructions="Speak of ships.")
    await client.send("response.create", response={"instructions": "Speak of trains."})
    await client.until("response.done")
    await client.type("and now")
    await client.until("response.done", 2)
    assert client.realtime.live.current.instructions == "Speak of ships."
    assert client.realtime.live.session.context.memory.system
    await client.close()


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
async def test_telephone_formats_both_ways(name: str) -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["a call"]))
    sound = {"type": name}
    await client.configure(audio={"input": {"format": sound}, "output": {"format": sound}})
    from voice_local.audio import g711

    encode = g711.to_mulaw if name.endswith("u") else g711.to_alaw
    decode = g711.from_mulaw if name.endswith("u") else g711.from_alaw
    import numpy as np

    for seconds, level in ((0.8, 0.3), (3.0, 0.0)):
        noise = level * np.random.default_rng(1).uniform(-1, 1, int(seconds * 8000))
        piece = encode(noise.astype(np.float32))
        await client.send("input_audio_buffer.append", audio=base64.b64encode(piece).decode())
    await client.until("response.done")
    parts = [base64.b64decode(e["delta"]) for e in client.of("response.output_audio.delta")]
    sound_back = decode(b"".join(parts))
    assert len(sound_back) > 1600 and np.abs(sound_back).max() > 0.05
    await client.close()


# Faults.


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_event"),
        ("null", "invalid_event"),
        ('{"a": 1}', "missing_required_parameter"),
        ('{"type": "nonsense", "event_id": "e"}', "invalid_event_type"),
        ('{"type": 5}', "missing_required_parameter"),
        ("[" * 100_000, "invalid_event"),
        ('{"type": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}", "invalid_event"),
    ],
)
async def test_what_is_no_event(text: str, code: str) -> None:
    client = RealtimeClient()
    await client.realtime.take(text)
    await asyncio.sleep(0)
    assert [error["code"] for error in client.errors] == [code]
    await good_turn(client)


async def test_a_binary_message_is_refused() -> None:
    client = RealtimeClient()
    client.realtime.refuse_bytes()
    await asyncio.sleep(0)
    assert client.errors[0]["code"] == "invalid_event"
    await good_turn(client)


SESSION: list[tuple[dict[str, Any], str]] = [
    ({}, "session.type"),
    ({"type": "realtime", "colour": "red"}, "session.colour"),
    ({"type": "realtime", "instructions": 5}, "session.instructions"),
    ({"type": "realtime", "instructions": "x" * 9000}, "session.instructions"),
    ({"type": "realtime", "output_modalities": ["audio", "text"]}, "session.output_modalities"),
    ({"type": "realtime", "max_output_tokens": 0}, "session.max_output_tokens"),
    ({"type": "realtime", "tool_choice": "sometimes"}, "session.tool_choice"),
    ({"type": "realtime", "tool_choice": {"type": "function", "name": "x"}}, "session.tool_choice"),
    ({"type": "realtime", "tools": {}}, "session.tools"),
    ({"type": "realtime", "tools": [{"type": "mcp"}]}, "session.tools[0].type"),
    ({"type": "realtime", "tools": [{"type": "function"}]}, "session.tools[0].name"),
    ({"type": "realtime", "audio": 5}, "session.audio"),
    (
        {"type": "realtime", "audio": {"input": {"format": {"type": "audio/x"}}}},
        "session.audio.input.format.type",
    ),
    (
        {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 8000}}}},
        "session.audio.input.format.rate",
    ),
    ({"type": "realtime", "audio": {"output": {"voice": "nobody"}}}, "session.audio.output.voice"),
    ({"type": "realtime", "audio": {"output": {"speed": 9}}}, "session.audio.output.speed"),
]
VAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "loud_vad"}, "type"),
    ({"type": "server_vad", "threshold": -1}, "threshold"),
    ({"type": "server_vad", "threshold": float("nan")}, "threshold"),
    ({"type": "server_vad", "threshold": "high"}, "threshold"),
    ({"type": "server_vad", "silence_duration_ms": -5}, "silence_duration_ms"),
    ({"type": "server_vad", "prefix_padding_ms": -5}, "prefix_padding_ms"),
    ({"type": "server_vad", "silence_duration_ms": 2.5}, "silence_duration_ms"),
    ({"type": "server_vad", "eagerness": "high"}, "eagerness"),
    ({"type": "semantic_vad", "eagerness": "very"}, "eagerness"),
    ({"type": "server_vad", "idle_timeout_ms": 1}, "idle_timeout_ms"),
    ({"type": "server_vad", "create_response": "yes"}, "create_response"),
]


@pytest.mark.parametrize(("session", "param"), SESSION)
async def test_an_update_that_cannot_be_changes_nothing(
    session: dict[str, Any], param: str
) -> None:
    client = RealtimeClient()
    before = client.realtime.live.config
    await client.send("session.update", session=session, event_id="mine")
    (error,) = client.errors
    assert (error["param"], error["event_id"]) == (param, "mine")
    assert client.realtime.live.config == before and client.of("session.updated") == []
    await good_turn(client)


@pytest.mark.parametrize(("detection", "param"), VAD)
async def test_turn_detection_that_cannot_be(detection: dict[str, Any], param: str) -> None:
    client = RealtimeClient()
    await client.configure(audio={"input": {"turn_detection": detection}})
    (error,) = client.errors
    assert error["param"] == f"session.audio.input.turn_detection.{param}"
    await good_turn(client)


async def test_an_unknown_voice_is_told_those_there_are() -> None:
    client = RealtimeClient()
    await client.configure(audio={"output": {"voice": "nobody"}})
    assert "voice-local voices" in client.errors[0]["message"]
    for voice in ("alloy", "default", "cedar"):
        await client.configure(audio={"output": {"voice": voice}})
    assert len(client.errors) == 1
    await client.close()


async def test_the_voice_stays_once_it_was_heard() -> None:
    client = RealtimeClient()
    await client.type("hi")
    await client.until("response.done")
    await client.configure(audio={"output": {"voice": "alloy"}})
    assert client.errors[0]["code"] == "cannot_update_voice"
    await good_turn(client)


@pytest.mark.parametrize("audio", ["***", "YQ", "YQ==", 5, None])
async def test_sound_that_is_none(audio: Any) -> None:
    client = RealtimeClient()
    await client.send("input_audio_buffer.append", audio=audio)
    assert len(client.errors) == 1
    await good_turn(client)


async def test_fifteen_mebibytes_are_taken_and_more_refused() -> None:
    client = RealtimeClient()
    await client.configure(audio={"input": {"turn_detection": None}})
    most = base64.b64encode(bytes(15 * 1024 * 1024)).decode()
    await client.send("input_audio_buffer.append", audio=most)
    assert client.errors == []
    await client.send("input_audio_buffer.append", audio=most + "AAAA")
    assert (
        client.errors[0]["code"] == "string_too_long"
        or client.errors[0]["code"] == "audio_too_long"
    )
    await good_turn(client)


async def test_an_empty_commit() -> None:
    client = RealtimeClient()
    await client.send("input_audio_buffer.commit", event_id="c")
    assert client.errors[0]["code"] == "input_audio_buffer_commit_empty"
    await good_turn(client)


async def test_cancel_with_nothing_active() -> None:
    client = RealtimeClient()
    await client.send("response.cancel")
    assert client.errors[0]["code"] == "response_cancel_not_active"
    await good_turn(client)


async def test_a_second_response_is_refused_and_the_first_goes_on() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[LONG, "Fine."]))
    await client.type("tell me")
    await client.until("response.created")
    await client.send("response.create")
    assert client.errors[0]["code"] == "conversation_already_has_active_response"
    done = await client.until("response.done")
    assert done["response"]["status"] == "completed"
    await good_turn(client)


async def test_cancelling_ends_the_sound() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[LONG, "Fine."]))
    await client.type("tell me")
    await client.until("response.output_audio.delta", 20)
    await client.send(
        "response.cancel", response_id=client.of("response.created")[0]["response"]["id"]
    )
    done = await client.until("response.done")
    assert done["response"]["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    count = len(client.of("response.output_audio.delta"))
    await asyncio.sleep(1.0)
    assert len(client.of("response.output_audio.delta")) == count
    await good_turn(client)


async def test_truncations_that_cannot_be() -> None:
    client = RealtimeClient()
    await client.type("hi")
    done = await client.until("response.done")
    answer = done["response"]["output"][0]["id"]
    question = client.of("conversation.item.added")[0]["item"]["id"]
    for item_id, index, end in (
        (answer, 0, 10_000_000),
        (question, 0, 0),
        ("item_none", 0, 0),
        (answer, 1, 0),
        (answer, 0, -1),
    ):
        await client.send(
            "conversation.item.truncate", item_id=item_id, content_index=index, audio_end_ms=end
        )
    assert len(client.errors) == 5
    await good_turn(client)


async def test_items_that_cannot_be() -> None:
    client = RealtimeClient()
    items: list[Any] = [
        None,
        {},
        {"type": "message"},
        {"type": "message", "role": "king", "content": []},
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "message", "role": "user", "content": [{"type": "output_text", "text": "x"}]},
        {"type": "function_call_output", "call_id": "call_none", "output": "x"},
        {"type": "message", "role": "user", "content": [], "colour": "red"},
    ]
    for item in items:
        await client.send("conversation.item.create", item=item)
    assert len(client.errors) == len(items)
    hello = {"type": "message", "role": "user", "content": []}
    await client.send("conversation.item.create", item=hello, previous_item_id="item_none")
    await client.send("conversation.item.retrieve", item_id="item_none")
    await client.send("conversation.item.delete", item_id="item_none")
    assert [error["code"] for error in client.errors[-3:]] == ["item_not_found"] * 3
    await good_turn(client)


async def test_a_deleted_item_is_forgotten() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["The code is seven.", "Fine."]))
    await client.type("my secret is blue")
    done = await client.until("response.done")
    ids = [event["item"]["id"] for event in client.of("conversation.item.added")]
    await client.send("conversation.item.retrieve", item_id=ids[0])
    assert "blue" in str(client.of("conversation.item.retrieved")[0]["item"])
    for item_id in (ids[0], done["response"]["output"][0]["id"]):
        await client.send("conversation.item.delete", item_id=item_id)
    await client.type("and now")
    await client.until("response.done", 2)
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "blue" not in str(asked[-1]) and "seven" not in str(asked[-1])
    await client.close()


async def test_a_recognizer_that_fails_is_told_and_the_turn_answered() -> None:
    failing: list[str | Transcript | Exception] = [StageError("broken"), "fine"]
    client = RealtimeClient(ScriptedEngine(transcripts=failing))
    await client.configure(
        audio={"input": {"transcription": {"model": "x"}, "turn_detection": None}}
    )
    await client.speak(0.6)
    await client.send("input_audio_buffer.commit")
    failed = await client.until("conversation.item.input_audio_transcription.failed")
    assert failed["error"]["code"] == "transcription_failed"
    await good_turn(client)


async def test_an_llm_that_fails_makes_a_failed_response() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[StageError("broken"), "Fine."]))
    await client.type("hi")
    done = await client.until("response.done")
    assert done["response"]["status"] == "failed"
    assert done["response"]["status_details"]["error"]["code"] == "llm_failed"
    await good_turn(client)


async def test_a_client_that_does_not_read_is_bounded() -> None:
    outbox = Outbox()
    for _ in range(2 * MOST_BYTES // 1000):
        outbox.put("x" * 1000)
    assert outbox.overflowed and await outbox.get() is None


async def test_sound_waits_for_a_slow_reader() -> None:
    client = RealtimeClient(ScriptedEngine(answers=[20 * LONG]))
    client.reads.clear()
    await client.type("tell me everything")
    await asyncio.sleep(60.0)
    assert client.outbox._bytes < 1.1 * 1024 * 1024
    client.reads.set()
    await client.close()


async def test_one_session_too_many() -> None:
    state = server_state(ScriptedEngine(), max_sessions=1)
    first = RealtimeClient(state=state)
    with pytest.raises(CapacityError, match="all 1 sessions"):
        RealtimeClient(state=state)
    await good_turn(first)
    second = RealtimeClient(state=state)
    await good_turn(second)
    assert state.pool.open_sessions == set()


async def test_a_client_secret_begins_its_session() -> None:
    state = server_state(ScriptedEngine())
    session = {"type": "realtime", "instructions": "Speak of ships."}
    key = state.secrets.new(60, session)
    client = RealtimeClient(state=state, configured=state.secrets.session_of([key]))
    assert client.realtime.live.config.instructions == "Speak of ships."
    assert state.secrets.session_of(["ek_other"]) is None
    await good_turn(client)


async def test_tool_choice_reaches_the_engine() -> None:
    engine = ScriptedEngine(answers=[ToolCall("get_weather", {"city": "Oslo"}), "Sunny."])
    client = RealtimeClient(engine)
    await client.configure(tools=[WEATHER], tool_choice={"type": "function", "name": "get_weather"})
    tools = client.realtime.live.session.context.tools
    assert tools.choice is ToolChoice.REQUIRED and len(tools.described) == 1
    await client.configure(tool_choice="none")
    assert not list(tools.described)
    await client.close()


async def test_the_log_holds_no_words_unless_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="voice_local.server")
    for wanted in (False, True):
        caplog.clear()
        state = server_state(ScriptedEngine(answers=["Green."]), log_transcripts=wanted)
        client = RealtimeClient(state=state)
        await client.type("my secret is blue")
        await client.until("response.done")
        await client.close()
        lines = [JsonLines().format(record) for record in caplog.records]
        events = [json.loads(line)["event"] for line in lines]
        assert events == ["session", "turn", "session_ended"]
        assert ("blue" in lines[1] and "Green" in lines[1]) == wanted


async def test_silence_for_ever_is_idle_and_a_word_is_not() -> None:
    state = server_state(ScriptedEngine(), idle_limit_s=10)
    client = RealtimeClient(state=state)
    served = client.realtime.live.served
    await client.speak(9.0, loud=False)
    assert state.pool.over_time(served) is None
    await client.speak(0.5)
    await client.speak(4.0, loud=False)
    await client.until("response.done")
    assert state.pool.over_time(served) is None
    await client.speak(12.0, loud=False)
    assert "nothing was said" in str(state.pool.over_time(served))
    await client.close()


async def test_the_language_of_the_user_reaches_the_recognizer() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["hola"]))
    await client.configure(audio={"input": {"transcription": {"model": "x", "language": "es"}}})
    await client.speak(0.8)
    await client.speak(2.0, loud=False)
    await client.until("response.done")
    assert client.engine.asked[-1].language == "es"
    words = {"keywords": ["Siobhan", " Kaczmarek"], "prompt": "mocha, latte"}
    await client.configure(audio={"input": {"transcription": words}})
    assert client.realtime.live.session.context.vocabulary == (
        *("Siobhan", "Kaczmarek", "mocha", "latte"),
    )
    await client.configure(audio={"input": {"transcription": {"keywords": "Siobhan"}}})
    assert client.errors.pop()["param"].endswith("keywords")
    await client.configure(audio={"input": {"transcription": {"language": "xx"}}})
    assert client.errors[-1]["param"] == "session.audio.input.transcription.language"
    await good_turn(client)


async def test_a_client_that_stops_reading_is_too_slow_in_time() -> None:
    outbox = Outbox()
    await asyncio.sleep(60)
    assert not outbox.too_slow, "nothing waits for it"
    outbox.put("a")
    await asyncio.sleep(STALL_S - 1)
    assert not outbox.too_slow
    await outbox.get()
    outbox.put("b")
    await asyncio.sleep(STALL_S + 1)
    assert outbox.too_slow


async def test_one_task_that_fails_ends_the_others_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        raise RuntimeError("broken")

    await until_first(waits(), fails())
    assert ended.is_set() and "a connection failed" in caplog.text


async def test_a_response_to_items_by_reference() -> None:
    client = RealtimeClient(ScriptedEngine(answers=["One.", "Aside."]))
    await client.type("my word is amber")
    await client.until("response.done")
    item_id = client.of("conversation.item.added")[0]["item"]["id"]
    given = {"conversation": "none", "output_modalities": ["text"], "instructions": "Sum up."}
    for one in (
        [{"type": "item_reference", "id": item_id}],
        [{"type": "item_reference", "id": "no"}],
    ):
        await client.send("response.create", response={**given, "input": one})
    await client.until("response.done", 2)
    asked = [argument for stage, argument in client.engine.calls if stage == "llm"]
    assert "amber" in str(asked[-1])
    assert [error["code"] for error in client.errors] == ["item_not_found"]
    (limits, *_) = client.of("rate_limits.updated")
    assert limits["rate_limits"][0]["name"] == "requests"
    await good_turn(client)


@pytest.mark.parametrize(
    ("session", "error"),
    [
        ({"type": "realtime", "colour": "red"}, ClientError),
        ({"type": "realtime", "audio": {"output": {"voice": "nobody"}}}, TextInputError),
    ],
)
async def test_a_session_that_cannot_begin_takes_no_place(
    session: dict[str, Any], error: type[Exception]
) -> None:
    state = server_state(ScriptedEngine(), max_sessions=1)
    for _ in range(3):
        with pytest.raises(error):
            RealtimeClient(state=state, configured=session)
    assert state.pool.open_sessions == set()
    await good_turn(RealtimeClient(state=state))
