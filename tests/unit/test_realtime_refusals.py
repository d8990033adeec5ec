"""The Realtime API: what cannot be is refused by its own error, and the next turn is good."""

from __future__ import annotations

import asyncio
import base64
import json
import tracemalloc
from typing import Any

import pytest

from tests.unit.realtime_client import LONG, RealtimeClient, good_turn
from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.errors import TextInputError
from voice_local.server.realtime.item_events import MOST_NOTES
from voice_local.server.realtime.protocol import MOST_BRACKETS, ClientError

pytestmark = pytest.mark.unit
BEGUN = ("session.created", "conversation.created")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_event"),
        ("null", "invalid_event"),
        ('{"a": 1}', "missing_required_parameter"),
        ('{"type": "nonsense", "event_id": "mine"}', "invalid_event_type"),
        ('{"type": 5}', "missing_required_parameter"),
        ("[" * 100_000, "invalid_event"),
        ('{"type": "x", "a": ' + "[" * 100_000 + "]" * 100_000 + "}", "invalid_event"),
    ],
)
async def test_what_is_no_event(text: str, code: str) -> None:
    client = RealtimeClient()
    await client.realtime.take(text)
    await asyncio.sleep(0)
    (error,) = client.errors
    assert error["code"] == code
    assert error["event_id"] == ("mine" if "mine" in text else None)
    await good_turn(client)


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "session.update", "session": {"type": "realtime"}, "colour": 1}, "colour"),
        ({"type": "input_audio_buffer.append", "audio": "", "seconds": 3}, "seconds"),
        ({"type": "input_audio_buffer.commit", "item_id": "x"}, "item_id"),
        ({"type": "input_audio_buffer.clear", "all": True}, "all"),
        ({"type": "conversation.item.create", "item": {}, "place": 1}, "place"),
        ({"type": "conversation.item.retrieve", "item_id": "x", "y": 1}, "y"),
        ({"type": "conversation.item.delete", "item_id": "x", "y": 1}, "y"),
        ({"type": "conversation.item.truncate", "item_id": "x", "end_ms": 1}, "end_ms"),
        ({"type": "response.create", "instructions": "x"}, "instructions"),
        ({"type": "response.create", "response": {"colour": "red"}}, "response.colour"),
        ({"type": "response.cancel", "why": "x"}, "why"),
    ],
)
async def test_an_unknown_field_is_named(event: dict[str, Any], param: str) -> None:
    client = RealtimeClient()
    await client.send(event.pop("type"), **event, event_id="mine")
    (error,) = client.errors
    assert (error["code"], error["param"]) == ("unknown_parameter", param)
    assert error["event_id"] == "mine"
    assert [kind for kind in client.kinds() if kind not in BEGUN] == ["error"]
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
    ({"type": []}, "type"),
    ({}, "type"),
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


@pytest.mark.parametrize(
    ("audio", "code"),
    [
        ("***", "invalid_base64"),
        ("YQ", "invalid_base64"),
        ("YWJj", "invalid_audio"),
        ("YQ==", "invalid_audio"),
        (5, "invalid_type"),
        (None, "invalid_type"),
    ],
)
async def test_sound_that_is_none(audio: Any, code: str) -> None:
    """No base64, or half a sample at the end."""
    client = RealtimeClient()
    await client.send("input_audio_buffer.append", audio=audio, event_id="mine")
    (error,) = client.errors
    assert (error["code"], error["param"], error["event_id"]) == (code, "audio", "mine")
    await good_turn(client)


async def test_fifteen_mebibytes_are_taken_and_more_refused() -> None:
    client = RealtimeClient()
    await client.configure(audio={"input": {"turn_detection": None}})
    most = base64.b64encode(bytes(15 * 1024 * 1024)).decode()
    await client.send("input_audio_buffer.append", audio=most)
    assert client.errors == []
    tracemalloc.start()
    for more in ("AAAA", "AAAA", 100 * "AAAA"):
        await client.send("input_audio_buffer.append", audio=most + more)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    codes = {error["code"] for error in client.errors}
    assert len(client.errors) == 3 and codes <= {"string_too_long", "audio_too_long"}
    assert kept < 1024 * 1024, "what was refused is not kept"
    await good_turn(client)


async def test_an_empty_commit() -> None:
    client = RealtimeClient()
    await client.send("input_audio_buffer.commit", event_id="c")
    (error,) = client.errors
    assert (error["code"], error["event_id"]) == ("input_audio_buffer_commit_empty", "c")
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


async def test_truncations_that_cannot_be() -> None:
    client = RealtimeClient()
    await client.type("hi")
    done = await client.until("response.done")
    answer = done["response"]["output"][0]["id"]
    question = client.of("conversation.item.added")[0]["item"]["id"]
    for item_id, index, end, param in (
        (answer, 0, 10_000_000, "audio_end_ms"),
        (question, 0, 0, "item_id"),
        ("item_none", 0, 0, "item_id"),
        (answer, 1, 0, "content_index"),
        (answer, 0, -1, "audio_end_ms"),
    ):
        await client.send(
            "conversation.item.truncate", item_id=item_id, content_index=index, audio_end_ms=end
        )
        assert client.errors[-1]["param"] == param
    assert len(client.errors) == 5 and client.of("conversation.item.truncated") == []
    await good_turn(client)


async def test_items_that_cannot_be() -> None:
    client = RealtimeClient()
    message = {"type": "message", "role": "user"}
    output = {"type": "function_call_output", "call_id": "call_none", "output": "x"}
    items: list[tuple[Any, str]] = [
        (None, "invalid_type"),
        ({}, "invalid_value"),
        ({"type": "message"}, "invalid_value"),
        ({"type": "message", "role": "king", "content": []}, "invalid_value"),
        ({**message, "content": "hi"}, "invalid_type"),
        ({**message, "content": [{"type": "output_text", "text": "x"}]}, "invalid_value"),
        (output, "invalid_tool_call_id"),
        ({**message, "content": [], "colour": "red"}, "unknown_parameter"),
    ]
    for item, code in items:
        await client.send("conversation.item.create", item=item, event_id="mine")
        assert (client.errors[-1]["code"], client.errors[-1]["event_id"]) == (code, "mine")
    assert len(client.errors) == len(items) and client.of("conversation.item.added") == []
    hello = {"type": "message", "role": "user", "content": []}
    await client.send("conversation.item.create", item=hello, previous_item_id="item_none")
    await client.send("conversation.item.retrieve", item_id="item_none")
    await client.send("conversation.item.delete", item_id="item_none")
    assert [error["code"] for error in client.errors[-3:]] == ["item_not_found"] * 3
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


async def test_an_event_that_the_server_fails_at_is_told_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = RealtimeClient()

    def fails(_: Any) -> None:
        raise RuntimeError("broken")

    client.realtime._handlers["response.cancel"] = fails
    await client.send("response.cancel", event_id="mine")
    (error,) = client.errors
    assert (error["code"], error["event_id"]) == ("server_error", "mine")
    assert "broken" in caplog.text and "broken" not in error["message"]
    await good_turn(client)


async def test_half_a_character_harms_nothing() -> None:
    """A client that cuts a text cuts an emoji in two."""
    client = RealtimeClient()
    item = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "hi \ud83d"}],
    }
    text = json.dumps({"type": "conversation.item.create", "item": item})
    assert "\\ud83d" in text
    await client.realtime.take(text)
    await asyncio.sleep(0)
    (added,) = client.of("conversation.item.added")
    assert added["item"]["content"][0]["text"] == "hi \ufffd"
    whole = text.replace("\\ud83d", "\\ud83d\\ude00")
    await client.realtime.take(whole)
    await asyncio.sleep(0)
    assert client.of("conversation.item.added")[1]["item"]["content"][0]["text"] == "hi \U0001f600"
    await good_turn(client)


async def test_too_many_lists_and_objects_are_refused() -> None:
    client = RealtimeClient()
    await client.realtime.take('{"type": "x", "a": [' + MOST_BRACKETS * "{}," + "{}]}")
    await asyncio.sleep(0)
    assert client.errors[0]["code"] == "invalid_event"
    await good_turn(client)


async def test_an_item_with_the_id_of_what_is_being_said() -> None:
    client = RealtimeClient(ScriptedEngine(transcripts=["turn the page"]))
    await client.speak(0.5)
    started = await client.until("input_audio_buffer.speech_started")
    content = [{"type": "input_text", "text": "mine"}]
    item = {"id": started["item_id"], "type": "message", "role": "user", "content": content}
    await client.send("conversation.item.create", item=item)
    await client.speak(0.5)
    await client.speak(2.0, loud=False)
    done = await client.until("response.done")
    assert done["response"]["status"] == "completed"
    ids = [event["item"]["id"] for event in client.of("conversation.item.added")]
    assert len(ids) == len(set(ids)) == 3
    await good_turn(client)


async def test_notes_of_a_client_do_not_fill_the_prompt() -> None:
    client = RealtimeClient()
    for number in range(50):
        content = [{"type": "input_text", "text": f"note {number} " + 20 * "word "}]
        item = {"type": "message", "role": "system", "content": content}
        await client.send("conversation.item.create", item=item)
    notes = client.realtime.live.notes
    assert sum(map(len, notes)) <= MOST_NOTES and notes[-1].startswith("note 49 ")
    await good_turn(client)
