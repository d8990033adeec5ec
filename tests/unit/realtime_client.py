"""A client of the Realtime API without a network, on a scripted engine in virtual time."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import numpy as np

from tests.unit.server_parts import server_state
from voice_local.bench.scripted import ScriptedEngine
from voice_local.server.outbox import Outbox
from voice_local.server.realtime.connection import Realtime
from voice_local.server.state import ServerState

RATE = 24_000
LONG = 6 * "The answer has some more words to say. "


class RealtimeClient:
    """One connection. `told`: every event of the server, in order."""

    def __init__(
        self, engine: ScriptedEngine | None = None, state: ServerState | None = None, **how: Any
    ) -> None:
        self.engine = engine or ScriptedEngine()
        self.state = state or server_state(self.engine)
        self.outbox = Outbox()
        self.realtime = Realtime(self.state, self.outbox, "127.0.0.1", **how)
        self.told: list[dict[str, Any]] = []
        self.sound: list[Any] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self._noise = np.random.default_rng(5)
        self.realtime.begin()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while (message := await self.outbox.get()) is not None:
            await self.reads.wait()
            assert isinstance(message, str)
            event = json.loads(message)
            assert event["event_id"].startswith("event_")
            self.told.append(event)

    async def send(self, kind: str, **fields: Any) -> None:
        """Sends an event."""
        await self.realtime.take(json.dumps({"type": kind, **fields}))
        await asyncio.sleep(0)

    async def configure(self, **session: Any) -> None:
        """Sends `session.update`."""
        await self.send("session.update", session={"type": "realtime", **session})

    async def speak(self, seconds: float, loud: bool = True, data: bytes | None = None) -> None:
        """Sends sound in real time, in pieces of 20 ms."""
        step = RATE // 50
        for _ in range(round(seconds * 50)):
            level = 9000 if loud else 0
            piece = (level * self._noise.uniform(-1, 1, step)).astype("<i2").tobytes()
            await self.send("input_audio_buffer.append", audio=base64.b64encode(piece).decode())
            await asyncio.sleep(0.02)

    async def type(self, text: str) -> None:
        """A typed turn."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send("conversation.item.create", item=item)
        await self.send("response.create")

    async def until(self, kind: str, count: int = 1, limit_s: float = 30.0) -> dict[str, Any]:
        """The `count`-th event of a kind."""
        async with asyncio.timeout(limit_s):
            while len(found := self.of(kind)) < count:
                await asyncio.sleep(0.01)
        return found[count - 1]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Events of a kind."""
        return [event for event in self.told if event["type"] == kind]

    def kinds(self) -> list[str]:
        """The kinds in order, those that follow each other only once."""
        found: list[str] = []
        for event in self.told:
            if not found or found[-1] != event["type"]:
                found.append(event["type"])
        return found

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What was refused."""
        return [event["error"] for event in self.of("error")]

    def heard_s(self, response: int = -1) -> float:
        """Seconds of sound of a response."""
        ids = [event["response"]["id"] for event in self.of("response.created")]
        parts = [
            base64.b64decode(event["delta"])
            for event in self.of("response.output_audio.delta")
            if event["response_id"] == ids[response]
        ]
        return sum(map(len, parts)) / 2 / RATE

    async def close(self) -> None:
        """Ends the connection."""
        await self.realtime.aclose()
        self.outbox.close()
        await self._reading


async def good_turn(client: RealtimeClient) -> None:
    """The session answers: nothing that came before has harmed it."""
    before = len(client.of("response.done"))
    await client.type("hello again")
    done = await client.until("response.done", before + 1)
    assert done["response"]["status"] == "completed"
    await client.close()
