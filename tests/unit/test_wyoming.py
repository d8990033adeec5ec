"""Wyoming with a scripted engine: its requests in virtual time, what is no message, and its port."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from tests.unit.real_time import in_real_time
from tests.unit.server_parts import Writer, connection, server_state
from tests.unit.test_telephony import loud, pitch
from voice_local.audio.g711 import from_pcm16
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import load
from voice_local.engine.api import Transcript, Understanding
from voice_local.errors import ConfigError, ProtocolError, StageError
from voice_local.server import run, sender, tcp
from voice_local.server.state import ServerState
from voice_local.server.tcp import TcpListener
from voice_local.server.wyoming import conversations
from voice_local.server.wyoming.listening import after
from voice_local.server.wyoming.service import WyomingService
from voice_local.server.wyoming.wire import WyomingEvent, encoded, read_event
from voice_local.skills.abilities.timer_sayings import CANNOT_RING
from voice_local.skills.handlers import default_router

pytestmark = pytest.mark.unit


class Client:
    """One connection, without a network."""

    def __init__(self, state: ServerState, service: WyomingService | None = None) -> None:
        self.state = state
        self.service = service or WyomingService(state)
        made, self.reader, self.writer = connection()
        self.serving = asyncio.create_task(self.service.serve(made))

    def send(self, kind: str, payload: bytes = b"", **data: Any) -> None:
        self.reader.feed_data(encoded(WyomingEvent(kind, data, payload)))

    async def told(self) -> list[WyomingEvent]:
        """What the server has said so far."""
        return await events_of(self.writer)

    async def until(self, kind: str, limit_s: float = 30.0) -> list[WyomingEvent]:
        """What the server says up to a message of this kind."""
        async with asyncio.timeout(limit_s):
            while kind not in kinds(told := await self.told()):
                await asyncio.sleep(0.01)
        return told

    async def sound(self, data: bytes, rate: int = 16_000, seconds: float = 0.0) -> None:
        """Sends 16-bit sound in pieces of 64 ms, over so many seconds."""
        size = rate // 1000 * 64 * 2
        for begin in range(0, len(data), size):
            piece = data[begin : begin + size]
            self.send("audio-chunk", piece, rate=rate, width=2, channels=1)
            await asyncio.sleep(seconds * len(piece) / len(data))

    async def close(self) -> None:
        self.reader.feed_eof()
        await self.serving
        await self.service.aclose()
        assert not self.state.pool.open_sessions


async def events_of(writer: Writer) -> list[WyomingEvent]:
    reader = asyncio.StreamReader()
    reader.feed_data(bytes(writer.data))
    reader.feed_eof()
    found = []
    while event := await read_event(reader):
        found.append(event)
    return found


def kinds(told: list[WyomingEvent]) -> list[str]:
    return list(dict.fromkeys(event.kind for event in told))


async def test_describe_tells_voices_languages_and_licences() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.send("describe")
    (info,) = await client.until("info")
    (tts,) = info.data["tts"]
    voices = {voice["name"]: voice for voice in tts["voices"]}
    assert "licence" in voices["kokoro/bf_emma"]["description"]
    assert voices["kokoro/bf_emma"]["languages"] == ["en-GB", "en"]
    assert any(voice["installed"] for voice in voices.values())
    (asr,) = info.data["asr"]
    assert asr["models"][0]["languages"] == ["en"] and asr["supports_transcript_streaming"]
    assert info.data["handle"] and info.data["intent"]
    client.send("ping", text="there?")
    assert (await client.until("pong"))[-1].data == {"text": "there?"}
    await client.close()


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
async def test_a_recording_is_transcribed(rate: int) -> None:
    engine = ScriptedEngine(transcripts=[Transcript("turn on the light", "en", 0.0)])
    client = Client(server_state(engine))
    client.send("transcribe", language="en-US", transcript_names=["Hibari"])
    client.send("audio-start", rate=rate, width=2, channels=1)
    await client.sound(loud(2.0, rate), rate)
    client.send("audio-stop")
    told = await client.until("transcript-stop")
    assert kinds(told) == ["transcript-start", "transcript-chunk", "transcript", "transcript-stop"]
    whole = [event for event in told if event.kind == "transcript"]
    assert whole[0].data == {"text": "turn on the light", "language": "en"}
    assert (engine.asked[-1].language, engine.asked[-1].vocabulary) == ("en", ("Hibari",))
    (length,) = [call[1] for call in engine.calls if call[0] == "stt"][-1:]
    assert isinstance(length, int) and abs(length / 16_000 - 2.4) < 0.1
    await client.close()


async def test_stable_words_are_told_while_the_sound_comes() -> None:
    words = "one two three four five six".split()
    heard: list[Any] = [" ".join([*words[:n], "hm"]) for n in (1, 3, 5)]
    client = Client(
        server_state(ScriptedEngine(transcripts=[*heard, "one two three four five six"]))
    )
    client.send("transcribe")
    await client.sound(loud(5.5, 16_000), seconds=5.5)
    early = [event.kind for event in await client.told()]
    assert early.count("transcript-chunk") >= 2 and "transcript" not in early
    client.send("audio-stop")
    told = await client.until("transcript-stop")
    pieces = [event.data["text"] for event in told if event.kind == "transcript-chunk"]
    assert "".join(pieces).split() == words
    assert [event.data["text"] for event in told if event.kind == "transcript"] == [" ".join(words)]
    await client.close()


async def test_words_that_turn_out_otherwise_are_told_once_and_none_is_lost() -> None:
    last = "I'm going home now, I think."
    heard: list[Any] = ["i am going hm", "i am going home hm", last, last, last]
    client = Client(server_state(ScriptedEngine(transcripts=heard)))
    client.send("transcribe")
    await client.sound(loud(3.5, 16_000), seconds=3.5)
    client.send("audio-stop")
    told = await client.until("transcript-stop")
    pieces = [event.data["text"] for event in told if event.kind == "transcript-chunk"]
    assert " ".join("".join(pieces).split()) == "i am going home now, I think."
    await client.close()


@pytest.mark.parametrize(
    ("told", "words", "rest"),
    [
        ("", "one two", "one two"),
        ("one two", "one two three", "three"),
        ("i am going", "I'm going home now", "home now"),
        ("I'm going", "I am going home", "home"),
        ("wine", "nine lives", "lives"),
        ("one two", "one", ""),
        ("play the the song", "Play the song, please.", "please."),
    ],
)
def test_what_is_left_to_tell(told: str, words: str, rest: str) -> None:
    assert " ".join(after(told.split(), words.split())) == rest


@pytest.mark.parametrize("text", ["👍", "***", "...", "—"])
async def test_a_text_with_nothing_to_pronounce_ends(text: str) -> None:
    client = Client(server_state(ScriptedEngine()))
    client.send("synthesize", text=text)
    told = await client.until("audio-stop")
    assert [event.kind for event in told if event.kind != "audio-chunk"] == [
        "audio-start",
        "audio-stop",
    ]
    await client.close()


async def test_what_is_no_list_of_names_is_refused_and_half_characters_are_replaced() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.reader.feed_data(b'{"type": "ping", "data": {"text": "\\ud83d"}}\n')
    told = await client.until("pong")
    assert told[-1].data["text"] == "\ufffd"
    client.send("transcribe", transcript_names=5)
    told = await client.until("error")
    assert "transcript_names is not a list of texts" in told[-1].data["text"]
    await client.serving


async def test_nothing_rings_in_a_written_conversation() -> None:
    client = Client(server_state(ScriptedEngine(), default_router(0.5, 1.0)))
    client.send("transcript", text="set a timer for five minutes")
    told = await client.until("handled")
    assert told[-1].data["text"] == CANNOT_RING and "action" not in told[-1].data["context"]
    await client.close()


async def test_silence_has_no_words_and_the_recognizer_is_not_asked() -> None:
    engine = ScriptedEngine()
    client = Client(server_state(engine))
    client.send("transcribe")
    await client.sound(bytes(64_000))
    client.send("audio-stop")
    told = await client.until("transcript")
    assert told[-1].kind in ("transcript", "transcript-stop") and not engine.calls
    assert [event.data["text"] for event in told if event.kind == "transcript"] == [""]
    await client.close()


@pytest.mark.parametrize(("width", "channels"), [(1, 1), (4, 1), (2, 2)])
async def test_other_formats_are_the_same_sound(width: int, channels: int) -> None:
    engine = ScriptedEngine(transcripts=["yes"])
    client = Client(server_state(engine))
    values = np.frombuffer(loud(1.0, 16_000), "<i2").astype(np.int64)
    if width == 1:
        data = ((values >> 8) + 128).astype("u1").tobytes()
    else:
        scaled = (values << (16 if width == 4 else 0)).astype(f"<i{width}")
        data = np.repeat(scaled, channels).tobytes()
    client.send("audio-chunk", data, rate=16_000, width=width, channels=channels)
    client.send("transcribe")
    client.send("audio-chunk", data, rate=16_000, width=width, channels=channels)
    client.send("audio-stop")
    await client.until("transcript-stop")
    (length,) = [call[1] for call in engine.calls if call[0] == "stt"]
    assert isinstance(length, int) and abs(length / 16_000 - 1.4) < 0.1
    await client.close()


def spoken(told: list[WyomingEvent]) -> tuple[Any, int]:
    """The sound, and its rate."""
    pieces = [event for event in told if event.kind == "audio-chunk"]
    sound = from_pcm16(b"".join(event.payload for event in pieces))
    return sound, pieces[0].data["rate"]


async def test_a_text_is_spoken() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.send("synthesize", text="The *first* part. The second.")
    told = await client.until("audio-stop")
    assert kinds(told) == ["audio-start", "audio-chunk", "audio-stop"]
    assert [event.kind for event in told].count("audio-start") == 1
    sound, rate = spoken(told)
    assert rate == 16_000 and abs(len(sound) / rate - 0.012 * 26 - 0.12) < 0.01
    assert (
        abs(pitch(sound[:3000], rate) - 187.5) < 12 and abs(pitch(sound[-1500:], rate) - 250) < 12
    )
    await client.close()


async def test_a_text_is_spoken_while_it_comes() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.send("synthesize-start")
    for piece in ("The fir", "st part. The", " second is "):
        client.send("synthesize-chunk", text=piece)
    told = await client.until("audio-chunk")
    await asyncio.sleep(1.0)
    sound, rate = spoken(await client.told())
    assert "audio-stop" not in kinds(told) and abs(len(sound) / rate - 0.012 * 15) < 0.01
    client.send("synthesize-chunk", text="here.")
    client.send("synthesize", text="The first part. The second is here.")
    client.send("synthesize-stop")
    told = await client.until("synthesize-stopped")
    assert kinds(told)[-2:] == ["audio-stop", "synthesize-stopped"]
    sound, rate = spoken(told)
    assert abs(len(sound) / rate - 0.012 * 34 - 0.12) < 0.01, "nothing is said twice"
    await client.close()


async def test_voices_are_asked_for_by_name_or_language() -> None:
    engine = ScriptedEngine()
    client = Client(server_state(engine))
    client.send("describe")
    (info,) = await client.until("info")
    ready = next(voice for voice in info.data["tts"][0]["voices"] if voice["installed"])
    client.send("synthesize", text="Hello.", voice={"name": ready["name"]})
    await client.until("audio-stop")
    client.send("synthesize", text="Hello.", voice={"language": "en-GB"})
    await asyncio.sleep(1.0)
    assert [event.kind for event in await client.told()].count("audio-stop") == 2
    client.send("synthesize", text="Hello.", voice={"name": "nobody"})
    (error,) = [event for event in await client.until("error") if event.kind == "error"]
    assert "unknown voice 'nobody'" in error.data["text"]
    await client.serving


async def test_a_conversation_goes_on_over_connections_and_is_nobody_elses() -> None:
    engine = ScriptedEngine(answers=["One.", "Two.", "Three."])
    state = server_state(engine)
    service = WyomingService(state)
    told = []
    for name in ("a", "a", "b"):
        client = Client(state, service)
        client.send("transcript", text=f"sentinel of {name}", context={"conversation_id": name})
        told += await client.until("handled")
        client.reader.feed_eof()
        await client.serving
    assert [event.data["text"] for event in told] == ["One.", "Two.", "Three."]
    assert told[0].data["context"] == {"conversation_id": "a"}
    prompts = [str(call[1]) for call in engine.calls if call[0] == "llm"]
    assert "sentinel of a" in prompts[0] and prompts[1].count("sentinel of a") == 2
    assert "sentinel of a" not in prompts[2]
    assert len(state.pool.open_sessions) == 2
    assert b'voice_local_turns_total{handled_by="llm"} 3.0' in state.metrics.text()
    await service.aclose()
    assert not state.pool.open_sessions


async def test_kept_conversations_are_few_and_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    state = server_state(ScriptedEngine(answers=["Yes."]), max_sessions_per_client=3)
    service = WyomingService(state)
    client = Client(state, service)
    for number in range(12):
        client.send("transcript", text="hello", context={"conversation_id": str(number)})
        client.send("transcript", text="and nothing to keep")
        await asyncio.sleep(1.0)
        assert len(state.pool.open_sessions) <= 3
    answers = [event.kind for event in await client.told()]
    assert answers == ["handled"] * 24
    await asyncio.sleep(conversations.KEPT_S + 1)
    assert not state.pool.open_sessions, "without another turn, too"
    client.send("transcript", text="hello", context={"conversation_id": "new"})
    await asyncio.sleep(1.0)
    assert len(state.pool.open_sessions) == 1, "old ones have ended"
    await client.close()


async def test_turns_at_once_wait_for_each_other_and_leave_nothing_behind() -> None:
    state = server_state(ScriptedEngine(answers=["One.", "Two."], token_s=0.1))
    service = WyomingService(state)
    clients = [Client(state, service) for _ in range(6)]
    for number, client in enumerate(clients):
        name = {"conversation_id": f"the same {number % 2}"}
        client.send("transcript", text="hello", context=name)
    for client in clients:
        await client.until("handled")
        client.reader.feed_eof()
        await client.serving
    assert len(state.pool.open_sessions) == 2
    await service.aclose()
    assert not state.pool.open_sessions


async def test_a_turn_that_fails_is_not_handled() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.send("transcript", text="   ")
    told = await client.until("not-handled")
    assert told[-1].data["text"] == "the text is empty"
    client.send("transcript", text="hello")
    await client.until("handled")
    await client.close()


async def test_intents_are_recognized_or_not() -> None:
    meant: list[Any] = [
        Understanding("billing", 0.95, "neutral", 0.9),
        Understanding("billing", 0.3, "neutral", 0.9),
        Understanding("out_of_scope", 0.99, "neutral", 0.9),
    ]
    client = Client(server_state(ScriptedEngine(meant=meant)))
    client.send("recognize", text="why is my bill $25.50")
    (found,) = await client.until("intent")
    assert found.data["name"] == "billing"
    assert {"name": "amount", "value": "$25.50"} in found.data["entities"]
    client.send("recognize", text="hm")
    client.send("recognize", text="who knows")
    await asyncio.sleep(0.5)
    assert [event.kind for event in await client.told()][1:] == ["not-recognized"] * 2
    await client.close()


async def test_a_stage_that_fails_is_an_error_and_the_next_connection_is_fine() -> None:
    engine = ScriptedEngine(transcripts=[StageError("the recognizer failed"), "fine"])
    state = server_state(engine)
    client = Client(state)
    client.send("transcribe")
    await client.sound(loud(0.5, 16_000))
    client.send("audio-stop")
    told = await client.until("error")
    assert told[-1].data == {"text": "the recognizer failed", "code": "StageError"}
    await client.serving
    other = Client(state)
    other.send("transcribe")
    await other.sound(loud(0.5, 16_000))
    other.send("audio-stop")
    await other.until("transcript-stop")
    await other.close()


def line(**told: Any) -> bytes:
    return json.dumps(told).encode() + b"\n"


CHUNK = {"rate": 16_000, "width": 2, "channels": 1}
BROKEN = {
    "a list": b"[]\n",
    "nothing": b"{}\n",
    "no JSON": b"GET / HTTP/1.1\r\n",
    "no text": b"\xff\xfe\n",
    "a type of number": line(type=7),
    "data of a list": line(type="describe", data=[1]),
    "deep": b'{"type": "a", "data": ' + b"[" * 30_000 + b"\n",
    "a text length": line(type="audio-chunk", payload_length="12"),
    "a length of parts": line(type="audio-chunk", payload_length=1.5),
    "a true length": line(type="audio-chunk", payload_length=True),
    "a negative length": line(type="audio-chunk", payload_length=-1),
    "1 GiB": line(type="audio-chunk", payload_length=1 << 30),
    "1 GiB of data": line(type="transcript", data_length=1 << 30),
    "data that is none": line(type="transcript", data_length=2) + b"[]",
    "a long line": b'{"type": "' + b"a" * 70_000 + b'"}\n',
    "no text to say": line(type="synthesize", data={}),
    "a text of number": line(type="transcript", data={"text": 7}),
    "a voice of text": line(type="synthesize", data={"text": "a", "voice": "b"}),
    "empty": line(type="synthesize", data={"text": " "}),
    "too much to say": line(type="synthesize", data_length=50_011)
    + b'{"text": "' + b"a" * 49_999 + b'"}',
    "a language of number": line(type="transcribe", data={"language": 7}),
    "an unknown language": line(type="transcribe", data={"language": "xx"}),
    "half a sample": line(type="transcribe")
    + line(type="audio-chunk", data=CHUNK, payload_length=3) + b"abc",
    "no rate": line(type="transcribe") + line(type="audio-chunk", payload_length=2) + b"ab",
    "no such rate": line(type="transcribe")
    + line(type="audio-chunk", data={**CHUNK, "rate": 0}, payload_length=2) + b"ab",
    "no such width": line(type="transcribe")
    + line(type="audio-chunk", data={**CHUNK, "width": 3}, payload_length=3) + b"abc",
    "no channels": line(type="transcribe")
    + line(type="audio-chunk", data={**CHUNK, "channels": 0}, payload_length=2) + b"ab",
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_message_is_an_error_and_the_end(what: str) -> None:
    client = Client(server_state(ScriptedEngine()))
    client.reader.feed_data(BROKEN[what])
    async with asyncio.timeout(5):
        await client.serving
    (error,) = await client.told()
    assert error.kind == "error" and error.data["text"] and error.data["code"].endswith("Error")


async def test_a_long_recording_is_refused() -> None:
    client = Client(server_state(ScriptedEngine(transcripts=[""])))
    client.send("transcribe")
    piece = bytes(960_000)  # half a minute
    for _ in range(11):
        client.send("audio-chunk", piece, rate=16_000, width=2, channels=1)
    (error,) = [event for event in await client.until("error") if event.kind == "error"]
    assert "300 s" in error.data["text"]
    await client.serving


async def test_a_cut_payload_and_a_payload_that_never_comes_end_the_connection() -> None:
    cut = Client(server_state(ScriptedEngine()))
    cut.reader.feed_data(line(type="audio-chunk", data=CHUNK, payload_length=100) + b"abc")
    cut.reader.feed_eof()
    with pytest.raises(asyncio.IncompleteReadError):  # which the listener takes as the end
        await cut.serving
    waiting = Client(server_state(ScriptedEngine()))
    waiting.reader.feed_data(line(type="audio-chunk", data=CHUNK, payload_length=100) + b"abc")
    async with asyncio.timeout(11):
        await waiting.serving


async def test_unknown_messages_are_passed_over() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.send("select-program", name="voice-local")
    client.send("weather", text="fine")
    client.send("audio-stop")
    client.send("synthesize-chunk", text="of nothing")
    client.send("ping")
    assert kinds(await client.until("pong")) == ["pong"]
    await client.close()


async def test_a_reader_that_stops_reading_is_given_up() -> None:
    client = Client(server_state(ScriptedEngine()))
    client.writer.reads.clear()
    client.send("synthesize", text="word " * 3000)
    with pytest.raises(ConnectionError):
        await client.serving
    assert asyncio.get_running_loop().time() < sender.STALL_S + 1
    assert client.writer.transport.aborted and len(client.writer.data) < 64 * 1024


# The port.


@asynccontextmanager
async def listening(state: ServerState) -> AsyncIterator[tuple[TcpListener, int]]:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    listener = TcpListener("wyoming", state, WyomingService(state))
    await listener.start(bound)
    try:
        yield listener, bound.getsockname()[1]
    finally:
        await listener.drain()
        await listener.aclose()


async def talk(port: int, data: bytes, *, eof: bool = False) -> list[WyomingEvent]:
    """What a new connection is told after `data`, up to its end or half a second of silence."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found: list[WyomingEvent] = []
    try:
        writer.write(data)
        if eof:
            writer.write_eof()
        while True:
            async with asyncio.timeout(0.5):
                event = await read_event(reader)
            if event is None:
                return found
            found.append(event)
    except (TimeoutError, ConnectionError):
        return found
    finally:
        writer.close()


@in_real_time
async def test_after_each_broken_client_the_next_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(server_state(ScriptedEngine())) as (_, port):
        ping = encoded(WyomingEvent("ping", {"text": "x"}))
        for what, data in BROKEN.items():
            told = await talk(port, data)
            assert [event.kind for event in told] == ["error"], what
            assert [event.kind for event in await talk(port, ping)] == ["pong"], what
        for data in (b"", b"{", line(type="audio-chunk", payload_length=9) + b"cut"):
            assert await talk(port, data, eof=True) == []
            assert [event.kind for event in await talk(port, ping, eof=True)] == ["pong"]
        flood = line(type="audio-chunk", payload_length=1 << 30) + bytes(8 << 20)
        assert [event.kind for event in await talk(port, flood)][:1] in (["error"], [])
        assert [event.kind for event in await talk(port, ping)] == ["pong"]


@in_real_time
async def test_a_port_has_room_for_so_many_and_takes_none_while_it_ends() -> None:
    state = server_state(ScriptedEngine(), max_sessions_per_client=2)
    async with listening(state) as (listener, port):
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await asyncio.sleep(0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
        assert b'reason="connections_per_client"} 1.0' in state.metrics.text()
        held[0][1].close()
        await asyncio.sleep(0.2)
        ping = encoded(WyomingEvent("ping"))
        assert [event.kind for event in await talk(port, ping)] == ["pong"]
        await listener.drain()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        await listener.aclose()
        assert await asyncio.wait_for(held[1][0].read(), 2) == b""


@in_real_time
async def test_an_answer_that_is_being_made_is_finished_before_the_end() -> None:
    engine = ScriptedEngine(answers=["Late."], token_s=0.5)
    async with listening(server_state(engine)) as (listener, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(encoded(WyomingEvent("transcript", {"text": "hello"})))
        await asyncio.sleep(0.2)
        await listener.drain()
        event = await asyncio.wait_for(read_event(reader), 1)
        assert event is not None and event.data["text"] == "Late."
        writer.close()


@pytest.mark.parametrize(
    ("client", "trusted"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.168.1.7", True), ("192.168.2.7", False), ("fe80::1%eth0", False), ("", False)],
)  # fmt: skip
def test_only_trusted_networks_reach_it(client: str, trusted: bool) -> None:
    state = server_state(ScriptedEngine(), trusted_networks=["192.168.1.0/24"])
    listener = TcpListener("wyoming", state, WyomingService(state))
    assert listener._trusts(client) is trusted


def test_beyond_this_machine_networks_have_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    port = run.ExtraPort("wyoming", "0.0.0.0", 10300)
    settings = load("tiny", server={"token": "x" * 20})
    with pytest.raises(ConfigError, match="wyoming knows no token"):
        run.check(settings, run.Listen(extra=(port,)))
    monkeypatch.setenv("VOICE_LOCAL__SERVER__TRUSTED_NETWORKS", "192.168.1.0/24, 10.0.0.7")
    named = load("tiny")
    assert [str(one) for one in named.server.trusted_networks] == ["192.168.1.0/24", "10.0.0.7/32"]
    run.check(named, run.Listen(extra=(port,)))
    run.check(settings, run.Listen(extra=(run.ExtraPort("audiosocket", "127.0.0.1", 0),)))


async def test_the_reader_believes_no_number() -> None:
    event = WyomingEvent("audio-chunk", {"rate": "16000"})
    with pytest.raises(ProtocolError, match="rate is not a whole number"):
        event.number("rate")
    assert tcp.MOST_READ == 64 * 1024
