"""A server's parts around a scripted engine, and clients of its protocols without a network."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any, cast

import numpy as np
from starlette.websockets import WebSocket

from tests.unit.talker import Loudness
from voice_local.assistant import Assistant
from voice_local.audio.g711 import from_mulaw, to_mulaw
from voice_local.audio.types import Audio
from voice_local.bench.scripted import ScriptedEngine
from voice_local.bench.scripted_server import ScriptedAssistant
from voice_local.config import load
from voice_local.server.state import ServerState
from voice_local.server.tcp import Connection
from voice_local.server.telephony.twilio import TwilioStream
from voice_local.skills.router import IntentRouter

TOKEN = "correct-horse-battery"


def server_state(
    engine: ScriptedEngine, router: IntentRouter | None = None, **server: Any
) -> ServerState:
    """A server's, with these of its settings."""
    settings = load(
        "tiny",
        server=server,
        conversation={"interim_interval_ms": 10_000, "dips": False},
    )
    assistant = cast(Assistant, ScriptedAssistant(engine, settings, router, Loudness))
    return ServerState.of(assistant, "127.0.0.1")


class TwilioCaller:
    """Twilio's side of one stream: what it sends and takes, as the server sees it."""

    SID = "MZ0"

    def __init__(self, state: ServerState, path: str = "", bearer: str = "") -> None:
        headers = [(b"host", b"127.0.0.1")]
        if bearer:
            headers.append((b"authorization", f"Bearer {bearer}".encode()))
        scope = {
            "type": "websocket",
            "path": "/twilio",
            "headers": headers,
            "client": ("127.0.0.1", 4000),
            "path_params": {"token": path} if path else {},
            "subprotocols": [],
            "extensions": {},
        }
        self.state = state
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.incoming.put_nowait({"type": "websocket.connect"})
        self.sent: list[tuple[float, dict[str, Any]]] = []
        self.closed: tuple[int, str] | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self._noise = np.random.default_rng(3)
        self._number = 0
        socket = WebSocket(scope, self.incoming.get, self._take)
        self.serving = asyncio.create_task(TwilioStream(state, socket).run())

    async def _take(self, message: Any) -> None:
        await self.reads.wait()
        if message["type"] == "websocket.close":
            self.closed = message["code"], message.get("reason", "")
        elif message["type"] == "websocket.send":
            told = json.loads(message["text"])
            assert told["streamSid"] == self.SID
            self.sent.append((asyncio.get_running_loop().time(), told))

    def text(self, text: str) -> None:
        """Sends any text."""
        self.incoming.put_nowait({"type": "websocket.receive", "text": text})

    def send(self, event: str, **content: Any) -> None:
        """Sends one message."""
        self.text(json.dumps({"event": event, "streamSid": self.SID, **content}))

    def start(self, **parameters: str) -> None:
        """The beginning of a stream."""
        self.text(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        self.send(
            "start",
            start={
                "streamSid": self.SID,
                "callSid": "CA1",
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": parameters,
            },
        )

    def media(self, samples: Audio) -> None:
        """20 ms of sound."""
        payload = base64.b64encode(to_mulaw(samples)).decode()
        stamp = str(20 * self._number)
        self._number += 1
        self.send("media", media={"track": "inbound", "timestamp": stamp, "payload": payload})

    def lose(self, count: int) -> None:
        """So many pieces of sound are lost on their way."""
        self._number += count

    async def speak(self, seconds: float, level: float = 0.3) -> None:
        """Sends so much noise, as it is recorded."""
        for _ in range(round(seconds * 50)):
            self.media((level * self._noise.uniform(-1, 1, 160)).astype(np.float32))
            await asyncio.sleep(0.02)

    async def silence(self, seconds: float) -> None:
        """Sends so much silence, as it is recorded."""
        await self.speak(seconds, 0.0)

    def heard(self, since: int = 0) -> Audio:
        """The sound that was sent to the caller, from message number `since` on."""
        pieces = [
            from_mulaw(base64.b64decode(told["media"]["payload"]))
            for _, told in self.sent[since:]
            if told["event"] == "media"
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def kinds(self) -> list[str]:
        """The messages that were sent to the caller, marks by name, runs of sound as one."""
        found: list[str] = []
        for _, told in self.sent:
            kind = told["mark"]["name"] if told["event"] == "mark" else str(told["event"])
            if kind != "media" or found[-1:] != ["media"]:
                found.append("turn" if kind.startswith("turn:") else kind)
        return found

    async def until(self, kind: str, limit_s: float = 30.0) -> None:
        """Sends silence until a message of this kind, or a mark of this name, has come."""
        async with asyncio.timeout(limit_s):
            while kind not in self.kinds():
                await self.silence(0.1)

    async def end(self) -> None:
        """The caller hangs up."""
        self.send("stop", stop={"callSid": "CA1"})
        await self.serving


class _Transport:
    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


class Writer:
    """A `StreamWriter` whose other side is this test."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.transport = _Transport()
        self.reads = asyncio.Event()
        self.reads.set()

    def write(self, data: bytes) -> None:
        self.data += data

    async def drain(self) -> None:
        await self.reads.wait()


def connection(client: str = "127.0.0.1") -> tuple[Connection, asyncio.StreamReader, Writer]:
    """A connection without a network: what its client sends is fed to the reader."""
    reader, writer = asyncio.StreamReader(limit=64 * 1024), Writer()
    return Connection(reader, cast(asyncio.StreamWriter, writer), client), reader, writer
