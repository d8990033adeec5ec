"""`/ws`: turns, what it refuses, and clients too many, without a network."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from starlette.websockets import WebSocket

from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.server.simple_socket import LARGEST_PIECE, _Simple
from voice_local.server.state import ServerState

pytestmark = pytest.mark.unit
LONG = " ".join(f"Sentence number {n} is here, and it has some words of its own." for n in range(5))


class Caller:
    """A client of `/ws`. `told`, `files`: texts and sound that came, in order; `closed`: the code."""

    def __init__(self, state: ServerState, query: str = "") -> None:
        scope = {
            "type": "websocket",
            "path": "/ws",
            "query_string": query.encode(),
            "headers": [(b"host", b"127.0.0.1")],
            "client": ("127.0.0.1", 4000),
            "subprotocols": [],
            "extensions": {},
        }
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.incoming.put_nowait({"type": "websocket.connect"})
        self.told: list[dict[str, Any]] = []
        self.order: list[str] = []
        self.files: list[bytes] = []
        self.closed = 0
        self._noise = np.random.default_rng(3)
        socket = WebSocket(scope, self.incoming.get, self._take)
        self.serving = asyncio.create_task(_Simple(state, socket).run())

    async def _take(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.closed = message["code"]
        elif message["type"] == "websocket.send" and message.get("text") is not None:
            self.told.append(json.loads(message["text"]))
            self.order.append(self.told[-1]["type"])
        elif message["type"] == "websocket.send":
            self.files.append(message["bytes"])
            self.order.append("sound")

    def send(self, text: str | None = None, data: bytes | None = None) -> None:
        """Sends one message."""
        self.incoming.put_nowait({"type": "websocket.receive", "text": text, "bytes": data})

    def type(self, text: str) -> None:
        """A typed turn."""
        self.send(json.dumps({"type": "text", "text": text}))

    async def speak(self, seconds: float, level: float = 9000.0) -> None:
        """Sends so much noise, as it is recorded."""
        for _ in range(round(seconds * 50)):
            piece = (level * self._noise.uniform(-1, 1, 320)).astype("<i2").tobytes()
            self.send(data=piece)
            await asyncio.sleep(0.02)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Events of a kind."""
        return [event for event in self.told if event["type"] == kind]

    async def end(self) -> None:
        """The client goes."""
        self.incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self.serving


async def good_turn(caller: Caller) -> None:
    """Nothing that came before has harmed it."""
    before = len(caller.files)
    caller.type("hello again")
    async with asyncio.timeout(30):
        while len(caller.files) == before:
            await asyncio.sleep(0.02)
    await caller.end()


async def test_a_spoken_turn() -> None:
    caller = Caller(server_state(ScriptedEngine(transcripts=["turn the page"])))
    await caller.speak(0.8)
    await caller.speak(3.0, level=0.0)
    assert {"type": "transcript", "text": "turn the page", "final": True} in caller.told
    assert caller.of("response_text")[0]["text"].startswith("Hello!")
    sound, rate = sf.read(io.BytesIO(caller.files[0]))
    assert rate == 24_000 and len(sound) > 1000
    await good_turn(caller)


@pytest.mark.parametrize("how", ["interrupt", "speech"])
async def test_no_sentence_is_sent_twice(how: str) -> None:
    """Interrupted in a later sentence: `clear`, and nothing of what was played comes again."""
    caller = Caller(server_state(ScriptedEngine(answers=[LONG, "Fine."])))
    caller.type("tell me")
    await asyncio.sleep(2.0)
    count = len(caller.files)
    assert count >= 3
    if how == "interrupt":
        caller.send('{"type": "interrupt"}')
        await asyncio.sleep(2.0)
        assert len(caller.files) == count
    else:
        await caller.speak(0.9)
        await caller.speak(3.0, level=0.0)
        assert "clear" in caller.order and len(caller.files) == count + 1, "and the next answer"
    await good_turn(caller)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "null", "5", '{"type": "nonsense"}', '{"type": "text"}', "[" * 100_000],
)
async def test_what_is_no_command(text: str) -> None:
    caller = Caller(server_state(ScriptedEngine()))
    caller.send(text)
    await asyncio.sleep(0.1)
    assert [set(error) for error in caller.of("error")] == [{"type", "message", "remedy"}]
    await good_turn(caller)


@pytest.mark.parametrize("data", [b"\0", bytes(LARGEST_PIECE + 2)])
async def test_sound_that_is_none(data: bytes) -> None:
    caller = Caller(server_state(ScriptedEngine()))
    caller.send(data=data)
    await asyncio.sleep(0.1)
    assert [set(error) for error in caller.of("error")] == [{"type", "message", "remedy"}]
    await good_turn(caller)


async def test_a_container_that_there_is_not() -> None:
    caller = Caller(server_state(ScriptedEngine()), "audio=mp3")
    await caller.serving
    assert caller.closed == 1008


async def test_one_too_many() -> None:
    state = server_state(ScriptedEngine(), max_sessions=1)
    first = Caller(state)
    await asyncio.sleep(0.1)
    second = Caller(state)
    await second.serving
    assert second.closed == 1013
    await good_turn(first)
    await good_turn(Caller(state))


async def test_silence_for_ever_is_ended() -> None:
    state = server_state(ScriptedEngine(), idle_limit_s=10)
    caller = Caller(state)
    await caller.speak(14.0, level=0.0)
    assert caller.serving.done() and caller.closed == 1000 and not state.pool.open_sessions
    await good_turn(Caller(state))
