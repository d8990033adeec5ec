"""OpenAI's HTTP interface over a scripted engine: what is asked of the engine, what clients get."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx2 as httpx
import numpy as np
import pytest
import soundfile as sf

from tests.unit.asgi import BASE, Answered, Web
from tests.unit.scripted_calls import ScriptedCalls
from voice_local.audio.files import read_audio, read_audio_stream
from voice_local.audio.stretches import probabilities, stretches
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench.scripted import LETTER_S
from voice_local.config import load
from voice_local.conversation.output.speech_queue import SEGMENT_GAP_S
from voice_local.engine.api import (
    FinishReason,
    Priority,
    Synthesize,
    ToolCall,
    ToolChoice,
    Transcript,
    Word,
)
from voice_local.errors import (
    ConfigError,
    EngineBusyError,
    StageError,
    TextInputError,
    ToolInputError,
    WorkerDiedError,
)
from voice_local.server.http_bodies import BODY_S
from voice_local.server.http_calls import SEND_S

pytestmark = pytest.mark.unit
SAID = Path(__file__).resolve().parents[2] / "voice_local" / "recordings" / "user_2.flac"
TRANSCRIBE, SPEAK, CHAT = "/v1/audio/transcriptions", "/v1/audio/speech", "/v1/chat/completions"
HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def words(*told: tuple[str, float, float]) -> Transcript:
    found = tuple(Word(text, start, end, 0.9) for text, start, end in told)
    return Transcript(" ".join(text for text, _, _ in told), "en", 0.01, -0.2, found)


def recording(seconds_of_silence: float = 0.0) -> bytes:
    """A person's sentence, twice with so much silence in between."""
    samples, rate = sf.read(SAID, dtype="float32")
    if seconds_of_silence:
        samples = np.concatenate([samples, np.zeros(int(seconds_of_silence * rate)), samples])
    content = io.BytesIO()
    sf.write(content, samples, rate, format="WAV")
    return content.getvalue()


async def test_models_are_listed_and_each_is_found() -> None:
    web = Web(ScriptedCalls())
    listed = (await web.get("/v1/models")).json
    names = [model["id"] for model in listed["data"]]
    assert listed["object"] == "list"
    assert names == ["default", "tiny-stt", "tiny-classifier", "tiny-llm/model.gguf", "tiny-tts"]
    for model in listed["data"]:
        assert (await web.get(f"/v1/models/{model['id']}")).json == model
        assert model["object"] == "model" and model["created"] > 1_700_000_000
    missing = await web.get("/v1/models/gpt-4o")
    assert (missing.status, missing.error["code"]) == (404, "model_not_found")


async def test_each_request_has_a_call_context_of_its_own() -> None:
    web = Web(ScriptedCalls())
    first = await web.upload(TRANSCRIBE, recording(), {"model": "whisper-1"})
    second = await web.post(CHAT, HELLO)
    third = await web.post(SPEAK, {"input": "Hello.", "model": "tts-1", "voice": "alloy"})
    ids = [answer.headers["x-request-id"] for answer in (first, second, third)]
    assert [one.session_id for one in web.engine.contexts] == [f"http-{id}" for id in ids]
    assert len(set(ids)) == 3
    assert {one.priority for one in web.engine.contexts} == {Priority.INTERACTIVE}


def captioned() -> Transcript:
    """What is recognized in the recording's stretch of speech; its times are from there on."""
    audio = read_audio(SAID)
    start, _, _ = next(stretches(audio, probabilities(audio, SileroModel())))
    assert start > 0
    told = [("Hello", 0.5, 0.9), ("there.", 0.9, 1.25), ("How", 1.3, 1.5), ("are", 1.5, 1.6)]
    after = start / SAMPLE_RATE
    return words(
        *((text, begin - after, end - after) for text, begin, end in [*told, ("<you>", 3.0, 3.4)])
    )


@pytest.mark.parametrize(
    ("wanted", "media_type", "expected"),
    [
        ("text", "text/plain; charset=utf-8", "Hello there. How are <you>\n"),
        (
            "srt",
            "text/plain; charset=utf-8",
            "1\n00:00:00,500 --> 00:00:01,250\nHello there.\n\n"
            "2\n00:00:01,300 --> 00:00:01,600\nHow are\n\n"
            "3\n00:00:03,000 --> 00:00:03,400\n<you>\n\n",
        ),
        (
            "vtt",
            "text/vtt",
            "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\nHello there.\n\n"
            "00:00:01.300 --> 00:00:01.600\nHow are\n\n"
            "00:00:03.000 --> 00:00:03.400\n&lt;you&gt;\n\n",
        ),
    ],
)
async def test_captions_end_with_a_sentence_and_at_a_pause(
    wanted: str, media_type: str, expected: str
) -> None:
    web = Web(ScriptedCalls(transcripts=[captioned()]))
    found = await web.upload(TRANSCRIBE, recording(), {"response_format": wanted})
    assert found.status == 200 and found.headers["content-type"] == media_type
    assert found.body.decode() == expected


async def test_verbose_json_has_what_the_client_reads() -> None:
    web = Web(ScriptedCalls(transcripts=[captioned()]))
    fields = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
    found = (await web.upload(TRANSCRIBE, recording(), fields)).json
    assert found["task"] == "transcribe" and found["language"] == "english"
    assert found["text"] == captioned().text
    assert found["duration"] == pytest.approx(sf.info(SAID).duration, abs=0.01)
    assert [one["text"] for one in found["segments"]] == ["Hello there.", "How are", "<you>"]
    assert {
        *("id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob"),
        *("compression_ratio", "no_speech_prob"),
    } == set(found["segments"][0])
    assert [one["word"] for one in found["words"]] == captioned().text.split()
    assert web.engine.asked[0].word_times
    without = await web.upload(TRANSCRIBE, recording(), {"response_format": "verbose_json"})
    assert "words" not in without.json and without.json["segments"]


async def test_words_are_streamed_stretch_by_stretch() -> None:
    web = Web(ScriptedCalls(transcripts=["nobody called", "", "me back"], stt_s=1.0))
    audio = recording(4.0)
    found = await web.upload(TRANSCRIBE, audio, {"stream": "true", "model": "gpt-4o-transcribe"})
    assert found.headers["content-type"].startswith("text/event-stream")
    *deltas, done = found.events
    assert {one["type"] for one in deltas} == {"transcript.text.delta"} and done["type"] == (
        "transcript.text.done"
    )
    assert len(web.engine.asked) > 1, "it was cut"
    assert "".join(one["delta"] for one in deltas) == done["text"]
    assert done["text"].startswith("nobody called")
    assert found.times[0] < found.times[-1], "the first words came before the last were recognized"


async def test_language_and_prompt_reach_the_recognizer() -> None:
    web = Web(ScriptedCalls())
    fields = {"language": "German", "prompt": "Zyntri<Qix>, Digique\nPlus"}
    await web.upload(TRANSCRIBE, recording(), fields)
    assert web.engine.asked[0].language == "de"
    assert web.engine.asked[0].vocabulary == ("Zyntri Qix", "Digique", "Plus")
    await web.upload(TRANSCRIBE, recording(), {"language": "en-GB", "prompt": "word, " * 900})
    assert web.engine.asked[-1].language == "en"
    assert web.engine.asked[-1].vocabulary == ("word",)
    await web.upload(TRANSCRIBE, recording(), {"prompt": "?!"})
    assert not web.engine.asked[-1].vocabulary
    several = {"languages[]": ["de", "fr"], "keywords[]": ["Siobhan", "<|en|>"]}
    await web.upload(TRANSCRIBE, recording(), several)
    assert web.engine.asked[-1].language == "auto"
    assert web.engine.asked[-1].vocabulary == ("Siobhan", "en")
    await web.upload(TRANSCRIBE, recording(), {"languages[]": "German"})
    assert web.engine.asked[-1].language == "de"


@pytest.mark.parametrize(
    ("file", "fields", "param"),
    [
        (None, {}, "file"),
        (b"", {}, "file"),
        (b"no sound in this", {}, "file"),
        (b"RIFF", {"response_format": "docx"}, "response_format"),
        (b"RIFF", {"stream": "true", "response_format": "srt"}, "stream"),
        (b"RIFF", {"language": "klingon"}, "language"),
        (b"RIFF", {"languages[]": ["en", "klingon"]}, "languages"),
        (b"RIFF", {"timestamp_granularities[]": "letter"}, "timestamp_granularities[0]"),
        (b"RIFF", {"stream": "perhaps"}, "stream"),
    ],
)
async def test_uploads_that_cannot_be(
    file: bytes | None, fields: dict[str, Any], param: str
) -> None:
    web = Web(ScriptedCalls())
    found = await web.upload(TRANSCRIBE, file, fields)
    assert (found.status, found.error["param"]) == (400, param), found.body
    assert found.error["type"] == "invalid_request_error" and web.engine.requests == []


async def test_a_form_that_is_none() -> None:
    web = Web(ScriptedCalls())
    assert (await web.post(TRANSCRIBE, {"file": "x"})).status == 400
    broken = await web.upload(TRANSCRIBE, b"x" * 100, {"a" * 20: "b"})
    assert broken.status == 400
    many = await web.upload(TRANSCRIBE, b"x", {f"field{n}": "x" for n in range(100)})
    assert many.status == 400 and "form" in many.error["message"]


async def test_a_language_that_the_recognizer_does_not_know() -> None:
    web = Web(ScriptedCalls(transcripts=[ConfigError("it does not know 'fr'", "give en")]))
    found = await web.upload(TRANSCRIBE, recording(), {"language": "fr"})
    assert (found.status, found.error["param"]) == (400, "language")


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("mib", [1.2, 5])
async def test_too_large_an_upload(declared: bool, mib: float) -> None:
    web = Web(ScriptedCalls(), max_body_mb=1)
    size = int(mib * (1 << 20))
    found = await web.upload(TRANSCRIBE, bytes(size), {}, declared=declared)
    assert (found.status, found.error["code"]) == (413, "request_too_large")
    # What is somewhat too large is read to its end, so that the client reads the answer.
    assert (web.unread == 0) == (mib < 2)


@pytest.mark.parametrize("wanted", ["wav", "pcm", "flac", "opus", "mp3", None])
async def test_speech_in_each_format_is_as_long_and_as_loud(wanted: str | None) -> None:
    web = Web(ScriptedCalls(piece_s=0.1))
    texts = ["How are you today?", "I am quite well."]
    body = {"input": " ".join(texts), "voice": "nova", "response_format": wanted}
    found = await web.post(SPEAK, body)
    assert found.status == 200 and found.ended
    samples = decoded(found.body, wanted)
    expected_s = sum(map(len, texts)) * LETTER_S + SEGMENT_GAP_S
    assert len(samples) / 24_000 == pytest.approx(expected_s, abs=0.12)
    spoken = samples[np.abs(samples) > 0.02]
    assert np.sqrt((spoken**2).mean()) == pytest.approx(0.3 / np.sqrt(2), rel=0.15)
    assert web.engine.asked_voices == [None, None]
    assert [request.text for request in web.engine.asked_of(Synthesize)] == texts


def decoded(content: bytes, format: str | None) -> Audio:
    """At 24 kHz."""
    if format == "pcm":
        return np.frombuffer(content, "<i2").astype(np.float32) / np.float32(32768)
    audio = read_audio_stream(io.BytesIO(content), "speech")
    at = np.arange(0, len(audio), SAMPLE_RATE / 24_000)
    return np.asarray(np.interp(at, np.arange(len(audio)), audio), dtype=np.float32)


async def test_speech_is_sent_while_it_is_made() -> None:
    web = Web(ScriptedCalls(segment_s=5.0))
    found = await web.post(
        SPEAK, {"input": "One is made. Then two. Three is last.", "response_format": "wav"}
    )
    assert found.times[0] < 5.1 and found.times[-1] > 14.9
    assert found.body[:4] == b"RIFF" and "content-length" not in found.headers


@pytest.mark.parametrize("speed", [0.25, 0.5, 2, 4.0])
async def test_speed(speed: float) -> None:
    web = Web(ScriptedCalls())
    text = "This is said at quite another speed."
    found = await web.post(SPEAK, {"input": text, "response_format": "pcm", "speed": speed})
    length_s = len(decoded(found.body, "pcm")) / 24_000
    assert length_s == pytest.approx(len(text) * LETTER_S / speed, abs=0.02)


async def test_voices() -> None:
    web = Web(ScriptedCalls())
    for name in ("default", "Alloy", {"id": "cedar"}, "coqui/slt-tiny", "slt-tiny"):
        assert (await web.post(SPEAK, {"input": "Hi.", "voice": name})).status == 200
    assert web.engine.asked_voices == [None, None, None, "slt-tiny", "slt-tiny"]
    found = await web.post(SPEAK, {"input": "Hi.", "voice": "bob"})
    assert (found.status, found.error["param"]) == (400, "voice")
    assert "coqui/slt-tiny" in found.error["message"] and "default" in found.error["message"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": ""}, "input"),
        ({"input": 7}, "input"),
        ({"input": "x" * 20_001}, "input"),
        ({"input": "Hi.", "speed": 0.1}, "speed"),
        ({"input": "Hi.", "speed": "fast"}, "speed"),
        ({"input": "Hi.", "response_format": "aac"}, "response_format"),
        ({"input": "Hi.", "stream_format": "udp"}, "stream_format"),
        ({"input": "Hi.", "voice": 3}, "voice"),
        ({"input": "Hi.", "voice": "v" * 5000}, "voice"),
    ],
)
async def test_speech_that_cannot_be(body: dict[str, Any], param: str) -> None:
    found = await Web(ScriptedCalls()).post(SPEAK, body)
    assert (found.status, found.error["param"]) == (400, param)
    assert len(found.error["message"]) < 1000


async def test_speech_as_events() -> None:
    web = Web(ScriptedCalls())
    body = {"input": "Hello there.", "stream_format": "sse", "response_format": "pcm"}
    *deltas, done = (await web.post(SPEAK, body)).events
    sound = b"".join(base64.b64decode(one["audio"]) for one in deltas)
    assert len(sound) == pytest.approx(48_000 * LETTER_S * 12, rel=0.02)
    assert {one["type"] for one in deltas} == {"speech.audio.delta"}
    assert done["type"] == "speech.audio.done" and done["usage"]["estimated"] is True


async def test_an_answer_that_breaks_off_is_not_ended() -> None:
    broken = (2, StageError("the voice failed"))
    web = Web(ScriptedCalls(sounds=[broken], piece_s=0.1))
    body = {"input": "This is longer than it seems.", "response_format": "pcm"}
    found = await web.post(SPEAK, body)
    assert found.status == 200 and len(found.pieces) == 2 and not found.ended
    web = Web(ScriptedCalls(sounds=[broken], piece_s=0.1))
    told = await web.post(SPEAK, {**body, "stream_format": "sse"})
    assert told.ended and told.events[-1]["error"]["message"] == "the voice failed"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (EngineBusyError("the queue is full", "later"), 503),
        (WorkerDiedError("the worker died"), 503),
        (StageError("it failed"), 500),
    ],
)
@pytest.mark.parametrize("path", [TRANSCRIBE, SPEAK, CHAT])
async def test_what_the_engine_cannot(path: str, error: Exception, status: int) -> None:
    web = Web(ScriptedCalls(transcripts=[error], sounds=[error], answers=[error]))
    if path == TRANSCRIBE:
        found = await web.upload(path, recording(), {})
    else:
        found = await web.post(path, {**HELLO, "input": "Hi.", "stream": True})
    assert (found.status, found.error["type"]) == (status, "server_error")
    assert ("retry-after" in found.headers) == (status == 503)


async def test_a_chat() -> None:
    web = Web(ScriptedCalls(answers=["It is late."]))
    parts = [{"type": "text", "text": "What time"}, {"type": "text", "text": "is it?"}]
    body = {
        "model": "gpt-4o",
        "messages": [
            {"role": "developer", "content": "Be short."},
            {"role": "user", "content": parts},
        ],
        "max_completion_tokens": 20,
        "temperature": 1,
        "seed": -1,
        "top_p": 0.5,
        "no_such_field": {"a": [1]},
    }
    found = (await web.post(CHAT, body)).json
    assert found["object"] == "chat.completion" and found["id"].startswith("chatcmpl-")
    choice = found["choices"][0]
    assert choice["finish_reason"] == "stop" and choice["message"]["content"] == "It is late."
    assert found["usage"]["estimated"] is True and found["usage"]["completion_tokens"] > 1
    request = web.engine.generate_requests[0]
    assert (request.options.max_tokens, request.options.temperature) == (20, 1.0)
    assert request.options.seed == (1 << 32) - 1
    assert [message["role"] for message in request.messages] == ["system", "user"]
    assert request.messages[1]["content"] == "What time\nis it?"


@pytest.mark.parametrize(
    ("profile", "first"), [("tiny", "You are a helpful"), ("small", "Be short")]
)
async def test_a_model_of_one_instruction_gets_that(profile: str, first: str) -> None:
    settings = load("tiny").model_copy(update={"llm": load(profile).llm})
    web = Web(ScriptedCalls(), settings)
    messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi."}]
    await web.post(CHAT, {"messages": messages})
    sent = web.engine.generate_requests[0].messages
    assert len(sent) == 2 and sent[0]["content"].startswith(first)


async def test_a_chat_as_events() -> None:
    web = Web(ScriptedCalls(answers=["It is late."], token_s=1.0, reason=FinishReason.LENGTH))
    body = {**HELLO, "stream": True, "stream_options": {"include_usage": True}}
    found = await web.post(CHAT, body)
    *chunks, usage, done = found.events
    assert done == "[DONE]" and usage["choices"] == [] and usage["usage"]["total_tokens"] > 2
    assert {one["object"] for one in chunks} == {"chat.completion.chunk"}
    assert len({one["id"] for one in chunks}) == 1
    deltas = [one["choices"][0]["delta"] for one in chunks]
    assert deltas[0] == {"role": "assistant", "content": ""}
    assert "".join(one.get("content", "") for one in deltas).strip() == "It is late."
    assert [one["choices"][0]["finish_reason"] for one in chunks][-2:] == [None, "length"]
    assert found.times[0] < 1.5 < 2.5 < found.times[-1]
    plain = (await web.post(CHAT, {**HELLO, "stream": True})).events
    assert all("usage" not in one for one in plain[:-1])


async def test_a_chat_that_calls_a_tool_and_goes_on() -> None:
    call = ToolCall("weather", {"city": "Zürich"})
    web = Web(ScriptedCalls(answers=[call, call, "It is sunny."]))
    body = {**HELLO, "tools": [WEATHER], "tool_choice": "auto"}
    choice = (await web.post(CHAT, body)).json["choices"][0]
    assert choice["finish_reason"] == "tool_calls" and choice["message"]["content"] is None
    made = choice["message"]["tool_calls"][0]
    assert made["function"]["name"] == "weather"
    assert json.loads(made["function"]["arguments"]) == {"city": "Zürich"}
    streamed = (await web.post(CHAT, {**body, "stream": True})).events
    told = streamed[1]["choices"][0]["delta"]["tool_calls"][0]
    assert told["index"] == 0 and told["type"] == "function" and told["id"].startswith("call_")
    assert streamed[-2]["choices"][0]["finish_reason"] == "tool_calls"
    result = {"role": "tool", "tool_call_id": made["id"], "content": "sunny"}
    again = [*HELLO["messages"], choice["message"], result]
    found = await web.post(CHAT, {**body, "messages": again})
    assert found.json["choices"][0]["message"]["content"] == "It is sunny."
    sent = web.engine.generate_requests[-1].messages
    assert sent[-2]["tool_calls"] == (call,) and sent[-1]["content"] == "sunny"


async def test_results_of_tools_stand_in_the_order_of_their_calls() -> None:
    web = Web(ScriptedCalls())
    calls = [
        {"id": id, "type": "function", "function": {"name": id, "arguments": ""}} for id in "ab"
    ]
    messages = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "b", "content": "of b"},
        {"role": "tool", "tool_call_id": "a", "content": [{"type": "text", "text": "of a"}]},
        {"role": "user", "content": "and now?"},
    ]
    assert (await web.post(CHAT, {"messages": messages})).status == 200
    sent = web.engine.generate_requests[0].messages
    assert [message["content"] for message in sent[1:]] == ["hello", "", "of a", "of b", "and now?"]


@pytest.mark.parametrize(
    ("choice", "tools", "passed"),
    [
        (None, 2, ToolChoice.AUTO),
        ("auto", 2, ToolChoice.AUTO),
        ("none", 0, ToolChoice.NONE),
        ("required", 2, ToolChoice.REQUIRED),
        ({"type": "function", "function": {"name": "clock"}}, 1, ToolChoice.REQUIRED),
    ],
)
async def test_the_choice_of_tools_reaches_the_engine(
    choice: Any, tools: int, passed: ToolChoice
) -> None:
    web = Web(ScriptedCalls())
    clock = {"type": "function", "function": {"name": "clock"}}
    await web.post(CHAT, {**HELLO, "tools": [WEATHER, clock], "tool_choice": choice})
    request = web.engine.generate_requests[0]
    assert (len(request.tools), request.tool_choice) == (tools, passed)
    if tools == 1:
        assert request.tools[0].name == "clock"


async def test_what_ends_an_answer() -> None:
    web = Web(ScriptedCalls(answers=["one two three four five six"]))
    found = await web.post(CHAT, {**HELLO, "stop": ["three", "six"]})
    assert found.json["choices"][0]["message"]["content"] == "one two"
    assert web.engine.given_up == ["generate"], "nothing more is generated"
    whole = await web.post(CHAT, {**HELLO, "stop": "six seven"})
    assert whole.json["choices"][0]["message"]["content"] == "one two three four five six"


async def test_a_long_conversation_is_answered_in_the_room_there_is() -> None:
    long = TextInputError("the conversation takes 900 tokens, 100 fit", "send fewer")
    web = Web(ScriptedCalls(answers=[long, long, "Fine."]))
    found = await web.post(CHAT, {**HELLO, "max_tokens": 100_000})
    asked = [request.options.max_tokens for request in web.engine.generate_requests]
    assert found.status == 200 and asked[0] < 1024 and asked[1] == asked[0] // 2
    web = Web(ScriptedCalls(answers=[long]))
    found = await web.post(CHAT, HELLO)
    assert (found.status, found.error["code"]) == (400, "context_length_exceeded")
    assert web.engine.generate_requests[-1].options.max_tokens == 16


async def test_what_is_wrong_with_the_tools_is_no_matter_of_length() -> None:
    web = Web(ScriptedCalls(answers=[ToolInputError("no grammar for 'weather'")]))
    found = await web.post(CHAT, {**HELLO, "tools": [WEATHER], "tool_choice": "required"})
    assert (found.status, found.error["param"], found.error["code"]) == (400, "tools", None)
    assert len(web.engine.generate_requests) == 1


def said(**message: Any) -> dict[str, Any]:
    return {"messages": [message]}


def calling(**call: Any) -> dict[str, Any]:
    made = {"id": "a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    return said(role="assistant", tool_calls=[{**made, **call}])


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        (said(role="wizard", content="x"), "messages[0].role"),
        (said(content="x"), "messages[0].role"),
        (said(role="user", content=7), "messages[0].content"),
        (said(role="user"), "messages[0].content"),
        (said(role="user", content=["x"]), "messages[0].content[0]"),
        (said(role="user", content=[{"type": "image_url"}]), "messages[0].content[0].type"),
        (said(role="user", content=[{"type": "text", "text": 3}]), "messages[0].content[0].text"),
        (said(role="tool", content="x", tool_call_id="a"), "messages[0].tool_call_id"),
        (said(role="tool", content="x"), "messages[0].tool_call_id"),
        (said(role="assistant", tool_calls={"id": 1}), "messages[0].tool_calls"),
        (said(role="assistant", tool_calls=[3]), "messages[0].tool_calls[0]"),
        (calling(id=3), "messages[0].tool_calls[0].id"),
        (calling(), "messages"),
        (
            calling(function={"name": "weather", "arguments": "[1]"}),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            calling(function={"name": "weather", "arguments": '{"a": ' * 3000}),
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({**HELLO, "max_tokens": 0}, "max_tokens"),
        ({**HELLO, "max_tokens": "many"}, "max_tokens"),
        ({**HELLO, "temperature": 3}, "temperature"),
        ({**HELLO, "seed": 1.5}, "seed"),
        ({**HELLO, "stream": "yes"}, "stream"),
        ({**HELLO, "n": 2}, "n"),
        ({**HELLO, "stop": [""]}, "stop"),
        ({**HELLO, "stop": ["a"] * 5}, "stop"),
        ({**HELLO, "logprobs": True}, "logprobs"),
        ({**HELLO, "response_format": {"type": "json_object"}}, "response_format"),
        ({**HELLO, "tools": 1}, "tools"),
        ({**HELLO, "tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({**HELLO, "tools": [WEATHER] * 129}, "tools"),
        (
            {**HELLO, "tools": [{"type": "function", "function": {"name": "no blanks"}}]},
            "tools[0].function.name",
        ),
        ({**HELLO, "tool_choice": "required"}, "tool_choice"),
        ({**HELLO, "tools": [WEATHER], "tool_choice": "perhaps"}, "tool_choice"),
        ({**HELLO, "tools": [WEATHER], "tool_choice": {"type": "mcp"}}, "tool_choice.type"),
        (
            {
                **HELLO,
                "tools": [WEATHER],
                "tool_choice": {"type": "function", "function": {"name": "x"}},
            },
            "tool_choice",
        ),
    ],
)
async def test_chats_that_cannot_be(body: dict[str, Any], param: str) -> None:
    web = Web(ScriptedCalls())
    found = await web.post(CHAT, body)
    assert (found.status, found.error["param"]) == (400, param), found.body
    assert web.engine.requests == [] and len(found.error["message"]) < 300


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"messages": ' + b'{"a":' * 5000,
        b'{"temperature": NaN}',
        b'{"temperature": 1e999}',
        b'{"seed": 99999999999999999999999}',
        b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"messages": [], "x": ' + b"[" * 200 + b"]" * 200 + b"}",
    ],
)
@pytest.mark.parametrize("path", [SPEAK, CHAT])
async def test_bodies_that_are_no_json_for_us(path: str, body: bytes) -> None:
    found = await Web(ScriptedCalls()).post(path, body)
    assert found.status == 400 and "JSON" in found.error["message"]


async def test_too_large_a_body() -> None:
    found = await Web(ScriptedCalls()).post(CHAT, b"x" * (5 << 20))
    assert found.status == 413


async def test_translations_are_not_offered() -> None:
    found = await Web(ScriptedCalls()).post("/v1/audio/translations", b"")
    assert found.status == 404 and "/v1/audio/transcriptions" in found.error["message"]


async def leaving(web: Web, path: str, after: int, **body: Any) -> Answered:
    """Asks, and goes away after so many pieces."""

    def leaves(answered: Answered) -> bool:
        return bool(web.engine.requests) and len(answered.pieces) >= after

    if path == TRANSCRIBE:
        return await web.upload(path, recording(), body, leaves=leaves)
    return await web.post(path, {**HELLO, "input": "It is said. " * 50, **body}, leaves=leaves)


@pytest.mark.parametrize(
    ("path", "after", "body", "stage"),
    [
        (CHAT, 2, {"stream": True}, "generate"),
        (CHAT, 0, {}, "generate"),
        (SPEAK, 1, {"response_format": "wav"}, "synthesize"),
        (SPEAK, 0, {"response_format": "mp3"}, "synthesize"),
        (TRANSCRIBE, 0, {}, "transcribe"),
        (TRANSCRIBE, 0, {"stream": "true"}, "transcribe"),
    ],
)
async def test_a_client_that_goes_away_cancels_its_call(
    path: str, after: int, body: dict[str, Any], stage: str
) -> None:
    engine = ScriptedCalls(answers=["word " * 500], token_s=0.5, segment_s=3.0, stt_s=60.0)
    web = Web(engine)
    found = await leaving(web, path, after, **body)
    assert not found.ended and engine.given_up == [stage]
    assert asyncio.get_running_loop().time() < 30
    assert len([task for task in asyncio.all_tasks() if not task.done()]) == 1
    assert (await web.get("/v1/models")).status == 200


async def test_a_client_that_goes_away_while_it_sends() -> None:
    web = Web(ScriptedCalls())

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "path": CHAT, "query_string": b"", "headers": []}
    scope["headers"] = [(b"host", b"localhost")]
    await web.app(scope, receive, send)  # type: ignore[arg-type]
    assert web.engine.requests == []


async def test_no_more_at_once_than_allowed() -> None:
    web = Web(ScriptedCalls(token_s=1.0), max_sessions=2)
    busy = [asyncio.create_task(web.post(CHAT, HELLO)) for _ in range(2)]
    await asyncio.sleep(0.5)
    refused = await web.post(CHAT, HELLO)
    assert refused.status == 503 and refused.headers["retry-after"]
    assert [(await one).status for one in busy] == [200, 200]
    assert (await web.post(CHAT, HELLO)).status == 200
    web.state.pool.draining = True
    assert (await web.post(CHAT, HELLO)).status == 503


async def test_a_client_that_does_not_read_gives_its_place_back() -> None:
    web = Web(ScriptedCalls(), max_sessions=1)
    request = httpx.Request("POST", BASE + CHAT, content=json.dumps(HELLO).encode())
    stuck = asyncio.create_task(web.send(request, reads=False))
    await asyncio.sleep(SEND_S - 5)
    assert (await web.post(CHAT, HELLO)).status == 503
    await asyncio.sleep(10)
    assert stuck.done() and (await web.post(CHAT, HELLO)).status == 200


async def test_a_client_that_hardly_sends_gives_its_place_back() -> None:
    web = Web(ScriptedCalls(), max_sessions=1)
    request = httpx.Request("POST", BASE + CHAT, content=json.dumps(HELLO).encode())
    slow = asyncio.create_task(web.send(request, piece=1, piece_s=20.0))
    await asyncio.sleep(BODY_S - 5)
    assert (await web.post(CHAT, HELLO)).status == 503
    await asyncio.sleep(10)
    assert slow.result().status == 408 and (await web.post(CHAT, HELLO)).status == 200


async def test_a_slow_reader_does_not_hold_the_voice_up() -> None:
    """Thirty seconds are made ahead, and no more than the segment that reaches them."""
    from voice_local.conversation.output.reading import read_aloud
    from voice_local.server.http_speech import AHEAD_S, Ahead

    engine = ScriptedCalls(piece_s=0.5)
    text = "This sentence has about fifty characters in it, it has. " * 200
    reading = Ahead(read_aloud(engine, text, None)).read()
    first = await anext(reading)
    await asyncio.sleep(100)
    made = [request.text for request in engine.asked_of(Synthesize)]
    made_s = sum(len(segment) * LETTER_S + SEGMENT_GAP_S for segment in made)
    assert AHEAD_S < made_s < AHEAD_S + 2
    rest = [chunk async for chunk in reading]
    total_s = sum(len(chunk.samples) for chunk in (first, *rest)) / SAMPLE_RATE
    assert total_s == pytest.approx((55 * LETTER_S + SEGMENT_GAP_S) * 200, rel=0.05)
